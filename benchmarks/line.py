"""The whole line on real reports: ingest a folder, ask its questions, print one table.

    python benchmarks/line.py DATA [--asks 20] [--json FILE]

DATA holds docs/ and questions.jsonl; a line of it is {"question": ..., "files": [names of the files that
hold the answer]}. Everything happens in a temporary home; run it on an idle machine.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from app.answer.services import Services

ROOT = Path(__file__).parent.parent
TABLE_TITLE = "The whole line"


def ingest(docs: Path) -> dict[str, Any]:
    """Run `lectern ingest` as a person would, in its own processes."""
    command = [sys.executable, "-m", "app.cli", "ingest", str(docs)]
    start = time.perf_counter()
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    seconds = time.perf_counter() - start
    if run.returncode:
        sys.exit(f"ingest ended with {run.returncode}:\n{run.stderr}")
    # The largest single process; the reader's and the embedder's are two, so their sum is at most twice this.
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"ingest_seconds": seconds, "peak_mb": peak_mb}


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    result = function()
    return result, (time.perf_counter() - start) * 1000


def measure(data: Path, asks: int) -> dict[str, Any]:
    from app.answer.events import Answered, EvidenceFound
    from app.answer.pipeline import answer
    from app.answer.question import Question
    from app.answer.services import Services
    from core.settings import load_settings
    from core.types import Answer
    from generate.load import load_engine
    from index.bundled import bundled_folder
    from index.embed import load_embedder
    from index.embedders.packed import BundledEmbedder
    from index.reader.loader import load_beside
    from index.reader.span_reader import SpanReader
    from index.search.retriever import Retriever
    from index.store.library import Library

    figures = ingest(data / "docs")
    settings = load_settings()
    questions = [json.loads(line) for line in (data / "questions.jsonl").read_text().splitlines()]
    embedder = load_embedder(settings)
    with Library.open(settings) as library:
        documents = library.documents()
        files = len([path for path in (data / "docs").iterdir() if path.is_file()])
        pages, chunks = sum(d.pages for d in documents), sum(d.chunks for d in documents)
        seconds = figures["ingest_seconds"]
        figures |= {"files": f"{len(documents)} of {files}", "pages": pages, "chunks": chunks}
        figures |= {"pages_per_second": pages / seconds, "chunks_per_second": chunks / seconds}

        retriever = Retriever(library, embedder, settings)
        retriever.search(questions[0]["question"])
        hits, search_ms = [], []
        for item in questions:
            retrieval, milliseconds = timed(lambda item=item: retriever.search(item["question"], k=5))
            hits.append(bool({p.file for p in retrieval.passages} & set(item["files"])))
            search_ms.append(milliseconds)
        figures |= {"questions": len(questions), "file_hit@5": statistics.mean(hits)}
        figures |= {"retrieve_ms_p50": percentile(search_ms, 0.5), "retrieve_ms_p95": percentile(search_ms, 0.95)}

        with load_engine(settings) as engine:
            evidence_ms: list[float] = []

            beside = embedder if isinstance(embedder, BundledEmbedder) else None
            reader = load_beside(beside, bundled_folder(settings.home))

            def load_span_reader() -> SpanReader:
                return reader

            services = Services(library, retriever, embedder, engine, settings, load_span_reader)

            def ask(question: str, conversation: str, history: list[Any]) -> Answer:
                for event in answer(
                    Question(question, answer_by="model", history=tuple(history), conversation=conversation), services
                ):
                    if isinstance(event, EvidenceFound):
                        evidence_ms.append(event.milliseconds)
                    if isinstance(event, Answered):
                        return event.answer
                raise AssertionError("an answer always ends with Answered")

            ask(questions[0]["question"], "warm-up", [])
            evidence_ms.clear()
            sample = questions[:: max(1, len(questions) // asks)][:asks]
            cold = [ask(item["question"], f"cold-{i}", []) for i, item in enumerate(sample)]
            figures["first_evidence_ms_p50"] = statistics.median(evidence_ms)
            figures["first_evidence_ms_p95"] = percentile(evidence_ms, 0.95)
            figures["first_token_cold_ms_p50"] = statistics.median(a.timings.first_token for a in cold)
            figures["first_token_cold_ms_p95"] = percentile([a.timings.first_token for a in cold], 0.95)
            figures["whole_answer_ms_p50"] = statistics.median(a.timings.total for a in cold)
            rates = [
                (a.usage.answer - 1) * 1000 / (a.usage.total_ms - a.usage.first_token_ms)
                for a in cold
                if a.usage.answer > 8 and a.usage.total_ms > a.usage.first_token_ms
            ]
            figures["tokens_per_second_p50"] = statistics.median(rates)
            figures |= follow_ups(sample, services)
    return figures


def follow_ups(sample: list[Any], services: "Services") -> dict[str, Any]:
    """The second question of a conversation, asked the way the chat asks it."""
    from app.answer.events import Answered
    from app.chat.conversation import Conversation

    first_token, reused = [], []
    for first, second in zip(sample[::2], sample[1::2], strict=False):
        talk = Conversation(services)
        for _ in talk.ask(first["question"], answer_by="model"):
            pass
        for event in talk.ask(second["question"], answer_by="model"):
            if isinstance(event, Answered):
                first_token.append(event.answer.timings.first_token)
                reused.append(event.answer.usage.reused / max(1, event.answer.usage.prompt))
    return {
        "first_token_follow_up_ms_p50": statistics.median(first_token),
        "first_token_follow_up_ms_p95": percentile(first_token, 0.95),
        "reused_share_p50": statistics.median(reused),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--asks", type=int, default=20, help="how many of the questions are put to the model")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    data = options.data.absolute()
    with tempfile.TemporaryDirectory() as home:
        os.environ["LECTERN_HOME"] = home
        figures = {"machine": f"{platform.machine()}, {os.cpu_count()} cores", **measure(data, options.asks)}
    table = Table("figure", "value", title=TABLE_TITLE)
    for name, value in figures.items():
        table.add_row(name, f"{value:.3g}" if isinstance(value, float) else str(value))
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
