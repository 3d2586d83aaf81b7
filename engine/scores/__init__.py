"""How scores move: each becomes one function when a rulebook is compiled, and what it has is asked then alone."""
