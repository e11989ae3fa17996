"""Numbers of clauses ("4.", "2.1", "(b)", "Article 5"): told from other numbers by counting on from one to the next.

No language's words are needed: what a block begins with is its label where another block begins with the same but for
a number one lower, down to the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import regex

_LABEL = regex.compile(
    r"[#>*•\-–\s]*(?:(?P<word>\p{L}{1,14}\.?)\s{1,2}|(?P<sign>§+)\s{0,2})?(?P<open>[(\[]?)"
    r"(?P<parents>(?:\p{Nd}{1,3}\.)*)(?P<last>\p{Nd}{1,3}|[ivxlcIVXLC]{1,6}|\p{L})(?P<close>[.)\]:]*)(?=\s|$)"
)
_ROMAN = regex.compile(r"(?=[ivxlc])(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
MOST_SKIPPED = 3
"""Numbers that a count may leave out: clauses that were taken out without renumbering."""


@dataclass(frozen=True, slots=True)
class Label:
    """A block's number: ``text`` as it stands, of ``length`` characters from the block's beginning.

    ``word`` is what stands before the number ("article"), ``number`` the number with its parents ("2.1").
    """

    text: str
    length: int
    word: str
    number: str

    @property
    def is_count(self) -> bool:
        """Whether it is of figures alone ("12.", "2.1"), which hardly stand at a line's beginning by chance."""
        return not self.word and self.number.replace(".", "").isdecimal()


@dataclass(frozen=True, slots=True)
class _Candidate:
    style: tuple[str, ...]
    value: int
    label: Label


def find_labels(texts: Sequence[str]) -> list[Label | None]:
    """The label of each text, None where it has none, of texts in a document's order."""
    candidates = [_candidates(text) for text in texts]
    found: list[Label | None] = [None] * len(texts)
    starts = _starts(candidates)
    last: dict[tuple[str, ...], int] = {}
    for at, readings in enumerate(candidates):
        for one in readings:
            before = last.get(one.style)
            counts_on = before is not None and before < one.value <= before + MOST_SKIPPED
            if counts_on or (one.value == 1 and at in starts.get(one.style, ())):
                last[one.style] = one.value
                found[at] = one.label
                break
    return found


def _starts(candidates: Sequence[Sequence[_Candidate]]) -> dict[tuple[str, ...], set[int]]:
    """Where counts begin, by style: a first number with a second one before the next first."""
    starts: dict[tuple[str, ...], set[int]] = {}
    first: dict[tuple[str, ...], int] = {}
    for at, readings in enumerate(candidates):
        for one in readings:
            if one.value == 1:
                first[one.style] = at
            elif 1 < one.value <= 1 + MOST_SKIPPED and one.style in first:
                starts.setdefault(one.style, set()).add(first.pop(one.style))
    return starts


def _candidates(text: str) -> list[_Candidate]:
    """How the beginning of a text can be read as a label: "i." is a letter or a Roman number."""
    match = _LABEL.match(text)
    if not match:
        return []
    word, last, signs = (
        match["word"] or match["sign"] or "",
        match["last"],
        f"{match['open']}{match['close'].rstrip(':')}",
    )
    rest = text[match.end() :].strip()
    bare = not word and not signs and not match["parents"]
    if bare and not _heads(last, rest):
        return []
    if not last.isdecimal() and not signs and not word:
        return []
    label = Label(" ".join(match.group().split()), match.end(), word.casefold(), f"{match['parents']}{last}")
    case = "upper" if last.isupper() else "lower"
    style = (word.casefold(), match["parents"], signs)
    if last.isdecimal():
        return [_Candidate((*style, "figures"), int(last), label)]
    found = []
    if len(last) == 1 and last.isascii():
        found.append(_Candidate((*style, "letters", case), ord(last.casefold()) - ord("a") + 1, label))
    if _ROMAN.fullmatch(last.casefold()):
        found.append(_Candidate((*style, "roman", case), _roman(last.casefold()), label))
    return found


def _heads(last: str, rest: str) -> bool:
    """Whether a number without a sign can be the label of a heading: a short line with a capital and no full stop."""
    return last.isdecimal() and 0 < len(rest) <= 80 and rest[0].isupper() and rest[-1].isalnum()


def _roman(text: str) -> int:
    values = [_VALUES[sign] for sign in text]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))
