"""A question and a sentence -> whether the sentence can tell what was asked for: the right row, the thing and not its
change, the rule and not a special case."""

import re
from collections.abc import Mapping

from app.words import codes, content_words, names, numbers
from core.types import AnswerWords, Citation
from index.figure_rows import row_label

NAMED = 0.66
"""Share of what was asked for that a row's label must name: two words of three, both of two."""

MEANT = 0.33
"""Share of a row's label that must have been asked for: "Cash paid for income taxes, net" is not cash."""

STRANGER = 0.1
"""Share of the mentions in the document that names it most below which a name is only mentioned."""

_ASKING = """hold held spend spent report earn earned make made record generate achieve post amount figure number value
    total much many give tell show state list know cost plan planned budget budgeted spend
    quarter quarterly month monthly year yearly annual period fiscal first second third fourth week day date end ended
    january february march april may june july august september october november december
    million billion thousand percent dollar euro usd eur"""
ASKING = content_words(_ASKING) - content_words("total")
"""Stems of words that ask for a figure, or say of which period or in which unit: no row needs to name them."""

_CHANGE = (
    r"(?:increas|decreas|chang|grew|grow|rise|rose|fell|fall|drop|declin|improv|reduc|reduction|gain|effect|impact"
    r"|higher|lower|up|down)\w*"
)
_ASKS_CHANGE = re.compile(
    rf"(?i)\b{_CHANGE}\b|\b(?:differ|compar|affect|trend|fluctuat|why|how (?:did|has|have|do|does))\w*"
)
_ASKS_FIGURE = re.compile(r"(?i)\bhow (?:much|many|large|high|big)\b|\bwhat(?:['’]s| is| was| were| are)\b")
_CHANGES = re.compile(rf"(?i)\b{_CHANGE}\b")
_LEVEL = re.compile(r"(?i)\b(?:to|is|are|was|were|amount\w*|total\w*|reach\w*|at|from|be)\b\W*$")
_COPULA = re.compile(r"(?i)\b(?:is|are|was|were|amount\w*|total\w*|reach\w*)\b")
_FIGURE = re.compile(r"[$€£¥]?\d[\d.,]*")
_YEAR = re.compile(r"(?:19|20)\d\d\b")
_DAY = re.compile(r"(?i)(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? $")
_ASKS_MEANING = re.compile(
    r"(?i)\b(?:mean(?:s|ing)?|stands? for|signif\w+|defin\w+|explain\w*|denotes?)\b|^what(?:['’]s| is| are) \S+\??$"
)
_CONDITION = re.compile(r"(?i)\b(?:if|unless|in case|provided that|except)\b(?P<what>[^.;:]*)")


def tells(question: str, quote: str) -> bool:
    """Whether ``quote`` can answer: it is no row of figures of something else, and its figures are not those of a
    change where the thing itself was asked for."""
    label = row_label(quote)
    if label is not None:
        return names_row(question, label)
    if not asks_level(question):
        return True
    figures = [match for match in _FIGURE.finditer(quote) if not _is_date(quote, match)]
    return not figures or not all(_of_change(quote, match.start()) for match in figures)


def states_figure(question: str, quote: str) -> bool:
    """Whether it is a whole sentence with a figure and with most of what was asked for."""
    wanted = _wanted(question)
    held = len(wanted & content_words(quote))
    return bool(numbers(quote)) and quote.rstrip().endswith(".") and held >= NAMED * len(wanted)


def names_row(text: str, label: str) -> bool:
    """Whether a question or a sentence is about the row of that label: it holds most of what the text is about, and
    most of it is what the text is about. Names and periods are left out: rows do not say them."""
    wanted = _wanted(text)
    held = content_words(label)
    both = wanted & held
    return bool(both) and len(both) >= NAMED * len(wanted) and len(both) >= MEANT * len(held)


def strangers(question: str, texts: Mapping[str, str]) -> frozenset[str]:
    """The ids of the documents that seldom or never name whom the question names: a report's rows say "Net income",
    whoever's it is, and another's report may mention the name. Names that no document holds make all strangers."""
    wanted = {word for word in re.findall(r"[^\W\d_]+", question) if word[:1].isupper() and names(f"about {word}")}
    wanted -= {word for word in wanted if not content_words(word) & names(question)}
    counts = {key: text.casefold().count for key, text in texts.items()}
    found: set[str] = set()
    for name in wanted:
        held = {key: count(name.casefold()) for key, count in counts.items()}
        least = max(1.0, STRANGER * max(held.values(), default=0))
        found |= {key for key, times in held.items() if times < least}
    return frozenset(found)


def asks_level(question: str) -> bool:
    """Whether a question asks how much there is of a thing, and not by how much or why it changed."""
    return bool(_ASKS_FIGURE.search(question)) and not _ASKS_CHANGE.search(question)


def tells_alone(question: str, sentence: Citation, words: AnswerWords) -> bool:
    """Whether the words that answer may stand without their sentence: not where they are one of several figures of a
    row, a figure of a change, or hold under a condition that nobody asked for."""
    if not numbers(words.text):
        return True
    if row_label(sentence.quote) is not None or special_case(question, sentence.quote):
        return False
    return not (asks_level(question) and _of_change(sentence.quote, words.start - sentence.start))


def condition(text: str) -> set[str]:
    """Stems of what a sentence makes its condition ("if the rent is in arrears")."""
    return set().union(*(content_words(match["what"]) for match in _CONDITION.finditer(text))) - ASKING


def special_case(question: str, quote: str) -> bool:
    """Whether ``quote`` states a figure under a condition that the question does not name."""
    wanted = condition(quote)
    return (
        bool(wanted)
        and bool(numbers(_CONDITION.sub("", quote)))
        and not _CONDITION.search(question)
        and not wanted <= content_words(question)
    )


def asks_meaning(question: str) -> bool:
    """Whether a question asks what something means, not where or when it came up."""
    return bool(_ASKS_MEANING.search(question))


def begins_with_code(quote: str, wanted: set[str]) -> bool:
    """Whether a row or sentence begins with one of the codes: "| P3-E07 | motor too hot |", "P3-E07: motor too hot"."""
    start = quote.lstrip(" |*-•\t").split(maxsplit=1)
    return bool(start) and bool(codes(start[0]) & wanted)


def _of_change(quote: str, at: int) -> bool:
    """Whether the figure at character ``at`` says by how much something changed: "increased 2% or $1.5 billion", "an
    increase in income of $768 million", but not "increased to $5 billion"."""
    clause = re.split(r"[.;:]\s", quote[:at])[-1]
    changes = list(_CHANGES.finditer(clause))
    if not changes:
        return False
    between = clause[changes[-1].end() :]
    return not _LEVEL.search(clause.rstrip("$€£¥ (")) and not _COPULA.search(between)


def _is_date(quote: str, match: re.Match[str]) -> bool:
    return bool(_YEAR.fullmatch(match.group().rstrip(".,")) or _DAY.search(quote[: match.start()]))


def _wanted(text: str) -> set[str]:
    """Stems of what a question or a sentence about a figure is about, without names, periods and figures."""
    about = {word for word in content_words(text) - ASKING if not any(map(str.isdigit, word))}
    return about - names(text) or about
