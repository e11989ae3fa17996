"""Text recognition: the picture of a page -> its lines, each with how certain the engine is of it."""
