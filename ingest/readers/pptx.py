"""PowerPoint (PPTX, PPTM, POTX, PPSX) by python-pptx: one page a slide, its notes and comments included."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ingest.clean import flow, one_line
from ingest.document_builder import DocumentBuilder
from ingest.hidden import STRUCK, TINY_POINTS, Hidden, hidden_signs
from ingest.readers._drawings import DIAGRAM, A, chart_grid, chart_title, diagram_text
from ingest.readers._package import opened, parse_xml, tell_missing
from ingest.readers._pptx_text import body_text, choose_alternatives
from ingest.tables.grid import Grid, Span, grid_of
from ingest.tables.heads import guessed_heads, plain_heads

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ASIDE = (13, 15, 16)
"""Placeholders that are no text of the slide: its number, the footer, the date."""


def read(path: Path, builder: DocumentBuilder) -> None:
    """Text in the slide's own order: its title, text of shapes and groups, rows of tables and charts, the boxes of
    diagrams, notes, comments."""
    import pptx

    builder.media_type = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    package, missing = opened(path)
    presentation = pptx.Presentation(package)
    core = presentation.core_properties
    builder.title = core.title or ""
    builder.metadata.update(author=core.author or "", subject=core.subject or "", keywords=core.keywords or "")
    if core.created:
        builder.metadata["created"] = core.created.date().isoformat()
    authors = _authors(presentation)
    for slide in presentation.slides:
        _slide(builder, slide, (presentation.slide_width or 0, presentation.slide_height or 0), authors)
    _masters(builder, presentation)
    tell_missing(builder, missing)


def _slide(builder: DocumentBuilder, slide: Any, size: tuple[int, int], authors: dict[str, str]) -> None:
    choose_alternatives(slide.shapes._spTree)
    hidden = _drop_hidden(slide, *size)
    heading = slide.shapes.title
    title = one_line(body_text(heading.text_frame._txBody, _links(slide))) if heading is not None else ""
    texts: list[str | Grid] = [title, *_texts(slide, slide.shapes, heading)]
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = flow(body_text(slide.notes_slide.notes_text_frame._txBody, _links(slide.notes_slide)))
        texts.append(f"Notes: {notes}" if notes else "")
    parts = [(part if isinstance(part, str) else part.text, part) for part in [*texts, *_comments(slide, authors)]]
    parts = [(words, part) for words, part in parts if words]
    text = "\n\n".join(words for words, _ in parts)
    signs = hidden_signs("".join(node.text or "" for node in slide.shapes._spTree.iter(f"{A}t")))
    pictures = any(shape.shape_type == 13 for shape in slide.shapes)  # MSO_SHAPE_TYPE.PICTURE
    note = "" if text else "no text: a picture?" if pictures else "blank slide"
    number = builder.next_page
    start = builder.page("slide", text, note=note)
    builder.heading(1, title, start)
    for words, part in parts:
        if isinstance(part, Grid):
            part.record(builder, part.starts(start), title)
        start += len(words) + len("\n\n")
    builder.hide((*hidden, *signs))
    if slide._element.get("show") in ("0", "false"):
        builder.flag("hidden slide", number)


def _links(slide: Any) -> dict[str, str]:
    """The external targets of a slide's links by their ids."""
    return {key: one.target_ref for key, one in slide.part.rels.items() if one.is_external}


def _drop_hidden(slide: Any, width: int, height: int) -> list[Hidden]:
    """Remove what the slide does not show: hidden shapes, shapes beside it, tiny runs, and what is struck out. A title
    beside it stays, for titles are put there on purpose, to be read aloud."""
    found = []
    for shape in list(slide.shapes):
        why = "hidden shape" if shape._element._nvXxPr.cNvPr.get("hidden") in ("1", "true") else ""
        if not why and _beside(shape, width, height) and shape != slide.shapes.title:
            why = "off the slide"
        if why:
            text = " ".join(node.text or "" for node in shape._element.iter(f"{A}t"))
            found += [Hidden(why, text)] if text.strip() else []
            shape._element.getparent().remove(shape._element)
    for run in list(slide.shapes._spTree.iter(f"{A}r")):
        properties = run.find(f"{A}rPr")
        if properties is None:
            continue
        tiny = 0 < int(properties.get("sz") or 0) < TINY_POINTS * 100
        if tiny or properties.get("strike") in ("sngStrike", "dblStrike"):
            why = f"smaller than {TINY_POINTS:g} points" if tiny else STRUCK
            found.append(Hidden(why, run.findtext(f"{A}t") or ""))
            run.getparent().remove(run)
    return found


