"""The embedder and the span reader in a process that the programs of a user share."""
