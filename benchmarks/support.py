"""Whether a sentence is rightly held to be said by its source: ways to tell, measured beside each other.

    python benchmarks/support.py DATA --cache FOLDER --model FILE [--sample 120] [--embedder multilingual]

DATA holds fever-symmetric, contracts and, for sentences changed by a program, everyday. The ways: "words" (half the
share of words, half the cosine, as without a model); the logits of the model's first token for several questions about
the same pair; "judge", what the program asks (`app.answer.support.Judge`: after examples); logistic regressions over
several. Weights and thresholds are chosen on the even halves (MD5 of the document's name; of fever-symmetric, of the
source) of the first two, told on the odd ones; sentences changed by a program and their languages are never chosen on.
FOLDER keeps the logits by the prompt's hash. Needs scikit-learn (the extra "training"); 2,000 prompts of a second each.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from support_sets import Pair, changed, contracts, fever

from app.answer.rules.text_features import content_words, numbers
from app.answer.support import Judge
from app.chat.models import Models
from core.protocols import ChatEngine, Embedder
from core.settings import load_settings
from core.types import Citation, Locator, Message, Sampling
from index.relatedness import relatedness
from prompts.forms import judged_examples, support_template

ASKED = {
    "says": ("Does the source say that the statement is true? Answer Yes or No.", ("Yes", "No")),
    "denies": ("Does the source contradict the statement? Answer Yes or No.", ("Yes", "No")),
    "three": (
        "Is the statement (A) true, (B) false or (C) not mentioned, going by the source alone? Answer A, B or C.",
        ("A", "B", "C"),
    ),
}
JUDGE = "judge"
SIGNS = ("words", "cosine", "figures", "says", "denies", "A over B", "A over C", JUDGE)

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Kept:
    """Logits of prompts, kept in a file by hash: a run that was stopped goes on."""

    file: Path
    logits: dict[str, list[float]]

    @classmethod
    def open(cls, file: Path) -> "Kept":
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
        return cls(file, dict(rows))

    def get(self, prompt: Sequence[str], ask: Callable[[], list[float]]) -> list[float]:
        key = hashlib.sha256("\n".join(prompt).encode()).hexdigest()
        if key not in self.logits:
            self.logits[key] = ask()
            with self.file.open("a", encoding="utf-8") as out:
                out.write(json.dumps([key, self.logits[key]]) + "\n")
        return self.logits[key]


def asked(engine: ChatEngine, pair: Pair, name: str, kept: Kept) -> list[float]:
    """The logits of the options of one of ASKED."""
    line, options = ASKED[name]
    prompt = f"<source>\n{pair.source}\n</source>\n\nStatement: {pair.statement}\n\n{line}"

    def ask() -> list[float]:
        sampling = replace(Sampling(max_tokens=1, repeat_penalty=1.0), options=options)
        messages = (Message("system", support_template().system), Message("user", prompt))
        writing = engine.generate(messages, sampling, conversation="support")
        for _ in writing:
            pass
        return list(writing.usage.logits)

    return kept.get((engine.name, prompt), ask)


def judged(engine: ChatEngine, pair: Pair, kept: Kept) -> float:
    """What the program's judge says of a statement that answers no question: the difference of Yes and No."""
    source = Citation(pair.document, "", Locator(None, ""), pair.source, 0, len(pair.source), 1.0)

    def ask() -> list[float]:
        said = Judge(engine, "")(pair.statement, [source])
        return [] if said is None else [said]

    shown = (message.content for message in judged_examples())
    (said,) = kept.get((engine.name, JUDGE, *shown, pair.source, pair.statement), ask)
    return said


def signs(pairs: Sequence[Pair], engine: ChatEngine, embedder: Embedder, kept: Kept) -> Numbers:
    """The SIGNS of each pair, shape (n, 8)."""
    sources = embedder.embed_passages([pair.source for pair in pairs])
    statements = embedder.embed_passages([pair.statement for pair in pairs])
    near = np.clip(relatedness((sources * statements).sum(axis=1), embedder, "passages"), 0, 1)
    judge = [judged(engine, pair, kept) for pair in pairs]  # by themselves: the examples stay in the prefix cache
    found = []
    for pair, cosine, said in zip(pairs, near, judge, strict=True):
        words = content_words(pair.statement)
        share = len(words & content_words(pair.source)) / max(1, len(words))
        held = float(numbers(pair.statement) <= numbers(pair.source))
        (yes, no), (yes_denies, no_denies), (a, b, c) = (asked(engine, pair, name, kept) for name in ASKED)
        found.append([share, float(cosine), held, yes - no, no_denies - yes_denies, a - b, a - c, said])
    return np.array(found)


