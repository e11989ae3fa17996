"""How well `app.verify.align` tells supported sentences from unsupported ones, on questions with known answers.

    python benchmarks/support.py FOLDER [--questions 300]

FOLDER holds corpus.jsonl and queries.jsonl (BEIR layout, queries with "answers" and "passage", as of SQuAD 2.0).
Questions and their answers are turned into statements by rule; each is shown with its paragraph and the two that
follow it. Corrupted statements hold another number, another name, another answer of the same article, or a negation.
Articles are halved by the parity of their title's MD5: one half to choose a threshold, the other to report.
"""

import argparse
import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app import verify
from app.words import names, numbers
from core.protocols import Embedder
from core.settings import load_settings
from core.types import Citation, Locator
from index.embed import load_embedder

AUXILIARY = r"is|are|was|were|do|does|did|can|could|will|would|has|have|had|should|may|might"


class Remembering:
    """An embedder that embeds each text once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known |= dict(zip(new, self._embedder.embed_passages(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def state(question: str, answer: str) -> str:
    """A question and its answer as one statement, as a small model words it."""
    plain = question.strip().rstrip("?").strip()
    if found := re.match(r"(?i)(who|what|which)\s+(is|are|was|were)\s+(.+)$", plain):
        return f"{found[3][0].upper()}{found[3][1:]} {found[2]} {answer}."
    if found := re.match(rf"(?i)(?:who|what|which)\s+((?!(?:{AUXILIARY})\b)\w+\s.+)$", plain):
        return f"{answer[0].upper()}{answer[1:]} {found[1]}."
    if found := re.match(
        rf"(?i)(?:when|where|(?:in|on|at|to)\s+(?:what|which)\s+\w+)\s+(?:{AUXILIARY})\s+(.+)$", plain
    ):
        return f"{found[1][0].upper()}{found[1][1:]} in {answer}."
    found = re.match(rf"(?i)(?:how|what|which|who)\b.*?\b(?:{AUXILIARY})\s+(.+)$", plain)
    rest = found[1] if found else plain
    return f"{rest[0].upper()}{rest[1:]} {answer}."


def corrupted(question: str, answer: str, others: Sequence[str], rng: random.Random) -> dict[str, str]:
    """Statements that are wrong, by kind; a kind that does not apply is left out."""
    wrong: dict[str, str] = {}
    if digits := re.search(r"\d+", answer):
        other = str(int(digits[0]) + rng.randint(1, 9))
        wrong["number"] = state(question, answer[: digits.start()] + other + answer[digits.end() :])
    elif names(f"x {answer}"):
        given = [o for o in others if names(f"x {o}") and not numbers(o) and not names(f"x {o}") & names(f"x {answer}")]
        if given:
            wrong["name"] = state(question, rng.choice(given))
    else:
        given = [o for o in others if o.lower() not in answer.lower() and answer.lower() not in o.lower()]
        if given:
            wrong["answer"] = state(question, rng.choice(given))
    statement = state(question, answer)
    if found := re.search(r"\b(?:is|are|was|were|can|could|has|have|had|will)\b", statement):
        wrong["negation"] = f"{statement[: found.end()]} not{statement[found.end() :]}"
    return wrong


def halves(folder: Path, limit: int) -> list[list[tuple[str, str, list[str], tuple[Citation, ...]]]]:
    """For each half of the articles: question, answer, other answers of the article, sources."""
    corpus = [json.loads(line) for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines()]
    place = {row["_id"]: at for at, row in enumerate(corpus)}
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]
    answers = defaultdict(list)
    for query in queries:
        if query["answers"]:
            answers[corpus[place[query["passage"]]]["title"]].append(query["answers"][0])
    out: list[list[tuple[str, str, list[str], tuple[Citation, ...]]]] = [[], []]
    rng = random.Random(20)
    rng.shuffle(queries)
    for query in queries:
        at = place[query["passage"]]
        title = corpus[at]["title"]
        half = out[hashlib.md5(title.encode()).digest()[0] % 2]
        if query["answers"] and len(half) < limit:
            near = [row for row in corpus[at : at + 3] if row["title"] == title]
            sources = tuple(
                Citation(row["_id"], title, Locator(None, ""), row["text"], 0, len(row["text"]), 1.0) for row in near
            )
            half.append((query["text"], query["answers"][0], answers[title], sources))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=300, help="questions of each half")
    parser.add_argument("--show", type=int, default=0, help="print this many wrong decisions")
    given = parser.parse_args()
    embedder = Remembering(load_embedder(load_settings()))
    for name, half in zip(("chosen on", "reported on"), halves(given.folder, given.questions), strict=True):
        print(f"\n{name} {len(half)} questions\nthreshold  true kept  wrong marked: number  name  answer  negation")
        for threshold in (0.5, 0.55, 0.6):
            report(half, threshold, embedder, given.show if threshold == verify.THRESHOLD else 0)


def report(
    half: list[tuple[str, str, list[str], tuple[Citation, ...]]], threshold: float, embedder: Remembering, show: int
) -> None:
    """One line of the table: the shares of true statements kept and of wrong ones marked."""
    chosen, verify.THRESHOLD = verify.THRESHOLD, threshold
    rng = random.Random(7)
    right: dict[str, list[bool]] = defaultdict(list)
    for question, answer, others, sources in half:
        for kind, statement in {"true": state(question, answer), **corrupted(question, answer, others, rng)}.items():
            supported = any(s.supported for s in verify.align(statement, sources, embedder, question))  # type: ignore[arg-type]
            right[kind].append(supported == (kind == "true"))
            if show and not right[kind][-1]:
                show -= 1
                print(f"    {kind}: {statement}  [{answer}]")
    verify.THRESHOLD = chosen
    shares = {kind: sum(rs) / len(rs) for kind, rs in right.items()}
    print(
        f"{threshold:9}  {shares['true']:9.2f}"
        + "".join(f"{shares[k]:10.2f} ({len(right[k])})" for k in ("number", "name", "answer", "negation")),
        flush=True,
    )


if __name__ == "__main__":
    main()
