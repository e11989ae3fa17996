"""A question of how much, and a row of figures -> whether the row is the one that was asked for, and whose it is."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from app.answer.rules.base import ENGLISH, Rule
from app.answer.rules.cases import DocumentsCase, QuestionCase
from app.answer.rules.question_kinds import ASKING, asks_level
from app.answer.rules.text_features import content_words, names
from index.search.figure_rows import row_cells, row_label

NAMED = 0.66
"""Share of what was asked for that a row's label must name: two words of three, both of two."""

MEANT = 0.33
"""Share of a row's label that must have been asked for: "Cash paid for income taxes, net" is not cash."""

FOREIGN = 0.1
"""Share of the mentions in the document that names it most below which a name is only mentioned."""

FEWEST_DOCUMENTS = 2
"""Of which one can be another's."""

_WORD = re.compile(r"[^\W\d_]+")
YEAR = re.compile(r"(?:19|20)\d\d\b")
_ORDER = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_QUARTER = re.compile(r"(?i)\bq([1-4])\b|\b(first|second|third|fourth)[ -]quarter\b")


def names_row(text: str, row: str, columns: str = "") -> bool:
    """Whether a question or a sentence is about the row of figures: its label and ``columns`` hold most of what the
    text is about, and the label is about little else; or one of its cells is a name that the text holds ("Lind").

    Periods are left out, and names that the row does not say.
    """
    held = content_words(row_label(row) or "")
    if any(content_words(cell) == names(cell) and names(cell) & names(text) for cell in row_cells(row)):
        return True
    wanted = about(text, held)
    both = wanted & held
    all_held = wanted & (held | content_words(columns))
    return bool(both) and len(all_held) >= NAMED * len(wanted) and len(both) >= MEANT * len(held)


def is_the_row(question: str, row: str, columns: str = "") -> bool:
    """Whether the question asks for a figure by two words or more, and the row of figures is labelled with them all. A
    year that was asked for must stand there too, where any does."""
    label = row_label(row)
    if label is None or not asks_level(question):
        return False
    years = set(YEAR.findall(f"{label} {columns}"))
    if years and not set(YEAR.findall(question)) <= years:
        return False
    held = content_words(f"{label} {columns}")
    wanted = about(question, held)
    return len(wanted) > 1 and wanted <= held


def is_only_that_row(question: str, row: str, columns: str = "") -> bool:
    """Whether it is the row that was asked for, and its label says nothing else: "Net income" to "net income", not
    "Net income per share"."""
    return is_the_row(question, row, columns) and content_words(row_label(row) or "") - ASKING <= content_words(
        question
    )


def periods(text: str) -> set[str]:
    """The years and quarters that a text names: "2023 Q3" and "the third quarter of 2023" name the same."""
    quarters = {f"q{found[1] or _ORDER[found[2].lower()]}" for found in _QUARTER.finditer(text)}
    return quarters | set(YEAR.findall(text))


def of_other_quarter(question: str, place: str) -> bool:
    """Whether the question names a quarter, and what a row stands under (file, title, columns) only other ones."""
    wanted, named = ({one for one in periods(text) if one[0] == "q"} for text in (question, place))
    return bool(wanted and named) and not wanted & named


def foreign_documents(question: str, texts: Mapping[str, str]) -> frozenset[str]:
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
        least = max(1.0, FOREIGN * max(held.values()))
        found |= {key for key, times in held.items() if times < least}
    return frozenset(found)


def about(text: str, held: AbstractSet[str]) -> set[str]:
    """Stems of what a question or a sentence about a figure is about, without periods, figures, and names that are not
    ``held``."""
    stems = {word for word in content_words(text) - ASKING if not any(map(str.isdigit, word))}
    # A long sentence's first word is no name by its capital; "Net income was 859" is as short as a name may be.
    return stems - (names(f"{text} as it is said here") - held) or stems


def is_asked_row(case: QuestionCase) -> bool | None:
    """True where the best sentence is the row of figures labelled with all that was asked for, else None."""
    best = case.sentences[0]
    return is_the_row(case.question, best.quote, best.columns) or None


def _asks_level(case: DocumentsCase | QuestionCase) -> bool:
    return asks_level(case.question)


FOREIGN_DOCUMENTS = Rule[DocumentsCase, frozenset[str]](
    "foreign_documents",
    ENGLISH,
    _asks_level,
    lambda case: foreign_documents(case.question, case.texts),
    "The document hardly names whom the question names.",
)
ASKED_ROW = Rule("asked_row", ENGLISH, _asks_level, is_asked_row, "The row is labelled with all that was asked for.")
