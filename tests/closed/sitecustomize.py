"""Put on PYTHONPATH by tests: every connection that is not loopback fails, and is written to $LECTERN_TEST_CALLS."""

import ipaddress
import os
import socket
import traceback
from pathlib import Path

_connect, _connect_ex, _getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


def _is_here(host):
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def _refuse(what):
    with Path(os.environ["LECTERN_TEST_CALLS"]).open("a") as file:
        file.write(f"{what}\n{''.join(traceback.format_stack(limit=12))}\n")
    raise OSError(f"the test lets nothing out: {what}")


def _checked(real):
    def connect(self, address, *rest):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
            _refuse(f"connect {address}")
        return real(self, address, *rest)

    return connect


def _resolve(host, *rest, **named):
    if not _is_here(host):
        _refuse(f"resolve {host}")
    return _getaddrinfo(host, *rest, **named)


socket.socket.connect = _checked(_connect)
socket.socket.connect_ex = _checked(_connect_ex)
socket.getaddrinfo = _resolve
