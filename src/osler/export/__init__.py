"""What leaves a run: the model folded into one, proved, with its card."""
