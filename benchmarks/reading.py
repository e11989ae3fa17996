"""Read every file below a folder as `lectern ingest` does and print what came of it.

    python benchmarks/reading.py FOLDER [--show]

A table per kind of file: files, pages, pages without text, characters, seconds, pages/s, and the files that could not
be read with the reason. Files named source.html beside an expected.html are also compared with it: mean precision,
recall and F1 of words. --show prints each file's title, pages and warnings.
"""

import argparse
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ReadError
from core.settings import load_settings
from core.types import Document
from ingest.child import ReaderPool
from ingest.encoding import decode
from ingest.folder import find_files
from ingest.readers import _markup


@dataclass
class Tally:
    files: int = 0
    pages: int = 0
    without_text: int = 0
    characters: int = 0
    seconds: float = 0.0
    failed: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true")
    given = parser.parse_args()
    tallies: dict[str, Tally] = defaultdict(Tally)
    scores: list[tuple[float, float, float]] = []
    with ReaderPool(load_settings()) as pool:
        for path in (found.path for found in find_files([given.folder])):
            tally = tallies[path.suffix.lower() or path.name]
            began = time.perf_counter()
            try:
                document = pool.read(path)
            except ReadError as error:
                tally.failed.append(f"{type(error).__name__}: {error.message}")
                continue
            finally:
                tally.seconds += time.perf_counter() - began
                tally.files += 1
            _add(tally, document)
            if path.name == "source.html":
                scores.append(_score(document.text, path.with_name("expected.html")))
            if given.show:
                print(f"{path.name}: {document.title!r}, {len(document.pages)} pages, {document.warnings}")
    print("| kind | files | failed | pages | of them without text | characters | s | pages/s |")
    print("|---|---|---|---|---|---|---|---|")
    for kind, tally in sorted(tallies.items()):
        speed = tally.pages / tally.seconds
        print(
            f"| {kind} | {tally.files} | {len(tally.failed)} | {tally.pages} | {tally.without_text} "
            f"| {tally.characters:,} | {tally.seconds:.1f} | {speed:.0f} |"
        )
    for tally in tallies.values():
        for line in tally.failed:
            print(line)
    if scores:
        precision, recall, f1 = (sum(column) / len(scores) for column in zip(*scores, strict=True))
        print(f"main text of {len(scores)} pages: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")


def _add(tally: Tally, document: Document) -> None:
    tally.pages += len(document.pages)
    tally.without_text += sum(bool(page.note) for page in document.pages)
    tally.characters += len(document.text)


def _score(text: str, expected: Path) -> tuple[float, float, float]:
    """(precision, recall, F1) of the words of ``text``, as a bag, against the expected main text."""
    root = _markup.parse(decode(expected.read_bytes(), expected.name))
    ours, theirs = _bag([text]), _bag(block.text for block in _markup.blocks(root))
    common = sum((ours & theirs).values())
    precision, recall = common / max(1, sum(ours.values())), common / max(1, sum(theirs.values()))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def _bag(texts: Iterator[str] | list[str]) -> Counter[str]:
    return Counter(word for text in texts for word in re.findall(r"\w+", text.lower()))


if __name__ == "__main__":
    main()
