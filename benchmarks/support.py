"""How well `app.answer.alignment.align` tells supported sentences from unsupported ones, by known answers.

    python benchmarks/support.py ../shared/data/squad2-dev ../shared/data/nq-oracle [--questions 200]

Questions and their answers are turned into statements by rule; each is shown with its passage and the two that follow
it in the set. Wrong statements hold another number, another date, another name or another answer of the same article,
or a negation, or are a sentence of the passage in which two names have changed places. Articles are halved as
`lectern eval` halves them: "tune" is what the constants were chosen on, "report" what is reported.

Precision: of the statements called supported, the share that is true. Recall: of the true ones, the share called
supported. Then the share marked of each kind of wrong statement, and of those that hold a number, name or date which
none of the passages holds.
"""

import argparse
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from remembering import RememberingEmbedder

from app.answer import alignment
from app.answer.rules.text_features import checkable_tokens, content_words, dates, names, numbers, source_tokens
from core.settings import load_settings
from core.types import Citation, Document, Locator
from evaluate.sets import EvalSet, half_of, load_set
from index.embed import load_embedder
from ingest.sentences import sentence_spans

AUXILIARY = r"is|are|was|were|do|does|did|can|could|will|would|has|have|had|should|may|might"
KINDS = ("number", "date", "name", "answer", "negation", "roles")
THRESHOLDS = (0.5, 0.55, 0.6, 0.65)
_RUN = re.compile(r"(?<!^)\b[A-Z][\w’'-]+(?: (?:of |de |the )?[A-Z][\w’'-]+)*")
"""A name as far as capitals tell, not at the beginning of a sentence."""


@dataclass(frozen=True, slots=True)
class Case:
    """A statement with its question and sources; ``kind`` "true" or one of KINDS."""

    kind: str
    statement: str
    question: str
    sources: tuple[Citation, ...]

    @property
    def foreign(self) -> bool:
        """Whether it holds a number, name or date that no source holds."""
        known = set().union(*(source_tokens(source.quote) for source in self.sources))
        return not checkable_tokens(self.statement, self.question) <= known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="sets in BEIR layout, queries with answers")
    parser.add_argument("--questions", type=int, default=200, help="of each half (default: %(default)s)")
    parser.add_argument("--show", type=int, default=0, help="print this many wrong decisions of each half")
    given = parser.parse_args()
    embedder = RememberingEmbedder(load_embedder(load_settings()))
    for folder in given.folders:
        data = load_set(folder)
        for half in ("tune", "report"):
            cases = list(make_cases(data, half, given.questions))
            counts = [sum(case.kind == kind for case in cases) for kind in ("true", *KINDS)]
            foreign = [case.kind == "true" for case in cases if case.foreign]
            print(f"\n{data.name}, {half}: {counts[0]} true statements, {sum(counts[1:])} wrong ones;", end=" ")
            print(f"{sum(foreign)} of the true hold a number, name or date that no passage holds\n")
            heads = [f"{kind} ({n})" for kind, n in zip(KINDS, counts[1:], strict=True)]
            print(f"| threshold | precision | recall | {' | '.join(heads)} | in no source ({foreign.count(False)}) |")
            print("|---" * (len(KINDS) + 4) + "|")
            for threshold in THRESHOLDS:
                report(cases, threshold, embedder, given.show if threshold == alignment.THRESHOLD else 0)


def make_cases(data: EvalSet, half: str, limit: int) -> Iterator[Case]:
    """The true statement of each of ``limit`` questions of the half, followed by those made wrong on purpose."""
    places = {document.id: at for at, document in enumerate(data.documents)}
    asked = [(question, places[next(iter(question.relevant))]) for question in data.questions if question.answers]
    others = defaultdict(list)
    for question, at in asked:
        others[data.documents[at].title].append(question.answers[0])
    everyone = [answer for answers in others.values() for answer in answers]
    rng = random.Random(20)
    rng.shuffle(asked)
    held = ((q, at) for q, at in asked if half_of(q.topic) == half and q.answers[0] in data.documents[at].text)
    for _, (question, at) in zip(range(limit), held, strict=False):
        near = data.documents[at : at + 3]
        answer, sources = question.answers[0], tuple(map(as_source, near))
        given = others[near[0].title]
        given = given if len(given) > 1 else everyone
        yield Case("true", state(question.text, answer), question.text, sources)
        wrong = corrupted(question.text, answer, given, rng)
        if swapped := swap_names(near[0].text):
            wrong["roles"] = swapped
        yield from (Case(kind, statement, question.text, sources) for kind, statement in wrong.items())


def as_source(document: Document) -> Citation:
    text = document.text
    return Citation(document.id, document.name, Locator(None, ""), text, 0, len(text), 1.0)


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
    if figures := list(re.finditer(r"\d+", answer)):
        digits = rng.choice(figures)
        other = str(int(digits[0]) + rng.randint(1, 9))
        kind = "date" if dates(answer) else "number"
        wrong[kind] = state(question, answer[: digits.start()] + other + answer[digits.end() :])
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


def swap_names(text: str) -> str:
    """The first sentence in which two names with a verb or the like between them can change places; "" without one."""
    for start, end in sentence_spans(text):
        sentence = " ".join(text[start:end].split())
        runs = list(_RUN.finditer(sentence))
        for one, other in pairwise(runs):
            between = sentence[one.end() : other.start()]
            apart = not names(f"x {one[0]}") & names(f"x {other[0]}")
            if apart and content_words(between) and not re.search(r",|\band\b|\bor\b", between):
                return f"{sentence[: one.start()]}{other[0]}{between}{one[0]}{sentence[other.end() :]}"
    return ""


def report(cases: Sequence[Case], threshold: float, embedder: RememberingEmbedder, show: int) -> None:
    """One line of the table."""
    chosen, alignment.THRESHOLD = alignment.THRESHOLD, threshold
    marked: dict[str, list[bool]] = defaultdict(list)
    for case in cases:
        sentences = alignment.align(case.statement, case.sources, embedder, case.question)
        supported = any(sentence.supported for sentence in sentences)
        marked[case.kind].append(not supported)
        if case.foreign and case.kind != "true":
            marked["foreign"].append(not supported)
        if show and supported != (case.kind == "true"):
            show -= 1
            print(f"    {case.kind}: {case.statement}")
    alignment.THRESHOLD = chosen
    kept = marked["true"].count(False)
    passed = sum(marked[kind].count(False) for kind in KINDS)
    shares = [share(marked[kind]) for kind in (*KINDS, "foreign")]
    print(
        f"| {threshold} | {kept / max(1, kept + passed):.2f} | {kept / max(1, len(marked['true'])):.2f} | "
        + " | ".join(shares)
        + " |",
        flush=True,
    )


def share(decisions: Sequence[bool]) -> str:
    return f"{sum(decisions) / len(decisions):.2f}" if decisions else "-"


if __name__ == "__main__":
    main()
