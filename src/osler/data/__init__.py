"""The data stage: sources to rows, every input row accounted for."""
