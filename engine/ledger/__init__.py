"""Karma as a ledger: double entry, decided once, request by request; pure, and without a second way to change it."""
