"""Jupyter notebooks (IPYNB): one section a cell, its code and what it printed; pictures in code are left out."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import DamagedFile
from ingest.clean import clean
from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode
from ingest.hidden import hidden_signs
from ingest.readers import _markup

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_PICTURE = re.compile(r"!\[([^\]]*)\]\((?:data:|attachment:)[^)]*\)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def read(path: Path, builder: DocumentBuilder) -> None:
    """Raises DamagedFile where the file is no notebook."""
    builder.media_type = "application/x-ipynb+json"
    source = decode(path.read_bytes(), builder.name)
    try:
        notebook = json.loads(source, strict=False)
        cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise DamagedFile(f"{builder.name} is a damaged notebook.", "Open it in Jupyter and save it again.") from error
    builder.hide(hidden_signs(source), everywhere=True)
    pictures = 0
    for number, cell in enumerate(cells, 1):
        text = _PICTURE.sub(r"\1", _joined(cell.get("source", cell.get("input"))))
        outputs = list(cell.get("outputs") or ())
        pictures += sum(any(key.startswith("image/") for key in output.get("data", ())) for output in outputs)
        parts = [clean(part).strip("\n") for part in (text, *_outputs(outputs))]
        if not any(map(str.strip, parts)):
            continue
        start = builder.page("section", "\n\n".join(filter(str.strip, parts)), label=f"cell {number}")
        if cell.get("cell_type") in ("markdown", "heading"):
            for match in _HEADING.finditer(parts[0]):
                builder.heading(len(match[1]), match[2], start + match.start())
    if pictures:
        builder.warnings.append(f"Pictures that its code drew were not read: {pictures}.")


def _outputs(outputs: list[Any]) -> Iterator[str]:
    """What a cell printed: its text, else its HTML as words; the last line of an error."""
    for output in outputs:
        data = output.get("data") or {}
        if html := _joined(data.get("text/html")):
            yield "\n".join(block.text for block in _markup.blocks(_markup.parse(html)))
        elif "ename" in output:
            yield f"{output['ename']}: {output.get('evalue', '')}"
        else:
            shown = data.get("text/markdown") or data.get("text/plain") or output.get("text")
            is_picture = any(key.startswith("image/") for key in data)
            yield "" if is_picture else _COLOUR.sub("", _joined(shown))


def _joined(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")
