"""From a conversation to an answer that stays in scope and shows its sources."""
