"""Whether two names have changed places in a sentence that is otherwise the same: "Brandt sued Marsh" for "Marsh sued
Brandt". Who does what is not parsed; other words, or the passive, are not compared."""

from itertools import pairwise

import regex

from app.words import content_words

_WORDS = regex.compile(r"[^\W_]+")
_NAME = regex.compile(r"\p{Lu}[\p{L}\p{M}'’-]*(?:\s+\p{Lu}[\p{L}\p{M}'’-]*)*")
_EITHER_WAY = frozenset({"and", "or", "nor", "with", "between"})
_MUTUAL = content_words("""marry married marries meet met meets border bordered adjoin adjoined resemble resembled equal
    equals differ differed neighbour opposite""")
"""Between two names, both say the same both ways round; the second, but with "by" ("was met by")."""


def swapped(sentence: str, quote: str) -> bool:
    """Whether two names that follow each other in the sentence stand the other way round in the quote, with the same
    words between them. Names that the quote holds more than once cannot be told."""
    given = _named(quote)
    for (one, _, first_end), (other, second_start, _) in pairwise(_named(sentence)):
        ends = [end for name, _, end in given if name == other]
        starts = [start for name, start, _ in given if name == one]
        if one == other or len(ends) != 1 or len(starts) != 1 or ends[0] > starts[0]:
            continue
        said = _lowered(sentence[first_end:second_start])
        deed = content_words(" ".join(said))
        if (
            deed
            and ("by" in said or not deed & _MUTUAL)
            and not _EITHER_WAY & set(said)
            and said == _lowered(quote[ends[0] : starts[0]])
        ):
            return True
    return False


def _named(text: str) -> list[tuple[frozenset[str], int, int]]:
    """Runs of words with a capital, as stems, with where they start and end."""
    runs = ((frozenset(content_words(run.group())), run.start(), run.end()) for run in _NAME.finditer(text))
    return [run for run in runs if run[0]]


def _lowered(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]