def drawn(pairs: Iterable[Pair], count: int) -> list[Pair]:
    """``count`` of each kind and label, by hash."""
    of: dict[tuple[str, str], list[Pair]] = {}
    for pair in sorted(pairs, key=lambda one: hashlib.sha256(f"{one.statement}{one.source}".encode()).hexdigest()):
        of.setdefault((pair.kind, pair.label), []).append(pair)
    return [pair for rows in of.values() for pair in rows[:count]]


def threshold(told: Numbers, said: NDArray[np.bool_], kinds: NDArray[np.str_]) -> float:
    """What parts supported from other pairs best: the mean over kinds of the smaller of both shares."""

    def worth(least: float) -> float:
        shares = []
        for kind in np.unique(kinds):
            here = kinds == kind
            shares.append(min((told[here & said] >= least).mean(), (told[here & ~said] < least).mean()))
        return float(np.mean(shares))

    return max(map(float, np.unique(told)), key=worth)


def logistic(found: Numbers, said: NDArray[np.bool_], weights: Numbers, names: Sequence[str]) -> Numbers:
    """The decision of a logistic regression over some of the SIGNS, learnt where ``weights`` are not 0."""
    from sklearn.linear_model import LogisticRegression

    columns = found[:, [SIGNS.index(name) for name in names]]
    learnt = weights > 0
    model = LogisticRegression(C=10, max_iter=1000)
    model.fit(columns[learnt], said[learnt], sample_weight=weights[learnt] / weights[learnt].mean())
    return np.asarray(model.decision_function(columns), dtype=np.float64)


def print_table(pairs: Sequence[Pair], found: Numbers) -> None:
    said = np.array([pair.label == "said" for pair in pairs])
    kinds = np.array([pair.kind for pair in pairs])
    learnt = np.array([pair.is_even and pair.kind in ("fever-symmetric", "contracts") for pair in pairs])
    alike = [np.sum(learnt & (kinds == kind) & (said == one)) for kind, one in zip(kinds, said, strict=True)]
    weights = np.where(learnt, 1 / np.maximum(1, alike), 0.0)
    ways = {
        "words": found[:, :2].mean(axis=1),
        **{name: found[:, SIGNS.index(name)] for name in ("says", "denies", "A over B", JUDGE)},
        "says, judge": logistic(found, said, weights, ("says", JUDGE)),
        "all": logistic(found, said, weights, SIGNS),
    }
    least = {name: threshold(told[learnt], said[learnt], kinds[learnt]) for name, told in ways.items()}
    table = Table("pairs", "n", *ways)
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        for label in ("said", "contradicted", "not said"):
            here = np.array([pair.kind == kind and pair.label == label for pair in pairs]) & ~learnt
            if here.any():
                shares = [((told[here] >= least[name]) == (label == "said")).mean() for name, told in ways.items()]
                table.add_row(f"{kind}, {label}", str(here.sum()), *(f"{share:.2f}" for share in shares))
    table.add_row("threshold", "", *(f"{value:.2f}" for value in least.values()))
    Console(width=120).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--embedder", default="multilingual")
    parser.add_argument("--sample", type=int, default=120, help="of each kind and label")
    given = parser.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        models = Models(load_settings(home=Path(home), model=given.model, embedder=given.embedder))
        pairs = drawn(fever(given.data / "fever-symmetric"), given.sample)
        documents = contracts(given.data / "contracts", models.embedder, given.sample // 4)
        pairs += drawn(documents, given.sample // 2)
        pairs += drawn(changed(sorted((given.data / "everyday" / "docs").iterdir())), given.sample // 15)
        told = signs(pairs, models.engine, models.embedder, Kept.open(given.cache / "logits.jsonl"))
        models.close()
    print_table(pairs, told)


if __name__ == "__main__":
    main()
