"""The embedder and the span reader that the programs of one user share: `python -m app.readers.process`.

First line: {"embedder": fields of an EmbedderSpec or null, "spans": the bundled MiniLM's folder,
"weights": [the span reader's], "idle_s", ...}.
Requests, each with an "id": {"op": "embed", "kind": "question" or "passages", "texts"}, whose result are the vectors'
bytes in base64; {"op": "load_spans"}; {"op": "read", "question", "texts", "cosines"}; {"op": "forget"}.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import LecternError, ModelError
from generate.jobs import Client, described
from generate.sharing import serve
from index.embed import embedder_of
from index.embedders.local import EmbedderSpec, LocalEmbedder
from index.embedders.packed import BundledEmbedder
from index.reader.loader import load_beside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.reader.span_reader import SpanReader


class Readers:
    """An embedder, loaded, and the span reader, which is loaded while nothing is asked, or when it is asked.

    Each request is answered at once on the thread that brought it. Nothing of what is read is kept.
    """

    def __init__(self, embedder: LocalEmbedder | None, spans: Path, weights: Path) -> None:
        """``spans`` is the folder of the bundled MiniLM, ``weights`` the span reader's file."""
        self._embedder = embedder
        self._spans = spans
        self._weights = weights
        self._span_reader: SpanReader | ModelError | None = None
        self._load_lock = threading.Lock()
        self._changed = threading.Condition()
        self._working = 0
        self._used_at = time.monotonic()
        self._answers: dict[str, Callable[[dict[str, Any]], object]] = {
            "embed": self._embed,
            "familiarity": self._familiarity,
            "load_spans": lambda _request: bool(self._reader().calibration),
            "read": self._read,
            "forget": lambda _request: None,
        }

    @property
    def idle_s(self) -> float:
        """Seconds since the end of the last work; 0.0 while there is work."""
        with self._changed:
            return 0.0 if self._working else time.monotonic() - self._used_at

    def touch(self) -> None:
        """Count as used from now on: a program has connected."""
        self._used_at = time.monotonic()

    def take(self, client: Client, request: dict[str, Any]) -> None:
        """Answer a request; may be called from any thread."""
        number = request["id"]
        with self._busy():
            try:
                client.send(id=number, result=self._answers[request["op"]](request))
            except LecternError as error:
                client.send(id=number, error=described(error))
            except Exception as error:  # noqa: BLE001 - torch raises what it likes; other programs go on
                failed = ModelError(f"the documents cannot be read: {error}.", "Run: lectern doctor")
                client.send(id=number, error=described(failed))

    def drop(self, client: Client) -> None:
        """Nothing is kept of a client that has gone."""

    def work(self, idle_s: float, on_idle: Callable[[], bool]) -> None:
        """Load the span reader ahead; return once nothing was asked for ``idle_s`` seconds and ``on_idle()``."""
        with suppress(ModelError):  # told to who asks for it
            self._reader()
        while self.idle_s < idle_s or not on_idle():
            time.sleep(max(0.05, min(idle_s, idle_s - self.idle_s)))

    @contextmanager
    def _busy(self) -> Iterator[None]:
        with self._changed:
            self._working += 1
        try:
            yield
        finally:
            with self._changed:
                self._working -= 1
                self._used_at = time.monotonic()

    def _embed(self, request: dict[str, Any]) -> str:
        assert self._embedder
        texts = request["texts"]
        if request["kind"] == "question":
            vectors = np.stack([self._embedder.embed_question(text) for text in texts])
        else:
            vectors = self._embedder.embed_passages(texts)
        return b64encode(vectors.astype("<f4").tobytes()).decode()

    def _familiarity(self, request: dict[str, Any]) -> list[float]:
        assert self._embedder
        return [self._embedder.familiarity(text) for text in request["texts"]]

    def _read(self, request: dict[str, Any]) -> dict[str, Any]:
        reading = self._reader().read(request["question"], request["texts"], request["cosines"])
        return dataclasses.asdict(reading)

    def _reader(self) -> SpanReader:
        """The span reader. Raises ModelError where it cannot be loaded, which is tried once."""
        with self._load_lock:
            if self._span_reader is None:
                beside = self._embedder if isinstance(self._embedder, BundledEmbedder) else None
                try:
                    self._span_reader = load_beside(beside, self._spans, self._weights)
                except ModelError as error:
                    self._span_reader = error
            if isinstance(self._span_reader, ModelError):
                raise self._span_reader.with_traceback(None)
            return self._span_reader


def load(told: dict[str, Any]) -> tuple[Readers, dict[str, Any]]:
    """What reads, the embedder's weights in memory. Raises ModelMissing, ModelDamaged."""
    embedder = embedder_of(EmbedderSpec(**told["embedder"])) if told["embedder"] else None
    if embedder:
        embedder.embed_question("warm-up")
    return Readers(embedder, Path(told["spans"]), Path(told["weights"][0])), {}


if __name__ == "__main__":
    serve(load)
