"""A question put to every page of a document: what each says of it, with its place."""
