"""Reranking by a cross-encoder, which reads question and passage together.

None is bundled; docs/retrieval.md says how to get one. Nogueira & Cho, "Passage Re-ranking with BERT" (2019).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelDamaged, ModelMissing
from core.loading import loading
from core.settings import Settings
from index.embedders.torch_setup import prepare_torch
from index.search.hits import Hit, StageResult
from index.search.query import Query

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

READ = 20
"""Candidates that are scored, more where more passages are wanted: each costs about as much as embedding it."""

_HINT = "Give the folder of a cross-encoder, or unset LECTERN_RERANKER."


class Reranker:
    """A sentence-transformers cross-encoder as a stage; loads its weights at first use. Thread-safe."""

    def __init__(self, folder: str, threads: int = 0) -> None:
        self._folder = folder
        self._threads = threads
        self._lock = threading.Lock()

    def __call__(self, query: Query, hits: Sequence[Hit]) -> StageResult:
        """The first READ hits by the cross-encoder's score in 0..1; the others follow, below the lowest of them.

        Raises ModelMissing, ModelDamaged.
        """
        read, rest = hits[: max(READ, query.k)], hits[max(READ, query.k) :]
        if not read:
            return StageResult(())
        scores = self.scores(query.question, [_text(hit) for hit in read])
        best = [replace(hit, score=float(score)) for hit, score in zip(read, scores, strict=True)]
        best.sort(key=lambda hit: -hit.score)
        top = max((hit.score for hit in rest), default=1.0) or 1.0
        below = [replace(hit, score=hit.score / top * best[-1].score) for hit in rest]
        return StageResult((*best, *below))

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """How well each text answers the question, of shape (n,), in 0..1. Raises ModelMissing, ModelDamaged."""
        import torch

        with self._lock, torch.inference_mode():
            found = self._model.predict(
                [(question, text) for text in texts], activation_fn=torch.nn.Identity(), show_progress_bar=False
            )
        return np.asarray(1 / (1 + np.exp(-np.asarray(found, dtype=np.float32))), dtype=np.float32)

    @cached_property
    @loading()
    def _model(self) -> CrossEncoder:
        dtype = prepare_torch(self._folder, self._threads)
        from sentence_transformers import CrossEncoder

        try:
            model = CrossEncoder(self._folder, device="cpu", local_files_only=True, model_kwargs={"dtype": dtype})
        except (OSError, ValueError, KeyError) as error:
            if Path(self._folder).is_dir():
                raise ModelDamaged(f"the reranker in {self._folder} cannot be loaded.", _HINT) from error
            raise ModelMissing(f"the reranker '{self._folder}' is not on this machine.", _HINT) from error
        if model.num_labels != 1:
            raise ModelDamaged(f"the model in {self._folder} gives {model.num_labels} scores, not one.", _HINT)
        ready: CrossEncoder = model.eval()
        return ready


def load_reranker(settings: Settings) -> Reranker:
    """The cross-encoder that the settings name; retrievers of one process share it. Nothing is ever fetched."""
    folder = Path(settings.reranker).expanduser()
    place = str(folder.absolute()) if folder.is_dir() else settings.reranker
    return _shared(place, settings.embedder_threads)


@lru_cache(maxsize=1)
def _shared(folder: str, threads: int) -> Reranker:
    return Reranker(folder, threads)


def _text(hit: Hit) -> str:
    """A chunk under its document's title, as it was embedded."""
    return f"{hit.title}\n{hit.text}" if hit.title else hit.text
