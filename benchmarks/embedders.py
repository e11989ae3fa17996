"""Ways to compute the bundled embedder's vectors: how fast each is, and how much it finds.

    python benchmarks/embedders.py DIR [--questions 500] [--only torch openvino] [--rounds 5]

DIR is a set in BEIR's layout (../shared/data/squad2-dev). A way whose packages are not installed is named and left out:
onnxruntime needs `pip install onnx onnxscript`, openvino `pip install openvino nncf`, in an environment of your own.
Speed: chunks of 190 tokens, all ways in turn in every round, the median round. Cosine: to torch float32, over these
chunks. nDCG@10: the questions against all passages of DIR by cosine alone; `--questions 0` leaves it out.
"""

import argparse
import json
import logging
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as index/embed.py sets it

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from core.settings import load_settings
from evaluate.ranking import score_rankings
from index.bundled import bundled_folder

TOKENS, BATCH, CALIBRATION = 190, 16, 64
TIMED = 32
"""Chunks timed in a round: a second of work, so that what else runs on the machine hits all ways alike."""

Vectors = NDArray[np.float32]
Encode = Callable[[NDArray[np.int64], NDArray[np.int64]], Vectors]
"""Token ids and mask, (rows, tokens), to unit vectors, (rows, dimension)."""


class Network(nn.Module):
    """MiniLM with mean pooling and length 1, as one graph."""

    def __init__(self, folder: Path, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.bert = BertModel.from_pretrained(folder, add_pooling_layer=False, dtype=dtype).eval()

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        states = self.bert(input_ids=ids, attention_mask=mask, token_type_ids=torch.zeros_like(ids)).last_hidden_state
        kept = mask.unsqueeze(-1).float()
        return nn.functional.normalize((states.float() * kept).sum(1) / kept.sum(1), dim=-1)


@dataclass
class Bench:
    """What every way needs: the weights, a folder to write in, texts to calibrate on, threads."""

    folder: Path
    scratch: Path
    threads: int
    calibration: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = field(default_factory=list)

    def onnx_file(self) -> Path:
        """The network as ONNX, with rows and tokens left open; exported once."""
        file = self.scratch / "float32.onnx"
        if not file.exists():
            example = (torch.ones(2, 8, dtype=torch.int64), torch.ones(2, 8, dtype=torch.int64))
            rows, tokens = torch.export.Dim("rows"), torch.export.Dim("tokens")
            shapes = {"ids": {0: rows, 1: tokens}, "mask": {0: rows, 1: tokens}}
            torch.onnx.export(
                Network(self.folder), example, str(file), input_names=["ids", "mask"], output_names=["vectors"],
                dynamic_shapes=shapes, dynamo=True, external_data=False, verbose=False,
            )  # fmt: skip
        return file


def torch_float(dtype: torch.dtype) -> Callable[[Bench], Encode]:
    return lambda bench: _torch(Network(bench.folder, dtype))


def torch_int8(per_channel: bool) -> Callable[[Bench], Encode]:
    def load(bench: Bench) -> Encode:
        quantization = torch.ao.quantization
        kind = quantization.per_channel_dynamic_qconfig if per_channel else quantization.default_dynamic_qconfig
        return _torch(quantization.quantize_dynamic(Network(bench.folder), {nn.Linear: kind}))

    return load


def _torch(network: nn.Module) -> Encode:
    def encode(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Vectors:
        with torch.inference_mode():
            return np.asarray(network(torch.from_numpy(ids), torch.from_numpy(mask)).numpy())

    return encode


def onnx_float32(bench: Bench) -> Encode:
    return _onnx(bench.onnx_file(), bench)


def onnx_dynamic(per_channel: bool, reduce_range: bool, spin: str = "0") -> Callable[[Bench], Encode]:
    def load(bench: Bench) -> Encode:
        from onnxruntime.quantization import quantize_dynamic

        file = bench.scratch / f"dynamic-{per_channel}-{reduce_range}.onnx"
        quantize_dynamic(bench.onnx_file(), file, per_channel=per_channel, reduce_range=reduce_range)
        return _onnx(file, bench, spin)

    return load


def onnx_static(bench: Bench) -> Encode:
    """Calibrated on CALIBRATION chunks, weights by channel, only matrix products."""
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._rest = iter([{"ids": ids, "mask": mask} for ids, mask in bench.calibration])

        def get_next(self) -> dict[str, NDArray[np.int64]] | None:
            return next(self._rest, None)

    file = bench.scratch / "static.onnx"
    quantize_static(
        bench.onnx_file(), file, Reader(), per_channel=True, op_types_to_quantize=["MatMul", "Gemm"],
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip
    return _onnx(file, bench)


def _onnx(file: Path, bench: Bench, spin: str = "0") -> Encode:
    """``spin`` "1" lets threads spin at barriers: faster on idle cores, and a loss beside other work."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = bench.threads
    options.add_session_config_entry("session.intra_op.allow_spinning", spin)
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return lambda ids, mask: np.asarray(session.run(None, {"ids": ids, "mask": mask})[0])


def openvino_float(precision: str) -> Callable[[Bench], Encode]:
    return lambda bench: _openvino(_read(bench), bench, precision)


def openvino_int8(bench: Bench) -> Encode:
    """Calibrated on CALIBRATION chunks, as for transformers (SmoothQuant)."""
    import nncf

    nncf.set_log_level(logging.ERROR)
    samples = nncf.Dataset([{"ids": ids, "mask": mask} for ids, mask in bench.calibration])
    model = nncf.quantize(_read(bench), samples, model_type=nncf.ModelType.TRANSFORMER, subset_size=CALIBRATION)
    return _openvino(model, bench, "f32")


def _read(bench: Bench) -> Any:
    import openvino

    return openvino.Core().read_model(bench.onnx_file())


def _openvino(model: Any, bench: Bench, precision: str) -> Encode:
    import openvino

    settings = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": bench.threads, "NUM_STREAMS": 1}
    compiled = openvino.Core().compile_model(model, "CPU", settings)
    return lambda ids, mask: np.array(compiled({"ids": ids, "mask": mask})[0])


WAYS: dict[str, Callable[[Bench], Encode]] = {
    "torch float32": torch_float(torch.float32),
    "torch bfloat16": torch_float(torch.bfloat16),
    "torch int8, dynamic": torch_int8(per_channel=False),
    "torch int8, dynamic, per channel": torch_int8(per_channel=True),
    "onnxruntime float32": onnx_float32,
    "onnxruntime int8, dynamic": onnx_dynamic(per_channel=False, reduce_range=False),
    "onnxruntime int8, dynamic, per channel": onnx_dynamic(per_channel=True, reduce_range=False),
    "onnxruntime int8, dynamic, per channel, spinning": onnx_dynamic(per_channel=True, reduce_range=False, spin="1"),
    "onnxruntime int8, dynamic, per channel, 7 bits": onnx_dynamic(per_channel=True, reduce_range=True),
    "onnxruntime int8, calibrated, per channel": onnx_static,
    "openvino float32": openvino_float("f32"),
    "openvino bfloat16": openvino_float("bf16"),
    "openvino int8, calibrated (nncf)": openvino_int8,
}


def batches(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[tuple[list[int], Any, Any]]:
    """Numbers of the texts, ids and mask of each batch; texts of like length go together."""
    encoded = [each.ids for each in tokenizer.encode_batch(list(texts))]
    order = sorted(range(len(texts)), key=lambda number: -len(encoded[number]))
    for first in range(0, len(order), BATCH):
        rows = order[first : first + BATCH]
        longest = len(encoded[rows[0]])
        ids = np.array([encoded[row] + [0] * (longest - len(encoded[row])) for row in rows], dtype=np.int64)
        yield rows, ids, (ids != 0).astype(np.int64)


def embed(encode: Encode, tokenizer: Tokenizer, texts: Sequence[str]) -> Vectors:
    parts = [(rows, encode(ids, mask)) for rows, ids, mask in batches(tokenizer, texts)]
    vectors = np.empty((len(texts), parts[0][1].shape[1]), dtype=np.float32)
    for rows, found in parts:
        vectors[rows] = found
    return vectors


def chunks(tokenizer: Tokenizer, passages: Sequence[str]) -> list[str]:
    """Stretches of TOKENS tokens of the passages, one after the other."""
    text = " ".join(passages[:: max(1, len(passages) // 200)])
    offsets = tokenizer.encode(text, add_special_tokens=False).offsets
    starts = range(0, len(offsets) - TOKENS, TOKENS)
    return [text[offsets[first][0] : offsets[first + TOKENS - 1][1]] for first in starts]


def ndcg(encode: Encode, tokenizer: Tokenizer, folder: Path, limit: int) -> float:
    """nDCG@10 of ``limit`` questions, evenly spread, over all passages."""
    passages = [json.loads(line) for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines()]
    relevant: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        question, passage, grade = line.split("\t")
        relevant.setdefault(question, {})[passage] = int(grade)
    asked = [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]
    asked = [each for each in asked if each["_id"] in relevant]
    asked = asked[:: max(1, len(asked) // limit)][:limit]
    held = embed(encode, tokenizer, [f"{each['title']}\n{each['text']}".strip() for each in passages])
    cosines = embed(encode, tokenizer, [each["text"] for each in asked]) @ held.T
    best = np.argsort(-cosines, axis=1)[:, :10]
    rankings = {q["_id"]: [passages[at]["_id"] for at in row] for q, row in zip(asked, best, strict=True)}
    scores = score_rankings(rankings, {q["_id"]: relevant[q["_id"]] for q in asked}, cutoffs=(10,))
    return float(scores[:, 3].mean())


def load_ways(bench: Bench, only: Sequence[str], console: Console) -> dict[str, Encode]:
    found: dict[str, Encode] = {}
    for name, load in WAYS.items():
        if name != "torch float32" and not any(name.startswith(start) for start in only):
            continue
        try:
            found[name] = load(bench)
        except ImportError as error:
            console.print(f"{name}: left out, '{error.name}' is not installed")
    return found


def prepare(folder: Path, scratch: Path, threads: int) -> tuple[Bench, Tokenizer, list[str]]:
    """The bench, a tokenizer that cuts at the window, and chunks to time and compare on."""
    home = load_settings(home=scratch).home
    bench = Bench(bundled_folder(home), scratch, threads)
    whole, cut = (Tokenizer.from_file(str(bench.folder / "tokenizer.json")) for _ in range(2))
    whole.no_truncation()
    cut.enable_truncation(256)
    for tokenizer in (whole, cut):
        tokenizer.no_padding()
    lines = (folder / "corpus.jsonl").read_text("utf-8").splitlines()
    texts = chunks(whole, [json.loads(line)["text"] for line in lines])
    for text in texts[-CALIBRATION:]:
        bench.calibration += [(ids, mask) for _, ids, mask in batches(cut, [text])]
    return bench, cut, texts[:TIMED]


def timed(ways: dict[str, Encode], tokenizer: Tokenizer, texts: Sequence[str], rounds: int) -> dict[str, float]:
    """Chunks a second of each way, by its median round."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, encode in ways.items():
            begun = time.perf_counter()
            embed(encode, tokenizer, texts)
            seconds[name].append(time.perf_counter() - begun)
    return {name: len(texts) / statistics.median(spent) for name, spent in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=500, help="for nDCG; 0 leaves it out (default: %(default)s)")
    parser.add_argument("--only", nargs="*", default=[""], help="beginnings of names, beside torch float32")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    transformers.logging.disable_progress_bar()
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(given.threads)
    console = Console()
    title = f"{TOKENS} tokens, {given.threads} threads"
    table = Table("way", "chunks/s", "cosine: mean", "lowest", "nDCG@10", title=title)
    with tempfile.TemporaryDirectory() as scratch:
        bench, tokenizer, texts = prepare(given.folder, Path(scratch), given.threads)
        ways = load_ways(bench, given.only, console)
        exact = embed(ways["torch float32"], tokenizer, texts)
        speeds = timed(ways, tokenizer, texts, given.rounds)
        for name, encode in ways.items():
            cosines = (embed(encode, tokenizer, texts) * exact).sum(axis=1)
            quality = "-"
            if given.questions and any(name.startswith(start) for start in given.only):
                quality = f"{ndcg(encode, tokenizer, given.folder, given.questions):.4f}"
                console.log(name, quality)
            table.add_row(name, f"{speeds[name]:.1f}", f"{cosines.mean():.4f}", f"{cosines.min():.4f}", quality)
    console.print(table)


if __name__ == "__main__":
    main()
