"""A page of a PDF as text, and pypdf, which reads pages where pdfium cannot."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from core.errors import DamagedFile, EncryptedFile
from ingest.hidden import Hidden
from ingest.readers._pdf_words import PageWords
from ingest.recognition.reading import BLANK, SCANNED

UNREADABLE = "could not be read"

_HYPHEN = re.compile(r"(\w+)-\n(\w*)")


@dataclass(frozen=True)
class PageText:
    text: str
    note: str = ""
    hidden: tuple[Hidden, ...] = ()
    words: PageWords | None = None
    """None where it holds no table."""
    how: str = ""


class StandIn:
    """pypdf, which opens the file only when it is asked for something."""

    hyphen = _HYPHEN

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    @cached_property
    def _reader(self) -> Any:
        import pypdf

        try:
            reader = pypdf.PdfReader(self._path)
            locked = reader.is_encrypted and not reader.decrypt("")
            len(reader.pages)
        except Exception as error:  # pypdf lets whatever went wrong inside it pass through
            raise DamagedFile(
                f"{self._name} is damaged: no PDF reader can open it.", "Download or export it again."
            ) from error
        if locked:
            raise EncryptedFile(f"{self._name} needs a password.", "Save or print it to a PDF without a password.")
        return reader

    @property
    def page_count(self) -> int:
        return len(self._reader.pages)

    def pages(self) -> list[PageText]:
        return [self.page(index) for index in range(self.page_count)]

    def page(self, index: int) -> PageText:
        try:
            page = self._reader.pages[index]
            text = page.extract_text()
            drawn = page.get_contents() is not None
        except Exception:  # noqa: BLE001 - see above; the page's note tells the person
            return PageText("", UNREADABLE)
        return PageText(text, "" if text.strip() else SCANNED if drawn else BLANK)

    def label(self, _index: int) -> str:
        return ""

    def outline(self) -> Iterator[tuple[str, int, int]]:
        return iter(())

    def metadata(self) -> dict[str, str]:
        return {}

    def attachments(self) -> Iterator[tuple[str, bytes]]:
        return iter(())
