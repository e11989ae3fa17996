"""The span reader: the words of a passage that answer."""
