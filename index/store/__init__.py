"""The library: SQLite, which is the truth, and FAISS, derived from it."""
