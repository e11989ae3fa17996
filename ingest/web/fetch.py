"""Fetches one page of the web: http and https alone, no private address on its way, limits on time, size and type."""

from __future__ import annotations

import codecs
import re
import threading
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit

from core.errors import PageNotFetched
from core.settings import Settings
from ingest.web.page import WebPage

SECONDS = 60.0
"""Most time for a page with all that it is redirected by."""

CONNECT_S = 10.0
"""Most seconds for a connection to one address, and for what is sent."""

MOST_BYTES = 50 * 2**20
"""Most bytes of a page, unpacked: a long report as PDF has some ten million."""

MOST_REDIRECTS = 5

TYPES = re.compile(
    r"text/.+|message/rfc822|image/(jpeg|png|tiff)|application/(pdf|rtf|msword|zip|octet-stream|epub\+zip|xml|json"
    r"|.+\+xml|.+\+json|x-ndjson|x-ipynb|vnd\..*)"
)
"""Types of content that have a reader, or may have one: what a file holds is told when it is read."""

_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/json": ".json",
    "application/pdf": ".pdf",
}
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = [(b"User-Agent", b"lectern"), (b"Accept", b"*/*"), (b"Accept-Encoding", b"gzip")]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page with its content, text in UTF-8 where its server said another encoding, and a name for a file of it."""

    page: WebPage
    content: bytes
    file_name: str


def checked_address(address: str) -> str:
    """The address as it is fetched and kept: without its fragment. Raises PageNotFetched for what cannot be one."""
    plain = urldefrag(address.strip()).url
    try:
        parts = urlsplit(plain)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError as error:
        raise PageNotFetched(f"{address} is not an address: {error}.", "Copy it from the browser.") from error
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise PageNotFetched(f"{address} is not a page of the web.", "Its address begins with https:// or http://.")
    if parts.username or parts.password:
        raise PageNotFetched(f"the address of {host} holds a password.", "Leave it out; pages behind one are not read.")
    if any(ord(sign) <= ord(" ") for sign in plain):
        raise PageNotFetched(f"{address} is not an address: it holds a space.", "Copy it from the browser.")
    return urlunsplit(parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=parts.path or "/"))


def fetch(
    address: str, settings: Settings, known: WebPage | None = None, cancel: threading.Event | None = None
) -> Fetched | None:
    """Fetch a page; None where it is still the version ``known``.

    Raises PageNotFetched with a message that names the address; Cancelled.
    """
    from ingest.web.guard import Deadline, GuardedBackend, networks

    address = checked_address(address)
    deadline = Deadline(SECONDS, cancel or threading.Event())
    try:
        return _followed(address, known, GuardedBackend(networks(settings.web_networks), deadline))
    except PageNotFetched as error:
        raise PageNotFetched(f"{address} was not fetched: {error.message}", error.hint) from error


def _followed(address: str, known: WebPage | None, backend: object) -> Fetched | None:
    """The page at the end of all redirects. Raises PageNotFetched, Cancelled."""
    import httpcore

    place = address
    for _ in range(MOST_REDIRECTS + 1):
        with httpcore.ConnectionPool(network_backend=backend, max_connections=1) as pool:  # type: ignore[arg-type]
            try:
                with pool.stream("GET", _ascii(place), headers=_asking(known), extensions=_TIMEOUTS) as response:
                    fields = Message()
                    for name, value in response.headers:
                        fields[name.decode("latin-1")] = value.decode("latin-1")
                    if response.status == 304 and known is not None:
                        return None
                    if response.status not in _REDIRECTS:
                        if response.status != 200:
                            raise PageNotFetched(_said(response.status), "Open it in a browser to see what is there.")
                        content = _content(response, fields)
                        return _page(address, place, fields, content)
            except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
                why = str(error) or type(error).__name__
                raise PageNotFetched(f"the connection failed ({why}).", "Try again later.") from error
            except httpcore.UnsupportedProtocol as error:
                raise PageNotFetched("it is not a page of the web.", "Copy it from the browser.") from error
        place = _next(place, fields["Location"] or "")
    raise PageNotFetched(f"it leads on more than {MOST_REDIRECTS} times.", "Copy the last address from the browser.")


_TIMEOUTS = {"timeout": {"connect": CONNECT_S, "read": CONNECT_S, "write": CONNECT_S, "pool": CONNECT_S}}


def _asking(known: WebPage | None) -> list[tuple[bytes, bytes]]:
    """The headers of a request, with those by which a server tells that it has nothing newer (RFC 9110, 13.1)."""
    asked = [(b"If-None-Match", known.etag), (b"If-Modified-Since", known.modified)] if known else []
    return _HEADERS + [(name, value.encode("latin-1", "ignore")) for name, value in asked if value]


def _next(place: str, location: str) -> str:
    """Where a redirect leads. Raises PageNotFetched where that is nowhere, or from https to http."""
    if not location:
        raise PageNotFetched("it leads nowhere.", "Open it in a browser to see what is there.")
    onward = checked_address(urljoin(place, location))
    if place.startswith("https:") and onward.startswith("http:"):
        raise PageNotFetched("it leads from https to http, where anybody may read it.", "Name the http:// address.")
    return onward


def _content(response: object, fields: Message) -> bytes:
    """The body, unpacked. Raises PageNotFetched for a type without a reader, and past ``MOST_BYTES``."""
    kind = fields.get_content_type()
    if fields["Content-Type"] and not TYPES.fullmatch(kind):
        raise PageNotFetched(f"it is {kind}, which has no reader.", "Name a page, a document or an image of one.")
    packing = (fields["Content-Encoding"] or "identity").strip().lower()
    if packing not in ("identity", "gzip", "x-gzip"):
        raise PageNotFetched(f"it is packed as {packing}.", "Save it in a browser and add the file.")
    unpack = zlib.decompressobj(wbits=31) if packing != "identity" else None
    content = bytearray()
    try:
        for piece in response.iter_stream():  # type: ignore[attr-defined]
            content += unpack.decompress(piece, MOST_BYTES + 1 - len(content)) if unpack else piece
            if len(content) > MOST_BYTES:
                size = f"{MOST_BYTES / 2**20:.0f} MiB"
                raise PageNotFetched(f"it is larger than {size}.", "Save it in a browser and add the file.")
    except zlib.error as error:
        raise PageNotFetched("it is damaged: it cannot be unpacked.", "Try again later.") from error
    return bytes(content)


def _page(address: str, final: str, fields: Message, content: bytes) -> Fetched:
    page = WebPage(
        address,
        final,
        datetime.now(UTC).isoformat(timespec="seconds"),
        (fields["ETag"] or "").strip(),
        (fields["Last-Modified"] or "").strip(),
    )
    kind = fields.get_content_type() if fields["Content-Type"] else ""
    if kind.startswith("text/") or kind == "application/xhtml+xml":
        content = _in_utf8(content, fields.get_content_charset() or "")
    parts = urlsplit(final)
    last = unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.netloc
    suffix = _SUFFIXES.get(kind, "")
    return Fetched(page, content, last if last.lower().endswith(suffix) else last + suffix)


def _in_utf8(content: bytes, charset: str) -> bytes:
    """The text in UTF-8 with its mark, where the server said another encoding; that counts before the page's own word
    (WHATWG HTML, 13.2.3.2)."""
    from ingest.encoding import decode_as

    try:
        known = codecs.lookup(charset).name
    except LookupError:
        return content
    if known == "utf-8" or content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content
    return codecs.BOM_UTF8 + decode_as(content, charset, "the page").encode()


def _ascii(address: str) -> str:
    """The address as it is sent: a name of other letters by IDNA, other letters of the path in percent signs."""
    from urllib.parse import quote

    parts = urlsplit(address)
    host = (parts.hostname or "").encode("idna").decode() if not (parts.hostname or "").isascii() else parts.hostname
    place = f"[{host}]" if ":" in (host or "") else host or ""
    netloc = f"{place}:{parts.port}" if parts.port else place
    safe = "/%:@!$&'()*+,;=~-._?"
    return urlunsplit((parts.scheme, netloc, quote(parts.path, safe=safe), quote(parts.query, safe=safe), ""))


def _said(status: int) -> str:
    match status:
        case 404 | 410:
            return "there is no such page."
        case 401 | 403 | 407:
            return "its server does not give it without signing in."
        case _:
            return f"its server answers with the error {status}."
