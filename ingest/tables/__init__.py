"""What is a table: its rows, columns, figures and units, whatever format it stands in."""
