"""Prompt texts in five parts, and what of them fits into a model's window."""
