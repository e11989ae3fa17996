"""Fits how certain it is that the documents answer, before a draft and with it: BEFORE and AFTER of
`app.answer.confidence`.

    python benchmarks/confidence.py DATA [--questions 160] [--embedder multilingual] [--drafts FILE]

With ``--drafts`` the model of that GGUF file writes an answer to every question, and fitted is how likely the answer is
right: it holds an accepted one within 40 words, or begins with the right yes or no. Outputs are not kept: about ten
seconds a question on two cores.

DATA holds squad2-dev, contracts and everyday (docs/evaluation.md says how a set is read). Asked are questions of the
documents whose name's MD5 is even, those that a set says are not answered among them, and each set's questions
of another's documents, which answer none of them. Each kind of each set counts alike. Prints the weights, and of each
kind the share that lies below a probability (cross-validated). Needs scikit-learn (the extra "training"); some minutes
on two cores.
"""

import argparse
import hashlib
import json
import re
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

from app.answer.alignment import align_draft
from app.answer.assembly import with_form
from app.answer.confidence import signs_after, signs_before
from app.answer.draft import DraftRequest, draft
from app.answer.evidence import gather_evidence
from app.answer.question import Question
from app.answer.reading import read_for
from app.answer.retrieval import retrieve
from app.answer.services import Services
from app.answer.writing import CapturedReturn
from app.chat.models import Models
from core.protocols import ChatEngine
from core.settings import Settings
from evaluate.asking_sets import load_asking_sets
from evaluate.set_library import library_settings, open_set_library
from index.search.filters import Filter
from index.search.retriever import Retriever

BEFORE = ("points", "points_elsewhere", "plain", "score")
AFTER = (*BEFORE, "supported", "agrees")

Told = tuple[str, bool, dict[str, float]]
"""The kind of a question, what its signs are to tell, and the signs."""
BELOW = (0.05, 0.1, 0.12, 0.15, 0.2, 0.25, 0.35, 0.5)


@dataclass(frozen=True)
class Asked:
    """A question of a set's ``document``, "" for all, and whether the documents that it is put to answer it.

    ``accepted`` are answers of which one is enough.
    """

    id: str
    text: str
    answered: bool
    document: str = ""
    accepted: tuple[str, ...] = ()

    def is_right(self, text: str) -> bool:
        """Whether the first 40 words of ``text`` hold an accepted answer, or it begins with the accepted yes or no."""
        said = words(" ".join(text.split()[:40]))
        if set(self.accepted) <= {"yes", "no"}:
            return said[:1] == list(self.accepted)
        return any(f" {' '.join(words(one))} " in f" {' '.join(said)} " for one in self.accepted)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def squad(folder: Path) -> Iterator[Asked]:
    for row in rows(folder / "queries.jsonl"):
        if is_even(row["passage"].split("#")[0]):
            yield Asked(row["_id"], row["text"], bool(row["answers"]), accepted=tuple(row["answers"]))


def contracts(folder: Path) -> Iterator[Asked]:
    for row in rows(folder / "questions.jsonl"):
        if is_even(row["document"]):
            said = row["answer"]
            yield Asked(row["id"], row["question"], said != "not said", row["document"], (said,))


def everyday(folder: Path) -> Iterator[Asked]:
    for row in rows(folder / "questions.jsonl"):
        near = row.get("evidence") or row.get("near") or [{"document": row["id"]}]
        document = near[0]["document"] if isinstance(near, list) else near["document"]
        if is_even(document):
            accepted = (*row["answers"], *(" ".join(one) for one in row["all_of"]))
            yield Asked(row["id"], row["question"], not row["unanswerable"], accepted=accepted)


SETS = {"squad2-dev": squad, "contracts": contracts, "everyday": everyday}
STRANGERS = {"squad2-dev": "everyday", "contracts": "everyday", "everyday": "squad2-dev"}
"""Whose questions are put to a set's documents, which do not answer them."""


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def is_even(name: str) -> bool:
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 0


def drawn(asked: Iterator[Asked], count: int) -> list[Asked]:
    return sorted(asked, key=lambda one: hashlib.sha256(one.id.encode()).hexdigest())[:count]


def gather(data: Path, count: int, models: Models, engine: ChatEngine | None) -> Iterator[Told]:
    """Each question's kind, whether it is answered (with an ``engine``: rightly), and its signs."""
    for name, read in SETS.items():
        other = STRANGERS[name]
        foreign = (Asked(one.id, one.text, False) for one in SETS[other](data / other) if one.answered)
        questions = [(one, "answered" if one.answered else "not answered") for one in drawn(read(data / name), count)]
        questions += [(one, "of other documents") for one in drawn(foreign, count // 2)]
        (asking,) = load_asking_sets(data / name)
        inside = library_settings(asking, models.settings)
        with open_set_library(asking, inside, models.embedder, lambda *_: None, print) as library:
            retriever = Retriever(library, models.embedder, inside)
            services = Services(library, retriever, models.embedder, engine, inside, models.span_reader)
            for one, kind in questions:
                within = Filter(documents=(asking.document(one.document),)) if one.document else None
                question = with_form(Question(one.text, within=within))
                retrieved = retrieve(question, services)
                evidence = gather_evidence(question, retrieved, services)
                if engine is None:
                    yield f"{name}, {kind}", one.answered, signs_before(question, evidence)
                else:
                    reading = read_for(question, evidence, retrieved, services, engine)
                    request = DraftRequest(question, reading, engine, inside)
                    with CapturedReturn(draft(request, "direct")) as written:
                        for _ in written:
                            pass
                    sentences = align_draft(written.value, question, services).sentences
                    right = one.answered and one.is_right(written.value.text)
                    yield f"{name}, {kind}", right, signs_after(question, evidence, sentences)


def main() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=160, help="of each set")
    parser.add_argument("--embedder", default="auto")
    parser.add_argument("--drafts", default="", metavar="FILE", help="the model whose answers are judged as well")
    options = parser.parse_args()
    names = AFTER if options.drafts else BEFORE
    with tempfile.TemporaryDirectory() as home:
        models = Models(Settings(home=Path(home), model=options.drafts or "tiny", embedder=options.embedder))
        found = list(gather(options.data, options.questions, models, models.engine if options.drafts else None))
        models.close()
    kinds, truth = np.array([kind for kind, _, _ in found]), np.array([answered for _, answered, _ in found])
    signs = np.array([[one.get(name, 0.0) for name in names] for _, _, one in found])
    weights = np.array([1.0 / np.sum(kinds == kind) for kind in kinds])
    weights /= weights.mean()
    told = np.zeros(len(truth))
    for learn, test in StratifiedKFold(5, shuffle=True, random_state=0).split(signs, kinds):
        fitted = LogisticRegression(C=10).fit(signs[learn], truth[learn], sample_weight=weights[learn])
        told[test] = fitted.predict_proba(signs[test])[:, 1]
    fitted = LogisticRegression(C=10).fit(signs, truth, sample_weight=weights)
    named = {name: round(float(weight), 2) for name, weight in zip(names, fitted.coef_[0], strict=True)}
    print(f"{'AFTER' if options.drafts else 'BEFORE'} = Logistic({fitted.intercept_[0]:.2f}, {named})")
    table = Table("questions", "number", *(f"below {least}" for least in BELOW))
    for kind in sorted(set(kinds)):
        these = told[kinds == kind]
        table.add_row(kind, str(len(these)), *(f"{(these < least).mean():.2f}" for least in BELOW))
    Console().print(table)


if __name__ == "__main__":
    main()
