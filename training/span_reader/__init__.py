"""Data -> the span reader's weights: ``prepare``, then ``train``, then ``publish``."""
