"""What a document is, read from its own words by plain means, without a model."""
