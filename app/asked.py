"""A question and a sentence -> whether the sentence can tell what was asked for: the right row, the thing and not its
change, the rule and not a special case."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from app.words import codes, content_words, names, numbers
from core.types import AnswerWords, Citation
from index.figure_rows import row_cells, row_label
from index.words import MONTHS

NAMED = 0.66
"""Share of what was asked for that a row's label must name: two words of three, both of two."""

MEANT = 0.33
"""Share of a row's label that must have been asked for: "Cash paid for income taxes, net" is not cash."""

STRANGER = 0.1
"""Share of the mentions in the document that names it most below which a name is only mentioned."""

NEW = 0.5
"""Share of the words naming someone that are not the question's."""

LOOKED_BACK = 300
"""Characters before a figure in which its clause begins."""

FEWEST_DOCUMENTS = 2
"""Of which one can be another's."""

_WORD = re.compile(r"[^\W\d_]+")
_ASKING = """hold held spend spent report earn earned make made record generate achieve post amount figure number value
    total much many company give tell show state list know cost plan planned budget budgeted
    one two three six nine twelve quarter quarterly month monthly year yearly annual period
    fiscal first second third fourth week day date end ended
    january february march april may june july august september october november december
    million billion thousand percent dollar euro usd eur"""
ASKING = content_words(_ASKING) - content_words("total")
"""Stems of words that ask for a figure, or say of which period or in which unit: no row needs to name them."""

_GREW = (
    r"(?:(?:in|de)creas|chang|declin|improv|reduc)(?:es?|ed|ing)|(?:grow|fall|drop)s?|grew|grown|fell|dropped|rose"
    r"|ris(?:es?|ing|en)"
)
_GROWTH = r"(?:(?:in|de)crease|change|decline|improvement|reduction|rise|fall|drop)s?|growth"
_ASKS_CHANGE = re.compile(
    rf"\b(?:{_GREW}|{_GROWTH})\b|\b(?:[Dd]iffer|[Cc]ompar|affect|fluctuat)\w*|\b(?:trend|effect|impact)s?\b|\b[Ww]hy\b"
    r"|\b[Hh]ow (?:did|has|have|do|does)\b"
)
_QUANTITY = content_words("""income revenue sales profit loss earnings margin cash debt assets liabilities equity cost
    expense expenditure price rent deposit fee tax salary wage budget turnover amount total sum rate percentage
    population length height weight depth width distance speed temperature capacity""")
"""Stems of what has a size, so that "what is" asks how much there is of it."""
_HOW_MUCH = re.compile(r"(?i)\bhow (?:much|many|large|high|big)\b|\bnumber of\b")
_WHAT_IS = re.compile(r"(?i)^\W*what(?:['’]s| is| was| were| are)\b")
_FIGURE = re.compile(r"[$€£¥]?\d[\d.,]*")
_ABOUT = r"(?: (?:about|around|approximately|nearly|almost|over|some|more than|less than|no more than))?"
_AMOUNT = r"[$€£¥]?\d[\d.,]*(?: ?%)?(?: (?:percent|per cent|million|billion|thousand|euros|dollars|points))?"
_GOVERNS = re.compile(
    rf"\b(?:(?:{_GREW}|{_GROWTH})(?: by| of)?|(?:{_GROWTH}) in (?P<what>.*) of){_ABOUT}"
    rf"(?: {_AMOUNT},? (?:or|and))? \W*$"
)
"""A change up to its figure: "increased 2% or ", "fell by about $", "an increase in net income of $"."""
_LEVEL = re.compile(r"\b(?:is|are|was|were|has|have|had|holds?|held|costs?|amount\w*|total\w*|reach\w*|means?)\b")
_YEAR = re.compile(r"(?:19|20)\d\d\b")
_DAY = re.compile(rf"(?i)(?:{'|'.join(MONTHS)})[a-z]*\.? $")
_ASKS_MEANING = re.compile(
    r"(?i)\b(?:mean(?:s|ing)?|stands? for|signif\w+|defin\w+|explain\w*|denotes?)\b|^what(?:['’]s| is| are) \S+\??$"
)
_DENIES = re.compile(r"(?i)\b(?:not(?! only\b)|never|nobody|no one|cannot|no longer|\w+n['’]t)\b")
_ASKS_OFFICE = re.compile(r"(?i)^\W*who(?:['’]s| is| was| are| were) (?:the|our|your|its|his|her|their|an?)\b")
_CONDITION = re.compile(r"(?i)\b(?:if|unless|in case|provided that)\b(?P<what>(?:[^,]|,(?=\d))*)")
_CLAUSE_END = re.compile(r"[.;:]\s")
_BEGINS = re.compile(r"(?i)(?:when|where|while|if|unless|because)\b")
_COMPARES = r"(?:more|less|fewer|longer|shorter|later|earlier|sooner|higher|lower|larger|smaller|greater) than"
_LIMITS = re.compile(rf"(?i)\b(?:exceed\w*|{_COMPARES}|over|above|below|under|before|after|until|beyond)\s+$")
_PART_END = re.compile(r"[.;:,]\s|\b(?:but|except)\b")


