"""A question -> passages: dense, BM25, fusion, filters."""
