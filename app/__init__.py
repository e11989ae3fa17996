"""What people touch: the answer, the command line, the page."""
