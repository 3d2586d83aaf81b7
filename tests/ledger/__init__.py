"""Tests of the ledger: requests by table, and a state machine beside a model that shares no code with it."""
