"""What is measured, each in a process of its own: the baselines as one would write them, and a projector alone."""
