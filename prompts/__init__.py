"""Prompt texts, and how they are fitted into a model's context window."""
