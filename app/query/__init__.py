"""What kind of turn a question is, and which text is searched for."""
