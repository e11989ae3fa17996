"""What kind of turn a question is, and what to search for."""
