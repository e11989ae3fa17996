"""One module a format; each has ``read(path, builder)`` and is imported when a file of its format appears."""
