"""What a question asks for: how much there is of a thing, what something means, who somebody is."""

import re

from app.answer.rules.base import ENGLISH, Rule, objection
from app.answer.rules.cases import EvidenceCase, QuestionCase
from app.answer.rules.text_features import codes, content_words
from index.reader.domain import question_kind
from index.search.figure_rows import row_cells

NEW = 0.5
"""Share of the words naming someone that are not the question's."""

_ASKING = """hold held spend spent report earn earned make made record generate achieve post amount figure number value
    total much many company give tell show state list know cost plan planned budget budgeted
    one two three six nine twelve quarter quarterly month monthly year yearly annual period
    fiscal first second third fourth week day date end ended
    january february march april may june july august september october november december
    million billion thousand percent dollar euro usd eur"""
ASKING = content_words(_ASKING) - content_words("total")
"""Stems of words that ask for a figure, or say of which period or in which unit: no row needs to name them."""

GREW = (
    r"(?:(?:in|de)creas|chang|declin|improv|reduc)(?:es?|ed|ing)|(?:grow|fall|drop)s?|grew|grown|fell|dropped|rose"
    r"|ris(?:es?|ing|en)"
)
GROWTH = r"(?:(?:in|de)crease|change|decline|improvement|reduction|rise|fall|drop)s?|growth"
_ASKS_CHANGE = re.compile(
    rf"\b(?:{GREW}|{GROWTH})\b|\b(?:[Dd]iffer|[Cc]ompar|affect|fluctuat)\w*|\b(?:trend|effect|impact)s?\b|\b[Ww]hy\b"
    r"|\b[Hh]ow (?:did|has|have|do|does)\b"
)
_QUANTITY = content_words("""income revenue sales profit loss earnings margin cash debt assets liabilities equity cost
    expense expenditure price rent deposit fee tax salary wage budget turnover amount total sum rate percentage
    population length height weight depth width distance speed temperature capacity""")
"""Stems of what has a size, so that "what is" asks how much there is of it."""
_HOW_MUCH = re.compile(r"(?i)\bhow (?:much|many|large|high|big)\b|\bnumber of\b")
_WHAT_IS = re.compile(r"(?i)^\W*what(?:['’]s| is| was| were| are)\b")
_ASKS_MEANING = re.compile(
    r"(?i)\b(?:mean(?:s|ing)?|stands? for|signif\w+|defin\w+|explain\w*|denotes?)\b|^what(?:['’]s| is| are) \S+\??$"
)
_MANNER = re.compile(r"(?i)\bwhat (?:should|must|can|do|shall) (?:i|we|you|one|they) do\b")
_ASKS_OFFICE = re.compile(r"(?i)^\W*who(?:['’]s| is| was| are| were) (?:the|our|your|its|his|her|their|an?)\b")


def asks_level(question: str) -> bool:
    """Whether an English question asks how much there is of a thing, and not by how much or why it changed: "how
    much", "how many", or "what is" with a word for what has a size."""
    if _ASKS_CHANGE.search(question):
        return False
    sized = bool(_WHAT_IS.search(question)) and bool(_QUANTITY & content_words(question))
    return sized or bool(_HOW_MUCH.search(question))


def asks_meaning(question: str) -> bool:
    """Whether a question asks what something means, not where or when it came up."""
    return bool(_ASKS_MEANING.search(question))


def names_nobody(case: EvidenceCase) -> bool:
    """Whether a question asks who holds an office ("Who is the director?"), and the words of the evidence name nobody:
    there are none, or most of them were in the question ("the chief financial officer" to "Who is the chief executive
    officer?"). A row names by its cells."""
    if row_cells(case.shown.quote):
        return False
    said = content_words(case.words.text) if case.words else set()
    return len(said - content_words(case.question)) < NEW * max(1, len(said))


def begins_with_code(quote: str, wanted: set[str]) -> bool:
    """Whether a row or sentence begins with one of the codes: "| P3-E07 | motor too hot |", "P3-E07: motor too hot"."""
    start = quote.lstrip(" |*-•\t").split(maxsplit=1)
    return bool(start) and bool(codes(start[0]) & wanted)


def explains_code(case: QuestionCase) -> bool | None:
    """True where the meaning of a code was asked for and the best sentence holds it, else None."""
    return bool(codes(case.question) & codes(case.sentences[0].quote) and asks_meaning(case.question)) or None


def asks_reason_or_manner(question: str) -> bool:
    """Whether an English question is answered with a reason, a manner or yes and no, which no words in the text are."""
    return question_kind(question) != "words" or bool(_MANNER.search(question))


def _asks_office(case: EvidenceCase) -> bool:
    return case.read and bool(_ASKS_OFFICE.search(case.question))


NAMES_NOBODY = Rule("names_nobody", ENGLISH, _asks_office, objection(names_nobody), "The words name nobody.")
EXPLAINED_CODE = Rule(
    "explained_code",
    ENGLISH,
    lambda case: bool(codes(case.question)),
    explains_code,
    "The sentence holds the code whose meaning was asked for.",
)
REASON_OR_MANNER = Rule[QuestionCase, bool](
    "reason_or_manner",
    ENGLISH,
    lambda case: asks_reason_or_manner(case.question),
    lambda _case: True,
    "A reason, a manner or yes and no cannot be pointed at in the text.",
)
