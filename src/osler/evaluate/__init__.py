"""The examination: what base, tuned model and control answer, and what can be said of it."""
