"""Summaries as pages for people: one for each patient, and an index."""
