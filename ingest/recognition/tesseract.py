"""Tesseract, where it is installed on the system, with the languages that are installed for it."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from ingest.recognition.lines import Line, mean_certainty

if TYPE_CHECKING:
    from ingest.recognition.lines import Picture

PROGRAM = "tesseract"

_NO_LANGUAGES = ("osd", "equ", "snum")
"""Data of Tesseract's that is of no language."""

SECONDS = 100
"""Most time for one page."""


def is_installed() -> bool:
    return shutil.which(PROGRAM) is not None


class Tesseract:
    """The engine, a process of its own for each picture."""

    @cached_property
    def name(self) -> str:
        """ "tesseract 5.3.0 (deu+eng)"."""
        return f"tesseract {_run(['--version']).split()[1]} ({self._languages})"

    @cached_property
    def _languages(self) -> str:
        """Those that are installed, joined by "+", English last: with the first one it tries hardest."""
        listed = _run(["--list-langs"]).splitlines()[1:]
        names = [name for name in listed if name not in _NO_LANGUAGES and "/" not in name]
        return "+".join(sorted(names, key=lambda name: (name == "eng", name))) or "eng"

    def lines(self, picture: Picture) -> list[Line]:
        """The lines on a picture, in Tesseract's own reading order."""
        from PIL import Image

        data = io.BytesIO()
        Image.fromarray(picture).convert("L").save(data, "png", compress_level=1, dpi=(200, 200))
        said = _run(["stdin", "stdout", "-l", self._languages, "--psm", "3", "tsv"], data.getvalue())
        rows = csv.DictReader(io.StringIO(said), delimiter="\t", quoting=csv.QUOTE_NONE)
        return list(_lines([row for row in rows if row["level"] == "5" and (row["text"] or "").strip()]))


def _lines(words: Sequence[Mapping[str, str]]) -> Iterator[Line]:
    """The words of Tesseract's table joined to lines; the certainty is the words' mean by their characters."""
    lines: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for word in words:
        lines.setdefault(tuple(word[key] for key in ("block_num", "par_num", "line_num")), []).append(word)
    for row in lines.values():
        lefts, tops, widths, heights = (
            [float(word[key]) for word in row] for key in ("left", "top", "width", "height")
        )
        yield Line(
            " ".join(word["text"] for word in row),
            mean_certainty((word["text"], float(word["conf"]) / 100) for word in row),
            min(lefts),
            min(tops),
            max(left + width for left, width in zip(lefts, widths, strict=True)),
            max(top + height for top, height in zip(tops, heights, strict=True)),
        )


def _run(arguments: Sequence[str], data: bytes = b"") -> str:
    """What Tesseract prints; "" where it fails or takes too long."""
    try:
        done = subprocess.run(
            [PROGRAM, *arguments],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")
