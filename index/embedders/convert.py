"""Writes a sentence-transformers folder from a file of four-bit weights: the same numbers, the same tokens.

Matrices are stored in half precision, which holds a weight of four bits and its scale to one part in 4,000.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from core.digests import sha256_of
from core.errors import FetchError
from index.embedders.character_map import compile_map
from index.embedders.converted import MANIFEST, WEIGHTS, Manifest
from index.embedders.q4_file import Q4File, Shape, Vocabulary

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CONVERSION = 1
"""To be raised when a change here changes vectors: those of two conversions do not mix."""

OPEN = 0o755
"""A folder's mode: weights are no secret, and other users of the machine read them, whatever this process's umask."""

SPACE = "▁"
"""What stands for a space in the vocabulary."""

LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""The file's names of a layer's parts, and BertModel's."""

EMBEDDINGS = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the file itself does not say: whose weights they are, and what the model reads before its texts."""

    name: str
    question_prompt: str
    passage_prompt: str


def convert(source: Path, sha256: str, folder: Path, recipe: Recipe) -> None:
    """Write ``folder`` from the file ``source`` of that sum; a folder of that name is replaced.

    It is there whole or not at all, also after a kill. Raises ModelDamaged where the file is of another layout, and
    FetchError where nothing can be written.
    """
    try:
        with _locked(folder), _unfinished(folder) as work:
            file = Q4File(source)
            _write_weights(file, work)
            _write_tokenizer(file, work)
            for name, value in _descriptions(file.shape, file.vocabulary, recipe).items():
                _write_json(work / name, value)
            name = f"{recipe.name}-{sha256[:8]}-{CONVERSION}"
            _write_json(work / MANIFEST, Manifest(name, _files(work)).as_json())
    except OSError as error:
        raise FetchError(
            f"{folder} cannot be written: {error.strerror or error}.", "Make room, and try again."
        ) from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if not folder.parent.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.parent.chmod(OPEN)
    with FileLock(folder.with_name(f".{folder.name}.lock")):
        yield


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A folder beside ``folder`` that takes its place at the end of the block."""
    work = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        yield work
        work.chmod(OPEN)
        for path in work.rglob("*"):
            path.chmod(OPEN if path.is_dir() else 0o644)
            _to_disk(path)
        if folder.exists():
            shutil.rmtree(folder)
        work.replace(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _to_disk(path: Path) -> None:
    if path.is_file():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _write_weights(file: Q4File, work: Path) -> None:
    from safetensors.numpy import save_file

    save_file(dict(_tensors(file)), work / WEIGHTS, metadata={"format": "pt"})


def _tensors(file: Q4File) -> Iterator[tuple[str, NDArray[np.floating[Any]]]]:
    """The names and arrays of a BertModel's parameters."""
    shape = file.shape
    for ours, theirs in EMBEDDINGS.items():
        numbers = file.tensor(ours)
        yield f"embeddings.{theirs}", numbers if "ln" in ours else numbers.reshape(-1, shape.width)
    for layer in range(shape.layers):
        for ours, theirs in LAYER.items():
            weight, bias = file.tensor(f"l{layer}.{ours}.w"), file.tensor(f"l{layer}.{ours}.b")
            matrix = weight if ours.endswith("ln") else weight.reshape(bias.size, -1)
            yield f"encoder.layer.{layer}.{theirs}.weight", matrix
            yield f"encoder.layer.{layer}.{theirs}.bias", bias


def _write_tokenizer(file: Q4File, work: Path) -> None:
    build_tokenizer(file.vocabulary).save(str(work / "tokenizer.json"), pretty=False)


def build_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """The vocabulary's tokenizer: characters replaced, runs of spaces made one, words begun by SPACE, best pieces."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    pieces = vocabulary.pieces
    tokenizer = Tokenizer(
        models.Unigram(
            list(zip(pieces, vocabulary.scores, strict=True)), unk_id=vocabulary.unknown, byte_fallback=False
        )
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(compile_map(vocabulary.replacements)), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(SPACE, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(SPACE, prepend_scheme="always")
    begin, end = pieces[vocabulary.begin], pieces[vocabulary.end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, vocabulary.begin), (end, vocabulary.end)],
    )
    tokenizer.add_special_tokens(
        [AddedToken(piece, special=True, normalized=False) for piece in _special(vocabulary).values()]
    )
    return tokenizer


def _special(vocabulary: Vocabulary) -> dict[str, str]:
    pieces = vocabulary.pieces
    return {
        "bos_token": pieces[vocabulary.begin],
        "cls_token": pieces[vocabulary.begin],
        "eos_token": pieces[vocabulary.end],
        "sep_token": pieces[vocabulary.end],
        "pad_token": pieces[vocabulary.pad],
        "unk_token": pieces[vocabulary.unknown],
    }


def _descriptions(shape: Shape, vocabulary: Vocabulary, recipe: Recipe) -> Mapping[str, Any]:
    """The JSON files of a sentence-transformers folder, by their names."""
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "layer_norm_eps": round(shape.epsilon, 15),
        "max_position_embeddings": shape.positions,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "pad_token_id": vocabulary.pad,
        "type_vocab_size": shape.kinds,
        "vocab_size": shape.words,
    }
    parts = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    return {
        "config.json": config,
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": {"query": recipe.question_prompt, "document": recipe.passage_prompt},
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for number, (path, kind) in enumerate(parts)
        ],
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": shape.width, "pooling_mode_mean_tokens": True},
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            **_special(vocabulary),
        },
    }


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")


def _files(work: Path) -> dict[str, tuple[int, str]]:
    """Size and SHA-256 of every file, by its path in the folder."""
    found = {}
    for path in sorted(each for each in work.rglob("*") if each.is_file()):
        found[path.relative_to(work).as_posix()] = (path.stat().st_size, sha256_of(path))
    return found
