"""The kind of a question: it asks for a quantity, the meaning of something, or the holder of an office."""

import re

from app.answer.rules.base import ENGLISH, Rule, objection
from app.answer.rules.cases import EvidenceCase, QuestionCase
from app.answer.rules.text_features import codes, content_words
from index.reader.domain import question_kind
from index.search.figure_rows import row_cells

NEW_SHARE = 0.5
"""Least share of new words, those that are not in the question, in words that name somebody."""

_GENERIC = """hold held spend spent report earn earned make made record generate achieve post amount figure number value
    total much many company give tell show state list know cost plan planned budget budgeted
    one two three six nine twelve quarter quarterly month monthly year yearly annual period
    fiscal first second third fourth week day date end ended
    january february march april may june july august september october november december
    million billion thousand percent dollar euro usd eur"""
GENERIC_FIGURE_WORDS = content_words(_GENERIC) - content_words("total")
"""Stems of words that ask for any figure, or name a period or unit: the label of a row need not hold them."""

CHANGE_VERBS = (
    r"(?:(?:in|de)creas|chang|declin|improv|reduc)(?:es?|ed|ing)|(?:grow|fall|drop)s?|grew|grown|fell|dropped|rose"
    r"|ris(?:es?|ing|en)"
)
CHANGE_NOUNS = r"(?:(?:in|de)crease|change|decline|improvement|reduction|rise|fall|drop)s?|growth"
_ASKS_CHANGE = re.compile(
    rf"\b(?:{CHANGE_VERBS}|{CHANGE_NOUNS})\b|\b(?:[Dd]iffer|[Cc]ompar|affect|fluctuat)\w*|\b(?:trend|effect|impact)s?\b|\b[Ww]hy\b"
    r"|\b[Hh]ow (?:did|has|have|do|does)\b"
)
_QUANTITY = content_words("""income revenue sales profit loss earnings margin cash debt assets liabilities equity cost
    expense expenditure price rent deposit fee tax salary wage budget turnover amount total sum rate percentage
    population length height weight depth width distance speed temperature capacity""")
"""Stems of things that are measured or counted: "What is the rent?" asks for a quantity."""
_HOW_MUCH = re.compile(r"(?i)\bhow (?:much|many|large|high|big)\b|\bnumber of\b")
_WHAT_IS = re.compile(r"(?i)^\W*what(?:['’]s| is| was| were| are)\b")
_ASKS_MEANING = re.compile(
    r"(?i)\b(?:mean(?:s|ing)?|stands? for|signif\w+|defin\w+|explain\w*|denotes?)\b|^what(?:['’]s| is| are) \S+\??$"
)
_MANNER = re.compile(r"(?i)\bwhat (?:should|must|can|do|shall) (?:i|we|you|one|they) do\b")
_ASKS_OFFICE = re.compile(r"(?i)^\W*who(?:['’]s| is| was| are| were) (?:the|our|your|its|his|her|their|an?)\b")


def asks_quantity(question: str) -> bool:
    """Whether an English question asks for a quantity: "How many guests came?", "What is the rent?".

    False for questions of a change, such as "How much did the rent increase?".
    """
    if _ASKS_CHANGE.search(question):
        return False
    sized = bool(_WHAT_IS.search(question)) and bool(_QUANTITY & content_words(question))
    return sized or bool(_HOW_MUCH.search(question))


def asks_meaning(question: str) -> bool:
    """Whether a question asks what something means: "What does P3-E07 mean?"."""
    return bool(_ASKS_MEANING.search(question))


def names_nobody(case: EvidenceCase) -> bool:
    """Whether the words of the evidence name no person: there are none, or most of them are in the question.

    For example "the chief financial officer" to "Who is the chief executive officer?". Always False for a row of a
    table, whose cells may be names.
    """
    if row_cells(case.shown.quote):
        return False
    said = content_words(case.words.text) if case.words else set()
    return len(said - content_words(case.question)) < NEW_SHARE * max(1, len(said))


def begins_with_code(quote: str, wanted: set[str]) -> bool:
    """Whether a row or sentence begins with one of the codes ``wanted``: "| P3-E07 | motor too hot |"."""
    start = quote.lstrip(" |*-•\t").split(maxsplit=1)
    return bool(start) and bool(codes(start[0]) & wanted)


def explains_code(case: QuestionCase) -> bool | None:
    """True if the question asks what a code means and the best sentence holds that code, else None."""
    return bool(codes(case.question) & codes(case.sentences[0].quote) and asks_meaning(case.question)) or None


def asks_reason_or_manner(question: str) -> bool:
    """Whether an English question asks for a reason, a way to do something, or yes or no."""
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
