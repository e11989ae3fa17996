"""Objections to a sentence that gives names other roles than its quote does.

Either two names are swapped ("Brandt sued Marsh" for "Marsh sued Brandt"), or one party appears twice, by its name and
by its alias. Sentences are not parsed: other verbs and the passive are not recognised.
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
"""Stems of verbs that are true both ways round ("Marsh met Brandt"), except with "by" ("was met by")."""
_ALIAS = regex.compile(
    r"(?P<name>\p{Lu}[\p{L}\p{M}'’-]*(?:\s+(?:(?:of|and|the|for|de|du|van|von)\s+)*\p{Lu}[\p{L}\p{M}'’.-]*)*),?\s*"
    r"\((?:\p{Ll}+\s+){0,3}(?:[\"'“”„«](?:[Tt]he\s+)?|[Tt]he\s+)(?P<alias>\p{Lu}[\p{L}\p{M}'’-]*(?:\s+\p{Lu}[\p{L}\p{M}'’-]*)*)"
    r"[\"'“”»]?\)"
)
"""A party of a contract with its alias: 'the Council of Ansel ("the Lessor")'."""

_DEALS = regex.compile(r"[^.;:]*?\b\p{Ll}+\b[^.;:]*?\b(?:with|from|to|by|against)\s+(?:the\s+)?")
"""The text between two parties that deal with each other: "signed the lease with the"."""


def swapped(sentence: str, quote: str) -> bool:
    """Whether two neighbouring names of the sentence are in the quote in the other order, with the same words between.

    For example "Brandt sued Marsh" and "Marsh sued Brandt". Names that the quote holds more than once are not compared.
    """
    quoted = _named(quote)
    for (one, _, first_end), (other, second_start, _) in pairwise(_named(sentence)):
        ends = [end for name, _, end in quoted if name == other]
        starts = [start for name, start, _ in quoted if name == one]
        if one == other or len(ends) != 1 or len(starts) != 1 or ends[0] > starts[0]:
            continue
        said = _lowered(sentence[first_end:second_start])
        verb = content_words(" ".join(said))
        if (
            verb
            and ("by" in said or not verb & _MUTUAL)
            and not _EITHER_WAY & set(said)
            and said == _lowered(quote[ends[0] : starts[0]])
        ):
            return True
    return False


def deals_with_itself(sentence: str, quote: str) -> bool:
    """Whether the sentence names one party of the quote twice, as if two parties dealt with each other.

    For example "The Lessor signed with the Council" if the quote has 'the Council ("the Lessor")'. Words between the
    two that the quote also holds are not objected to.
    """
    runs = list(_NAME.finditer(sentence))
    quoted = " ".join(_lowered(quote))
    for party in _ALIAS.finditer(quote):
        alias, name = content_words(party["alias"]), content_words(party["name"])
        for one, other in pairwise(runs):
            first, second = content_words(one.group()), content_words(other.group())
            if not (_matches_only(first, alias - name, name) and _matches_only(second, name - alias, alias)) and not (
                _matches_only(first, name - alias, alias) and _matches_only(second, alias - name, name)
            ):
                continue
            between = sentence[one.end() : other.start()]
            if _DEALS.fullmatch(between) and " ".join(_lowered(between)) not in quoted:
                return True
    return False


def _matches_only(run: set[str], own: set[str], other: set[str]) -> bool:
    """Whether ``run`` shares a stem with ``own`` and none with ``other``."""
    return bool(run & own) and not run & other


def _named(text: str) -> list[tuple[frozenset[str], int, int]]:
    """Runs of capitalised words in a text: their stems, start and end."""
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
DEALS_WITH_ITSELF = Rule[SupportCase, bool](
    "deals_with_itself",
    ENGLISH,
    always,
    objection(lambda case: deals_with_itself(case.sentence, case.quotes[0].quote)),
    "One party deals with itself.",
)
