"""PowerPoint (PPTX) by python-pptx: one page a slide, its notes included."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ingest.clean import flow, one_line
from ingest.document_builder import DocumentBuilder
from ingest.hidden import TINY_POINTS, Hidden, hidden_signs
from ingest.readers._rows import line

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def read(path: Path, builder: DocumentBuilder) -> None:
    """Text in the slide's own order: its title, text of shapes and groups, rows of tables and charts, notes."""
    import pptx

    builder.media_type = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    presentation = pptx.Presentation(str(path))
    core = presentation.core_properties
    builder.title = core.title or ""
    builder.metadata.update(author=core.author or "", subject=core.subject or "", keywords=core.keywords or "")
    if core.created:
        builder.metadata["created"] = core.created.date().isoformat()
    for slide in presentation.slides:
        hidden = _drop_hidden(slide, presentation.slide_width or 0, presentation.slide_height or 0)
        title = one_line(slide.shapes.title.text_frame.text) if slide.shapes.title is not None else ""
        texts = [title, *_texts(slide.shapes, slide.shapes.title)]
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            notes = flow(slide.notes_slide.notes_text_frame.text)
            texts.append(f"Notes: {notes}" if notes else "")
        text = "\n\n".join(filter(None, texts))
        signs = hidden_signs("".join(node.text or "" for node in slide.shapes._spTree.iter(f"{_A}t")))
        pictures = any(shape.shape_type == 13 for shape in slide.shapes)  # MSO_SHAPE_TYPE.PICTURE
        note = "" if text else "no text: a picture?" if pictures else "blank slide"
        number = builder.next_page
        start = builder.page("slide", text, note=note)
        builder.heading(1, title, start)
        builder.hide((*hidden, *signs))
        if slide._element.get("show") in ("0", "false"):
            builder.flag("hidden slide", number)


def _drop_hidden(slide: Any, width: int, height: int) -> list[Hidden]:
    """Remove what the slide does not show: hidden shapes, shapes beside it, tiny runs. A title beside it stays, for
    titles are put there on purpose, to be read aloud."""
    found = []
    for shape in list(slide.shapes):
        why = "hidden shape" if shape._element._nvXxPr.cNvPr.get("hidden") in ("1", "true") else ""
        if not why and _beside(shape, width, height) and shape != slide.shapes.title:
            why = "off the slide"
        if why:
            text = " ".join(node.text or "" for node in shape._element.iter(f"{_A}t"))
            found += [Hidden(why, text)] if text.strip() else []
            shape._element.getparent().remove(shape._element)
    for run in list(slide.shapes._spTree.iter(f"{_A}r")):
        size = run.find(f"{_A}rPr")
        if size is not None and 0 < int(size.get("sz") or 0) < TINY_POINTS * 100:
            found.append(Hidden(f"smaller than {TINY_POINTS:g} points", run.findtext(f"{_A}t") or ""))
            run.getparent().remove(run)
    return found


def _beside(shape: Any, width: int, height: int) -> bool:
    """Whether no part of a shape lies on the slide; lengths in EMU. A placeholder without a place has its layout's."""
    if not (width and height) or None in (shape.left, shape.top, shape.width, shape.height):
        return False
    return bool(
        shape.left >= width or shape.left + shape.width <= 0 or shape.top >= height or shape.top + shape.height <= 0
    )


def _texts(shapes: Iterable[Any], title: Any) -> Iterator[str]:
    for shape in shapes:
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if shape.is_placeholder and shape.placeholder_format.type in (13, 15, 16):  # slide number, footer, date
            continue
        if hasattr(shape, "shapes"):
            yield from _texts(shape.shapes, None)
        elif shape.has_text_frame:
            yield flow(shape.text_frame.text.replace("\v", "\n"))
        elif getattr(shape, "has_table", False) and shape.has_table:
            yield "\n".join(line(cell.text for cell in row.cells) for row in shape.table.rows)
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            yield _chart(shape.chart)


def _chart(chart: Any) -> str:
    """A chart as rows: the series' names, then each category with its values."""
    rows = [[chart.chart_title.text_frame.text]] if chart.has_title and chart.chart_title.has_text_frame else []
    for plot in chart.plots:
        series = list(plot.series)
        rows.append(["", *(one.name or "" for one in series)])
        for at, category in enumerate(plot.categories):
            values = (one.values[at] if at < len(one.values) else None for one in series)
            rows.append([str(category), *("" if value is None else format(value, ".15g") for value in values)])
    return "\n".join(filter(None, map(line, rows)))
