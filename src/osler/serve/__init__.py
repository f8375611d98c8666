"""Answers from a model: batched for evaluation, streamed for chat."""
