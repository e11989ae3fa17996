"""How large chunks are in each language: ``python benchmarks/chunks.py DIR ...``, sets in BEIR's layout.

A letter is one of Unicode's letters or the signs on and under them; tokens are the embedder's.
"""

import argparse
import json
import statistics
from pathlib import Path
from unicodedata import category

from rich.console import Console
from rich.table import Table

from core.settings import load_settings
from core.types import Chunk, Document, Page
from index.embed import load_embedder
from ingest.chunk import chunk


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    given = parser.parse_args()
    settings = load_settings()
    embedder = load_embedder(settings)
    table = Table("set", "chunks a passage", "letters", "tokens", "most tokens")
    for folder in given.folders:
        texts = [json.loads(line)["text"] for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines()]
        found = [one for text in texts for one in chunk(document(text), embedder, settings.chunk_tokens)]
        table.add_row(folder.name, f"{len(found) / len(texts):.2f}", *figures(found))
    Console().print(table)


def document(text: str) -> Document:
    return Document("", "", "text/plain", "", text, (Page("section", 1, "", 0, len(text)),))


def figures(chunks: list[Chunk]) -> tuple[str, str, str]:
    """Mean letters and tokens of a chunk, and the most tokens of one."""
    letters = statistics.fmean(sum(category(sign)[0] in "LM" for sign in one.text) for one in chunks)
    return f"{letters:.0f}", f"{statistics.fmean(one.tokens for one in chunks):.0f}", str(max(o.tokens for o in chunks))


if __name__ == "__main__":
    main()
