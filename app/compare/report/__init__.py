"""A comparison as a person or a program reads it: terminal, JSON, HTML, DOCX."""