def _beside(shape: Any, width: int, height: int) -> bool:
    """Whether no part of a shape lies on the slide; lengths in EMU. A placeholder without a place has its layout's."""
    if not (width and height) or None in (shape.left, shape.top, shape.width, shape.height):
        return False
    return bool(
        shape.left >= width or shape.left + shape.width <= 0 or shape.top >= height or shape.top + shape.height <= 0
    )


def _texts(slide: Any, shapes: Iterable[Any], title: Any) -> Iterator[str | Grid]:
    links = _links(slide)
    for shape in shapes:
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if shape.is_placeholder and shape.placeholder_format.type in _ASIDE:
            continue
        if hasattr(shape, "shapes"):
            yield from _texts(slide, shape.shapes, None)
        elif shape.has_text_frame:
            yield flow(body_text(shape.text_frame._txBody, links))
        elif getattr(shape, "has_table", False) and shape.has_table:
            yield _grid(shape.table, links)
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            yield chart_title(shape.chart._chartSpace)
            yield chart_grid(shape.chart._chartSpace)
        else:
            yield from _diagrams(slide, shape)


def _grid(table: Any, links: dict[str, str]) -> Grid:
    """A table of a slide. Its first row names the columns where it looks so, or is set off as the style has it."""
    rows = table._tbl.tr_lst
    texts = [[body_text(cell.txBody, links) for cell in row.tc_lst] for row in rows]
    spans = [
        Span(at, column, cell.rowSpan, cell.gridSpan)
        for at, row in enumerate(rows)
        for column, cell in enumerate(row.tc_lst)
        if cell.rowSpan > 1 or cell.gridSpan > 1
    ]
    heads = plain_heads(texts) or guessed_heads(texts) or int(table.first_row and len(rows) > 1)
    return grid_of(texts, heads, spans)


def _diagrams(slide: Any, shape: Any) -> Iterator[str]:
    """The boxes of the diagrams (SmartArt) in a shape."""
    for reference in shape._element.iter(f"{DIAGRAM}relIds"):
        relation = slide.part.rels.get(reference.get(f"{_R}dm") or "")
        if relation is not None and not relation.is_external:
            yield diagram_text(parse_xml(relation.target_part.blob))


def _related(part: Any, kind: str) -> Iterator[Any]:
    """The roots of the parts that ``part`` refers to as ``kind``."""
    for relation in part.rels.values():
        if relation.reltype.rpartition("/")[2].lower() == kind and not relation.is_external:
            yield parse_xml(relation.target_part.blob)


def _authors(presentation: Any) -> dict[str, str]:
    """Names of those who comment, by their ids."""
    roots = [root for kind in ("commentauthors", "authors") for root in _related(presentation.part, kind)]
    return {author.get("id") or "": one_line(author.get("name") or "") for root in roots for author in root}


def _comments(slide: Any, authors: dict[str, str]) -> Iterator[str]:
    """The comments beside a slide and their answers, in the older and the newer form."""
    for root in _related(slide.part, "comments"):
        for comment in root.iter("{*}cm", "{*}reply"):
            body = comment.find("{*}txBody")
            text = one_line(comment.findtext("{*}text") or body_text(body, {}))
            author = authors.get(comment.get("authorId") or "", "")
            if text:
                yield f"Comment{f' by {author}' if author else ''}: {text}"


def _masters(builder: DocumentBuilder, presentation: Any) -> None:
    """What the layouts in use write on every slide by themselves, once."""
    used = {id(slide.slide_layout): slide.slide_layout for slide in presentation.slides}.values()
    holders = [*used, *{id(one.slide_master): one.slide_master for one in used}.values()]
    texts: dict[str, None] = {}
    for holder in holders:
        choose_alternatives(holder.shapes._spTree)
        for shape in holder.shapes:
            if shape.has_text_frame and not shape.is_placeholder:
                texts[flow(body_text(shape.text_frame._txBody, _links(holder)))] = None
    if text := "\n".join(filter(None, texts)):
        builder.page("section", text, label="slide master")