def can_answer(question: str, quote: str, columns: str = "") -> bool:
    """Whether ``quote`` can answer. Only where the question asks how much there is of a thing, it cannot with a row of
    figures of something else, below the names of its ``columns``, or with nothing but figures of a change."""
    if not asks_level(question):
        return True
    if row_label(quote) is not None:
        return names_row(question, quote, columns)
    figures = [match for match in _FIGURE.finditer(quote) if not _is_date(quote, match)]
    return not figures or not all(_of_change(quote, match.start()) for match in figures)


def states_figure(question: str, quote: str) -> bool:
    """Whether it is a whole sentence with a figure and with most of what was asked for."""
    held = content_words(quote)
    wanted = _wanted(question, held)
    return bool(numbers(quote)) and quote.rstrip().endswith(".") and len(wanted & held) >= NAMED * len(wanted)


def names_row(text: str, row: str, columns: str = "") -> bool:
    """Whether a question or a sentence is about the row of figures: its label and ``columns`` hold most of what the
    text is about, and the label is about little else; or one of its cells is a name that the text holds ("Lind").

    Periods are left out, and names that the row does not say.
    """
    held = content_words(row_label(row) or "")
    if any(content_words(cell) == names(cell) and names(cell) & names(text) for cell in row_cells(row)):
        return True
    wanted = _wanted(text, held)
    both = wanted & held
    all_held = wanted & (held | content_words(columns))
    return bool(both) and len(all_held) >= NAMED * len(wanted) and len(both) >= MEANT * len(held)


def is_the_row(question: str, row: str, columns: str = "") -> bool:
    """Whether the question asks for a figure by two words or more, and the row of figures is labelled with them all. A
    year that was asked for must stand there too, where any does."""
    label = row_label(row)
    if label is None or not asks_level(question):
        return False
    years = set(_YEAR.findall(f"{label} {columns}"))
    if years and not set(_YEAR.findall(question)) <= years:
        return False
    held = content_words(f"{label} {columns}")
    wanted = _wanted(question, held)
    return len(wanted) > 1 and wanted <= held


def is_row_alone(question: str, row: str, columns: str = "") -> bool:
    """Whether it is the row that was asked for, and its label says nothing else: "Net income" to "net income", not
    "Net income per share"."""
    return is_the_row(question, row, columns) and content_words(row_label(row) or "") - ASKING <= content_words(
        question
    )


def strangers(question: str, texts: Mapping[str, str]) -> frozenset[str]:
    """The ids of the documents that seldom or never name whom the question names: a report's rows say "Net income",
    whoever's it is, and another's report may mention the name. Names that no document holds make all strangers.

    None where there is one document, which need not name whose it is, and for other questions than of how much, whose
    answers are no rows. A word that a document also writes in small letters is no name.
    """
    if len(texts) < FEWEST_DOCUMENTS or not asks_level(question):
        return frozenset()
    stems = names(question) - ASKING
    found: set[str] = set()
    for name in {word for word in _WORD.findall(question) if word[0].isupper() and content_words(word) & stems}:
        small = re.compile(rf"(?<![\w./@-]){re.escape(name.lower())}(?![\w./@-])")
        if any(small.search(text) for text in texts.values()):
            continue
        written = re.compile(rf"(?i)\b{re.escape(name)}\b")
        held = {key: len(written.findall(text)) for key, text in texts.items()}
        least = max(1.0, STRANGER * max(held.values()))
        found |= {key for key, times in held.items() if times < least}
    return frozenset(found)


def asks_level(question: str) -> bool:
    """Whether an English question asks how much there is of a thing, and not by how much or why it changed: "how
    much", "how many", or "what is" with a word for what has a size."""
    if _ASKS_CHANGE.search(question):
        return False
    sized = bool(_WHAT_IS.search(question)) and bool(_QUANTITY & content_words(question))
    return sized or bool(_HOW_MUCH.search(question))


