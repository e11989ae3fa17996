"""Summaries: what of a paper they hold, by points that a reader wrote down from the paper alone, or of
quarterly reports by the figures and headings that any reader of one looks for.

    python benchmarks/summaries.py POINTS FOLDER... [--side even|odd] [--model NAME] [--show]

Without --model no model takes part. POINTS is a YAML file: for each paper, by its name below one of the folders, a
list of points. A point is a list of parts, a part a list of wordings; it is held where of each part one wording is
told, one after "# " in a heading. Write them from the papers, before any summary is seen. Those of the reports are
benchmarks/gold/sec-10-q-summaries.yaml.
"""

import argparse
import sys
import threading
from collections.abc import Iterable, Iterator
from hashlib import md5
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.answer.events import Answered
from app.chat.models import Models
from app.summarize.context import TaskContext
from app.summarize.summary import summarise
from core.settings import load_settings
from core.types import Answer, Document
from ingest.child import ReaderPool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("points", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--side", choices=("even", "odd"))
    parser.add_argument("--model", help="A chat model that writes.")
    parser.add_argument("--show", action="store_true", help="Print what is missing, and the summary.")
    options = parser.parse_args()
    gold = yaml.safe_load(options.points.read_text("utf-8"))
    held = whole = 0
    words, read_words, unsupported, sentences = 0, 0, 0, 0
    names = [name for name in gold if on_side(name, options.side)]
    for document, answer in summaries(names, options.folders, options.model):
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
            print("".join(f"    {point}\n" for point in missed), answer.text, sep="\n", flush=True)
    print(f"{held} of {whole} held ({held / max(1, whole):.2f})")
    print(f"{unsupported} of {sentences} sentences without a citation; {words / max(1, read_words):.2f} of the words")


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


def papers_below(folders: Iterable[Path]) -> dict[str, Path]:
    """Every file below the folders, by its name."""
    return {path.name: path for folder in folders for path in folder.rglob("*") if path.is_file()}


def summaries(names: list[str], folders: list[Path], model: str | None) -> Iterator[tuple[Document, Answer]]:
    """Each document with its summary, by its own sentences where no model writes."""
    settings = load_settings(model=model)
    papers, models = papers_below(folders), Models(settings)
    engine = models.engine if model else None
    context = TaskContext(models.embedder, engine, settings, threading.Event(), agreed=True)
    try:
        with ReaderPool(settings) as pool:
            for name in names:
                document = pool.read(papers[name])
                events = summarise(document, context)
                yield document, next(one.answer for one in events if isinstance(one, Answered))
    finally:
        models.close()


if __name__ == "__main__":
    main()
