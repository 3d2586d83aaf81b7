"""The fairness watch: each kind by hand, what holds of every answer, what it finds in made-up worlds, and cases."""
