"""What generates for the server: one protocol, several engines behind it."""
