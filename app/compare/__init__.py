"""Comparisons of two documents, all by code: what changed, what moved, what was added and removed."""
