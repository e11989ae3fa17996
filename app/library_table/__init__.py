"""The library itself as a table: questions for documents, answered over every one of them."""
