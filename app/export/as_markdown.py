"""An export as Markdown, its sources as footnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.answer.answer_table import AnswerTable
from app.export.content import Export, Line, Points, Sentence, Source, Turn
from core.messages import _

SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~$])")
"""What Markdown would take for its own."""

PLUS = re.compile(r"\+(?=\s)")
"""What it would take for an item of a list, and an answer does not write so."""


def as_markdown(export: Export) -> str:
    """The whole export; a footnote holds the place and the words that stand there."""
    parts = [f"# {escaped(export.title)}"] if export.title else []
    parts += [part for turn in export.turns for part in _turn(turn)]
    parts += [_footnote(source) for source in export.sources]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    return SIGNS.sub(r"\\\1", text)


def _turn(turn: Turn) -> list[str]:
    head = [f"## {escaped(' '.join(turn.question.split()))}"] if turn.question else []
    return [
        *head,
        *map(_line, turn.lines),
        *map(_points, filter(None, [turn.points])),
        *map(_table, filter(None, [turn.table])),
    ]


def _line(line: Line) -> str:
    text = " ".join(map(_sentence, line.sentences))
    text = {"heading": "### {}", "remark": "*{}*", "quote": "> {}"}.get(line.kind, "{}").format(text)
    return f"\\{text}" if line.kind == "text" and PLUS.match(text) else text


def _sentence(sentence: Sentence) -> str:
    marks = "".join(f"[^{number}]" for number in sentence.sources)
    flag = f" *({_('not in your documents')})*" if sentence.is_unsupported else ""
    return escaped(sentence.text) + marks + flag


def _table(table: AnswerTable) -> str:
    rows = [table.columns, *(tuple(map(str, row)) for row in table.rows)]
    return _rows([[escaped(" ".join(cell.split())) for cell in row] for row in rows])


def _points(points: Points) -> str:
    rows = [[escaped(heading), *map(_sentence, sentences)] for heading, sentences in points.rows]
    return _rows([["", *map(escaped, points.documents)], *rows])


def _rows(rows: Sequence[Sequence[str]]) -> str:
    """Cells that are Markdown already; the first row holds the names of the columns."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], ["---"] * len(rows[0]), *rows[1:]))


def _footnote(source: Source) -> str:
    return f"[^{source.number}]: {escaped(source.where)}: “{escaped(source.excerpt)}”"
