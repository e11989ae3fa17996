"""Reads files into Documents, and cuts these into chunks."""
