"""From a question to a cited answer, one file per stage."""
