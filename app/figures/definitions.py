"""Formulas that a question itself defines: "Use margin = (price - cost) / price", "the quota is members over seats"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from app.figures.found import operand_names

BEFORE = "before "
"""What an item begins with that is another one's figure of a year earlier."""

OPERATORS = {
    "+": r"\+|plus|más|mas",
    "-": r"(?<=\s)[-−–](?=\s)|minus|less|moins|menos|abzüglich",
    "*": r"\*|×|·|times|multiplied by|mal|fois|multiplié par",
    "/": r"/|÷|divided by|over|geteilt durch|divisé par|dividido (?:por|entre)",
}
"""Signs and words of arithmetic in English, German, French and Spanish."""

_AVERAGE = re.compile(
    r"(?i)^(?:the )?(?:average(?: of)?|mean|durchschnittliche[nrs]?|moyenne (?:de|des|du)|promedio de)\s+"
)
_ARTICLE = re.compile(r"(?i)^(?:the|a|an|der|die|das|den|le|la|les|el|los|las)\s+")
_SENTENCE = re.compile(r"(?<=[.?!;:])\s+(?=\w)")
_BEGINS = re.compile(r"\s*=\s*|\s(?:is|as|means|equals|ist|als|bedeutet|est|es|como|comme)\s", re.IGNORECASE)
_TOKEN = re.compile(
    "|".join(
        rf"(?P<{name}>{pattern})"
        for name, pattern in (("number", r"(?<!\w)\d+(?:\.\d+)?(?!\w)"), ("open", r"\("), ("close", r"\)"))
    )
    + "|"
    + "|".join(rf"(?<!\w)(?:{pattern})(?!\w)" for pattern in OPERATORS.values()),
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Definition:
    """A formula over items in the question's own words, named a, b, c... in order; "before a" is a's figure of a year
    earlier. ``name`` is what the question calls the result, ``rest`` the question without the definition."""

    name: str
    items: tuple[str, ...]
    formula: str
    rest: str = ""


def definition_of(question: str) -> Definition | None:
    """The formula that a question defines; None where it defines none."""
    sentences = _SENTENCE.split(" ".join(question.split()))
    for sentence in sentences:
        begins = _BEGINS.search(sentence)
        if not begins or (sentence.rstrip().endswith("?") and "=" not in begins[0]):
            continue
        text = re.split(r",\s|[.:?!;]\s|[.?!;:]$", sentence[begins.end() :])[0]
        name = re.split(r"[,:]\s", sentence[: begins.start()])[-1]
        if found := _Parser(text).definition(name.strip()):
            return replace(found, rest=" ".join(one for one in sentences if one is not sentence))
    return None


@dataclass
class _Parser:
    text: str
    items: list[str] = field(default_factory=list)
    formula: list[str] = field(default_factory=list)

    def definition(self, name: str) -> Definition | None:
        """The definition; None where the text is no arithmetic over at least two items."""
        at, signs = 0, 0
        for match in _TOKEN.finditer(self.text):
            self._item(self.text[at : match.start()])
            at = match.end()
            if match.lastgroup:
                self.formula.append(match[0])
            else:
                signs += 1
                self.formula.append(_operator(match[0]))
        self._item(self.text[at:])
        own = [item for item in self.items if not item.startswith(BEFORE)]
        return Definition(name, tuple(self.items), " ".join(self.formula)) if signs and len(own) > 1 else None

    def _item(self, words: str) -> None:
        words = words.strip(" ,")
        average = _AVERAGE.match(words)
        words = _ARTICLE.sub("", words[average.end() :] if average else words).strip()
        if not words:
            return
        known = words in self.items
        if not known:
            self.items.append(words)
        letter = operand_names(len(self.items))[self.items.index(words)]
        if average:
            self.items.append(BEFORE + letter)
            letter = f"avg({letter}, {operand_names(len(self.items))[-1]})"
        self.formula.append(letter)


def _operator(text: str) -> str:
    return next(
        sign for sign, pattern in OPERATORS.items() if re.fullmatch(_plain(pattern), text.strip(), re.IGNORECASE)
    )


def _plain(pattern: str) -> str:
    """A pattern without what must stand around the sign."""
    return pattern.replace(r"(?<=\s)", "").replace(r"(?=\s)", "")
