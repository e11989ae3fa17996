"""Figures as they are printed -> numbers, by the document's habit: 1,234.50 or 1.234,50."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import regex

_SPACES = "    "
_DIGITS = rf"\d+(?:[{_SPACES}'’.,]\d+)*|[.,]\d+"
_CURRENCY = r"\p{Lu}{0,3}\p{Sc}|\p{Lu}{3}"
_FOOTNOTE = r"(?:\s?\((?:\d|[a-z])\)|[*†‡¹²³⁴⁵⁶⁷⁸⁹]+)?"
_MEASURE = r"\p{L}[\p{L}²³]{0,5}\.?"
_FIGURE = regex.compile(
    rf"""\s*(?P<open>\()?\s*(?P<sign>[-–−+±])?\s*(?P<open>\()?\s*(?P<before>{_CURRENCY}|%)?\s*
    (?P<open>\()?(?P<sign>[-–−+])?\s*(?P<digits>{_DIGITS})
    (?P<close>\s*\))?(?P<minus>[-−])?{_FOOTNOTE}
    \s*(?:(?P<after>{_CURRENCY}|[%‰]|{_MEASURE}))?(?P<close>\s*\))?{_FOOTNOTE}\s*""",
    regex.VERBOSE,
)
_NONE = re.compile(r"[\s$€£¥(]*(?:[-–—−]+|n\.?/?[am]\.?|nm|\*+)[\s)%]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it stands, and what it counts: "%", "$", "EUR", "kg"; "" where it does not say so."""

    number: Decimal
    unit: str


def figure(text: str, decimal: str = ".") -> Figure | None:
    """The figure that ``text`` is, with nothing else: "(1,234)" is -1234, "7.5 %" is 7.5 of "%".

    ``decimal`` is the document's decimal sign, "." or ",". None for words, dates, ranges and "—".
    """
    if not any(map(str.isdigit, text)):
        return None
    found = _FIGURE.fullmatch(text)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    number = _number(found["digits"], decimal)
    if number is None:
        return None
    negative = bool(found["open"]) or found["sign"] in ("-", "–", "−") or bool(found["minus"])
    unit = "%" if "%" in (found["before"], found["after"]) else found["before"] or found["after"] or ""
    return Figure(-number if negative else number, unit)


def is_none(text: str) -> bool:
    """Whether a cell says that there is no figure: "—", "-", "n/a"."""
    return bool(_NONE.fullmatch(text))


def decimal_sign(texts: Iterable[str]) -> str:
    """The decimal sign of a document, "." or ",", by the figures that can be read in one way only."""
    votes: Counter[str] = Counter()
    for text in texts:
        for digits in re.findall(r"\d[\d.,]*\d", text):
            signs = [sign for sign in digits if sign in ".,"]
            if not signs:
                continue
            tail = len(digits) - 1 - max(digits.rfind("."), digits.rfind(","))
            if len(set(signs)) == 2 and signs.count(signs[-1]) == 1:
                votes[signs[-1]] += 1
            elif len(set(signs)) == 1 and len(signs) > 1:
                votes["," if signs[0] == "." else "."] += 1
            elif len(signs) == 1 and tail != 3:
                votes[signs[0]] += 1
    return "," if votes[","] > votes["."] else "."


def _number(digits: str, decimal: str) -> Decimal | None:
    """The number of digits and signs; None where the signs stand as in no number (a date, a telephone number)."""
    for sign in f"{_SPACES}'’":
        digits = digits.replace(sign, "’")
    signs = [sign for sign in digits if not sign.isdigit()]
    last = signs[-1] if signs else ""
    tail = len(digits) - 1 - digits.rfind(last) if last else 0
    fraction = ""
    if last in (".", ",") and signs.count(last) == 1 and (len(set(signs)) > 1 or last == decimal or tail != 3):
        digits, _, fraction = digits.rpartition(last)
    groups = re.split(r"[.,’]", digits)
    if len(set(re.findall(r"[.,’]", digits))) > 1 or any(len(group) not in (2, 3) for group in groups[1:]):
        return None
    if len(groups) > 1 and (len(groups[-1]) != 3 or not 0 < len(groups[0]) <= 3):
        return None
    return Decimal(f"{''.join(groups) or '0'}.{fraction or '0'}") if fraction else Decimal("".join(groups))
