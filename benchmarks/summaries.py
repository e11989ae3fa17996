"""Summaries without a model: what of a paper they hold, by points that a reader wrote down from the paper alone, or of
quarterly reports by the figures and headings that any reader of one looks for.

    python benchmarks/summaries.py points FOLDER [--side even|odd] [--show]
    python benchmarks/summaries.py reports FOLDER [--side even|odd] [--show]
"""

import argparse
import sys
import threading
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.answer.events import Answered
from app.chat.models import Models
from app.summarize.context import TaskContext
from app.summarize.summary import summarise
from core.settings import Settings, load_settings
from core.types import Answer, Document
from ingest.child import ReaderPool

GOLD = Path(__file__).parent / "gold"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("points", "reports"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", choices=("even", "odd"))
    parser.add_argument("--show", action="store_true", help="Print what is missing.")
    options = parser.parse_args()
    gold = yaml.safe_load((GOLD / GOLD_FILES[options.what]).read_text("utf-8"))
    held = whole = 0
    words, read_words, unsupported, sentences = 0, 0, 0, 0
    for document, answer in summaries([name for name in gold if on_side(name, options.side)], options.folder):
        text = told(answer)
        missed = [point for point in gold[document.name] if not holds(text, point)]
        held += len(gold[document.name]) - len(missed)
        whole += len(gold[document.name])
        words += len(answer.text.split())
        read_words += len(document.text.split())
        sentences += len(answer.sentences)
        unsupported += sum(not one.supported for one in answer.sentences)
        print(f"{document.name}: {len(gold[document.name]) - len(missed)} of {len(gold[document.name])}", flush=True)
        if options.show:
            for point in missed:
                print(f"    {point}")
    print(f"{held} of {whole} held ({held / max(1, whole):.2f})")
    print(f"{unsupported} of {sentences} sentences without a citation; {words / max(1, read_words):.2f} of the words")


GOLD_FILES = {"points": "everyday-points.yaml", "reports": "sec-10-q-summaries.yaml"}


def on_side(name: str, side: str | None) -> bool:
    """Whether a file is among those that settings were chosen on (even) or those reported (odd)."""
    is_even = int(md5(name.encode()).hexdigest(), 16) % 2 == 0
    return side is None or is_even == (side == "even")


def told(answer: Answer) -> str:
    """A summary's text in small letters, and its headings once more after "#"."""
    return flat("\n".join((answer.text, *(f"# {heading}" for _, heading in answer.headings))))


def flat(text: str) -> str:
    return " ".join(text.split()).casefold()


def holds(text: str, point: list[list[object]]) -> bool:
    """Whether each part of a point is told in one of its wordings; one after "#" in a heading."""
    heads = "\n".join(text.split("# ")[1:])

    def is_told(wording: str) -> bool:
        return wording.removeprefix("# ") in heads if wording.startswith("# ") else wording in text

    return all(any(is_told(flat(str(wording))) for wording in part) for part in point)


def summaries(names: list[str], folder: Path) -> Iterator[tuple[Document, Answer]]:
    """Each document of ``folder/docs`` with its summary by the document's own sentences."""
    settings = load_settings()
    models = Models(settings)
    try:
        with ReaderPool(settings) as pool:
            for name in names:
                document = pool.read(folder / "docs" / name)
                yield document, summary_of(document, models, settings)
    finally:
        models.close()


def summary_of(document: Document, models: Models, settings: Settings) -> Answer:
    context = TaskContext(models.embedder, None, settings, threading.Event(), agreed=True)
    return next(one.answer for one in summarise(document, context) if isinstance(one, Answered))


if __name__ == "__main__":
    main()
