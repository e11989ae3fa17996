"""An HTTP server on loopback whose files come with the troubles of real networks, and the packages it offers."""

import hashlib
import io
import random
import socket
import struct
import tarfile
import threading
import time
import zipfile
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from generate.model_card import HubSource, IndexSource, ModelCard

COMMIT = "0" * 40


@dataclass
class Trouble:
    """What one request for a file meets: ``status`` in place of the file, or the file up to ``after`` bytes and then an
    end ("cut": the connection is closed, "reset": it is torn down, "stall": nothing more comes for ``seconds``)."""

    end: str = ""
    after: int = 0
    status: int = 0
    location: str = ""
    seconds: float = 3.0


@dataclass
class FileServer:
    """``files`` by path. The requests for a file's bytes take ``troubles`` from the front; ``asked`` keeps each one's
    path and first byte."""

    files: dict[str, bytes] = field(default_factory=dict)
    troubles: deque[Trouble] = field(default_factory=deque)
    asked: list[tuple[str, int]] = field(default_factory=list)
    status_of_all: int = 0

    def __post_init__(self):
        handler = type("Handler", (_Handler,), {"files": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_port}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def add_package(self, file, data):
        """Offer a wheel or source package on the simple index."""
        name = file.split("-")[0].replace("_", "-")
        self.files[f"/packages/{file}"] = data
        page = f"/simple/{name}/"
        link = f'<a href="/packages/{file}#sha256={hashlib.sha256(data).hexdigest()}">{file}</a>'
        self.files[page] = self.files.get(page, b"<!DOCTYPE html><html><body>") + link.encode()

    def add_hub_file(self, repository, file, data):
        self.files[f"/{repository}/resolve/main/{file}"] = data


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files: FileServer

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def do_CONNECT(self):
        self._status(self.files.status_of_all or 405)

    def _status(self, status, location=""):
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        if status == 407:
            self.send_header("Proxy-Authenticate", "Basic")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, body):
        data = self.files.files.get(self.path)
        if self.files.status_of_all:
            return self._status(self.files.status_of_all)
        if data is None:
            return self._status(404)
        trouble = Trouble()
        first = 0
        if header := self.headers.get("Range"):
            first = int(header.removeprefix("bytes=").split("-")[0])
        if body and not self.path.startswith("/simple/"):
            self.files.asked.append((self.path, first))
            if self.files.troubles:
                trouble = self.files.troubles.popleft()
        if trouble.status:
            return self._status(trouble.status, trouble.location)
        if first >= len(data) > 0:
            return self._status(416)
        self._headers(data, first)
        if body:
            self._body(data[first:], trouble)
        return None

    def _headers(self, data, first):
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(data) - first))
        self.send_header(
            "Content-Type", "text/html" if self.path.startswith("/simple/") else "application/octet-stream"
        )
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Accept-Ranges", "bytes")
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.end_headers()

    def _body(self, data, trouble):
        try:
            self.wfile.write(data[: trouble.after] if trouble.end else data)
            self.wfile.flush()
            if trouble.end == "stall":
                time.sleep(trouble.seconds)
        except OSError:  # the other side has gone
            pass
        if trouble.end == "reset":
            time.sleep(0.05)  # what was sent arrives first
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if trouble.end:
            self.close_connection = True
            self.connection.close()


def wait_until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def random_bytes(size, seed=0):
    return random.Random(seed).randbytes(size)


def wheel(name, version, members, tag="py3-none-any"):
    """A wheel's file name and bytes; ``members`` by their path."""
    folder = f"{name}-{version}.dist-info"
    all_members = members | {
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{folder}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    record = "".join(f"{path},,\n" for path in [*all_members, f"{folder}/RECORD"])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in (all_members | {f"{folder}/RECORD": record.encode()}).items():
            archive.writestr(path, data)
    return f"{name}-{version}-{tag}.whl", buffer.getvalue()


def source_package(name, version, code):
    """A source package's file name and bytes; ``code`` runs as soon as anything is built of it, which needs nothing."""
    texts = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": code,
        "setup.py": code,
        "PKG-INFO": f"Metadata-Version: 1.0\nName: {name}\nVersion: {version}\n",
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in texts.items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return f"{name}-{version}.tar.gz", buffer.getvalue()


def made_card(data: bytes, source: HubSource | IndexSource) -> ModelCard:
    """The entry of a model called "weights", whose file weights.bin holds ``data``."""
    return ModelCard(
        name="weights",
        path=None,
        parameters=1,
        licence="",
        window=0,
        good_for="",
        alias="weights",
        file="weights.bin",
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        sources=(source,),
    )
