"""Moves events: intake, log, store, projector, outbox and reactions."""
