"""Writes the mean vector of benchmarks/neutral_questions.txt, ten neutral questions in each of ten languages.

    python benchmarks/question_mean.py [--embedder multilingual]

The embedder's vector in index/search/question_means.safetensors is replaced, those of others stay.
"""

import argparse
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from core.settings import load_settings
from index.embed import load_embedder
from index.search.dense import DENSE_WEIGHTS
from index.search.question_mean import MEANS

QUESTIONS = Path(__file__).with_name("neutral_questions.txt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embedder", default="multilingual")
    embedder = load_embedder(load_settings(embedder=parser.parse_args().embedder))
    vectors = [embedder.embed_question(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    kept = load_file(MEANS) if MEANS.exists() else {}
    name = next((known for known in DENSE_WEIGHTS if embedder.name.startswith(known)), embedder.name)
    save_file({**kept, name: np.mean(vectors, axis=0).astype(np.float32)}, MEANS)


if __name__ == "__main__":
    main()
