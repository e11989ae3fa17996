"""The shared embedder and span reader as a program sees them: it loads neither torch nor any weights.

Names, sizes and tokens come from the embedder's files, read here; vectors and spans from `app.readers.process`. Where
no process can be shared, all is computed here.
"""

from __future__ import annotations

import dataclasses
import threading
from base64 import b64decode
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import EngineStopped
from generate.child import PATIENCE_S, Child
from generate.death import closed, unstarted
from generate.running import SharedProgram, connect_shared
from index.embedders.local import LocalEmbedder
from index.familiarity import familiarity
from index.reader import weights
from index.reader.span_reader import AnswerSpan, SpanReading

if TYPE_CHECKING:
    from tokenizers import Tokenizer

READERS = SharedProgram("app.readers.process", ("core", "generate", "index", "app/readers"))

TEXT_S = 1.0
"""Seconds by which a request may take longer for each of its texts, on a machine that is very busy."""


class SharedReaders:
    """The connection to the shared process of an embedder and the span reader; thread-safe.

    The process is found or started at first use. One that was killed is replaced, once for each request.
    """

    def __init__(self, embedder: LocalEmbedder | None, spans: Path, idle_s: float) -> None:
        """``spans`` is the folder of the bundled MiniLM; ``idle_s`` as `generate.sharing` takes it."""
        self._told = {
            "path": embedder.folder if embedder else str(spans),
            "label": f"{embedder.name} and span reader" if embedder else "span reader",
            "window": embedder.window if embedder else 0,
            "embedder": dataclasses.asdict(embedder.spec) if embedder else None,
            "spans": str(spans),
            "weights": [str(weights.FILE)],
            "idle_s": idle_s,
        }
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._closed = False

    def start(self) -> bool:
        """Find or start the process, without waiting until it has loaded; False where none can be shared."""
        return self._process() is not None

    def ask(self, op: str, texts: Sequence[str] = (), **fields: Any) -> Any:
        """The result of a request over ``texts``. Raises the process's ModelError, EngineStopped."""
        first = self._process()
        try:
            return self._result(first, op, texts, fields)
        except EngineStopped:
            if first is None or first.alive:
                raise
            return self._result(self._process(), op, texts, fields)

    def close(self) -> None:
        """Leave the process, which others may use."""
        with self._lock:
            child, self._child, self._closed = self._child, None, True
        if child:
            child.close()

    def _result(self, child: Child | None, op: str, texts: Sequence[str], fields: dict[str, Any]) -> Any:
        if child is None:
            raise unstarted(OSError("there is no way to it"))
        child.wait()
        return child.ask(op, patience_s=PATIENCE_S + len(texts) * TEXT_S, texts=list(texts), **fields)

    def _process(self) -> Child | None:
        with self._lock:
            if self._closed:
                raise closed()
            if self._child is None or not self._child.alive:
                try:
                    link = connect_shared(self._told, READERS, dead=self._child.pid if self._child else 0)
                except OSError:  # the caller computes for itself
                    link = None
                self._child = Child(self._told, link=link) if link else None
            return self._child


class SharedEmbedder:
    """A ``core.protocols.Embedder`` whose vectors are those of ``local``, computed in the shared process."""

    def __init__(self, local: LocalEmbedder, readers: SharedReaders) -> None:
        self._local = local
        self._readers = readers
        self.name, self.dimension, self.window = local.name, local.dimension, local.window

    def count_tokens(self, text: str) -> int:
        return self._local.count_tokens(text)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return self._local.token_offsets(text)

    def familiarity(self, text: str) -> float:
        """As the embedder's own; the tokenizer of a large vocabulary takes a second to load, and the process has it."""
        if not self._readers.start():
            return self._local.familiarity(text)
        (found,) = self._readers.ask("familiarity", [text])
        return float(found)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (n, dimension), in the order of ``texts``. Raises ModelError."""
        if not self._readers.start():
            return self._local.embed_passages(texts)
        return self._vectors("passages", texts) if texts else np.zeros((0, self.dimension), dtype=np.float32)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """A unit vector of shape (dimension,). Raises ModelError."""
        if not self._readers.start():
            return self._local.embed_question(text)
        vector: NDArray[np.float32] = self._vectors("question", [text])[0]
        return vector

    def _vectors(self, kind: str, texts: Sequence[str]) -> NDArray[np.float32]:
        found = b64decode(self._readers.ask("embed", texts, kind=kind))
        return np.frombuffer(found, dtype="<f4").reshape(len(texts), self.dimension).astype(np.float32)


class SharedSpanReader:
    """The span reader of the shared process."""

    def __init__(self, readers: SharedReaders, spans: Path) -> None:
        """``spans`` is the folder of the bundled MiniLM. Raises ModelMissing or ModelDamaged; EngineStopped."""
        self._readers = readers
        self._spans = spans
        readers.ask("load_spans")

    def read(self, question: str, passages: Sequence[str], cosines: Sequence[float] | None = None) -> SpanReading:
        """As `SpanReader.read`. Raises EngineStopped."""
        known = None if cosines is None else [float(cosine) for cosine in cosines]
        found = self._readers.ask("read", passages, question=question, cosines=known)
        spans = tuple(tuple(AnswerSpan(**span) for span in each) for each in found["spans"])
        return SpanReading(spans, found["answerable"])

    def familiarity(self, text: str) -> float:
        return familiarity(self._tokenizer, text)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._spans / "tokenizer.json"))
