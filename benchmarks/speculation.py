"""Prompt-lookup decoding (draft from the prompt's own n-grams, verify the draft in one batch) beside the plain loop.

    python benchmarks/speculation.py FOLDER [--questions 12] [--draft 7] [--threads N] [--model FILE]

FOLDER holds a set in BEIR layout (SQuAD 2.0). The prompts are the program's own: the sentences that answer, the whole
passages, and the same with a request to copy the sentence. Prints what a batch costs beside one token, how far its
scores are from those of single tokens, and speed and equality of greedy answers with and without drafts, in turn.
The method is Saxena's, "Prompt Lookup Decoding" (2023). It is no part of the program: docs/engine.md says why.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine import bench, threads_of

from app.answer.draft import SMALL_ANSWER_TOKENS, STOP
from app.answer.evidence import find_evidence
from app.answer.reading import as_citation
from core.settings import Settings
from core.types import Citation, Locator, Message, Passage, Sampling
from evaluate.sets import load_set
from generate.catalogue import find
from index.embed import load_embedder
from prompts.render import load_prompt

NGRAM = 3
"""Most tokens that are looked up; two where three are not found. One is found nearly always, and rarely rightly."""

PASSAGES = 4
"""Passages of a question: its own and those that follow it in the article, as a search would bring."""

BATCHES = (1, 2, 4, 8, 16)
COPY = " Copy the sentence that says so, word by word."


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt of one kind."""

    kind: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A greedy answer: its tokens, seconds from the first to the last, batches verified and drafts accepted."""

    tokens: tuple[int, ...]
    seconds: float
    batches: int
    accepted: int


def lookup(tokens: Sequence[int], most: int) -> list[int]:
    """What followed the latest earlier place of the last tokens, at most ``most`` tokens."""
    for size in range(NGRAM, 1, -1):
        tail = list(tokens[-size:])
        for at in range(len(tokens) - size - 1, -1, -1):
            if list(tokens[at : at + size]) == tail:
                return list(tokens[at + size : at + size + most])
    return []


class Loop:
    """Greedy answers over llama.cpp, with the engine's own template, samplers and stops, and with drafts or without."""

    def __init__(self, path: Path, threads: int) -> None:
        from llama_cpp import llama_cpp as native

        from generate.engine import Engine

        self.native = native
        self.engine = Engine(path, window=4096, threads=threads)
        self.batch = native.llama_batch_init(64, 0, 1)

    def decode(self, tokens: Sequence[int], position: int) -> None:
        """Read ``tokens`` at ``position``, with scores after each of them."""
        self.batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            self.batch.token[i], self.batch.pos[i], self.batch.logits[i] = token, position + i, 1
            self.batch.n_seq_id[i], self.batch.seq_id[i][0] = 1, 0
        if self.native.llama_decode(self.engine.context, self.batch):
            raise SystemExit("llama_decode failed")

    def scores(self, count: int) -> list[np.ndarray]:
        model, native = self.engine.model, self.native
        pointers = (native.llama_get_logits_ith(self.engine.context, i) for i in range(count))
        return [np.ctypeslib.as_array(pointer, shape=(model.size,)).copy() for pointer in pointers]

    def start(self, prompt: Sequence[int]) -> None:
        """Forget everything and read a prompt but for its last token."""
        self.engine.cache.clear()
        self.engine.read(prompt[:-1])

    def cut(self, length: int) -> None:
        self.native.llama_memory_seq_rm(self.native.llama_get_memory(self.engine.context), 0, length, -1)

    def write(self, prompt: Sequence[int], sampling: Sampling, draft: int) -> Written:
        from generate.decoding import Sampler, TextStream

        self.start(prompt)
        known, sampler, text = list(prompt), Sampler(self.engine.model, sampling), TextStream(sampling.stop)
        begun, batches, accepted = 0.0, 0, 0
        try:
            while True:
                drafted = lookup(known, draft) if begun else []  # the first token is timed with the prompt, for both
                read = len(known) - 1
                self.decode([known[-1], *drafted], read)
                batches += bool(drafted)
                for i, guess in enumerate([*drafted, None]):
                    token = int(self.native.llama_sampler_sample(sampler._chain, self.engine.context, i))
                    begun = begun or time.perf_counter()
                    known.append(token)
                    accepted += token == guess
                    ended = self.engine.model.is_end(token)
                    text.push(b"" if ended else self.engine.model.piece(token))
                    if ended or text.stopped or len(known) - len(prompt) == sampling.max_tokens:
                        return Written(tuple(known[len(prompt) :]), time.perf_counter() - begun, batches, accepted)
                    if token != guess:
                        break
                self.cut(len(known) - 1)
        finally:
            sampler.close()


