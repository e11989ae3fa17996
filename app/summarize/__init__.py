"""Whole documents: summaries and comparisons."""
