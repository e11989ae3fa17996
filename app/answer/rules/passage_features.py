"""Where a quote stands in its passage, and whether a stretch of text is a heading or a title."""

from collections.abc import Sequence

from core.types import Citation, Passage
from index.search.table_columns import column_names

HEADING_WORDS = 8
"""Most words of a heading."""

TITLE_WORDS = 20
"""Most words of the title that a document begins with."""

_SENTENCE_ENDS = (".", "!", "?", "。", "।", "؟", "…")


def containing_passage(citation: Citation, passages: Sequence[Passage]) -> Passage | None:
    """The first passage that contains the whole quote; None if there is none."""
    same = (passage for passage in passages if passage.document_id == citation.document_id)
    return next((one for one in same if one.start <= citation.start and citation.end <= one.end), None)


def columns_of(row: Citation, passages: Sequence[Passage]) -> str:
    """The names of the columns above a row of a table, as its passage holds them; "" if there are none."""
    passage = containing_passage(row, passages)
    return column_names(passage, row.start - passage.start) if passage else ""


def is_heading(text: str) -> bool:
    """Whether a stretch of text looks like a heading: few words, no full stop, no figure, no table cell."""
    plain = plain_heading(text)
    return (
        len(plain.split()) <= HEADING_WORDS
        and not plain.endswith(_SENTENCE_ENDS)
        and not any(sign.isdigit() or sign in "|:\t" for sign in plain)
    )


def is_title(citation: Citation) -> bool:
    """Whether a quote is the title line that its document begins with: "Pump P3: operating manual"."""
    line = citation.quote.strip()
    other = citation.start or line.endswith(_SENTENCE_ENDS) or any(sign in line for sign in "\n|\t")
    return not other and len(line.split()) <= TITLE_WORDS


def plain_heading(heading: str) -> str:
    """A heading without its number and marks, in small letters: "## 2.1 Starting" gives "starting"."""
    return " ".join(heading.split()).lstrip("#§ 0123456789.)").casefold()
