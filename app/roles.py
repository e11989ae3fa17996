"""Whether a sentence gives names other parts than its quote does: "Brandt sued Marsh" for "Marsh sued Brandt", or one
party twice, by its name and by what the quote calls it. Who does what is not parsed; other words, or the passive, are
not compared."""

from itertools import pairwise

import regex

from app.words import content_words

_WORDS = regex.compile(r"[^\W_]+")
_NAME = regex.compile(r"\p{Lu}[\p{L}\p{M}'’-]*(?:\s+\p{Lu}[\p{L}\p{M}'’-]*)*")
_EITHER_WAY = frozenset({"and", "or", "nor", "with", "between"})
_MUTUAL = content_words("""marry married marries meet met meets border bordered adjoin adjoined resemble resembled equal
    equals differ differed neighbour opposite""")
"""Between two names, both say the same both ways round; the second, but with "by" ("was met by")."""
_ALIAS = regex.compile(
    r"(?P<name>\p{Lu}[\p{L}\p{M}'’-]*(?:\s+(?:(?:of|and|the|for|de|du|van|von)\s+)*\p{Lu}[\p{L}\p{M}'’.-]*)*),?\s*"
    r"\((?:\p{Ll}+\s+){0,3}(?:[\"'“”„«](?:[Tt]he\s+)?|[Tt]he\s+)(?P<alias>\p{Lu}[\p{L}\p{M}'’-]*(?:\s+\p{Lu}[\p{L}\p{M}'’-]*)*)"
    r"[\"'“”»]?\)"
)
"""A party of a contract and what it is called from there on: 'the Council of Ansel ("the Lessor")'."""


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


def doubled(sentence: str, quote: str) -> bool:
    """Whether two runs of names in the sentence are one party of the quote: "the Lessor signed with the Council", where
    the quote says 'the Council ("the Lessor")'. Side by side they say just that ("the Lessor, the Council, ...")."""
    given = list(_NAME.finditer(sentence))
    for party in _ALIAS.finditer(quote):
        alias, name = content_words(party["alias"]), content_words(party["name"])
        called = [at for at in given if content_words(at.group()) and content_words(at.group()) <= alias - name]
        named = [at for at in given if content_words(at.group()) & (name - alias)]
        if named and any(all(_apart(sentence, one, other) for other in named) for one in called):
            return True
    return False


def _apart(sentence: str, one: regex.Match[str], other: regex.Match[str]) -> bool:
    """Whether a word of content that is no name of theirs stands between two runs."""
    first, last = sorted((one, other), key=lambda run: run.start())
    return bool(content_words(sentence[first.end() : last.start()]))


def _named(text: str) -> list[tuple[frozenset[str], int, int]]:
    """Runs of words with a capital, as stems, with where they start and end."""
    runs = ((frozenset(content_words(run.group())), run.start(), run.end()) for run in _NAME.finditer(text))
    return [run for run in runs if run[0]]


def _lowered(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]
