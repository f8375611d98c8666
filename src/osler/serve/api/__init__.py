"""The server: OpenAI's API over an engine and the assistant."""
