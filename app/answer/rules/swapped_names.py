"""Whether a sentence gives names other roles than its quote does.

Two names are swapped ("Brandt sued Marsh" for "Marsh sued Brandt"), or one party stands twice, by its name and by its
alias. Who does what is not parsed: other verbs and the passive are not compared.
"""

from itertools import pairwise

import regex

from app.answer.rules.base import ANY_LANGUAGE, ENGLISH, Rule, always, objection
from app.answer.rules.cases import SupportCase
from app.answer.rules.text_features import content_words

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

_DEALS = regex.compile(r"[^.;:]*?\b\p{Ll}+\b[^.;:]*?\b(?:with|from|to|by|against)\s+(?:the\s+)?")
"""What stands between two parties of a deed: "signed the lease with the"."""


def swapped(sentence: str, quote: str) -> bool:
    """Whether two names that follow each other in the sentence stand the other way round in the quote, with the same
    words between them. Names that the quote holds more than once cannot be told."""
    quoted = _named(quote)
    for (one, _, first_end), (other, second_start, _) in pairwise(_named(sentence)):
        ends = [end for name, _, end in quoted if name == other]
        starts = [start for name, start, _ in quoted if name == one]
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
    """Whether a sentence has one party of the quote deal with itself: "the Lessor signed with the Council", where the
    quote says 'the Council ("the Lessor")'. What the quote itself says between the two is not held against it."""
    runs = list(_NAME.finditer(sentence))
    quoted = " ".join(_lowered(quote))
    for party in _ALIAS.finditer(quote):
        alias, name = content_words(party["alias"]), content_words(party["name"])
        for one, other in pairwise(runs):
            first, second = content_words(one.group()), content_words(other.group())
            if not (_is(first, alias - name, name) and _is(second, name - alias, alias)) and not (
                _is(first, name - alias, alias) and _is(second, alias - name, name)
            ):
                continue
            between = sentence[one.end() : other.start()]
            if _DEALS.fullmatch(between) and " ".join(_lowered(between)) not in quoted:
                return True
    return False


def _is(run: set[str], own: set[str], other: set[str]) -> bool:
    """Whether a run of names is the one of two, and not the other."""
    return bool(run & own) and not run & other


def _named(text: str) -> list[tuple[frozenset[str], int, int]]:
    """Runs of words with a capital, as stems, with where they start and end."""
    runs = ((frozenset(content_words(run.group())), run.start(), run.end()) for run in _NAME.finditer(text))
    return [run for run in runs if run[0]]


def _lowered(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]


SWAPPED_NAMES = Rule[SupportCase, bool](
    "swapped_names",
    ANY_LANGUAGE,
    always,
    objection(lambda case: swapped(case.sentence, case.quotes[0].quote)),
    "Two names have changed places.",
)
DOUBLED_PARTY = Rule[SupportCase, bool](
    "doubled_party",
    ENGLISH,
    always,
    objection(lambda case: doubled(case.sentence, case.quotes[0].quote)),
    "One party deals with itself.",
)
