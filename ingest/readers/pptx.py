"""PowerPoint (PPTX) by python-pptx: one page a slide, its notes included."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ingest.clean import flow, one_line
from ingest.draft import Draft
from ingest.readers._rows import line


def read(path: Path, draft: Draft) -> None:
    """Text in the slide's own order: its title, text of shapes and groups, rows of tables and charts, notes."""
    import pptx

    draft.media_type = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    presentation = pptx.Presentation(str(path))
    core = presentation.core_properties
    draft.title = core.title or ""
    draft.metadata.update(author=core.author or "", subject=core.subject or "", keywords=core.keywords or "")
    if core.created:
        draft.metadata["created"] = core.created.date().isoformat()
    for slide in presentation.slides:
        title = one_line(slide.shapes.title.text_frame.text) if slide.shapes.title is not None else ""
        texts = [title, *_texts(slide.shapes, slide.shapes.title)]
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            notes = flow(slide.notes_slide.notes_text_frame.text)
            texts.append(f"Notes: {notes}" if notes else "")
        text = "\n\n".join(filter(None, texts))
        pictures = any(shape.shape_type == 13 for shape in slide.shapes)  # MSO_SHAPE_TYPE.PICTURE
        note = "" if text else "no text: a picture?" if pictures else "blank slide"
        start = draft.page("slide", text, note=note)
        draft.heading(1, title, start)


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