def tells_alone(question: str, sentence: Citation, words: AnswerWords) -> bool:
    """Whether the words that answer may stand without their sentence.

    They may not where they are half of it ("when it rains, or when it snows"), and figures not where they are denied
    ("never for more than 20 seconds"), where they hold under a condition that nobody asked for, or where it was asked
    how much and they are one of the figures of a row or one of a change.
    """
    before, after = (
        sentence.quote[: max(0, words.start - sentence.start)],
        sentence.quote[words.end - sentence.start :],
    )
    if _goes_on(words.text, after):
        return False
    if not numbers(words.text):
        return True
    if _denied(before) and not _DENIES.search(question):
        return False
    if special_case(question, sentence.quote):
        return False
    if not asks_level(question):
        return True
    figure = _FIGURE.search(words.text)
    at = words.start - sentence.start + (figure.start() if figure else 0)
    return row_label(sentence.quote) is None and not _of_change(sentence.quote, at)


def special_case(said: str, quote: str, figures: AbstractSet[str] | None = None) -> bool:
    """Whether a clause of ``quote`` states a figure, one of ``figures`` where given, under a condition ("if the rent
    is in arrears") of which ``said`` (the question, or an answer's sentence with it) names less than half."""
    words = content_words(said)
    for clause in _CLAUSE_END.split(quote):
        wanted = set().union(*(content_words(match["what"]) for match in _CONDITION.finditer(clause))) - ASKING
        stated = numbers(_CONDITION.sub("", clause))
        if wanted and (stated if figures is None else stated & figures) and 2 * len(wanted & words) < len(wanted):
            return not _CONDITION.search(said)
    return False


def _denied(before: str) -> bool:
    """Whether what stands ``before`` a figure denies it: "not in 1912", "never for more than 20 seconds"; but not where
    it is the limit, without the words that compare: "not more than" 20 seconds."""
    part = _PART_END.split(before)[-1]
    return bool(_DENIES.search(part)) and not _LIMITS.search(part if part.endswith(" ") else f"{part} ")


def _goes_on(words: str, after: str) -> bool:
    """Whether what follows is one more of their kind: "when it rains" goes on with "or when it snows"."""
    begins = _BEGINS.match(words)
    return bool(begins and re.match(rf"(?i),?\s+(?:or|and)\s+{begins.group()}\b", after))


def asks_meaning(question: str) -> bool:
    """Whether a question asks what something means, not where or when it came up."""
    return bool(_ASKS_MEANING.search(question))


def names_nobody(question: str, quote: str, words: AnswerWords | None) -> bool:
    """Whether a question asks who holds an office ("Who is the director?"), and the words of the ``quote`` name nobody:
    there are none, or most of them were in the question ("the chief financial officer" to "Who is the chief executive
    officer?"). A row names by its cells."""
    if not _ASKS_OFFICE.search(question) or row_cells(quote):
        return False
    said = content_words(words.text) if words else set()
    return len(said - content_words(question)) < NEW * max(1, len(said))


def begins_with_code(quote: str, wanted: set[str]) -> bool:
    """Whether a row or sentence begins with one of the codes: "| P3-E07 | motor too hot |", "P3-E07: motor too hot"."""
    start = quote.lstrip(" |*-•\t").split(maxsplit=1)
    return bool(start) and bool(codes(start[0]) & wanted)


def _of_change(quote: str, at: int) -> bool:
    """Whether the figure at character ``at`` says by how much something changed: "increased 2% or $1.5 billion", "an
    increase in income of $768 million", but not "increased to $5 billion"."""
    clause = _CLAUSE_END.split(quote[max(0, at - LOOKED_BACK) : at])[-1]
    governed = _GOVERNS.search(f"{clause[:1].lower()}{clause[1:]} ")
    return governed is not None and not _LEVEL.search(governed["what"] or "")


def _is_date(quote: str, match: re.Match[str]) -> bool:
    return bool(_YEAR.fullmatch(match.group().rstrip(".,")) or _DAY.search(quote[: match.start()]))


def _wanted(text: str, held: AbstractSet[str]) -> set[str]:
    """Stems of what a question or a sentence about a figure is about, without periods, figures, and names that are not
    ``held``."""
    about = {word for word in content_words(text) - ASKING if not any(map(str.isdigit, word))}
    # A long sentence's first word is no name by its capital; "Net income was 859" is as short as a name may be.
    return about - (names(f"{text} as it is said here") - held) or about
