"""A damaged library -> a new one with all that can be read."""
