"""Whole tables as data: typed columns in a database in memory, asked by queries that are shown."""
