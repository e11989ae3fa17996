"""One module a format; each has ``read(path, draft)`` and is imported when a file of its format appears."""
