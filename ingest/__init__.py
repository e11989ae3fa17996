"""A file on disk -> Document -> chunks."""
