"""Sentences ranked as evidence with the help of the span reader."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.types import AnswerWords, Citation, Passage
from index.page_spans import clip
from index.reader.domain import trust
from index.reader.span_reader import ReadsSpans, SpanReading
from index.search.table_columns import whole_cell
from ingest.locate import locate
from ingest.sentences import sentence_spans

SPAN_WEIGHT = 0.3
"""What the likeliest span adds to the score (0..1) of the sentence that it is in; chosen on the development slice."""

LEAST_SCORE = -2.0
"""The lowest score of a span that is shown. On 70 questions of the development slice those below it, one in ten, had
F1 .2, the others .87."""

PRIOR = 5.0
"""What a passage's retrieval score (0..1) adds to the scores of its spans. It changes nothing on squad2-dev, whose
passages have no titles worth the name, and tells the boathouse's deposit from another one in the sample documents."""

PIECES = 4
"""Pieces that are read for a question: 150 ms on two cores."""

PIECE_CHARACTERS = 1000
"""About 200 tokens of English, as in training. Passages are longer where chunks were joined."""

SLACK = 1.3
"""A passage up to so many times PIECE_CHARACTERS is one piece: a chunk is a little longer than the mean."""

CONTEXT_CHARACTERS = 160
"""Most of a title and headings that is read with a piece: about 35 tokens."""


_CLAUSE = re.compile(r"[^\S\n]*(\d{1,3}(?:\.\d{1,3})+)\.?[^\S\n]+(?=[^\W\d_])")
"""The beginning of a clause, whose number has several levels: one level alone may be a day or a count. What follows
"1.5 million" is small."""


@dataclass(frozen=True, slots=True)
class SpanEvidence:
    """The sentences of a question as the span reader ranks them, with the spans that answer.

    ``words`` are those spans, best first. ``answerable`` is the probability, in 0..1, that the documents answer. Out of
    the span reader's domain there are no words, ``answerable`` is None and the order of ``sentences`` is unchanged.
    """

    sentences: tuple[Citation, ...]
    words: tuple[AnswerWords, ...] = ()
    answerable: float | None = None


@dataclass(frozen=True, slots=True)
class PieceReading:
    """``pieces`` of passages and the ``reading`` of them, in the same order; ``trust``, 0..1, is the lowest of any."""

    pieces: tuple[Passage, ...]
    reading: SpanReading
    trust: float


def read_span_evidence(
    question: str,
    passages: Sequence[Passage],
    sentences: Sequence[Citation],
    span_reader: ReadsSpans,
    *,
    cosines: bool = True,
) -> SpanEvidence:
    """Read the pieces of ``passages`` with the best of the ranked ``sentences``, and rank the sentences anew.

    If the best sentence is in a piece out of the span reader's domain, nothing is read: other sentences would rise
    above it for no reason. ``cosines`` says whether the passages' cosines come from the embedder that the span reader
    was calibrated with.
    """
    read = read_pieces(question, passages, sentences, span_reader, cosines=cosines)
    if read is None:
        return SpanEvidence(tuple(sentences))
    ranked = rank_with_spans(sentences, read.pieces, read.reading, SPAN_WEIGHT * read.trust, PRIOR)
    words = tuple(span for span in locate_spans(read.pieces, read.reading) if span.score >= LEAST_SCORE)
    return SpanEvidence(ranked, words, read.reading.answerable)


def read_pieces(
    question: str, passages: Sequence[Passage], sentences: Sequence[Citation], span_reader: ReadsSpans, *, cosines: bool
) -> PieceReading | None:
    """The reading of the in-domain pieces; None if the best sentence is in none of them."""
    trusted = {piece: trust(question, piece.text, span_reader) for piece in pieces_to_read(passages, sentences)}
    pieces = tuple(piece for piece, share in trusted.items() if share > 0)
    if not sentences or not any(_within(sentences[0], piece) for piece in pieces):
        return None
    known = [piece.dense for piece in pieces if piece.dense is not None] if cosines else []
    reading = read_in_context(question, pieces, span_reader, known or None)
    return PieceReading(pieces, reading, min(trusted[piece] for piece in pieces))


def read_in_context(
    question: str, pieces: Sequence[Passage], span_reader: ReadsSpans, cosines: Sequence[float] | None = None
) -> SpanReading:
    """Read ``pieces``, each below a line with its title and headings; spans are counted from the piece's own start.

    "The rent is 640 euros" is the boathouse's if the title says so. Spans of the added line itself are left out, and
    those that are only the number of a clause: "3.4 Rent that is late ...".
    """
    contexts = [context_of(piece) for piece in pieces]
    texts = [context + piece.text for context, piece in zip(contexts, pieces, strict=True)]
    reading = span_reader.read(question, texts, cosines)
    spans = tuple(
        tuple(
            replace(span, start=span.start - len(context), end=span.end - len(context))
            for span in found
            if span.start >= len(context) and not _is_clause_number(text, span.start, span.end)
        )
        for context, text, found in zip(contexts, texts, reading.spans, strict=True)
    )
    return replace(reading, spans=spans)


