"""English words that lean back on what was said before, and the sets of them that each rule goes by.

The sets differ: a sentence that begins with "Such" leans on the one before it, a question that asks for "the other
ones" on the question before it.
"""

_LEANS = frozenset(["it", "its", "they", "their", "he", "his", "she", "her", "this", "that", "these", "those"])

PERSONS = frozenset(["he", "him", "his", "she", "her", "hers", "they", "them", "their"])
"""Who was spoken of."""

OPENS_LEANING = _LEANS | {"them", "him", "such", "both"}
"""First words of a sentence that is understood only together with the sentence before it."""

SAYS_LESS = _LEANS | {"such", "however", "also", "as a result"}
"""Openings of a sentence that says less where it is quoted by itself, in a summary."""

POINTS_BACK = _LEANS | PERSONS | {"there", "one", "ones"}
"""Words of a question that point to what was asked or answered before."""
