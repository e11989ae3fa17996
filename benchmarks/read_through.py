"""A question put to every page of a paper: how much is listed of what a reader wrote down from the paper alone, and how
much else. Without --model no model takes part.

    python benchmarks/read_through.py LISTS FOLDER... [--side even|odd] [--model NAME] [--show]

LISTS is a YAML file, a list of {file, question, items, also}: a paper below one of the folders, what is asked of it,
and what a complete answer lists, each item by words of its own place in the paper. ``also`` are places that a reader
would neither miss nor mind; whatever else is listed is wrong. Write it from the papers, before any answer is seen.
"""

import argparse
import sys
import threading
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.answer.events import Answered
from app.chat.models import Models
from app.read_through.reading import read_through
from app.summarize.context import TaskContext
from benchmarks.summaries import flat, on_side, papers_below
from core.settings import load_settings
from core.types import Answer, Document
from ingest.child import ReaderPool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lists", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--side", choices=("even", "odd"))
    parser.add_argument("--model", help="A chat model that judges what is not clear.")
    parser.add_argument("--show", action="store_true", help="Print what is missing and what is wrong.")
    options = parser.parse_args()
    papers = papers_below(options.folders)
    asked = yaml.safe_load(options.lists.read_text("utf-8"))
    asked = [one for one in asked if on_side(one["file"], options.side)]
    settings = load_settings(model=options.model)
    models = Models(settings)
    items = found = listed = wrong = 0
    read: dict[str, Document] = {}
    try:
        engine = models.engine if options.model else None
        context = TaskContext(models.embedder, engine, settings, threading.Event(), agreed=True)
        with ReaderPool(settings) as pool:
            for one in asked:
                document = read.get(one["file"]) or pool.read(papers[one["file"]])
                read[one["file"]] = document
                events = read_through(document, one["question"], context)
                answer = next(event.answer for event in events if isinstance(event, Answered))
                missed, others = compared(answer, one["items"], one["also"])
                items, found = items + len(one["items"]), found + len(one["items"]) - len(missed)
                listed, wrong = listed + len(answer.sentences), wrong + len(others)
                print(f"{one['file']}: {one['question']}", flush=True)
                print(f"    {len(one['items']) - len(missed)} of {len(one['items'])}, {len(others)} wrong", flush=True)
                if options.show:
                    print("".join(f"    missing: {text}\n" for text in missed), end="")
                    print("".join(f"    wrong: {text}\n" for text in others), end="")
    finally:
        models.close()
    print(f"{found} of {items} found ({found / max(1, items):.2f})")
    print(f"{wrong} of {listed} wrong ({wrong / max(1, listed):.2f})")


def compared(answer: Answer, items: list[str], also: list[str]) -> tuple[list[str], list[str]]:
    """The items that no sentence of the answer holds, and the sentences that hold none, nor what may be listed too."""
    told = [flat(sentence.citations[0].quote) for sentence in answer.sentences]
    wanted, allowed = [flat(item) for item in items], [flat(item) for item in also]
    missed = [item for item, words in zip(items, wanted, strict=True) if not any(words in text for text in told)]
    others = [text for text in told if not any(words in text for words in (*wanted, *allowed))]
    return missed, others


if __name__ == "__main__":
    main()
