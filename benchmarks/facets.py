"""Whether the first citation is from the report that a question asks about, with files named and with files renamed.

    python benchmarks/facets.py DATA [--anywhere] [--side even|odd] [--passages] [--wrong]

DATA holds docs/ and questions.jsonl (question, files). Only questions that one file answers are asked. They are asked
of a library of the files as they are named, and, with the quarter that they name replaced by the day on which the
period ends as the report's cover has it, of a library of the same files called 01.pdf, 02.pdf, ... The libraries
"facets-named" and "facets-renamed" are made in LECTERN_HOME where they are not there. ``--anywhere`` searches all
documents whatever the question names, ``--passages`` looks at the first passage instead of the first citation, which is
quicker. No model is needed.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from statistics import mean, median
from time import perf_counter
from typing import TYPE_CHECKING

from ingest.facets.quarters import find_quarters

if TYPE_CHECKING:
    from app.chat.open_library import OpenLibrary
    from core.protocols import Embedder
    from index.search.filters import Filter
    from index.store.library import Library


@dataclass(frozen=True)
class Asked:
    """A question, and the id of the one document that answers it."""

    text: str
    document_id: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--anywhere", action="store_true")
    parser.add_argument("--side", choices=("even", "odd"), help="documents whose name's MD5 is even, or odd")
    parser.add_argument("--passages", action="store_true")
    parser.add_argument("--wrong", action="store_true", help="print the questions whose first citation is elsewhere")
    options = parser.parse_args()
    print(f"{'files':<10}{'questions':>10}{'first right':>13}{'chosen alone':>14}{'right chosen':>14}{'ms, p50':>9}")
    for variant in ("named", "renamed"):
        measure(variant, options)


def measure(variant: str, options: argparse.Namespace) -> None:
    from app.chat.open_library import OpenLibrary
    from core.settings import load_settings
    from index.embed import load_embedder
    from index.search.filters import Filter
    from index.store.library import Library

    settings = load_settings(library=f"facets-{variant}")
    renamed = variant == "renamed"
    with Library.open(settings, create=True) as library:
        if not library.documents():
            fill(library, options.data / "docs", load_embedder(settings), renamed=renamed)
    within = Filter(anywhere=True) if options.anywhere else None
    first = first_passage if options.passages else first_citation
    right, alone, chosen, milliseconds = [], [], [], []
    with OpenLibrary(settings) as opened:
        for asked in questions(options.data, opened.library, renamed=renamed, side=options.side):
            choice = opened.retriever.choice(asked.text, within)
            started = perf_counter()
            found = first(opened, asked.text, within)
            milliseconds.append((perf_counter() - started) * 1000)
            right.append(found == asked.document_id)
            alone.append(bool(choice and choice.is_sure and choice.document_ids == (asked.document_id,)))
            chosen.append(bool(choice and choice.document_ids[0] == asked.document_id))
            if options.wrong and not right[-1]:
                print("  ", asked.text, "|", *opened.library.names_of([found]).values())
    figures = f"{mean(right):>13.3f}{mean(alone):>14.3f}{mean(chosen):>14.3f}{median(milliseconds):>9.0f}"
    print(f"{variant:<10}{len(right):>10}{figures}", flush=True)


def first_passage(opened: OpenLibrary, question: str, within: Filter | None) -> str:
    """The document of the first passage that is found."""
    return opened.retriever.search(question, within=within).passages[0].document_id


def first_citation(opened: OpenLibrary, question: str, within: Filter | None) -> str:
    """The document of the first sentence that is shown as evidence, "" where there is none."""
    from app.answer.assembly import with_form
    from app.answer.pipeline import weigh
    from app.answer.question import Question
    from app.answer.retrieval import retrieve

    services = opened.services(None)
    asked = with_form(Question(question, within=within))
    sentences = weigh(asked, retrieve(asked, services), services).evidence.sentences
    return sentences[0].document_id if sentences else ""


def fill(library: Library, docs: Path, embedder: Embedder, *, renamed: bool) -> None:
    """Ingest the files, as they are called or as 01.pdf, 02.pdf, ... in an order that is not theirs."""
    from core.settings import load_settings
    from index.build import ingest

    with tempfile.TemporaryDirectory() as folder:
        files = sorted(docs.iterdir(), key=lambda path: md5(path.name.encode()).hexdigest())
        for number, path in enumerate(files, 1):
            name = f"{number:02}{path.suffix}" if renamed else path.name
            shutil.copy(path, Path(folder) / name)
        ingest([Path(folder)], library, embedder, load_settings())


def questions(data: Path, library: Library, *, renamed: bool, side: str | None) -> Iterator[Asked]:
    """The questions that one file answers, by that file's content."""
    from core.digests import sha256_of

    for line in (data / "questions.jsonl").read_text().splitlines():
        item = json.loads(line)
        if len(item["files"]) != 1 or side not in (None, side_of(item["files"][0])):
            continue
        document_id = sha256_of(data / "docs" / item["files"][0])
        text = ended(item["question"], library.text(document_id)) if renamed else item["question"]
        yield Asked(text, document_id)


def ended(question: str, text: str) -> str:
    """The question with the quarter that it names replaced by the day on which the period ends, by the cover."""
    found = re.search(r"period ended\s+(\w+ \d+, \d{4})", text, re.IGNORECASE)
    assert found, "the cover of a quarterly report says when its period ended"
    day = found[1]
    for name in reversed(find_quarters(question)):
        if name.year:
            question = f"{question[: name.start]}the quarter ended {day}{question[name.end :]}"
    return question


def side_of(name: str) -> str:
    return "odd" if int(md5(name.encode()).hexdigest(), 16) % 2 else "even"


if __name__ == "__main__":
    main()
