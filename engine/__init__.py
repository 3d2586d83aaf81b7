"""Decides: pure functions from a log to answers. No I/O, no clock, no randomness."""
