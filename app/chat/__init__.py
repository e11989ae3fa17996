"""Conversations, and what they need: models, libraries, uploads."""
