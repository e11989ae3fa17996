"""The child process that draws pages of PDFs: a file that crashes pdfium, or never ends, harms nothing else.

It speaks length-prefixed JSON, and the picture after it, over a socket of its own. A request is {"path", "page" from 1,
"width" in pixels, 0 for no picture, "quote", "before"}; the reply is {"width", "height", "boxes", "picture": bytes that
follow}, or {"error": what pdfium says, for the log}.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
from ctypes import byref, c_int
from typing import TYPE_CHECKING, Any

from app.source.boxes import Rectangle, find_quote, merge_lines
from ingest.child_process import end_with_parent, limit_memory

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from PIL import Image

MOST_PIXELS = 16_000_000
"""Of a picture: a plan of two metres is drawn coarser."""

FORMS = (1, 3)
"""pdfium's numbers for forms that stand on their pages."""

GRAIN = 1 << 16
"""Steps of a page's width and height in which pdfium is asked for a place."""


def draw(request: dict[str, Any]) -> tuple[dict[str, object], bytes]:
    """The reply to a request, and the PNG that follows it. Raises whatever pdfium does."""
    import pypdfium2

    document = pypdfium2.PdfDocument(request["path"])
    try:
        if document.get_formtype() in FORMS:
            document.init_forms()
        page = document[request["page"] - 1]
        width, height = page.get_size()
        reply: dict[str, object] = {"width": width, "height": height, "boxes": []}
        if request["quote"]:
            reply["boxes"] = boxes(page, request["quote"], request["before"])
        picture = b""
        if request["width"]:
            scale = min(request["width"] / width, (MOST_PIXELS / (width * height)) ** 0.5)
            picture = png(page.render(scale=scale).to_pil())
        return reply | {"picture": len(picture)}, picture
    finally:
        document.close()


def boxes(page: Any, quote: str, before: str) -> tuple[Rectangle, ...]:
    """The lines of ``quote`` on the page, whatever its rotation and its crop box."""
    from pypdfium2 import raw

    text_page = page.get_textpage()
    text = "".join(chr(raw.FPDFText_GetUnicode(text_page, at)) for at in range(text_page.count_chars()))
    x, y = c_int(), c_int()

    def box_of(at: int) -> Rectangle | None:
        """In points from the page's own upper left corner, where lines lie level however the page is turned."""
        box = raw.FS_RECTF()
        if not raw.FPDFText_GetLooseCharBox(text_page, at, box) or box.right <= box.left:
            return None
        return box.left, -box.top, box.right, -box.bottom

    def shown(across: float, down: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page, 0, 0, GRAIN, GRAIN, 0, across, -down, byref(x), byref(y))
        return x.value / GRAIN, y.value / GRAIN

    found = []
    for left, top, right, bottom in merge_lines(text, find_quote(text, quote, before), box_of):
        (one, other), (third, fourth) = shown(left, top), shown(right, bottom)
        found.append((min(one, third), min(other, fourth), max(one, third), max(other, fourth)))
    return tuple(found)


def png(image: Image.Image) -> bytes:
    """The picture, written fast; one of black and grey alone takes a third of the bytes."""
    image = image.convert("RGB")
    red, green, blue = (band.tobytes() for band in image.split())
    if red == green == blue:
        image = image.getchannel(0)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def main(descriptor: int, megabytes: int, seconds: float) -> None:
    """Answer each request until the parent hangs up."""
    from multiprocessing.connection import Connection

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to act on
    limit_memory(megabytes)
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    connection: Connection[Any, Any] = Connection(descriptor)
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except EOFError:
            return
        signal.alarm(int(seconds) + 10)  # should the parent be gone or stopped
        try:
            reply, picture = draw(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent shows the text instead
            reply, picture = {"error": f"{type(error).__name__}: {error}"}, b""
        signal.alarm(0)
        connection.send_bytes(json.dumps(reply).encode())
        if picture:
            connection.send_bytes(picture)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
