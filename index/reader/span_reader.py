"""The span reader: question and passages -> the spans that answer, or none (extractive question answering).

    question, passages -> windows of tokens -> start and end scores -> spans of whole words -> SpanReading

The network has 11 million parameters over the embedder's word embeddings. It scores every span by how much more likely
it is than "not in this passage", on one scale for all passages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

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
class AnswerSpan:
    """A span of whole words that may answer: ``text == passage[start:end]``.

    ``score`` is the log-odds of the span against "not in this passage": 0 is even, higher is better. Scores of
    different passages can be compared.
    """

    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class SpanReading:
    """The spans of each passage that may answer a question, and the probability that any of them does.

    ``spans`` has one entry for each passage, best span first, which may be empty. ``answerable``, in 0..1, is
    calibrated on questions of other articles.
    """

    spans: tuple[tuple[AnswerSpan, ...], ...]
    answerable: float

    @property
    def best(self) -> tuple[int, AnswerSpan] | None:
        """The number of a passage and its span with the highest score; None if no passage has a span."""
        found = [(spans[0].score, -number) for number, spans in enumerate(self.spans) if spans]
        if not found:
            return None
        number = -max(found)[1]
        return number, self.spans[number][0]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regressions from the best score to the probability that the passages answer (Platt 1999).

    ``score_weights`` are the intercept and the weight of the best score; ``cosine_weights`` also weigh the best cosine
    of a passage to the question, for callers that know it.
    """

    score_weights: tuple[float, float] = (0.0, 0.5)
    cosine_weights: tuple[float, float, float] = (0.0, 0.5, 0.0)

    def probability(self, score: float, cosine: float | None = None) -> float:
        """The probability, in 0..1, that passages with this best score (and best cosine) answer."""
        score = max(-SCORE_LIMIT, min(SCORE_LIMIT, score))
        if cosine is None:
            intercept, by_score = self.score_weights
            logit = intercept + by_score * score
        else:
            intercept, by_score, by_cosine = self.cosine_weights
            logit = intercept + by_score * score + by_cosine * cosine
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))


@dataclass(frozen=True, slots=True)
class _Window:
    """The token ids of one passage from token ``first`` on; ``passage`` is the passage's number."""

    passage: int
    first: int
    ids: tuple[int, ...]


class ReadsSpans(Protocol):
    """Finds the spans of passages that answer a question, here or in another process."""

    def read(self, question: str, passages: Sequence[str], cosines: Sequence[float] | None = None) -> SpanReading:
        """As `SpanReader.read`."""
        ...

    def familiarity(self, text: str) -> float:
        """As `SpanReader.familiarity`."""
        ...


class SpanReader:
    """Finds the spans of passages that answer a question. Thread-safe: nothing changes after it is loaded."""

    def __init__(self, network: SpanNetwork, tokenizer: Tokenizer, calibration: Calibration) -> None:
        self.network = network.eval()
        self.calibration = calibration
        self._tokenizer = tokenizer
        ids = {name: tokenizer.token_to_id(f"[{name}]") for name in ("CLS", "SEP", "PAD", "UNK", "MASK")}
        self._special = {name: number for name, number in ids.items() if number is not None}

    def read(self, question: str, passages: Sequence[str], cosines: Sequence[float] | None = None) -> SpanReading:
        """The spans of each passage that may answer ``question``, and the probability that any of them does.

        ``cosines``, one for each passage, are the passages' similarities to the question if they are known; the
        probability then uses them. Questions and passages may have any length and script; empty ones have no spans.
        """
        question_ids, _ = self._tokens(question[:QUESTION_CHARACTERS])
        question_ids = question_ids[:QUESTION_TOKENS]
        texts = [self._tokens(passage) for passage in passages]
        windows = [
            window
            for number, (ids, _) in enumerate(texts)
            for window in _windows(number, ids, WINDOW - 3 - len(question_ids))
            if question_ids
        ]
        boundaries = [Boundaries(passage) for passage in passages]
        found: list[dict[tuple[int, int], float]] = [{} for _ in passages]
        order = sorted(windows, key=lambda window: len(window.ids))
        for first in range(0, len(order), BATCH):
            for window, best in self._read_windows(question_ids, order[first : first + BATCH]):
                offsets = texts[window.passage][1]
                for a, b, score in best:
                    place = boundaries[window.passage].whole_words(offsets[a][0], offsets[b][1])
                    if place is not None and score > found[window.passage].get(place, -math.inf):
                        found[window.passage][place] = score
        spans = tuple(_best(passage, places) for passage, places in zip(passages, found, strict=True))
        return SpanReading(spans, self._probability(spans, cosines))

    def familiarity(self, text: str) -> float:
        """How well the vocabulary knows the language of ``text``, in 0..1 (``index.familiarity``)."""
        return familiarity(self._tokenizer, text)

    def _probability(self, spans: tuple[tuple[AnswerSpan, ...], ...], cosines: Sequence[float] | None) -> float:
        scores = [each[0].score for each in spans if each]
        if not scores:
            return 0.0
        return self.calibration.probability(max(scores), max(cosines) if cosines else None)

    def _tokens(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The ids of the tokens of ``text`` and their offsets in characters; special tokens become [UNK]."""
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        special = set(self._special.values())
        return [self._special["UNK"] if each in special else each for each in encoded.ids], encoded.offsets

    def _read_windows(
        self, question_ids: list[int], windows: Sequence[_Window]
    ) -> list[tuple[_Window, list[tuple[int, int, float]]]]:
        """Each window with its best spans as (first token, last token, score), counted in the passage's tokens."""
        import torch

        offset = len(question_ids) + 2
        length = max(len(window.ids) for window in windows) + offset + 1
        ids = torch.full((len(windows), length), self._special["PAD"], dtype=torch.int64)
        segments, mask = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, window in enumerate(windows):
            sequence = [self._special["CLS"], *question_ids, self._special["SEP"], *window.ids, self._special["SEP"]]
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


def _best(passage: str, places: dict[tuple[int, int], float]) -> tuple[AnswerSpan, ...]:
    """The SPANS best of the spans in ``places`` (scores by start and end) that do not overlap, best first."""
    ranked = sorted(places.items(), key=lambda item: (-item[1], item[0]))
    chosen: list[AnswerSpan] = []
    for (start, end), score in ranked:
        if all(end <= other.start or other.end <= start for other in chosen):
            chosen.append(AnswerSpan(start, end, passage[start:end], score))
        if len(chosen) == SPANS:
            break
    return tuple(chosen)
