"""What is hand-written about language and figures."""
