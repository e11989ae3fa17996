"""Text recognition of documents that are in the library: what is born digital is in first, scanned pages follow.

Which pages wait for it is said by their notes, so that a kill, or an engine that is installed later, changes nothing:
any ingest goes on with all of the library's documents that wait. The pages of one that was cut off are kept until all
of its pages are recognized.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

from core.errors import ReadError
from core.settings import Settings
from index.original import original_of
from index.read_ahead import ReadFile
from index.store.library import Library
from ingest.child import Heard, ReaderPool
from ingest.folder import shown
from ingest.recognition.engines import available
from ingest.recognition.reading import UNRECOGNIZED, WAITING


def recognized_files(
    library: Library,
    settings: Settings,
    cancel: threading.Event,
    give_way: Callable[[], None],
    told: Callable[[str, int], None],
) -> Iterator[ReadFile]:
    """The library's documents whose scanned pages wait, read anew with what was recognized on these.

    Those whose file is gone or has changed are passed over. One whose recognition fails is not tried again, and is
    yielded with the error. ``told`` is called before each page, with the file's name and the page's number. Raises
    Cancelled.
    """
    waiting = library.noted(WAITING) if available(settings.recognition) else []
    if not waiting:
        return
    with ReaderPool(settings, recognizing=True) as pool:
        for document_id in waiting:
            path = original_of(library, document_id)
            if path is None or cancel.is_set():
                continue
            name = shown(Path(path.name))

            def on_page(page: int, name: str = name) -> None:
                told(name, page)
                give_way()

            keep = partial(library.keep_recognized, document_id)
            heard = Heard(recognizes=on_page, recognized=keep, known=library.recognized_pages(document_id))
            try:
                status = path.stat()
                document = pool.read(path, name, cancel, heard)
            except (ReadError, OSError) as error:
                library.note_pages(document_id, WAITING, UNRECOGNIZED)
                if isinstance(error, ReadError):
                    yield ReadFile(path, name, digest=document_id, error=error)
                continue
            if document.id == document_id and library.has(document_id):  # else it changes now, or was removed
                changed = date.fromtimestamp(status.st_mtime).isoformat()
                yield ReadFile(path, name, status.st_size, document_id, changed, document)
