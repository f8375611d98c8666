"""Orders written into documents, for bench/injections.py: what they say, and what obeying is."""
