"""Text -> unit vectors: the bundled MiniLM, the multilingual embedder, or any sentence-transformers model.

Tokens are counted by the model's fast tokenizer alone, so that chunking never waits for torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelDamaged, ModelMissing
from core.loading import loading
from core.protocols import Embedder
from core.server_address import LANGCHAIN, SERVER
from core.settings import Settings
from index.bundled import BUNDLED_NAME, bundled_folder
from index.embedders.converted import MULTILINGUAL, fetched_name, find_fetched
from index.embedders.local import EmbedderSpec, LocalEmbedder
from index.embedders.packed import BundledEmbedder, PackedEmbedder
from index.embedders.torch_setup import prepare_torch
from index.named_embedder import connect_embedder
from index.unit import unit

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer as FastTokenizer

DESCRIBING = ("config.json", "1_Pooling/config.json", "sentence_bert_config.json", "tokenizer.json")
"""Files of a sentence-transformers folder that tell all but the weights, where it has no dense layer."""

BATCH = 16
"""Texts a step. Of 4, 16 and 32 texts of 170 tokens, 4 and 16 were the fastest on two cores (34, 32 and 28 texts/s of
one core's time), and 16 leaves both cores enough to do."""


AUTO = "auto"
"""The setting that means a library's own embedder, and for a new one the best that is here."""


@runtime_checkable
class Multilingual(Protocol):
    """An embedder that can tell how well it knows the language of a text."""

    def familiarity(self, text: str) -> float: ...


class SentenceEmbedder(LocalEmbedder):
    """A sentence-transformers model, computed by sentence-transformers."""

    @property
    def is_described(self) -> bool:
        folder = Path(self._folder)
        if (folder / "2_Dense").exists() or not all((folder / name).is_file() for name in DESCRIBING):
            return False
        return bool(json.loads((folder / "sentence_bert_config.json").read_text()).get("max_seq_length"))

    @cached_property
    def dimension(self) -> int:
        pooling, config = Path(self._folder, "1_Pooling", "config.json"), Path(self._folder, "config.json")
        if not Path(self._folder, "2_Dense").exists() and pooling.is_file() and config.is_file():
            return int(json.loads(config.read_text())["hidden_size"])
        return int(self._model.get_embedding_dimension() or 0)

    @cached_property
    def window(self) -> int:
        config = Path(self._folder, "sentence_bert_config.json")
        if config.is_file() and (length := json.loads(config.read_text()).get("max_seq_length")):
            return int(length)
        return int(self._model.max_seq_length or 512)

    @property
    def _prompts(self) -> Mapping[str, str]:
        return {name: prompt for name, prompt in self._model.prompts.items() if prompt}

    def _load(self) -> None:
        _ = self._model

    def _backend_tokenizer(self) -> FastTokenizer:
        from tokenizers import Tokenizer as FastTokenizer

        return FastTokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())

    @cached_property
    @loading()
    def _model(self) -> SentenceTransformer:
        dtype = prepare_torch(self._folder, self._threads)
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(
                self._folder,
                device="cpu",
                local_files_only=True,
                model_kwargs={"dtype": dtype},
            )
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            if Path(self._folder).is_dir():
                raise ModelDamaged(
                    f"the embedder in {self._folder} cannot be loaded.", "Fetch its files again."
                ) from error
            raise ModelMissing(
                f"the embedder '{self._folder}' is not on this machine.",
                "Give the folder of a sentence-transformers model, or set LECTERN_EMBEDDER=bundled.",
            ) from error
        if pause := self._pause:
            for module in model.modules():
                module.register_forward_pre_hook(lambda _module, _inputs: pause())
        return model.eval()

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Unit vectors of texts that fit the window; sentence-transformers batches them by length."""
        import torch

        with torch.inference_mode():
            vectors = self._model.encode(
                texts, batch_size=BATCH, prompt="", convert_to_numpy=True, show_progress_bar=False
            )
        return unit(np.asarray(vectors, dtype=np.float32))


def settings_for_library(settings: Settings, made_with: str = "") -> Settings:
    """The settings with the embedder of a library in place of "auto"; others name the embedder already.

    ``made_with`` is the name of the embedder that made the library's vectors. Without one, as for a new library, it is
    the multilingual embedder where that is on this machine, else the bundled one.
    Raises ModelMissing where the multilingual embedder made them and is no longer here.
    """
    if settings.embedder != AUTO:
        return settings
    model = made_with.partition(" with ")[0]  # the name of vectors made with another prompt goes on with it
    here = fetched_name(settings, model or MULTILINGUAL)
    if model.startswith(f"{MULTILINGUAL}-") and not here:
        raise ModelMissing(
            f"the embedder '{model}' is not on this machine.", f"Run: lectern models pull {MULTILINGUAL}"
        )
    wanted = "bundled" if model in ("", BUNDLED_NAME) else model
    return settings.model_copy(update={"embedder": here or wanted})


def load_embedder(settings: Settings) -> Embedder:
    """The embedder that the settings name; its weights are loaded at first use.

    "auto" is the one that new libraries get (``settings_for_library``).
    Raises ModelMissing if its files are not on this machine, ModelDamaged if their sha256 is wrong.
    Nothing is ever fetched. One that is named "server:NAME" or "langchain:PROVIDER:NAME" runs elsewhere; what its
    package or address lacks is raised as ModelMissing.
    """
    settings = settings_for_library(settings)
    if settings.embedder.startswith((LANGCHAIN, SERVER)):
        return connect_embedder(settings)
    kind: type[LocalEmbedder] = SentenceEmbedder
    folder = Path(settings.embedder).expanduser()
    if settings.embedder == "bundled":
        place, name, kind = str(bundled_folder(settings.home)), BUNDLED_NAME, BundledEmbedder
    elif fetched := MULTILINGUAL if settings.embedder == MULTILINGUAL else fetched_name(settings, settings.embedder):
        found, name = find_fetched(settings, fetched)
        place, kind = str(found), PackedEmbedder
    elif folder.is_dir():
        place, name = str(folder.absolute()), folder.name
    else:
        place = name = settings.embedder
    return kind(
        place,
        name,
        settings.embedder_threads,
        question_prompt=settings.embedder_question_prompt,
        passage_prompt=settings.embedder_passage_prompt,
    )


def embedder_of(spec: EmbedderSpec) -> LocalEmbedder:
    """The embedder of that description; its weights are loaded at first use."""
    kinds: tuple[type[LocalEmbedder], ...] = (BundledEmbedder, PackedEmbedder, SentenceEmbedder)
    kind = next(each for each in kinds if each.__name__ == spec.kind)
    prompts = {"question_prompt": spec.question_prompt, "passage_prompt": spec.passage_prompt}
    return kind(spec.folder, spec.name, spec.threads, **prompts)
