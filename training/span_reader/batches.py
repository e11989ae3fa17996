"""Examples -> batches of token ids, the same ones for the same seed."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from evaluate.span_data import read_jsonl
from evaluate.span_scores import find_answers
from training.span_reader.changed import changed_question
from training.span_reader.made import Made
from training.span_reader.model import base_folder
from training.span_reader.prepare import MOST_SPANS, Example

WINDOW = 288
"""Tokens of question and passage together while training; 3 in 100 of squad2-dev's paragraphs are longer."""
QUESTION = 48
"""Most tokens of a question that are read while training."""
CROPS = (80, 96, 128, 192)
"""Tokens of a passage while training, drawn for each: a crop costs less and moves the answer about."""
BATCH_TOKENS = 3072
"""Padded tokens of a batch: about 24 crops."""
STRANGERS = 24
"""Sentences of other articles that are tried as company, where a question's own article has too few."""
POOL = 40
"""Batches drawn together and sorted by length, so that little is padding."""


@dataclass(frozen=True, slots=True)
class Text:
    """Token ids, and for each the characters it stands for."""

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Question and passage as one sequence; ``spans`` are first and last token of the right answers in it.

    ``cut`` tokens of the passage were left out before it.
    """

    question: tuple[int, ...]
    passage: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    cut: int

    @property
    def length(self) -> int:
        return len(self.question) + len(self.passage) + 3


@dataclass(frozen=True, slots=True)
class Batch:
    """int64 tensors; ``spans`` is (rows, MOST_SPANS, 2), -1 where there is none; a question has ``group`` rows."""

    ids: Tensor
    segments: Tensor
    mask: Tensor
    spans: Tensor
    group: int


class Material:
    """Prepared examples with their passages, tokenised at first use."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer: Tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.cls = self.tokenizer.token_to_id("[CLS]")
        self.sep = self.tokenizer.token_to_id("[SEP]")
        self.mask: int = self.tokenizer.token_to_id("[MASK]") or 0
        self.passages: Mapping[str, str] = {row["_id"]: row["text"] for row in read_jsonl(folder / "passages.jsonl")}
        self.examples = [_example(row) for row in read_jsonl(folder / "examples.jsonl")]
        self._tokens: dict[str, Text] = {}

    def text(self, string: str) -> Text:
        if string not in self._tokens:
            encoded = self.tokenizer.encode(string, add_special_tokens=False)
            self._tokens[string] = Text(tuple(encoded.ids), tuple(encoded.offsets))
        return self._tokens[string]

    def row(
        self,
        question: str,
        passage: str,
        spans: Sequence[tuple[int, int]],
        draw: random.Random,
        crops: Sequence[int] = CROPS,
    ) -> Row:
        """A passage longer than one of ``crops`` is cut to a stretch that holds a right answer, where there is one."""
        question_ids = self.text(question).ids[:QUESTION]
        text = self.text(passage)
        room = min(WINDOW - 3 - len(question_ids), draw.choice(crops))
        found = [span for span in (token_span(text.offsets, *span) for span in spans) if span is not None]
        first = 0
        if len(text.ids) > room:
            low, high = 0, len(text.ids) - room
            if found:
                anchor = draw.choice(found)
                low, high = max(0, anchor[1] + 1 - room), min(high, anchor[0])
            first = draw.randint(low, high) if low < high else high
        inside = [(a - first, b - first) for a, b in found if a >= first and b < first + room]
        return Row(question_ids, text.ids[first : first + room], tuple(inside[:MOST_SPANS]), first)

    def batch(self, rows: Sequence[Row], group: int) -> Batch:
        length = max(row.length for row in rows)
        ids = torch.zeros(len(rows), length, dtype=torch.int64)
        segments, mask = torch.zeros_like(ids), torch.zeros_like(ids)
        spans = torch.full((len(rows), MOST_SPANS, 2), -1, dtype=torch.int64)
        for number, row in enumerate(rows):
            sequence = [self.cls, *row.question, self.sep, *row.passage, self.sep]
            offset = len(row.question) + 2
            ids[number, : len(sequence)] = torch.tensor(sequence)
            segments[number, offset : len(sequence)] = 1
            mask[number, : len(sequence)] = 1
            for place, (first, last) in enumerate(row.spans):
                spans[number, place, 0], spans[number, place, 1] = first + offset, last + offset
        return Batch(ids, segments, mask, spans, group)


def _example(row: dict[str, object]) -> Example:
    values = dict(row)
    for name in ("answers", "negatives"):
        values[name] = tuple(values[name])  # type: ignore[arg-type]
    values["spans"] = tuple((a, b) for a, b in values["spans"])  # type: ignore[attr-defined]
    return Example(**values)  # type: ignore[arg-type]


