"""What is made of documents' tables and asked by many questions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from core.tables import Table

Made = TypeVar("Made")

DOCUMENTS_KEPT = 64
"""Documents, the last ones asked, of which it is remembered."""


class OfDocuments(Generic[Made]):
    """Remembers what was made of the tables of documents, by their ids, until these are others."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[Sequence[Table], Made]] = OrderedDict()
        self._remembering = threading.Lock()

    def of(self, document_id: str, tables: Sequence[Table], make: Callable[[], Made]) -> Made:
        """What ``make`` gives for a document with these tables; it is called where that is not known."""
        with self._remembering:
            known = self._known.get(document_id)
            if known is None or known[0] != tables:
                known = tables, make()
            self._known[document_id] = known
            self._known.move_to_end(document_id)
            while len(self._known) > DOCUMENTS_KEPT:
                self._known.popitem(last=False)
            return known[1]
