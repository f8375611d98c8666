"""What an uploaded document says, by rule; its summary, and advice from it."""
