"""Chunks -> library; question -> passages."""