def prompts(folder: Path, count: int, settings: Settings) -> list[Asked]:
    """The program's prompts for ``count`` answerable questions."""
    data, embedder, template = load_set(folder), load_embedder(settings), load_prompt("direct")
    places = {document.id: at for at, document in enumerate(data.documents)}
    questions = [question for question in data.questions if question.relevant]
    random.Random(4).shuffle(questions)
    asked = []
    for question in questions[:count]:
        own = min(places[document] for document in question.relevant)
        near = [d for d in data.documents[own : own + PASSAGES] if d.title == data.documents[own].title]
        found = tuple(
            Passage(d.id, d.title, d.title, 0, len(d.text), d.text, Locator(None, ""), (), 1.0 - i / 10, None, None)
            for i, d in enumerate(near)
        )
        whole = tuple(map(as_citation, found))
        kinds: dict[str, tuple[str, tuple[Citation, ...]]] = {
            "sentences": (question.text, find_evidence(question.text, found, embedder).sentences),
            "passages": (question.text, whole),
            "passages, to copy": (question.text + COPY, whole),
        }
        for kind, (text, sources) in kinds.items():
            turn = Message("user", template.user_message(text, sources))
            asked.append(Asked(kind, (Message("system", template.system), turn)))
    return sorted(asked, key=lambda one: one.kind)


def batches(loop: Loop, prompt: Sequence[int]) -> None:
    """Print what a batch costs, and how its scores differ from those of the same tokens read one by one."""
    most = max(BATCHES)
    base, rest = prompt[:-most], prompt[-most:]
    loop.start([*base, 0])
    single = []
    for i, token in enumerate(rest):
        loop.decode([token], len(base) + i)
        single += loop.scores(1)
    seconds: dict[int, list[float]] = {size: [] for size in BATCHES}
    apart: dict[int, float] = {}
    for _ in range(15):
        for size in BATCHES:
            loop.cut(len(base))
            started = time.perf_counter()
            loop.decode(rest[:size], len(base))
            seconds[size].append(time.perf_counter() - started)
            apart[size] = max(float(abs(a - b).max()) for a, b in zip(loop.scores(size), single, strict=False))
    print("| tokens in the batch | ms | times one token | scores differ by at most |\n|---|---|---|---|")
    one = statistics.median(seconds[1])
    for size in BATCHES:
        median = statistics.median(seconds[size])
        print(f"| {size} | {median * 1000:.1f} | {median / one:.2f} | {apart[size]:.2f} |")


def answers(loop: Loop, asked: Sequence[Asked], draft: int) -> None:
    """Print speed with and without drafts, and how many answers are other ones."""
    # As the bundled model writes: greedy, under the repeat penalty, two sentences at most.
    sampling = Sampling(max_tokens=SMALL_ANSWER_TOKENS, stop=STOP)
    print("\n| prompts | plain, tokens/s | drafts, tokens/s | share | drafts accepted a batch | other answers |")
    print("|---|---|---|---|---|---|")
    for penalty in (sampling.repeat_penalty, 1.0):
        for kind, ones in groupby(asked, key=lambda one: one.kind):
            pairs = []
            for one in ones:
                prompt = loop.engine.template.tokens(one.messages)
                each = replace(sampling, repeat_penalty=penalty)
                pairs.append((loop.write(prompt, each, 0), loop.write(prompt, each, draft)))
            name = kind if penalty != 1.0 else f"{kind}, no repeat penalty"
            if long := [pair for pair in pairs if min(len(pair[0].tokens), len(pair[1].tokens)) > 4]:
                print(row(name, long, pairs))


def row(name: str, long: Sequence[tuple[Written, Written]], pairs: Sequence[tuple[Written, Written]]) -> str:
    """A line of the table; speeds are medians over the answers of more than four tokens."""
    plain, drafted = ([(len(w.tokens) - 1) / w.seconds for w in side] for side in zip(*long, strict=True))
    share = statistics.median(b / a for a, b in zip(plain, drafted, strict=True))
    count = sum(with_.batches for _, with_ in pairs)
    mean = sum(with_.accepted for _, with_ in pairs) / max(1, count)
    other = sum(without.tokens != with_.tokens for without, with_ in pairs)
    speeds = f"{statistics.median(plain):.1f} | {statistics.median(drafted):.1f} | {share:.2f}"
    return f"| {name} | {speeds} | {mean:.1f} of {count} | {other} of {len(pairs)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=12, help="in three kinds of prompt each (default: 12)")
    parser.add_argument("--draft", type=int, default=7, help="most tokens drafted at once (default: 7)")
    with bench(parser) as (given, settings):
        asked = prompts(given.folder, given.questions, settings)
        from generate import native
        from generate.requantize import fastest_copy

        native.start()
        card, threads = find(settings), threads_of(settings)
        assert card.path
        path = fastest_copy(card.path, settings.home, threads=threads) if card.bundled else card.path
        loop = Loop(path, threads)
        batches(loop, loop.engine.template.tokens(next(one.messages for one in asked if one.kind == "passages")))
        answers(loop, asked, given.draft)


if __name__ == "__main__":
    main()
