"""An export as one HTML file that loads nothing, its sources as footnotes that lead there and back."""

from __future__ import annotations

from html import escape
from pathlib import Path

from app.answer.answer_table import AnswerTable
from app.export.content import Export, Line, Points, Sentence, Source, Turn
from core.messages import _

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def as_html(export: Export) -> str:
    """The whole page."""
    style = Path(__file__).with_name("export.css").read_text(encoding="utf-8")
    cited: set[int] = set()
    turns = "".join(_turn(turn, cited) for turn in export.turns)
    listed = "".join(map(_footnote, export.sources))
    heading = escape(_("Sources"))
    sources = f"<section><h2>{heading}</h2><ol>{listed}</ol></section>" if listed else ""
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{escape(export.title)}</title>'
        f'<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy"'
        f' content="{POLICY}"><style>{style}</style></head><body><main><h1 dir="auto">{escape(export.title)}</h1>'
        f"{turns}{sources}</main></body></html>\n"
    )


def fragment(export: Export) -> str:
    """The turns and the sources for a word processor's clipboard."""
    turns = "".join(_turn(turn, None) for turn in export.turns)
    listed = "".join(f"<li>{_said(source)}</li>" for source in export.sources)
    heading = escape(_("Sources"))
    return turns + (f"<p><b>{heading}</b></p><ol>{listed}</ol>" if listed else "")


def _turn(turn: Turn, cited: set[int] | None) -> str:
    head = f'<h2 dir="auto">{escape(turn.question)}</h2>' if turn.question else ""
    table = _table(turn.table) if turn.table else ""
    points = _points(turn.points, cited) if turn.points else ""
    return head + "".join(_line(line, cited) for line in turn.lines) + points + table


def _points(points: Points, cited: set[int] | None) -> str:
    heads = "".join(f'<th scope="col" dir="auto">{escape(name)}</th>' for name in points.documents)
    rows = []
    for heading, sentences in points.rows:
        cells = "".join(f'<td dir="auto">{_sentence(sentence, cited)}</td>' for sentence in sentences)
        rows.append(f'<tr><th scope="row" dir="auto">{escape(heading)}</th>{cells}</tr>')
    return f"<table><thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _line(line: Line, cited: set[int] | None) -> str:
    text = " ".join(_sentence(sentence, cited) for sentence in line.sentences)
    if line.kind == "heading":
        return f'<h3 dir="auto">{text}</h3>'
    if line.kind == "quote":
        return f'<blockquote dir="auto">{text}</blockquote>'
    return f'<p dir="auto">{text}</p>' if line.kind == "text" else f'<p class="remark" dir="auto">{text}</p>'


def _sentence(sentence: Sentence, cited: set[int] | None) -> str:
    marks = "".join(_mark(number, cited) for number in sentence.sources)
    text = escape(sentence.text)
    if sentence.is_unsupported:
        unsupported = escape(_("not in your documents"))
        return f'<span class="unsupported">{text}</span> <em>({unsupported})</em>'
    return text + (" " if cited is None and marks else "") + marks


def _mark(number: int, cited: set[int] | None) -> str:
    """A footnote's number; the first mark of a source is where its footnote leads back to."""
    if cited is None:
        return f"<sup>[{number}]</sup>"
    place = "" if number in cited else f' id="cited-{number}"'
    cited.add(number)
    return f'<sup><a{place} href="#source-{number}">[{number}]</a></sup>'


def _footnote(source: Source) -> str:
    label = escape(_("Back to the text"))
    back = f'<a href="#cited-{source.number}" aria-label="{label}">↩</a>'
    return f'<li id="source-{source.number}" dir="auto">{_said(source)} {back}</li>'


def _said(source: Source) -> str:
    return f"{escape(source.where)}: <q>{escape(source.excerpt)}</q>"


def _table(table: AnswerTable) -> str:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in table.rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
