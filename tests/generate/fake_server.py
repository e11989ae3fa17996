"""A server of OpenAI's kind on loopback with two models behind a key, embeddings and a web page.

Given tools it calls the first one, and answers once it has read what that returned.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "right"


class FakeServer(ThreadingHTTPServer):
    """Keeps the headers with keys and the bodies that it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keys: list[str] = []
        self.bodies: list[dict] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeServer

    def do_GET(self):
        if self.path.startswith("/page"):
            self._reply(200, b"<html>Hello</html>", "text/html")
        elif not self.path.startswith("/v1/models"):
            self._reply(404, b"nothing here", "text/plain")
        elif self._may():
            self._json(200, {"object": "list", "data": [{"id": "a"}, {"id": "b"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        if not self._may():
            return
        if body["model"] not in ("a", "b"):
            self._json(404, {"error": {"message": f"The model `{body['model']}` does not exist"}})
        elif self.path == "/v1/embeddings":
            rows = [[float(len(text)), 1.0, 0.0] for text in body["input"]]
            data = [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(rows)]
            usage = {"prompt_tokens": 1, "total_tokens": 1}
            self._json(200, {"object": "list", "model": body["model"], "data": data, "usage": usage})
        else:
            message = {"role": "assistant", "content": "Yes."}
            if body.get("tools") and body["messages"][-1]["role"] != "tool":
                name = body["tools"][0]["function"]["name"]
                function = {"name": name, "arguments": json.dumps({"words": "opening hours"})}
                message |= {"content": None, "tool_calls": [{"id": "c1", "type": "function", "function": function}]}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            self._json(200, {"id": "1", "object": "chat.completion", "created": 1, "model": "a", "choices": [choice]})

    def _may(self) -> bool:
        self.server.keys.append(self.headers["Authorization"])
        if self.headers["Authorization"] == f"Bearer {KEY}":
            return True
        self._json(401, {"error": {"message": "bad key"}})
        return False

    def _json(self, code: int, value: dict) -> None:
        self._reply(code, json.dumps(value).encode(), "application/json")

    def _reply(self, code: int, body: bytes, kind: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def fake_server() -> Iterator[FakeServer]:
    with FakeServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
