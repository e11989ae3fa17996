"""Follow-up questions over examples/: is the passage found that the last question of a conversation is about?

    python benchmarks/followups.py [--model NAME | --no-model] [--show]

40 conversations written by hand, of two or three turns; 10 of them change the topic, so that nothing of the old one may
be dragged in. Each is searched raw (the last question as it was asked), by rule (app/query/rewriting.py), and rewritten
by the model. hit@k: one of the first k passages holds the words that answer. Prints the table of docs/prompts.md.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.answer.evidence import find_evidence
from app.query.rewriting import rewrite_by_model, rewrite_by_rule
from core.protocols import ChatEngine, Embedder
from core.settings import load_settings
from index.build import ingest
from index.embed import load_embedder
from index.search.retriever import Retriever
from index.store.library import Library

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

GOES_ON: list[tuple[tuple[str, ...], str]] = [
    (("How much did boats and fuel cost until June?", "And laboratory supplies?"), "Laboratory supplies | 27200"),
    (("How much is planned for salaries in 2026?", "and for the guest houses?"), "Guest houses | 31800"),
    (("How many guest nights were there in April?", "And in August?"), "August | 431"),
    (("How many guest nights were there in April?", "And in August?", "What about September?"), "September | 247"),
    (("How many students stayed in May?", "And in July?"), "July | 455"),
    (("Who is responsible for the laboratory supplies?", "And for the library?"), "Library and data | 12600"),
    (("What does a bed cost per night at the full rate?", "And full board?"), "Full board, per day 29"),
    (("What does Kittiwake cost for half a day?", "And Dunlin?"), "Dunlin, half a day 95"),
    (("How many people may sail in Kittiwake?", "And in Dunlin?"), "Dunlin, at most four"),
    (("What does error P3-E02 mean?", "And P3-E11?"), "leak at the shaft seal"),
    (("What does error P3-E02 mean?", "And P3-E11?", "What about P3-E15?"), "frequency converter"),
    (("How often is the strainer cleaned?", "And in May?"), "strainer is cleaned every Monday"),
    (("How much water does pump P3 deliver?", "And P4?"), "P4 delivers only 11"),
    (
        ("Where did the upper edge of the kelp forest lie in 2009?", "And the lower edge?"),
        "lower edge has hardly changed",
    ),
    (("How many urchins per square metre were counted?", "And wolffish?"), "Wolffish, which eat urchins"),
    (("When does the lease of the boathouse begin?", "When does it end?"), "ends on 31 March 2036"),
    (("When does the lease of the boathouse begin?", "Who signed it?"), "signed on 3 February 2026"),
    (("How high is the rent of the boathouse?", "How often does it rise?"), "rises every two years"),
    (("How high is the rent of the boathouse?", "And the deposit?"), "deposit of three months"),
    (
        ("How high is the rent of the boathouse?", "And the deposit?", "When is it paid?"),
        "before the keys are handed over",
    ),
    (("Who repairs the roof of the boathouse?", "And the crane?"), "windows and the crane in repair"),
    (("May the Lessor end the lease early?", "And the Lessee?"), "Lessee may end it with six months"),
    (("Who founded the station?", "When was that?"), "founded in 1967"),
    (("Who is the director of the station?", "Since when?"), "in 2018"),
    (("Who is the director of the station?", "Whom did she follow?"), "successor Tomas Brandt"),
    (("Who cooks lunch at the station?", "What must she know two days ahead?"), "must know of allergies"),
    (("What is wrong with Kittiwake?", "What does the repair cost?", "How long does it take?"), "needs nine days"),
    (("What is wrong with Kittiwake?", "When will it be repaired?"), "from 8 June"),
    (("How low is the limpet count at reef C?", "Why?"), "warm spell in March"),
    (("When is the open day?", "Who gives the talk?"), "Brandt gives the talk"),
]
CHANGES: list[tuple[tuple[str, ...], str]] = [
    (("How high is the rent of the boathouse?", "Is it allowed to bring dogs?"), "Dogs are not allowed"),
    (("What does error P3-E11 mean?", "When is the open day this year?"), "open day is on Saturday"),
    (("Who founded the station?", "How many tanks are there?"), "in sixteen tanks"),
    (("When does the ferry run?", "Who removes the urchins by hand?"), "Dr. Hana Petrov"),
    (("How many guest nights were there in April?", "When are the quiet hours?"), "Quiet hours are from"),
    (("How often are the bearings greased?", "When is the reef closed?"), "reef is closed when"),
    (("When is the next meeting?", "What does a lost key cost?"), "pay 85 euros"),
    (("Who wrote the minutes?", "How is formalin replaced?"), "96 per cent ethanol"),
    (("What does Dunlin cost?", "How long are data kept closed?"), "closed for at most four years"),
    (("How high is the deposit of the boathouse?", "What happens to batteries?"), "go to the workshop"),
]

Rewrite = Callable[[tuple[str, ...], str], str]


def measure(
    conversations: Sequence[tuple[tuple[str, ...], str]], rewrite: Rewrite, search: "Search"
) -> tuple[list[int], list[str]]:
    """The place of the passage that answers, from 1, or 0, for each conversation; and what was searched."""
    places, searched = [], []
    for turns, wanted in conversations:
        text = rewrite(turns, search.answer(turns[:-1]))
        passages = search.retriever.search(text).passages
        places.append(next((n for n, p in enumerate(passages, 1) if wanted in " ".join(p.text.split())), 0))
        searched.append(text)
    return places, searched


class Search:
    """The library of the examples; the answer to an earlier turn is its best sentence, no model is asked."""

    def __init__(self, retriever: Retriever, embedder: Embedder) -> None:
        self.retriever = retriever
        self._embedder = embedder

    def answer(self, turns: tuple[str, ...]) -> str:
        asked = rewrite_by_rule(turns[-1], turns[:-1]).text
        best = find_evidence(asked, self.retriever.search(asked).passages, self._embedder).sentences
        return " ".join(best[0].quote.split()) if best else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--no-model", action="store_true", help="leave the model's rewriting out")
    parser.add_argument("--show", action="store_true", help="print what was searched, and what was not found")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(home=Path(home), model=options.model)
        embedder = load_embedder(settings)
        with Library.open(settings, create=True) as library:
            ingest([EXAMPLES], library, embedder, settings)
            search = Search(Retriever(library, embedder, settings), embedder)
            if options.no_model:
                report(search, RULES, show=options.show)
                return
            from generate.load import load_engine

            with load_engine(settings) as engine:
                report(search, RULES | {engine.name: by(engine)}, show=options.show)


RULES: dict[str, Rewrite] = {
    "raw": lambda turns, _answer: turns[-1],
    "rule": lambda turns, answer: rewrite_by_rule(turns[-1], turns[:-1], answer).text,
}


def by(engine: ChatEngine) -> Rewrite:
    return lambda turns, answer: rewrite_by_model(turns[-1], turns[:-1], answer, engine).text


def report(search: Search, ways: dict[str, Rewrite], *, show: bool) -> None:
    console = Console(width=150)
    table = Table("searched", "goes on: hit@1", "hit@5", "changes topic: hit@1", "hit@5", "ms a question")
    for name, rewrite in ways.items():
        cells = []
        started = time.perf_counter()
        for conversations in (GOES_ON, CHANGES):
            places, searched = measure(conversations, rewrite, search)
            cells += [f"{sum(0 < place <= k for place in places) / len(places):.2f}" for k in (1, 5)]
            for (turns, wanted), place, text in zip(conversations, places, searched, strict=True):
                if show:
                    console.print(f"{name}: {place} | {turns[-1]} -> {text} | {wanted}", markup=False)
        milliseconds = (time.perf_counter() - started) * 1000 / (len(GOES_ON) + len(CHANGES))
        table.add_row(name, *cells, f"{milliseconds:.0f}")
    console.print(table)


if __name__ == "__main__":
    main()
