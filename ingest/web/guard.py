"""Connections to web servers that a stranger's address or answer cannot turn against this machine and its network.

A name is resolved once, all its addresses are checked, and the connection is made to one of these: what a second answer
would say (DNS rebinding) is never asked. https://owasp.org/www-community/attacks/Server_Side_Request_Forgery
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Iterable, Sequence

import httpcore

from core.errors import Cancelled, PageNotFetched

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv6 addresses that a gateway translates to the IPv4 address in their last 32 bits (RFC 6052)."""

_POLL_S = 0.2
"""Seconds between looks at whether the person has stopped it."""


def is_public(address: Address) -> bool:
    """Whether an address is one of the public net, and what it is translated to as well."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        inner = [address.sixtofour, *(address.teredo or ())]
        if address.is_reserved or address.is_site_local or not all(is_public(one) for one in inner if one is not None):
            return False
    return address.is_global and not address.is_multicast


def networks(text: str) -> tuple[Network, ...]:
    """The networks of a list with commas, "10.1.0.0/16, ::1". Raises ValueError."""
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())


class Deadline:
    """The moment by which a page must be here, and the person's Stop."""

    def __init__(self, seconds: float, cancel: threading.Event) -> None:
        self._end = time.monotonic() + seconds
        self._seconds = seconds
        self._cancel = cancel

    def slice(self) -> float:
        """Seconds to wait now. Raises PageNotFetched when the time is over, Cancelled."""
        if self._cancel.is_set():
            raise Cancelled("the page was not fetched.")
        left = self._end - time.monotonic()
        if left <= 0:
            raise PageNotFetched(f"it took longer than {self._seconds:g} s.", "Try again later.")
        return min(left, _POLL_S)


class GuardedBackend(httpcore.NetworkBackend):
    """httpcore's sockets, to checked addresses alone and within a deadline."""

    def __init__(self, allowed: Sequence[Network], deadline: Deadline) -> None:
        """``allowed`` are the private networks that may be reached besides the public net."""
        self._allowed = allowed
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises PageNotFetched where one of the host's addresses is not public, or none can be connected to."""
        addresses = self._resolved(host, port)
        for address in addresses:
            if not is_public(address) and not any(address in network for network in self._allowed):
                raise PageNotFetched(
                    f"{host} is {address}, an address of this machine or of a private network.",
                    "Where that is meant, name its network in the setting web_networks.",
                )
        for address in addresses:
            try:
                stream = httpcore.SyncBackend().connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            return _GuardedStream(stream, self._deadline)
        raise PageNotFetched(f"{host} does not answer.", "Check the address, and whether this machine is online.")

    def _resolved(self, host: str, port: int) -> list[Address]:
        """All addresses of a host, each once. Looked up in a thread: the system's resolver knows no limit on time."""
        found: queue.Queue[list[Address] | OSError] = queue.Queue()

        def look_up() -> None:
            try:
                rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                found.put(list(dict.fromkeys(ipaddress.ip_address(str(row[4][0]).split("%")[0]) for row in rows)))
            except (OSError, UnicodeError) as error:
                found.put(error if isinstance(error, OSError) else OSError(str(error)))

        threading.Thread(target=look_up, daemon=True).start()
        while True:
            wait = self._deadline.slice()
            try:
                result = found.get(timeout=wait)
            except queue.Empty:
                continue
            if isinstance(result, OSError) or not result:
                raise PageNotFetched(
                    f"there is no server {host}.", "Check the address, and whether this machine is online."
                )
            return result


class _GuardedStream(httpcore.NetworkStream):
    """A connection that ends at the deadline, however slowly its bytes come."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline counts
        while True:
            wait = self._deadline.slice()
            try:
                return self._inner.read(max_bytes, wait)
            except httpcore.ReadTimeout:
                continue

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._deadline.slice()
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: object, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._deadline.slice()
        return _GuardedStream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._deadline)  # type: ignore[arg-type]

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
