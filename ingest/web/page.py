"""A page of the web as it was fetched."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

_MOST_NAME = 160
"""Characters of a name made of an address."""


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page as it was fetched. ``address`` is the one that was asked for, ``final`` the one that answered.

    ``fetched`` is UTC, ISO 8601; ``etag`` and ``modified`` are what the server calls this version (RFC 9110, 8.8).
    """

    address: str
    final: str = ""
    fetched: str = ""
    etag: str = ""
    modified: str = ""

    @property
    def name(self) -> str:
        """What the page is called: its address without scheme, "example.org/terms"."""
        parts = urlsplit(self.address)
        name = unquote(f"{parts.netloc}{parts.path.rstrip('/')}" + (f"?{parts.query}" if parts.query else ""))
        return " ".join(name.split())[:_MOST_NAME]

    @property
    def day(self) -> str:
        """The ISO day of its last change, as far as the server says; else that on which it was fetched."""
        try:
            return parsedate_to_datetime(self.modified).date().isoformat()
        except (ValueError, OverflowError):
            return self.fetched[:10]

    def metadata(self) -> dict[str, str]:
        """What is kept of it with its document."""
        final = self.final if self.final != self.address else ""
        kept = {"address": self.address, "redirected": final, "fetched": self.fetched}
        kept |= {"etag": self.etag, "modified": self.modified}
        return {key: value for key, value in kept.items() if value}
