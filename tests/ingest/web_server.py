"""A web server on loopback, at two of its addresses: one that a test allows, and one that stays private."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ALLOWED, PRIVATE = "127.0.0.1", "127.0.0.2"


@dataclass
class Reply:
    """What is sent for a path: ``pieces`` of the body, ``pause`` seconds apart."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    pieces: int = 1
    pause: float = 0.0


@dataclass
class WebServer:
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """The address that was connected to, the path, and the headers, of each request."""
    port: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def address(self, path: str = "/", host: str = ALLOWED) -> str:
        return f"http://{host}:{self.port}{path}"

    def handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append((self.connection.getsockname()[0], self.path, dict(self.headers)))
                reply = server.replies.get(self.path, Reply(status=404))
                etag = reply.headers.get("ETag")
                status = 304 if etag and self.headers.get("If-None-Match") == etag else reply.status
                self.send_response(status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                size = -(-len(reply.body) // reply.pieces)
                for at in range(0, len(reply.body) if status == reply.status else 0, size or 1):
                    if server.ended.wait(reply.pause if at else 0):
                        return
                    try:
                        self.wfile.write(reply.body[at : at + size])
                    except OSError:
                        return

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextmanager
def web_server() -> Iterator[WebServer]:
    server = WebServer()
    listening = ThreadingHTTPServer(("0.0.0.0", 0), server.handler())
    server.port = listening.server_port
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.ended.set()
        listening.shutdown()
        listening.server_close()
