"""How fast the span reader reads four passages, by number format and runtime: ``python benchmarks/span_reader.py``.

Runtimes that are not installed are left out (ONNX Runtime wants onnxruntime and onnx, OpenVINO openvino). With
--data DIR also how well each reads: F1 on the gold passages of squad2-dev's development slice.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from torch import Tensor

from core.settings import load_settings
from evaluate.span_data import load_set
from evaluate.span_scores import word_f1
from index.bundled import bundled_folder
from index.reader.loader import load_span_reader, read_embeddings
from index.reader.span_reader import SpanReader

PASSAGES, TOKENS = 4, 200
QUESTION = "When was the first lighthouse of the island rebuilt after the storm?"
SENTENCE = "The keeper wrote in March that the tower had lost its lamp and that repairs would take until summer. "


@dataclass(frozen=True)
class Foreign:
    """A network that another runtime computes: int64 arrays of ids, segments and mask -> start and end scores."""

    compute: Callable[..., tuple[NDArray[np.float32], NDArray[np.float32]]]

    def __call__(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        start, end = self.compute(*(each.numpy() for each in inputs))
        return torch.from_numpy(start), torch.from_numpy(end)


def readers(folder: Path, scratch: Path) -> dict[str, Callable[[], SpanReader]]:
    """Every format by name; each is loaded when it is its turn, through files in ``scratch``."""

    def in_torch(dtype: torch.dtype) -> SpanReader:
        return load_span_reader(folder, read_embeddings(folder).to(dtype))

    def int8() -> SpanReader:
        reader = in_torch(torch.float32)
        encoder = reader.network.encoder
        reader.network.encoder = torch.ao.quantization.quantize_dynamic(encoder, {torch.nn.Linear}, torch.qint8)
        return reader

    found: dict[str, Callable[[], SpanReader]] = {
        "torch float32": lambda: in_torch(torch.float32),
        "torch bfloat16": lambda: in_torch(torch.bfloat16),
        "torch int8, dynamic": int8,
    }
    if find_spec("onnxruntime") and find_spec("onnx"):
        found["ONNX Runtime float32"] = lambda: with_network(in_torch(torch.float32), onnx(folder, scratch, False))
        found["ONNX Runtime int8"] = lambda: with_network(in_torch(torch.float32), onnx(folder, scratch, True))
    if find_spec("openvino"):
        for hint in ("f32", "bf16"):
            found[f"OpenVINO {hint}"] = lambda hint=hint: with_network(  # type: ignore[misc]
                in_torch(torch.float32), openvino(in_torch(torch.float32), hint)
            )
    return found


def with_network(reader: SpanReader, network: Foreign) -> SpanReader:
    reader.network = network  # type: ignore[assignment]
    return reader


def example() -> tuple[Tensor, Tensor, Tensor]:
    """Inputs to trace the network with: two rows of 40 tokens."""
    ids = torch.randint(1000, 20000, (2, 40))
    segments = torch.zeros_like(ids)
    segments[:, 12:] = 1
    ids[:, 0], ids[:, 11] = 101, 102
    return ids, segments, torch.ones_like(ids)


def onnx(folder: Path, scratch: Path, quantised: bool) -> Foreign:
    """The network in ONNX Runtime; ``quantised``: weights int8 for each output channel, activations as they come."""
    import onnxruntime

    path = scratch / "reader.onnx"
    names = ["ids", "segments", "mask"]
    axes = {name: {0: "rows", 1: "tokens"} for name in (*names, "start", "end")}
    network = load_span_reader(folder, read_embeddings(folder).float()).network
    torch.onnx.export(
        network, example(), str(path), input_names=names, output_names=["start", "end"], dynamic_axes=axes, dynamo=False
    )
    if quantised:
        from onnxruntime.quantization import quantize_dynamic

        path, whole = scratch / "int8.onnx", path
        quantize_dynamic(str(whole), str(path), per_channel=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return Foreign(lambda *inputs: tuple(session.run(None, dict(zip(names, inputs, strict=True)))))


def openvino(reader: SpanReader, hint: str) -> Foreign:
    """The network in OpenVINO, computed in ``hint`` (f32 or bf16)."""
    import openvino as runtime

    model = runtime.convert_model(reader.network, example_input=example())
    options = {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": str(torch.get_num_threads())}
    compiled = runtime.compile_model(model, "CPU", options)

    def compute(*inputs: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        result = compiled(inputs)
        return np.array(result[0]), np.array(result[1])

    return Foreign(compute)


def timed(reader: SpanReader, runs: int) -> list[float]:
    """Milliseconds of each of ``runs`` readings of PASSAGES passages of TOKENS tokens, after two to warm up."""
    passage = SENTENCE * 20
    offsets = reader._tokens(passage)[1]
    passages = [passage[: offsets[TOKENS - 1][1]]] * PASSAGES
    spent = []
    for number in range(runs + 2):
        begun = time.perf_counter()
        reader.read(QUESTION, passages)
        if number >= 2:
            spent.append((time.perf_counter() - begun) * 1000)
    return spent


def f1(reader: SpanReader, data: Path, limit: int) -> float:
    """Mean F1 of the best words in the gold passages of the development slice's first ``limit`` questions."""
    questions = [each for each in load_set(data / "squad2-dev").questions_of("dev") if each.answers][:limit]
    texts = {passage.id: passage.text for passage in load_set(data / "squad2-dev").passages}
    scores = []
    for question in questions:
        best = reader.read(question.text, [texts[question.passage]]).best
        scores.append(word_f1(best[1].text if best else "", question.answers))
    return statistics.fmean(scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="readings timed (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--data", type=Path, help="folder that holds squad2-dev")
    parser.add_argument("--limit", type=int, default=200, help="questions read with --data (default: %(default)s)")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    table = Table("format", "p50 ms", "p95 ms", "F1", title=f"{PASSAGES} passages of {TOKENS} tokens")
    with tempfile.TemporaryDirectory() as home:
        folder = bundled_folder(load_settings(home=Path(home)).home)
        for name, load in readers(folder, Path(home)).items():
            reader = load()
            spent = timed(reader, given.runs)
            quality = f"{f1(reader, given.data, given.limit):.3f}" if given.data else "-"
            table.add_row(name, f"{np.median(spent):.0f}", f"{np.quantile(spent, 0.95):.0f}", quality)
    Console().print(table)


if __name__ == "__main__":
    main()
