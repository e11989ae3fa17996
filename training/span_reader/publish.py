"""A trained network -> the weights that Lectern ships: ``python -m training.span_reader.publish --help``.

Packs the parameters as int8, calibrates the probability on the development slice, and writes the file with its facts
(hashes, configuration, calibration, development figures). The sha256 goes into index/reader/weights.py.
"""

import argparse
import hashlib
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from core.errors import LecternError, UsageError
from core.files import write_atomically
from core.protocols import Embedder
from core.settings import load_settings
from evaluate.span_bench import load_bench
from evaluate.span_judgement import Judged, judge, judgement
from evaluate.span_reader import pointing
from index.bundled import bundled_folder
from index.embed import load_embedder
from index.reader import weights
from index.reader.loader import load_span_reader
from index.reader.span_reader import SCORE_LIMIT, Calibration
from index.reader.weights import FILE, pack

MOST_BYTES = 12 * 1000 * 1000
"""What the weights may weigh in the repository."""
AVERAGE = "average."
"""What a checkpoint's names of the averaged parameters begin with."""
QUESTIONS = 600
"""Development questions of a set that it is calibrated and measured on, at most."""


def publish(
    state: Path, data: Path, embedder: Embedder, folder: Path, file: Path = FILE, questions: int = QUESTIONS
) -> str:
    """Write ``file`` from the state that train kept; its sha256. ``folder`` is the bundled MiniLM's.

    It is written at the end, so that what is broken off leaves the old weights whole. Raises UsageError where there is
    no such state or it is too large.
    """
    parameters, identity = read_state(state)
    facts: dict[str, Any] = {"training": identity}
    with TemporaryDirectory() as elsewhere:
        trial = Path(elsewhere) / file.name
        span_reader = load_span_reader(folder, file=trial, sha256=write(trial, parameters, facts))
    bench = load_bench(data / "squad2-dev", "dev", span_reader, embedder, questions)
    judged = judge(bench)
    calibration = fit(judged)
    facts["calibration"] = {"alone": calibration.score_weights, "joined": calibration.cosine_weights}
    chances = [calibration.probability(*seen) for seen in zip(judged.score, judged.cosine, strict=True)]
    judged = replace(judged, probability=np.array(chances))
    facts["dev"] = {
        "squad2-dev": {**pointing(bench, embedder), **judgement(judged)},
        "nq-oracle": pointing(load_bench(data / "nq-oracle", "dev", span_reader, embedder, questions), embedder),
    }
    return write(file, parameters, facts)


def read_state(state: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The parameters that train kept (of a checkpoint their average), and what they were trained from."""
    try:
        with safe_open(state, "pt") as kept:
            names = list(kept.keys())
            averaged = [name for name in names if name.startswith(AVERAGE)]
            parameters = {name.removeprefix(AVERAGE): kept.get_tensor(name) for name in averaged or names}
            return parameters, kept.metadata()
    except FileNotFoundError as error:
        raise UsageError(f"There is no {state}.", "Train first: python -m training.span_reader.train --help") from error


def write(file: Path, parameters: dict[str, Tensor], facts: dict[str, Any]) -> str:
    """Write the packed parameters with their facts; the file's sha256."""
    content = save(pack(parameters), {"facts": json.dumps(facts, sort_keys=True)})
    if len(content) > MOST_BYTES:
        raise UsageError(f"The weights would take {len(content):,} bytes.", f"At most {MOST_BYTES:,} are shipped.")
    write_atomically(file, content, private=False)
    return hashlib.sha256(content).hexdigest()


def fit(judged: Judged) -> Calibration:
    """The logistic regressions from best score, and best score and cosine, to whether the passages answer."""
    from sklearn.linear_model import LogisticRegression

    own = judged.kind != "off_topic"
    scores = np.clip(judged.score[own], -SCORE_LIMIT, SCORE_LIMIT)
    seen = np.column_stack([scores, judged.cosine[own]])
    by_score = LogisticRegression(C=1e4).fit(seen[:, :1], judged.truth[own])
    by_both = LogisticRegression(C=1e4).fit(seen, judged.truth[own])
    return Calibration(
        (float(by_score.intercept_[0]), float(by_score.coef_[0, 0])),
        (float(by_both.intercept_[0]), float(by_both.coef_[0, 0]), float(by_both.coef_[0, 1])),
    )


def note_digest(digest: str) -> None:
    """Write the sha256 into index/reader/weights.py, where the reader checks it."""
    source = Path(weights.__file__)
    text = source.read_text(encoding="utf-8")
    write_atomically(
        source, re.sub(r'^SHA256 = ".*"', f'SHA256 = "{digest}"', text, flags=re.M).encode(), private=False
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, required=True, help="best.safetensors, or a checkpoint, that train kept")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds squad2-dev and nq-oracle")
    parser.add_argument("--file", type=Path, default=FILE, help="where to write the weights (default: %(default)s)")
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="development questions (default: %(default)s)")
    args = parser.parse_args()
    try:
        settings = load_settings(embedder="bundled")
        folder = bundled_folder(settings.home)
        digest = publish(args.state, args.data, load_embedder(settings), folder, args.file, args.questions)
    except LecternError as error:
        sys.exit(str(error))
    if args.file == FILE:
        note_digest(digest)
    print(f"{args.file}: {args.file.stat().st_size:,} bytes, sha256 {digest}")


if __name__ == "__main__":
    main()
