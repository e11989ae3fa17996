"""The words all other folders speak: types, errors, settings, and the protocols between folders."""
