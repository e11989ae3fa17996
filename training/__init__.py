"""What makes the weights that Lectern ships; no other folder imports it."""
