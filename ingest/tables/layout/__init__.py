"""Tables that are drawn on pages, mostly without borders: words by their places -> rows, columns and heads.

words -> lines of segments (lines.py) -> blocks of rows (blocks.py) with columns (columns.py)
-> heads (heads.py), labels (labels.py), title (titles.py) -> over pages (find.py) -> RawTable
"""
