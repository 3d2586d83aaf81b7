"""The fairness watch: which gifts of 90 days two admins should look at; pure, and it neither refuses nor tells."""
