"""English words that refer to something said before, in the sets that different rules need.

For example, a sentence that begins with "Such" refers to the sentence before it, and a question with "the other ones"
to the question before it.
"""

_ANAPHORS = frozenset(["it", "its", "they", "their", "he", "his", "she", "her", "this", "that", "these", "those"])

PERSONS = frozenset(["he", "him", "his", "she", "her", "hers", "they", "them", "their"])
"""Words for persons who were mentioned before."""

ANAPHORIC_OPENERS = _ANAPHORS | {"them", "him", "such", "both"}
"""First words of sentences that can only be understood with the sentence before them."""

SAYS_LESS = _ANAPHORS | {"such", "however", "also", "as a result"}
"""First words of sentences that say less if they are quoted alone, in a summary."""

POINTS_BACK = _ANAPHORS | PERSONS | {"there", "one", "ones"}
"""Words of a question that refer to the question or answer before it."""
