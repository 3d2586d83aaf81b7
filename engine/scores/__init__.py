"""How scores move: each becomes one function when a rulebook is compiled, so that nothing is asked twice an event."""
