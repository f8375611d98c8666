"""The train stage: supervised fine-tuning and continued pre-training through TRL."""
