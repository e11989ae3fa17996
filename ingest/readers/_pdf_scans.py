"""Pages of a PDF that are pictures, or whose letters cannot be told: drawn, and their text recognized."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.recognition.reading import DPI, LONGEST_SIDE

if TYPE_CHECKING:
    from ingest.recognition.lines import Picture

_POINTS = 72
"""A PDF's units in an inch."""


def drawn(document: Any, index: int) -> Picture:
    """A page of pdfium's document as a person sees it."""
    import numpy as np

    page = document[index]
    try:
        scale = min(DPI / _POINTS, LONGEST_SIDE / max(*page.get_size(), 1.0))
        bitmap = page.render(scale=scale, rev_byteorder=True)
        picture: Picture = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
    finally:
        page.close()
    return picture
