"""Question and passages -> the exact words that answer, or none.

    question, passages -> windows of tokens -> start and end scores -> spans of whole words -> Reading

The network is small (11 million parameters over the embedder's own word embeddings) and says of every span how much
more likely it is than "not in this passage", in one scale for all passages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.familiarity import familiarity
from index.reader.boundaries import Boundaries

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from index.reader.network import SpanNetwork

WINDOW = 288
"""Tokens of question and passage read together: as in training."""
QUESTION_TOKENS = 64
"""Most tokens of a question that are read; the longest of squad2-dev has 62."""
QUESTION_CHARACTERS = 4096
"""Most characters of a question that are split into tokens: more than QUESTION_TOKENS in any script."""
OVERLAP = 64
"""Tokens that windows of one passage share: twice LONGEST, so that a span never falls between two."""
LONGEST = 30
"""Most tokens of a span; 99 in 100 of squad2-dev's answers are shorter."""
BATCH = 8
"""Windows read at once."""
SPANS = 3
"""Spans kept of a passage."""
SCORE_LIMIT = 20.0
"""Beyond this a score says no more about how probable an answer is."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a passage that may answer: ``text == passage[start:end]``, never a part of a word.

    ``score`` is the logarithm of how much more likely they are than "not in this passage": 0 is even, higher is
    better, and scores of different passages can be compared.
    """

    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of a question. ``spans`` has an entry for each passage, each best first, maybe empty.

    ``answerable`` is the probability, 0..1, that the passages answer the question, calibrated on questions of other
    articles. ``best`` is the passage's number and its words with the highest score, None where no passage has words.
    """

    spans: tuple[tuple[Words, ...], ...]
    answerable: float

    @property
    def best(self) -> tuple[int, Words] | None:
        found = [(spans[0].score, -number) for number, spans in enumerate(self.spans) if spans]
        if not found:
            return None
        number = -max(found)[1]
        return number, self.spans[number][0]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic regression of what is seen to the probability that the passages answer (Platt 1999).

    ``alone`` weighs a constant and the best score; ``joined`` also the best cosine similarity of a passage to the
    question, where the caller knows it.
    """

    alone: tuple[float, float] = (0.0, 0.5)
    joined: tuple[float, float, float] = (0.0, 0.5, 0.0)

    def probability(self, score: float, cosine: float | None = None) -> float:
        score = max(-SCORE_LIMIT, min(SCORE_LIMIT, score))
        if cosine is None:
            logit = self.alone[0] + self.alone[1] * score
        else:
            logit = self.joined[0] + self.joined[1] * score + self.joined[2] * cosine
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))


@dataclass(frozen=True, slots=True)
class _Window:
    """Tokens of one passage from ``first`` on."""

    passage: int
    first: int
    ids: tuple[int, ...]


