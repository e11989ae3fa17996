"""English words that refer to something said before."""

PERSONS = frozenset(("he", "him", "his", "she", "her", "hers", "they", "them", "their"))
"""Words for persons who were mentioned before."""

POINTS_BACK = PERSONS | {"it", "its", "this", "that", "these", "those", "there", "one", "ones"}
"""Words that refer to the sentence, the question or the answer before."""
