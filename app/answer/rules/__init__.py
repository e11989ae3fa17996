"""The hand-written rules about language and figures."""
