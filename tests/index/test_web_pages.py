"""Pages of the web in a library: kept as read, with address and time, and fetched again where they have changed."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from stand_in import TopicEmbedder

from core.errors import UsageError
from core.settings import Settings
from index.build import ingest
from index.folder_changes import FolderChanges
from index.ingest_report import IngestReport
from index.store.check import check
from index.store.library import Library
from index.store.originals import folder_of
from index.store.upload_inbox import UploadInbox
from index.sync import sync
from index.web_pages import FetchedPages, fetch_pages, known_addresses
from tests.ingest.web_server import ALLOWED, Reply, WebServer, web_server

FERRY = b"<html><title>Fares</title><body><h1>Fares</h1><p>The ferry costs %d euros.</p></body></html>"


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        running.replies["/fares"] = Reply(FERRY % 12, headers={"Content-Type": "text/html", "ETag": '"1"'})
        yield running


class Pages:
    """A library, and the pages of one server."""

    def __init__(self, server: WebServer, library: Library, settings: Settings) -> None:
        self.address = server.address("/fares")
        self.name = self.address.removeprefix("http://")
        self.library = library
        self.settings = replace_settings(settings)
        self.embedder = TopicEmbedder()

    def fetched(self, inbox: UploadInbox) -> FetchedPages:
        return fetch_pages([self.address], self.library, self.settings, inbox)

    def ingest(self) -> IngestReport:
        with closing(UploadInbox(self.library.incoming_dir)) as inbox:
            return ingest([], self.library, self.embedder, self.settings, pages=self.fetched(inbox).files)

    def sync(self) -> IngestReport:
        with closing(UploadInbox(self.library.incoming_dir)) as inbox:
            pages = self.fetched(inbox)
            changes = replace(FolderChanges(), changed=pages.files, unchanged=pages.unchanged)
            report = sync(changes, self.library, self.embedder, self.settings)
        assert check(self.library) == []
        assert not list(self.library.incoming_dir.rglob("*.html"))
        return report

    def text(self) -> str:
        return self.library.document(self.name).text


def replace_settings(settings: Settings) -> Settings:
    return Settings(home=settings.home, web=True, web_networks=f"{ALLOWED}/32")


@pytest.fixture
def pages(server: WebServer, library: Library, settings: Settings) -> Pages:
    found = Pages(server, library, settings)
    assert [file.state for file in found.ingest().files] == ["added"]
    return found


def test_a_page_is_kept_as_read_with_its_address_and_time(pages: Pages) -> None:
    document = pages.library.document(pages.name)
    assert "costs 12 euros" in document.text
    assert document.title == "Fares"
    assert document.metadata["address"] == pages.address
    assert document.metadata["fetched"]
    assert known_addresses(pages.library) == [pages.address]
    (kept,) = folder_of(pages.library.uploads_dir, document.id).iterdir()
    assert kept.read_bytes() == FERRY % 12


def test_a_page_is_read_again_only_where_it_has_changed(pages: Pages, server: WebServer) -> None:
    assert pages.sync().files == ()
    assert server.asked[-1][2]["If-None-Match"] == '"1"'
    server.replies["/fares"] = Reply(FERRY % 14, headers={"Content-Type": "text/html", "ETag": '"2"'})
    assert [file.state for file in pages.sync().files] == ["replaced"]
    assert "costs 14 euros" in pages.text()
    assert [record.name for record in pages.library.documents()] == [pages.name]


def test_the_same_content_without_a_version_is_no_change(pages: Pages, server: WebServer) -> None:
    server.replies["/fares"] = Reply(FERRY % 12)
    assert pages.sync().files == ()


def test_a_page_that_is_gone_stays_and_is_told(pages: Pages, server: WebServer) -> None:
    del server.replies["/fares"]
    (failed,) = pages.sync().files
    assert "there is no such page" in failed.message
    assert "costs 12 euros" in pages.text()


def test_nothing_is_fetched_unasked(pages: Pages, server: WebServer) -> None:
    pages.settings = Settings(home=pages.settings.home)
    before = len(server.asked)
    with pytest.raises(UsageError, match="not fetched unless you say so"):
        pages.sync()
    assert len(server.asked) == before