def token_span(offsets: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """The first and last token that touch the characters start..end; None where no token does."""
    touching = [number for number, (a, b) in enumerate(offsets) if a < end and b > start]
    return (touching[0], touching[-1]) if touching else None


def sentence_rows(
    material: Material, examples: Sequence[Example], draw: random.Random, changed: float = 0.0
) -> Iterator[list[Row]]:
    """A sentence with none to four others of its article around it; every eighth question misses its own.

    A share ``changed`` of the questions is changed so that nothing answers them.
    """
    for example in examples:
        others = list(example.negatives[:6])
        draw.shuffle(others)
        chosen = others[: draw.choice((0, 0, 1, 2, 3, 4))]
        missing = bool(chosen) and draw.random() < 0.125
        keys = chosen if missing else [*chosen, example.passage]
        keys.sort(key=lambda key: [int(part) for part in key.split(":")[2:]])
        text, spans = "", list[tuple[int, int]]()
        for key in keys:
            if key == example.passage:
                spans = [(a + len(text), b + len(text)) for a, b in example.spans]
            text += material.passages[key] + " "
        yield [material.row(*_perhaps_changed(example.question, text, spans, draw, changed), draw)]


def passage_rows(
    material: Material, examples: Sequence[Example], draw: random.Random, changed: float = 0.0
) -> Iterator[list[Row]]:
    """A question on the passage that it was written on; a share ``changed`` of those with an answer is changed."""
    for example in examples:
        text = material.passages[example.passage]
        yield [material.row(*_perhaps_changed(example.question, text, example.spans, draw, changed), draw)]


def _perhaps_changed(
    question: str, text: str, spans: Sequence[tuple[int, int]], draw: random.Random, share: float
) -> tuple[str, str, Sequence[tuple[int, int]]]:
    other = changed_question(question, text, draw) if spans and draw.random() < share else None
    return (question, text, spans) if other is None else (other, text, ())


def group_rows(
    material: Material, examples: Sequence[Example], draw: random.Random, size: int, top: int
) -> Iterator[list[Row]]:
    """A question on its own passage and ``size - 1`` of the first ``top`` that were retrieved for it."""
    for example in examples:
        pool = list(example.negatives[:top])
        if len(pool) < size - 1:
            continue
        rows = [material.row(example.question, material.passages[example.passage], example.spans, draw)]
        rows += [
            material.row(example.question, material.passages[key], (), draw) for key in draw.sample(pool, size - 1)
        ]
        yield rows


def block_rows(material: Material, examples: Sequence[Example], draw: random.Random, size: int) -> Iterator[list[Row]]:
    """A sentence with up to two others around it, beside ``size - 1`` rows of one to three others.

    The others do not hold the answer; they are of the same article as far as it reaches, then of another question's.
    """
    for example in examples:
        cuts = [draw.choice((0, 1, 2)), *(draw.choice((1, 2, 3)) for _ in range(size - 1))]
        others = _without_answer(material, example, examples, draw, sum(cuts))
        if len(others) < sum(cuts):
            continue
        rows: list[Row] = []
        for count in cuts:
            texts, others = [material.passages[key] for key in others[:count]], others[count:]
            if rows:
                rows.append(material.row(example.question, " ".join(texts), (), draw))
                continue
            texts.insert(draw.randint(0, len(texts)), material.passages[example.passage])
            before = sum(len(text) + 1 for text in texts[: texts.index(material.passages[example.passage])])
            spans = [(a + before, b + before) for a, b in example.spans]
            rows.append(material.row(example.question, " ".join(texts), spans, draw))
        yield rows


def _without_answer(
    material: Material, example: Example, examples: Sequence[Example], draw: random.Random, count: int
) -> list[str]:
    """``count`` sentences that do not hold the example's answer, those of its own article first.

    Fewer where the answer is a word that nearly every sentence holds ("a").
    """
    strangers = (example.passage for example in draw.sample(examples, min(STRANGERS, len(examples))))
    pool = [*draw.sample(example.negatives, len(example.negatives)), *strangers]
    found = dict.fromkeys(key for key in pool if not find_answers(material.passages[key], example.answers))
    return list(found)[:count]


def made_rows(material: Material, made: Sequence[Made], draw: random.Random) -> Iterator[list[Row]]:
    """Questions made by rule on their passages."""
    for each in made:
        yield [material.row(each.question, each.text, each.spans, draw)]


def masked(rows: Sequence[Row], share: float, mask: int, draw: random.Random) -> list[Row]:
    """``share`` of the tokens, of answers too, in place of dropout hidden behind ``mask``: a different reading of a
    question in every pass."""
    if not share:
        return list(rows)
    return [
        replace(
            row,
            question=tuple(mask if draw.random() < share else token for token in row.question),
            passage=tuple(mask if draw.random() < share else token for token in row.passage),
        )
        for row in rows
    ]


def batched(groups: Sequence[list[Row]], draw: random.Random, most_rows: int) -> list[list[list[Row]]]:
    """Groups of one size in batches of at most BATCH_TOKENS padded tokens, of similar length, in random order."""
    shuffled = list(groups)
    draw.shuffle(shuffled)
    batches: list[list[list[Row]]] = []
    pool_size = POOL * 24 // len(shuffled[0]) if shuffled else 1
    for first in range(0, len(shuffled), pool_size):
        pool = sorted(shuffled[first : first + pool_size], key=lambda rows: max(row.length for row in rows))
        current: list[list[Row]] = []
        for rows in pool:
            longest, count = max(row.length for row in rows), (len(current) + 1) * len(rows)
            if current and (longest * count > BATCH_TOKENS or count > most_rows):
                batches.append(current)
                current = []
            current.append(rows)
        if current:
            batches.append(current)
    draw.shuffle(batches)
    return batches
