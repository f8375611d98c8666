"""Errors planted into clean summaries, to measure how many of them an audit finds."""
