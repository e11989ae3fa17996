"""Pages of the web: only public addresses, whatever a name, an answer or a redirect says, and within limits."""

import gzip
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Cancelled, PageNotFetched
from core.settings import Settings
from ingest.web import fetch as fetching
from ingest.web.fetch import Fetched, WebPage, checked_address, fetch
from ingest.web.guard import is_public
from tests.ingest.web_server import ALLOWED, PRIVATE, Reply, WebServer, web_server


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, web_networks=f"{ALLOWED}/32")


def got(address: str, settings: Settings) -> Fetched:
    fetched = fetch(address, settings)
    assert fetched is not None
    return fetched


def test_a_page_is_fetched_as_it_is_with_its_address_and_time(server: WebServer, settings: Settings) -> None:
    headers = {"Content-Type": "text/html", "ETag": '"v1"', "Last-Modified": "Tue, 03 Mar 2026 10:00:00 GMT"}
    server.replies["/terms"] = Reply(b"<p>The fee is 12 euros.</p>", headers=headers)
    fetched = got(server.address("/terms#fees"), settings)
    assert fetched.content == b"<p>The fee is 12 euros.</p>"
    assert fetched.file_name == "terms.html"
    assert fetched.page.address == server.address("/terms")
    assert fetched.page.etag == '"v1"'
    assert fetched.page.day == "2026-03-03"
    assert fetched.page.fetched > "2026"


def test_a_page_that_has_not_changed_is_not_sent_again(server: WebServer, settings: Settings) -> None:
    server.replies["/"] = Reply(b"<p>One.</p>", headers={"Content-Type": "text/html", "ETag": '"v1"'})
    known = got(server.address(), settings).page
    assert fetch(server.address(), settings, known) is None
    assert fetch(server.address(), settings, WebPage(server.address(), etag='"v0"')) is not None


def test_this_machine_is_out_of_reach_unless_its_network_is_named(server: WebServer, tmp_path: Path) -> None:
    for host in ("127.0.0.1", "localhost", "2130706433", "127.1", "[::ffff:127.0.0.1]"):
        with pytest.raises(PageNotFetched, match="private network"):
            fetch(server.address(host=host), Settings(home=tmp_path))
    assert server.asked == []


def test_a_redirect_to_a_private_address_is_not_followed(server: WebServer, settings: Settings) -> None:
    server.replies["/out"] = Reply(status=302, headers={"Location": server.address("/secret", PRIVATE)})
    server.replies["/on"] = Reply(status=301, headers={"Location": "/out"})
    with pytest.raises(PageNotFetched, match=r"127\.0\.0\.2, an address of this machine"):
        fetch(server.address("/on"), settings)
    assert [path for _, path, _ in server.asked] == ["/on", "/out"]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.org/", "gopher://127.0.0.1/", ""])
def test_a_redirect_leads_to_the_web_alone(server: WebServer, settings: Settings, location: str) -> None:
    server.replies["/"] = Reply(status=302, headers={"Location": location} if location else {})
    with pytest.raises(PageNotFetched):
        fetch(server.address(), settings)


def test_a_circle_of_redirects_ends(server: WebServer, settings: Settings) -> None:
    server.replies["/"] = Reply(status=302, headers={"Location": "/"})
    with pytest.raises(PageNotFetched, match="leads on more than 5 times"):
        fetch(server.address(), settings)


def test_the_address_that_was_checked_is_the_one_connected_to(
    server: WebServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means a public address when it is checked and a private one when it is connected to."""
    server.replies["/"] = Reply(b"<p>One.</p>")
    answers = [ALLOWED, PRIVATE, PRIVATE]
    monkeypatch.setattr(socket, "getaddrinfo", resolver(answers))
    got(server.address(host="rebind.example"), settings)
    assert [place for place, _, _ in server.asked] == [ALLOWED]


def resolver(answers: list[str], *also: str):  # type: ignore[no-untyped-def]
    """A stand-in for the system's resolver: no real name has such answers. IP addresses stay as they are."""
    real = socket.getaddrinfo

    def resolve(host, port, *more, **named):  # type: ignore[no-untyped-def]
        if host != "rebind.example":
            return real(host, port, *more, **named)
        places = [answers.pop(0), *also]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port)) for place in places]

    return resolve


def test_one_private_address_among_several_refuses_a_name(
    server: WebServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver([ALLOWED], PRIVATE))
    with pytest.raises(PageNotFetched, match=r"127\.0\.0\.2"):
        fetch(server.address(host="rebind.example"), settings)
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "2002:0a00:0001::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "::127.0.0.1",
        "fec0::1",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "https://",
        "https://user:secret@example.org/",
        "http://[::1",
        "http://a b/",
        "https://a..b/",
    ],
)
def test_what_is_no_address_of_a_page(address: str) -> None:
    with pytest.raises(PageNotFetched):
        checked_address(address)


def test_a_page_that_comes_byte_by_byte_ends_in_time(
    server: WebServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 1.0)
    server.replies["/"] = Reply(b"x" * 100, pieces=100, pause=0.3)
    began = time.monotonic()
    with pytest.raises(PageNotFetched, match="took longer than 1 s"):
        fetch(server.address(), settings)
    assert time.monotonic() - began < 10


def test_ctrl_c_ends_a_page_that_hangs(server: WebServer, settings: Settings) -> None:
    server.replies["/"] = Reply(b"xx", pieces=2, pause=60)
    cancel = threading.Event()
    threading.Timer(0.5, cancel.set).start()
    with pytest.raises(Cancelled):
        fetch(server.address(), settings, cancel=cancel)


def test_a_page_is_limited_in_size_also_where_it_is_packed(
    server: WebServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 10_000)
    packed = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    server.replies["/plain"] = Reply(b"x" * 10_001, headers={"Content-Type": "text/plain"})
    server.replies["/bomb"] = Reply(gzip.compress(b"x" * 10**8), headers=packed)
    server.replies["/fits"] = Reply(gzip.compress(b"The fee is 12."), headers=packed)
    for path in ("/plain", "/bomb"):
        with pytest.raises(PageNotFetched, match="larger than"):
            fetch(server.address(path), settings)
    assert got(server.address("/fits"), settings).content == b"The fee is 12."


@pytest.mark.parametrize("kind", ["video/mp4", "audio/mpeg", "font/woff2", "application/x-executable"])
def test_what_no_reader_reads_is_not_fetched(server: WebServer, settings: Settings, kind: str) -> None:
    server.replies["/"] = Reply(b"0", headers={"Content-Type": kind})
    with pytest.raises(PageNotFetched, match=f"it is {kind}, which has no reader"):
        fetch(server.address(), settings)


def test_the_server_s_word_on_the_encoding_counts(server: WebServer, settings: Settings) -> None:
    server.replies["/"] = Reply("Gebühr".encode("cp1252"), headers={"Content-Type": "text/plain; charset=iso-8859-1"})
    assert got(server.address(), settings).content.decode("utf-8-sig") == "Gebühr"


@pytest.mark.parametrize(("status", "said"), [(404, "no such page"), (403, "signing in"), (500, "the error 500")])
def test_a_server_that_gives_no_page(server: WebServer, settings: Settings, status: int, said: str) -> None:
    server.replies["/"] = Reply(status=status)
    with pytest.raises(PageNotFetched, match=said):
        fetch(server.address(), settings)
