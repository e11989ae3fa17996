"""Pages of the web on their way into a library: fetched, and kept as uploads are, with address and time."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from core.errors import PageNotFetched, UsageError
from core.settings import Settings
from index.store.library import Library
from index.store.sources import WEB
from index.store.upload_inbox import UploadInbox
from ingest.folder import FoundFile
from ingest.web.fetch import checked_address, fetch
from ingest.web.page import WebPage


@dataclass(frozen=True, slots=True)
class FetchedPages:
    """The pages that are new or have changed, or could not be fetched and why; and how many are as they were."""

    files: tuple[FoundFile, ...]
    unchanged: int


def is_address(place: str) -> bool:
    """Whether what a person named is an address and no path."""
    scheme, sign, _ = place.partition("://")
    return bool(sign) and scheme.isalpha()


def refuse_unasked(settings: Settings) -> None:
    """Raises UsageError where pages of the web may not be fetched."""
    if not settings.web:
        raise UsageError(
            "pages of the web are not fetched unless you say so.",
            "Add --web to this command, or put `web = true` into settings.toml.",
        )


def known_addresses(library: Library) -> list[str]:
    """The addresses of the library's pages, sorted."""
    sources = (source for record in library.documents() for source in record.sources)
    return sorted(source.removeprefix(WEB) for source in sources if source.startswith(WEB))


def fetch_pages(
    addresses: Iterable[str],
    library: Library,
    settings: Settings,
    inbox: UploadInbox,
    cancel: threading.Event | None = None,
) -> FetchedPages:
    """Fetch pages into ``inbox``; those that the library has are asked for by what their server called them.

    Raises UsageError where they may not be fetched; Cancelled.
    """
    refuse_unasked(settings)
    files, unchanged = list[FoundFile](), 0
    for address in dict.fromkeys(addresses):
        try:
            plain = checked_address(address)
            fetched = fetch(plain, settings, _known(library, plain), cancel)
        except PageNotFetched as error:
            files.append(FoundFile(Path(WebPage(address).name or address), error))
            continue
        if fetched is None or sha256(fetched.content).hexdigest() == library.source_document(WEB + plain):
            unchanged += 1
            continue
        files.append(FoundFile(inbox.keep(fetched.file_name, fetched.content), page=fetched.page))
    return FetchedPages(tuple(files), unchanged)


def _known(library: Library, address: str) -> WebPage | None:
    """The version of a page that the library has, as its server called it."""
    document_id = library.source_document(WEB + address)
    if document_id is None:
        return None
    said = library.metadata_of(document_id)
    if said.get("address") != address:  # the same content came from another address last
        return None
    return WebPage(address, etag=said.get("etag", ""), modified=said.get("modified", ""))