def _is_clause_number(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` is the number that a line of the text begins with, as clauses do."""
    line = text.rfind("\n", 0, start) + 1
    clause = _CLAUSE.match(text, line)
    return clause is not None and clause.span(1) == (start, end) and not text[clause.end()].islower()


def context_of(piece: Passage) -> str:
    """The title and headings of a piece as a line to read above it, without those that the piece begins with."""
    start = piece.text[:CONTEXT_CHARACTERS]
    names = dict.fromkeys(" ".join(name.split()) for name in (piece.title, *piece.headings))
    line = ". ".join(name for name in names if name and name not in start)
    return f"{line[:CONTEXT_CHARACTERS]}.\n" if line else ""


def pieces_to_read(passages: Sequence[Passage], sentences: Sequence[Citation]) -> tuple[Passage, ...]:
    """At most PIECES pieces of about PIECE_CHARACTERS of the passages, those with the best sentence first."""
    pieces = [piece for passage in passages for piece in _pieces(passage)]

    def best(piece: Passage) -> float:
        held = (sentence.score for sentence in sentences if _within(sentence, piece))
        return max(held, default=0.0)

    return tuple(sorted(pieces, key=lambda piece: -best(piece))[:PIECES])


def _pieces(passage: Passage) -> Iterator[Passage]:
    """The passage itself, or pieces of it of about equal length that end with sentences."""
    count = math.ceil(len(passage.text) / PIECE_CHARACTERS)
    if len(passage.text) <= SLACK * PIECE_CHARACTERS:
        yield passage
        return
    size = len(passage.text) / count
    first = 0
    spans = sentence_spans(passage.text)
    for at, (_, end) in enumerate(spans):
        if at + 1 == len(spans) or spans[at + 1][1] - first > size * 1.1:
            yield replace(
                passage,
                start=passage.start + first,
                end=passage.start + end,
                text=passage.text[first:end],
                pages=clip(passage.pages, passage.text, first, end) if passage.pages else (),
            )
            first = end


def _within(sentence: Citation, piece: Passage) -> bool:
    return sentence.document_id == piece.document_id and piece.start <= sentence.start < piece.end


def locate_spans(pieces: Sequence[Passage], reading: SpanReading) -> tuple[AnswerWords, ...]:
    """The spans of all pieces with their places in the documents, best first; in a table's row, the whole cell."""
    found = []
    for piece, spans in zip(pieces, reading.spans, strict=True):
        for span in spans:
            start, end = whole_cell(piece.text, span.start, span.end)
            found.append(
                AnswerWords(
                    document_id=piece.document_id,
                    file=piece.file,
                    locator=locate(piece.pages, piece.text, start) if piece.pages else piece.locator,
                    text=piece.text[start:end],
                    start=piece.start + start,
                    end=piece.start + end,
                    score=span.score,
                )
            )
    return tuple(sorted(found, key=lambda words: -words.score))


def rank_with_spans(
    sentences: Sequence[Citation],
    passages: Sequence[Passage],
    reading: SpanReading,
    weight: float = SPAN_WEIGHT,
    prior: float = 0.0,
) -> tuple[Citation, ...]:
    """``sentences`` of ``passages`` in a new order: the score (0..1) gains ``weight`` times P(holds the answer).

    ``reading`` is of the same passages, in the same order. P is the softmax of the spans' scores and 0 for "no answer",
    summed over the spans inside the sentence. ``prior`` times a passage's score (0..1), less that of the best passage,
    is added to the scores of its spans.
    """
    best = max((passage.score for passage in passages), default=0.0)
    places = [
        (
            passage.document_id,
            passage.start + span.start,
            passage.start + span.end,
            span.score + prior * (passage.score - best),
        )
        for passage, spans in zip(passages, reading.spans, strict=True)
        for span in spans
    ]
    top = max((score for *_, score in places), default=0.0)
    top = max(top, 0.0)
    whole = math.exp(-top) + sum(math.exp(score - top) for *_, score in places)
    scored = []
    for sentence in sentences:
        likely = sum(
            math.exp(score - top)
            for document, start, end, score in places
            if document == sentence.document_id and sentence.start <= start and end <= sentence.end
        )
        scored.append(replace(sentence, score=(sentence.score + weight * likely / whole) / (1 + weight)))
    return tuple(sorted(scored, key=lambda sentence: -sentence.score))
