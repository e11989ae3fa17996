"""What a comparison tells of changes that are known: pairs of versions made by program, and pairs of files.

    python benchmarks/compare.py FOLDER... [--pairs 40] [--seed 1] [--show]

FOLDERs hold documents of any format; each pair is written as a text, a wrapped text, a DOCX or a PDF and read again.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.compare.comparison import compare_documents
from benchmarks.compare_drafts import FORMATS, write_draft
from benchmarks.compare_pairs import make_pair
from benchmarks.compare_score import Score, score
from benchmarks.tables import side
from core.settings import Settings
from core.types import Document
from ingest.child import ReaderPool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print what was missed and what was told wrongly")
    parser.add_argument("--keep", type=Path, help="a folder that the pairs are written to")
    options = parser.parse_args()
    files = sorted(path for folder in options.folders for path in folder.rglob("*") if path.is_file())
    draw = random.Random(options.seed)
    scores: dict[str, list[Score]] = {"even": [], "odd": []}
    missed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as home, ReaderPool(Settings(home=Path(home))) as pool:
        drafts = {path: text for path in files if len(text := paragraphs(pool.read(path))) >= 6}
        for number in range(options.pairs):
            path, other = draw.sample(sorted(drafts), 2)
            old, new, changes = make_pair(drafts[path], list(drafts[other]), draw)
            ending = FORMATS[number % len(FORMATS)]
            read = [
                pool.read(write_draft(draft, Path(home) / f"{name}-{ending}"))
                for draft, name in ((old, "old"), (new, "new"))
            ]
            if options.keep:
                for draft, name in ((old, "old"), (new, "new")):
                    write_draft(draft, options.keep / f"{number}-{name}-{ending}")
            comparison = compare_documents(*read)
            result = score(comparison, changes)
            half = side(path.name)
            scores[half].append(result)
            missed.update(change.kind for change in result.missed)
            if options.show and (result.missed or result.wrong):
                told = f"{result.told} of {result.made} told, {result.false} of {result.listed} false"
                print(f"{number} {path.name} {ending}: {told}")
                for change in result.missed:
                    print(f"    missed: {change.kind}: {change.old[:90]!r} -> {change.new[:90]!r}")
                for one in result.wrong:
                    print(f"    false: {one.kind}: {one.old.text[:90]!r} -> {one.new.text[:90]!r}")
    table = Table("documents (MD5 of the name)", "pairs", "changes told", "told though nothing changed")
    for name, results in (*scores.items(), ("all", scores["even"] + scores["odd"])):
        made, told, listed, false = (
            sum(getattr(one, key) for one in results) for key in ("made", "told", "listed", "false")
        )
        table.add_row(
            name,
            str(len(results)),
            f"{told} of {made} ({told / max(1, made):.3f})",
            f"{false} of {listed} ({false / max(1, listed):.3f})",
        )
    Console().print(table)
    if missed:
        print("missed:", dict(missed))


def paragraphs(document: Document) -> list[str]:
    """The paragraphs of a document, its lines joined where they were wrapped, without rows of tables."""
    from app.compare.units import split_units

    blocks: dict[int, tuple[int, int]] = {}
    for unit in split_units(document):
        if unit.kind in ("text", "heading"):
            first = blocks.get(unit.block, (unit.start, 0))[0]
            blocks[unit.block] = first, unit.end
    texts = [" ".join(document.text[start:end].split()) for start, end in blocks.values()]
    return [text for text in texts if any(map(str.isalpha, text))]


if __name__ == "__main__":
    main()
