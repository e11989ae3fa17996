"""From a question to a cited answer, a file a stage."""
