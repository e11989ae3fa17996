"""What each of several documents says of one thing."""

from dataclasses import dataclass

from app.answer.document_dates import Date, date_text
from core.types import Citation


@dataclass(frozen=True, slots=True)
class Statement:
    """What one document says, and the document's date (0 for what is not known)."""

    citation: Citation
    date: Date

    @property
    def source(self) -> str:
        """The document with its date: "policy.md (2031-03-01)"."""
        date = date_text(self.date)
        return f"{self.citation.file} ({date})" if date else self.citation.file


@dataclass(frozen=True, slots=True)
class Differing:
    """Documents that say different things of what was asked.

    ``told`` are the statements for the answer, the newest first; ``others`` those of documents that are not meant or
    not in force, which are only named.
    """

    told: tuple[Statement, ...]
    others: tuple[Statement, ...] = ()

    @property
    def set_aside(self) -> frozenset[str]:
        """The ids of documents that are not to be read for this question."""
        return frozenset(one.citation.document_id for one in self.others)
