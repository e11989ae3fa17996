"""Fits how certain it is, before a draft, that the documents answer: the weights of `app.answer.confidence.BEFORE`.

    python benchmarks/confidence.py DATA [--questions 160] [--embedder multilingual]

DATA holds squad2-dev, contracts and everyday (docs/evaluation.md says how a set is read). Asked are questions of the
documents whose name's MD5 is even, those that a set says are not answered among them, and each set's questions
of another's documents, which answer none of them. Each kind of each set counts alike. Prints the weights, and of each
kind the share that lies below a probability (cross-validated). Needs scikit-learn (the extra "training"); some minutes
on two cores.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.answer.assembly import with_form
from app.answer.confidence import signs_before
from app.answer.evidence import gather_evidence
from app.answer.question import Question
from app.answer.retrieval import retrieve
from app.answer.services import Services
from app.chat.models import Models
from core.settings import Settings
from evaluate.asking_sets import load_asking_sets
from evaluate.set_library import library_settings, open_set_library
from index.search.filters import Filter
from index.search.retriever import Retriever

SIGNS = ("points", "points_elsewhere", "plain", "score")
BELOW = (0.05, 0.1, 0.12, 0.15, 0.2, 0.25, 0.35, 0.5)


@dataclass(frozen=True)
class Asked:
    """A question of a set's ``document``, "" for all, and whether the documents that it is put to answer it."""

    id: str
    text: str
    answered: bool
    document: str = ""


def squad(folder: Path) -> Iterator[Asked]:
    for row in rows(folder / "queries.jsonl"):
        if is_even(row["passage"].split("#")[0]):
            yield Asked(row["_id"], row["text"], bool(row["answers"]))


def contracts(folder: Path) -> Iterator[Asked]:
    for row in rows(folder / "questions.jsonl"):
        if is_even(row["document"]):
            yield Asked(row["id"], row["question"], row["answer"] != "not said", row["document"])


def everyday(folder: Path) -> Iterator[Asked]:
    for row in rows(folder / "questions.jsonl"):
        near = row.get("evidence") or row.get("near") or [{"document": row["id"]}]
        document = near[0]["document"] if isinstance(near, list) else near["document"]
        if is_even(document):
            yield Asked(row["id"], row["question"], not row["unanswerable"])


SETS = {"squad2-dev": squad, "contracts": contracts, "everyday": everyday}
STRANGERS = {"squad2-dev": "everyday", "contracts": "everyday", "everyday": "squad2-dev"}
"""Whose questions are put to a set's documents, which do not answer them."""


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def is_even(name: str) -> bool:
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 0


def drawn(asked: Iterator[Asked], count: int) -> list[Asked]:
    return sorted(asked, key=lambda one: hashlib.sha256(one.id.encode()).hexdigest())[:count]


def gather(data: Path, count: int, models: Models) -> Iterator[tuple[str, bool, dict[str, float]]]:
    """The kind of each question, whether it is answered, and its signs."""
    for name, read in SETS.items():
        other = STRANGERS[name]
        foreign = (Asked(one.id, one.text, False) for one in SETS[other](data / other) if one.answered)
        questions = [(one, "answered" if one.answered else "not answered") for one in drawn(read(data / name), count)]
        questions += [(one, "of other documents") for one in drawn(foreign, count // 2)]
        (asking,) = load_asking_sets(data / name)
        inside = library_settings(asking, models.settings)
        with open_set_library(asking, inside, models.embedder, lambda *_: None, print) as library:
            retriever = Retriever(library, models.embedder, inside)
            services = Services(library, retriever, models.embedder, None, inside, models.span_reader)
            for one, kind in questions:
                within = Filter(documents=(asking.document(one.document),)) if one.document else None
                question = with_form(Question(one.text, within=within))
                evidence = gather_evidence(question, retrieve(question, services), services)
                yield f"{name}, {kind}", one.answered, signs_before(question, evidence)


def main() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=160, help="of each set")
    parser.add_argument("--embedder", default="auto")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        models = Models(Settings(home=Path(home), model="tiny", embedder=options.embedder))
        found = list(gather(options.data, options.questions, models))
        models.close()
    kinds, truth = np.array([kind for kind, _, _ in found]), np.array([answered for _, answered, _ in found])
    signs = np.array([[one.get(name, 0.0) for name in SIGNS] for _, _, one in found])
    weights = np.array([1.0 / np.sum(kinds == kind) for kind in kinds])
    weights /= weights.mean()
    told = np.zeros(len(truth))
    for learn, test in StratifiedKFold(5, shuffle=True, random_state=0).split(signs, kinds):
        fitted = LogisticRegression(C=10).fit(signs[learn], truth[learn], sample_weight=weights[learn])
        told[test] = fitted.predict_proba(signs[test])[:, 1]
    fitted = LogisticRegression(C=10).fit(signs, truth, sample_weight=weights)
    named = {name: round(float(weight), 2) for name, weight in zip(SIGNS, fitted.coef_[0], strict=True)}
    print(f"BEFORE = Logistic({fitted.intercept_[0]:.2f}, {named})")
    table = Table("questions", "number", *(f"below {least}" for least in BELOW))
    for kind in sorted(set(kinds)):
        these = told[kinds == kind]
        table.add_row(kind, str(len(these)), *(f"{(these < least).mean():.2f}" for least in BELOW))
    Console().print(table)


if __name__ == "__main__":
    main()
