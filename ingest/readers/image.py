"""Pictures (JPEG, PNG, TIFF, GIF, BMP): their text is recognized, a page for each picture of a TIFF."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DamagedFile, UnsupportedFile
from ingest.clean import flow
from ingest.document_builder import DocumentBuilder
from ingest.recognition.reading import LONGEST_SIDE, SCANNED, UNRECOGNIZED

if TYPE_CHECKING:
    from ingest.recognition.lines import Picture

MOST_PIXELS = 150_000_000
"""Of one picture: an A3 page at 600 dots an inch has 70 million."""

_PAGED = ("TIFF",)
"""Formats whose pictures are pages. Of others the first is: animations go on with it, photographs have small copies."""

NO_ENGINE = "Its text must be recognized (OCR): install Lectern's extra `recognition`, or Tesseract, and add it again."

_HYPHEN = "\ufffe"


def read(path: Path, builder: DocumentBuilder) -> None:
    """A page for each picture of a paged format, else one; without text where it is recognized later.

    Raises UnsupportedFile where no engine is installed, DamagedFile for what is no whole picture or too large.
    """
    from PIL import Image, UnidentifiedImageError

    recognition = builder.recognition
    if recognition is None:
        raise UnsupportedFile(f"{builder.name} is an image, which has no reader.", NO_ENGINE)
    try:
        with Image.open(path) as image:
            kind = "JPEG" if image.format == "MPO" else image.format or "PNG"  # a JPEG with further pictures in it
            builder.media_type = Image.MIME.get(kind, "image/png")
            count = getattr(image, "n_frames", 1) if kind in _PAGED else 1
            for number in range(1, count + 1):
                if recognition.later:
                    builder.page("page", note=SCANNED)
                    continue
                lines = recognition.page(number, partial(_picture, path, number - 1, builder.name))
                text = flow(lines.replace(_HYPHEN, ""))
                note = "" if text.strip() else UNRECOGNIZED
                builder.page("page", text, note=note, how=recognition.how(number))
    except Image.DecompressionBombError as error:
        raise _too_large(builder.name) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise DamagedFile(
            f"{builder.name} is damaged: it is no whole picture.", "Get it again, or save it anew."
        ) from error
    builder.warnings += recognition.facts()


def _picture(path: Path, number: int, name: str) -> Picture:
    """A picture of a file, by number from 0: upright, on white, and no larger than an engine looks at."""
    import numpy as np
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        image.seek(number)
        if image.width * image.height > MOST_PIXELS:
            raise _too_large(name)
        shown = ImageOps.exif_transpose(image)
        if shown.has_transparency_data:
            ground = Image.new("RGBA", shown.size, "white")
            shown = Image.alpha_composite(ground, shown.convert("RGBA"))
        shown = shown.convert("RGB")
        shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return np.asarray(shown)


def _too_large(name: str) -> DamagedFile:
    return DamagedFile(f"{name} is a picture of too many pixels.", "Save it with fewer.")
