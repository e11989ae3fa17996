"""How near short texts are by the embedder, with the vectors that a process has made already."""

from __future__ import annotations

from collections.abc import Sequence

from index.relatedness import relatedness
from index.search.row_ranking import RowVectors


class Nearest:
    """Compares texts by an embedder. Implements `app.table_query.plain.Nearness`."""

    def __init__(self, vectors: RowVectors) -> None:
        self._vectors = vectors

    def __call__(self, text: str, others: Sequence[str]) -> Sequence[float]:
        """For each of ``others`` how near it is to ``text``: 0 for unrelated, 1 for the same."""
        made = self._vectors.of([text, *others])
        cosines = made[1:] @ made[0]
        return [float(one) for one in relatedness(cosines, self._vectors.embedder, "passages")]
