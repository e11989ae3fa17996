"""Pictures of a PDF's pages with the places of quotes on them, drawn in a child process and kept for a while."""

from __future__ import annotations

import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.source.boxes import Rectangle
from core.errors import ReaderKilled, ReadError
from core.messages import _
from ingest.child_process import ChildProcess

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

log = logging.getLogger(__name__)

SECONDS = 20.0
"""A page gets before its process is killed; a large plan takes 2."""

MEGABYTES = 1024
"""Of memory for the process."""

KEPT_BYTES = 64_000_000
"""Of pictures: some two hundred pages of text."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as a PNG; ``width`` and ``height`` in points."""

    png: bytes
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page, from 1, of the file of a document, ``pixels`` wide, and the quote that is to be found on it.

    ``before`` is the text that was read of the page before the quote; with ``quote`` "" nothing is looked for.
    """

    path: Path
    document_id: str
    page: int
    pixels: int
    quote: str = ""
    before: str = ""


class PagePictures:
    """Draws pages one after the other. Every method may be called from any thread."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._images: OrderedDict[tuple[str, int, int], PageImage] = OrderedDict()
        self._boxes: OrderedDict[tuple[str, int, str, str], tuple[Rectangle, ...]] = OrderedDict()
        self._child = ChildProcess("app.source.page_process", str(MEGABYTES), str(seconds))
        self._closed = False
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process's id; None before the first page."""
        return self._child.pid

    def page(self, wanted: PageRequest) -> tuple[PageImage, tuple[Rectangle, ...]]:
        """The picture of the page, and the rectangles of the quote on it. Raises ReadError where it cannot be drawn."""
        image_key = wanted.document_id, wanted.page, wanted.pixels
        box_key = wanted.document_id, wanted.page, wanted.quote, wanted.before
        with self._lock:
            image, boxes = self._images.get(image_key), self._boxes.get(box_key)
            if image is None or boxes is None:
                image, boxes = self._drawn(wanted, image)
            self._keep(image_key, image)
            self._boxes[box_key] = boxes
            while len(self._boxes) > 1000:
                self._boxes.popitem(last=False)
            return image, boxes

    def draw_ahead(self, pages: Iterable[PageRequest]) -> None:
        """Draw these pages in the background, so that they are there when a person opens them.

        ``pages`` is gone through in that thread too: it may read documents and files.
        """
        threading.Thread(target=self._draw_all, args=(pages,), name="pages", daemon=True).start()

    def close(self) -> None:
        """End the process; nothing is drawn any more."""
        self._closed = True
        self._child.end()

    def _draw_all(self, pages: Iterable[PageRequest]) -> None:
        for page in pages:
            if self._closed:
                return
            try:
                self.page(page)
            except ReadError:
                continue  # who opens it is told

    def _keep(self, key: tuple[str, int, int], image: PageImage) -> None:
        self._images[key] = image
        self._images.move_to_end(key)
        held = sum(len(kept.png) for kept in self._images.values())
        while held > KEPT_BYTES and len(self._images) > 1:
            _key, dropped = self._images.popitem(last=False)
            held -= len(dropped.png)

    def _drawn(self, wanted: PageRequest, image: PageImage | None) -> tuple[PageImage, tuple[Rectangle, ...]]:
        """Ask the process for what is missing; called with the lock held."""
        request = {
            "path": str(wanted.path),
            "page": wanted.page,
            "width": 0 if image else wanted.pixels,
            "quote": wanted.quote,
            "before": wanted.before,
        }
        try:
            connection = self._connection()
            connection.send_bytes(json.dumps(request).encode())
            if not connection.poll(self._seconds):
                self._child.end()
                raise ReaderKilled(_("The page takes too long to draw."))
            reply = json.loads(connection.recv_bytes())
            png = connection.recv_bytes() if reply.get("picture") else b""
        except (EOFError, OSError) as error:
            self._child.end()
            raise ReaderKilled(_("The page crashed the program that draws it.")) from error
        if "error" in reply:
            log.info("page %d of %s was not drawn: %s", wanted.page, wanted.path, reply["error"])
            raise ReadError(_("The page cannot be drawn. This is what was read of it."))
        boxes = tuple(tuple(box) for box in reply["boxes"])
        return image or PageImage(png, reply["width"], reply["height"]), boxes

    def _connection(self) -> Connection[Any, Any]:
        if self._closed:
            raise OSError("closed")
        return self._child.connection()
