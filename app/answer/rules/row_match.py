"""Whether a row of figures is the one that a question asks for, of the right company, person and period."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from app.answer.rules.base import ENGLISH, Rule
from app.answer.rules.cases import DocumentsCase, QuestionCase
from app.answer.rules.question_kinds import GENERIC_FIGURE_WORDS, asks_quantity
from app.answer.rules.text_features import content_words, names
from index.search.figure_rows import row_cells, row_label

LABEL_COVERAGE = 0.66
"""Least share of the topic's words that a row's label and columns must hold: two of three, both of two."""

LABEL_PRECISION = 0.33
"""Least share of the label's words that must be in the question: "Cash paid for income taxes, net" is not cash."""

MENTION_SHARE = 0.1
"""A document is about a name if it has this share of the mentions in the document that mentions it most."""

FEWEST_DOCUMENTS = 2
"""Fewest documents that are compared: a single one need not name whose figures it holds."""

_WORD = re.compile(r"[^\W\d_]+")
YEAR = re.compile(r"(?:19|20)\d\d\b")
_ORDER = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_QUARTER = re.compile(r"(?i)\bq([1-4])\b|\b(first|second|third|fourth)[ -]quarter\b")


def names_row(text: str, row: str, columns: str = "") -> bool:
    """Whether ``text``, a question or a sentence, is about the row of figures ``row`` below ``columns``.

    It is if label and columns hold LABEL_COVERAGE of its ``topic_stems``, and these are LABEL_PRECISION of the label's
    words; or if a cell of the row is a name in the text, such as "Lind".
    """
    held = content_words(row_label(row) or "")
    if any(content_words(cell) == names(cell) and names(cell) & names(text) for cell in row_cells(row)):
        return True
    wanted = topic_stems(text, held)
    both = wanted & held
    all_held = wanted & (held | content_words(columns))
    return bool(both) and len(all_held) >= LABEL_COVERAGE * len(wanted) and len(both) >= LABEL_PRECISION * len(held)


def is_the_row(question: str, row: str, columns: str = "") -> bool:
    """Whether label and columns of a row hold all of the question's ``topic_stems``, which must be two or more.

    A year in the question must be there too, if the row names any year. For example "What was the net income in 2022?"
    and the row "Net income 99,803 94,680" below "2022 2021".
    """
    label = row_label(row)
    if label is None or not asks_quantity(question):
        return False
    years = set(YEAR.findall(f"{label} {columns}"))
    if years and not set(YEAR.findall(question)) <= years:
        return False
    held = content_words(f"{label} {columns}")
    wanted = topic_stems(question, held)
    return len(wanted) > 1 and wanted <= held


def is_only_that_row(question: str, row: str, columns: str = "") -> bool:
    """Whether ``is_the_row``, and its label has no further word: "Net income", not "Net income per share"."""
    return is_the_row(question, row, columns) and content_words(
        row_label(row) or ""
    ) - GENERIC_FIGURE_WORDS <= content_words(question)


def periods(text: str) -> set[str]:
    """The years and quarters in a text: {"2023", "q3"} for "2023 Q3" and for "the third quarter of 2023"."""
    quarters = {f"q{found[1] or _ORDER[found[2].lower()]}" for found in _QUARTER.finditer(text)}
    return quarters | set(YEAR.findall(text))


def of_other_quarter(question: str, place: str) -> bool:
    """Whether the question names a quarter, and ``place`` (file, title, columns of a row) names only other ones."""
    wanted, named = ({one for one in periods(text) if one[0] == "q"} for text in (question, place))
    return bool(wanted and named) and not wanted & named


def wrong_entity_documents(question: str, texts: Mapping[str, str]) -> frozenset[str]:
    """The ids of documents about another company or person than the question names; ``texts`` are texts by id.

    For "What was Apple's net income?" they are the documents that mention "Apple" less than MENTION_SHARE as often as
    the document that mentions it most, or never: their rows "Net income" are of others. If no document has the name,
    they are all documents. A word that some document also writes in small letters is not taken for a name. The result
    is empty for fewer than FEWEST_DOCUMENTS documents, and for questions that do not ask for a quantity.
    """
    if len(texts) < FEWEST_DOCUMENTS or not asks_quantity(question):
        return frozenset()
    stems = names(question) - GENERIC_FIGURE_WORDS
    found: set[str] = set()
    for name in {word for word in _WORD.findall(question) if word[0].isupper() and content_words(word) & stems}:
        small = re.compile(rf"(?<![\w./@-]){re.escape(name.lower())}(?![\w./@-])")
        if any(small.search(text) for text in texts.values()):
            continue
        written = re.compile(rf"(?i)\b{re.escape(name)}\b")
        held = {key: len(written.findall(text)) for key, text in texts.items()}
        least = max(1.0, MENTION_SHARE * max(held.values()))
        found |= {key for key, times in held.items() if times < least}
    return frozenset(found)


def topic_stems(text: str, held: AbstractSet[str]) -> set[str]:
    """Stems of the topic of a question or sentence: {"net", "incom"} for "What was Acme's net income?".

    Periods, figures and GENERIC_FIGURE_WORDS are left out, and names except those ``held`` by the row. If only names
    are left, they are the topic.
    """
    stems = {word for word in content_words(text) - GENERIC_FIGURE_WORDS if not any(map(str.isdigit, word))}
    # A long sentence's first word is no name by its capital; "Net income was 859" is as short as a name may be.
    return stems - (names(f"{text} as it is said here") - held) or stems


def is_asked_row(case: QuestionCase) -> bool | None:
    """True if the best sentence is the row of figures that was asked for (``is_the_row``), else None."""
    best = case.sentences[0]
    return is_the_row(case.question, best.quote, best.columns) or None


def _asks_quantity(case: DocumentsCase | QuestionCase) -> bool:
    return asks_quantity(case.question)


WRONG_ENTITY_DOCUMENTS = Rule[DocumentsCase, frozenset[str]](
    "wrong_entity_documents",
    ENGLISH,
    _asks_quantity,
    lambda case: wrong_entity_documents(case.question, case.texts),
    "The document hardly names whom the question names.",
)
ASKED_ROW = Rule("asked_row", ENGLISH, _asks_quantity, is_asked_row, "The row is labelled with all that was asked for.")