class SpanReader:
    """Points at the words that answer. Thread-safe: nothing changes after it is loaded."""

    def __init__(self, network: SpanNetwork, tokenizer: Tokenizer, calibration: Calibration) -> None:
        self.network = network.eval()
        self.calibration = calibration
        self._tokenizer = tokenizer
        ids = {name: tokenizer.token_to_id(f"[{name}]") for name in ("CLS", "SEP", "PAD", "UNK", "MASK")}
        self._special = {name: number for name, number in ids.items() if number is not None}

    def read(self, question: str, passages: Sequence[str], cosines: Sequence[float] | None = None) -> Reading:
        """The words of each passage that may answer, and how likely it is that any of them does.

        ``cosines`` are the similarities of the passages to the question, where they are known: the probability
        takes them into account. Passages and questions of any length and script are read; an empty one has no words.
        """
        asked, _ = self._tokens(question[:QUESTION_CHARACTERS])
        asked = asked[:QUESTION_TOKENS]
        texts = [self._tokens(passage) for passage in passages]
        windows = [
            window
            for number, (ids, _) in enumerate(texts)
            for window in _windows(number, ids, WINDOW - 3 - len(asked))
            if asked
        ]
        boundaries = [Boundaries(passage) for passage in passages]
        found: list[dict[tuple[int, int], float]] = [{} for _ in passages]
        order = sorted(windows, key=lambda window: len(window.ids))
        for first in range(0, len(order), BATCH):
            for window, best in self._read_windows(asked, order[first : first + BATCH]):
                offsets = texts[window.passage][1]
                for a, b, score in best:
                    place = boundaries[window.passage].whole_words(offsets[a][0], offsets[b][1])
                    if place is not None and score > found[window.passage].get(place, -math.inf):
                        found[window.passage][place] = score
        spans = tuple(_best(passage, places) for passage, places in zip(passages, found, strict=True))
        return Reading(spans, self._probability(spans, cosines))

    def familiarity(self, text: str) -> float:
        """How well the reader's vocabulary knows the language of ``text``, 0..1 (``index.familiarity``)."""
        return familiarity(self._tokenizer, text)

    def _probability(self, spans: tuple[tuple[Words, ...], ...], cosines: Sequence[float] | None) -> float:
        scores = [each[0].score for each in spans if each]
        if not scores:
            return 0.0
        return self.calibration.probability(max(scores), max(cosines) if cosines else None)

    def _tokens(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids and characters of the tokens. A text that spells a special token does not get to use it."""
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        special = set(self._special.values())
        return [self._special["UNK"] if each in special else each for each in encoded.ids], encoded.offsets

    def _read_windows(
        self, asked: list[int], windows: Sequence[_Window]
    ) -> list[tuple[_Window, list[tuple[int, int, float]]]]:
        """For each window its best spans: first and last token of the passage, and the score."""
        import torch

        offset = len(asked) + 2
        length = max(len(window.ids) for window in windows) + offset + 1
        ids = torch.full((len(windows), length), self._special["PAD"], dtype=torch.int64)
        segments, mask = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, window in enumerate(windows):
            sequence = [self._special["CLS"], *asked, self._special["SEP"], *window.ids, self._special["SEP"]]
            ids[row, : len(sequence)] = torch.tensor(sequence)
            segments[row, offset : len(sequence)] = 1
            mask[row, : len(sequence)] = 1
        with torch.inference_mode():
            start, end = self.network(ids, segments, mask)
            rows = _top_spans(start, end)
        return [
            (window, [(a - offset + window.first, b - offset + window.first, score) for a, b, score in spans])
            for window, spans in zip(windows, rows, strict=True)
        ]


def _windows(passage: int, ids: list[int], room: int) -> list[_Window]:
    """Windows of at most ``room`` tokens over all of ``ids``, each sharing OVERLAP with the one before."""
    if not ids:
        return []
    firsts = [0, *range(room - OVERLAP, len(ids) - OVERLAP, room - OVERLAP)] if len(ids) > room else [0]
    return [_Window(passage, first, tuple(ids[first : first + room])) for first in firsts]


def _top_spans(start: Any, end: Any) -> list[list[tuple[int, int, float]]]:
    """The best spans of each row that do not overlap, best first: first token, last token, score."""
    from index.reader.network import NO_SPAN, span_scores

    scores = span_scores(start, end, LONGEST)
    width = scores.shape[2]
    values, places = scores.flatten(1).topk(min(64, width * width), dim=1)
    rows = []
    for row_values, row_places in zip(values.tolist(), places.tolist(), strict=True):
        chosen: list[tuple[int, int, float]] = []
        for value, place in zip(row_values, row_places, strict=True):
            a, b = divmod(place, width)
            if value > NO_SPAN and not any(a <= last and first <= b for first, last, _ in chosen):
                chosen.append((a, b, value))
            if len(chosen) == SPANS:
                break
        rows.append(chosen)
    return rows


def _best(passage: str, places: dict[tuple[int, int], float]) -> tuple[Words, ...]:
    ranked = sorted(places.items(), key=lambda item: (-item[1], item[0]))
    chosen: list[Words] = []
    for (start, end), score in ranked:
        if all(end <= other.start or other.end <= start for other in chosen):
            chosen.append(Words(start, end, passage[start:end], score))
        if len(chosen) == SPANS:
            break
    return tuple(chosen)
