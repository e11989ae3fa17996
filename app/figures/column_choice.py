"""The columns of rows that a question asks for, by the words of their names and by the embedder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.figures.cells import FoundCell, is_bare_unit, shortened, words_fit
from index.analyzer import FUNCTION_WORDS, analyze
from index.relatedness import relatedness
from index.search.question_words import without_question_words
from index.search.row_ranking import RowVectors, question_terms

COLUMN_WORDS = 0.5
"""What the words of a column's name count for that the question has, beside the embedder's nearness of 1."""

COLUMN_LEAST, COLUMN_MARGIN, MOST_COLUMNS = 0.45, 0.1, 2
"""A column is what is asked for where it is as near, and by this nearer than all others; or one of so many that are by
this nearer than that."""

OF_TWO_MARGIN = 0.3
"""How much nearer one of two columns is that is taken alone."""

MOST_UNTOLD = 3
"""Figures of a row that are shown where the question says nothing of a column."""

BARE_UNIT = 0.2
"""What a cell loses that holds a unit alone: the figure stands beside it."""


class ColumnChoice:
    """Chooses among the columns of rows that one question names."""

    def __init__(self, question: str, vectors: RowVectors) -> None:
        self._question = question
        self._vectors = vectors

    def by_column(self, cells: Sequence[FoundCell], asked: str = "") -> list[tuple[float, FoundCell]]:
        """Cells by how near their columns are to ``asked``, else the question, in its words and by the embedder: the
        nearest first.

        What names the row is left out of the question: it would be nearest to any of its cells.
        """
        words = self._beside(cells, asked)
        terms = question_terms(" ".join(words))
        texts = [f"{' '.join(one.column.path)}: {one.cell.text}" for one in cells]
        embedder = self._vectors.embedder
        cosines = self._vectors.of(texts) @ embedder.embed_question(" ".join(words))
        near = relatedness(cosines.astype(np.float32), embedder, "question")
        scores = [
            float(nearness)
            + COLUMN_WORDS * max(0.0, words_fit(one.column.path, terms), shortened(one.column.path, words))
            for nearness, one in zip(near, cells, strict=True)
        ]
        scored = zip(scores, cells, strict=True)
        return sorted(
            ((score - BARE_UNIT * is_bare_unit(one.cell.text), one) for score, one in scored), key=lambda one: -one[0]
        )

    def _beside(self, cells: Sequence[FoundCell], asked: str = "") -> list[str]:
        """The words of ``asked``, else of the question, that do not name the rows of some cells."""
        names = frozenset(analyze(" ".join(part for one in cells for part in (*one.row, *one.named))))
        return [word for word in (asked or self._question).split() if not set(analyze(word)) & names]

    def _words_beside(self, cells: Sequence[FoundCell]) -> bool:
        """Whether the question asks anything of the rows of some cells beside naming them."""
        left = set(analyze(without_question_words(" ".join(self._beside(cells)))))
        return bool(left - FUNCTION_WORDS)

    def clear_columns(self, cells: Sequence[FoundCell], words: str = "") -> list[FoundCell]:
        """The one cell whose column is clearly what ``words``, else the question, ask for, or two that are as near; []
        where none is clear. Where the question says no word beside the row's name, all figures of the row."""
        if not words and not self._words_beside(cells):
            figures = [one for one in cells if one.cell.number is not None]
            return figures if len(figures) <= MOST_UNTOLD else []
        best = self.by_column(cells, words)[: MOST_COLUMNS + 1]
        near = [one for score, one in best if score > best[0][0] - COLUMN_MARGIN]
        if len(cells) <= MOST_COLUMNS:
            return [best[0][1]] if len(cells) == 1 or best[0][0] - best[1][0] > OF_TWO_MARGIN else list(cells)
        least = COLUMN_LEAST if len(near) == 1 else COLUMN_LEAST + COLUMN_MARGIN
        return near if best[0][0] >= least and len(near) <= MOST_COLUMNS else []
