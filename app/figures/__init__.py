"""Questions for figures: which rows and columns of tables are asked for, looked up and computed by code."""
