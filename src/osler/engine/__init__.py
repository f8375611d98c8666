"""Makes a Hugging Face causal LM fast and small. Knows nothing of recipes, rows or trainers."""
