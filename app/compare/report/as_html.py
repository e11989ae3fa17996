"""A comparison as one HTML file without script or anything from elsewhere: the list, and both texts side by side."""

from html import escape
from pathlib import Path
from typing import Literal

from app.compare.report.marks import Marks, Stretch, of_kinds
from app.compare.report.wording import context_of, head_of, is_whole, summary_lines
from app.compare.result import HEADINGS, WEIGHTS, Comparison, Difference, Kind, Point, numbered
from core.messages import _

_STYLE = Path(__file__).with_name("comparison.css")
_MOVES: tuple[Kind, ...] = ("moved", "split", "joined")


def to_html(comparison: Comparison) -> str:
    """The whole page."""
    title = escape(f"{comparison.old.name} → {comparison.new.name}")
    lines = "".join(f"<p>{escape(line)}</p>" for line in summary_lines(comparison))
    body = _points(comparison) if comparison.points else _list(comparison)
    heading = escape(_("Both texts side by side"))
    texts = _side_by_side(comparison, is_listed=True)
    return _page(title, f"<h1>{title}</h1>{lines}{body}<h2>{heading}</h2>{texts}")


def texts_html(comparison: Comparison, colours: Literal["light", "dark", "light dark"] = "light dark") -> str:
    """Both texts side by side alone, with their marks, for a frame; they scroll together, for they are rows of a table.

    ``colours`` are those of the page around it.
    """
    title = escape(f"{comparison.old.name} → {comparison.new.name}")
    return _page(title, _side_by_side(comparison), f' class="frame" style="color-scheme: {colours}"')


def _page(title: str, body: str, attributes: str = "") -> str:
    return (
        f'<!doctype html><html{attributes}><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE.read_text('utf-8')}</style></head>"
        f"<body>{body}</body></html>\n"
    )


def _list(comparison: Comparison) -> str:
    parts = []
    for weight in WEIGHTS:
        items = [_item(number, one) for number, one in numbered(comparison) if one.weight == weight]
        if items:
            parts.append(f"<h2>{escape(_(HEADINGS[weight]))} ({len(items):,})</h2><ul>{''.join(items)}</ul>")
    return "".join(parts)


def _item(number: int, one: Difference) -> str:
    head = f'<a href="#t{number}">{number}</a> <span class="head">{escape(head_of(one))}</span>'
    if is_whole(one):
        side = one.new if one.new.there else one.old
        tag = {"added": "ins", "column added": "ins", "removed": "del", "column removed": "del"}.get(one.kind, "span")
        text = f"<{tag}>{escape(side.text)}</{tag}>"
    else:
        before, old, new, after = map(escape, context_of(one, 200))
        text = before + (f"<del>{old}</del>" if old else "") + (f"<ins>{new}</ins>" if new else "") + after
    return f'<li id="d{number}" dir="auto">{head}<br>{text}</li>'


def _points(comparison: Comparison) -> str:
    rows = "".join(_point(point) for point in comparison.points)
    names = f"<th>{escape(comparison.old.name)}</th><th>{escape(comparison.new.name)}</th>"
    title = escape(_("Point by point"))
    return f"<h2>{title}</h2><table><tr><th></th>{names}</tr>{rows}</table>"


def _point(point: Point) -> str:
    cells = "".join(f'<td dir="auto">{escape(side.text) if side.there else "–"}</td>' for side in point.sides)
    return f'<tr><th dir="auto">{escape(point.heading)}</th>{cells}</tr>'


def _side_by_side(comparison: Comparison, *, is_listed: bool = False) -> str:
    """The rows of both texts; with ``is_listed`` the number of a difference leads to its place in the list."""
    old, new = Marks(comparison, "old"), Marks(comparison, "new")
    shown: set[int] = set()
    rows = []
    for row in comparison.rows:
        one = _cell([*old.stretches(*row.old)], "del", shown, is_listed) if row.old else "<td></td>"
        other = _cell([*new.stretches(*row.new)], "ins", shown, is_listed) if row.new else "<td></td>"
        rows.append(f"<tr>{one}{other}</tr>")
    names = f"<th>{escape(comparison.old.name)}</th><th>{escape(comparison.new.name)}</th>"
    return f'<table class="texts"><tr>{names}</tr>{"".join(rows)}</table>'


def _cell(stretches: list[Stretch], tag: str, shown: set[int], is_listed: bool) -> str:
    """The text of one side; the first mark of each difference can be gone to."""
    pieces = []
    for stretch in stretches:
        text = escape(stretch.text)
        anchors = [mark.number for mark in stretch.marks if mark.number not in shown]
        shown.update(anchors)
        ids = "".join(_number(number, is_listed) for number in anchors)
        if of_kinds(stretch, ("changed", "cell", "added", "removed", "column added", "column removed")):
            text = f"<{tag}>{text}</{tag}>"
        elif of_kinds(stretch, _MOVES):
            text = f'<span class="moved">{text}</span>'
        pieces.append(ids + text)
    return f'<td dir="auto">{"".join(pieces)}</td>'


def _number(number: int, is_listed: bool) -> str:
    if is_listed:
        return f'<a id="t{number}" href="#d{number}" class="n">{number}</a>'
    return f'<span class="n">{number}</span>'
