"""The source drawer as HTML: a page as a picture with the quote boxed, or its text or table with the quote marked."""

import base64
from collections.abc import Sequence
from html import escape

from app.commands.common import one_line, plain
from app.source.boxes import Rectangle
from app.source.page_text import PageText, TableLine, TableView
from app.source.pictures import PageImage
from core.messages import _, ngettext


def picture_html(image: PageImage, boxes: Sequence[Rectangle], label: str, zoom: int) -> str:
    """The page as a picture, ``zoom`` percent of the drawer's width, with a box around each line of the quote."""
    data = base64.b64encode(image.png).decode()
    drawn = "".join(
        f'<i class="lc-box" style="left:{left:.3%};top:{top:.3%};'
        f'width:{right - left:.3%};height:{bottom - top:.3%}"></i>'
        for left, top, right, bottom in boxes
    )
    ratio = f"{image.width:.0f} / {image.height:.0f}"
    return (
        f'<div class="lc-sheet" tabindex="0" role="region" aria-label="{escape(label)}"><div class="lc-picture"'
        f' style="width:{zoom}%;aspect-ratio:{ratio}"><img alt="{escape(label)}" src="data:image/png;base64,{data}">'
        f"{drawn}</div></div>"
    )


def text_html(page: PageText) -> str:
    """The page as it was read: its head, then its table or its text, the quote marked."""
    head = f'<pre class="lc-head" dir="auto">{escape(plain(page.head))}</pre>' if page.head else ""
    if page.table:
        return head + table_html(page.table)
    quote = f"<mark>{escape(plain(page.quote))}</mark>" if page.quote else ""
    body = f"{escape(plain(page.before))}{quote}{escape(plain(page.after))}".strip()
    if not body:
        nothing = escape(_("Nothing was read here."))
        return f'{head}<p class="lc-note">{nothing}</p>'
    kind = " lc-slide" if page.kind == "slide" else ""
    return f'{head}<div class="lc-passage lc-whole{kind}" dir="auto" tabindex="0">{body}</div>'


def table_html(table: TableView) -> str:
    """The rows around the quote; the quoted ones, and their cells, are marked."""
    heads = "".join(f'<th scope="col">{_marked(name, table.quotes_heads)}</th>' for name in table.columns)
    rows = "".join(_row_html(line) for line in table.lines)
    more = ngettext("{count} more row", "{count} more rows", table.left_out) if table.left_out else ""
    title = f"<caption>{escape(one_line(table.title))}</caption>" if table.title else ""
    below = f'<p class="lc-note">{escape(more)}</p>' if more else ""
    return (
        f'<div class="lc-scroll" tabindex="0" role="region" aria-label="{escape(one_line(table.title))}">'
        f'<table class="lc-table lc-cells">{title}<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f"</div>{below}"
    )


def _row_html(line: TableLine) -> str:
    cells = "".join(
        f"<td><mark>{escape(one_line(cell.text))}</mark></td>"
        if cell.quoted
        else f"<td>{escape(one_line(cell.text))}</td>"
        for cell in line.cells
    )
    label = escape(one_line(line.label))
    label = f"<mark>{label}</mark>" if line.quoted and label else label
    quoted = ' class="lc-quoted"' if line.quoted else ""
    return f'<tr{quoted}><th scope="row">{label}</th>{cells}</tr>'


def _marked(text: str, quoted: bool) -> str:
    shown = escape(one_line(text))
    return f"<mark>{shown}</mark>" if quoted and shown else shown


def place_line(file: str, page: PageText) -> str:
    """What the drawer is called: "lease.pdf, page 3 of 8"."""
    if page.kind == "page":
        where = _("page {number} of {count}", number=page.at + 1, count=page.count)
    elif page.kind == "slide":
        where = _("slide {number} of {count}", number=page.at + 1, count=page.count)
    else:
        where = page.place
    return ", ".join(filter(None, (one_line(file), one_line(where))))
