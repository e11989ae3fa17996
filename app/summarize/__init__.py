"""Summaries and comparisons of whole documents."""
