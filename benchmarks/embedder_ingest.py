"""The processor time of an ingest by an embedder that is loaded: of this process in one thread, and of its readers.

    python benchmarks/embedder_ingest.py EMBEDDER FILE [FILE ...]

EMBEDDER is a value of the setting `embedder`. Processor time and not the clock's, so that other work counts little.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import torch

from core.settings import load_settings
from index.build import ingest
from index.embed import load_embedder
from index.store.library import Library


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("embedder")
    parser.add_argument("files", nargs="+", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(home=Path(home), embedder=given.embedder, embedder_threads=1)
        embedder = load_embedder(settings)
        embedder.embed_question("warm-up")
        with Library.open(settings, create=True) as library:
            begun, before = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            ingest(given.files, library, embedder, settings)
            own, readers = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            print(f"{library.counts().chunks} chunks, {own - begun:.1f} s, its readers {readers - before:.1f} s")


if __name__ == "__main__":
    main()
