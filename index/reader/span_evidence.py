"""Sentences ranked as evidence, with the span reader's word in it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.types import AnswerWords, Citation, Passage
from index.page_spans import clip
from index.reader.domain import question_kind, trust
from index.reader.span_reader import Reading, SpanReader
from index.search.table_columns import whole_cell
from ingest.locate import locate
from ingest.sentences import sentence_spans

WORDS_WEIGHT = 0.3
"""What the likeliest words add to the score (0..1) of the sentence they stand in; chosen on the development slice."""

LEAST_SCORE = -2.0
"""Of words that are shown. On 70 questions of the development slice those below it, one in ten, had F1 .2, the others
.87."""

PRIOR = 5.0
"""What a passage's retrieval score (0..1) adds to the scores of its words. It changes nothing on squad2-dev, whose
passages have no titles worth the name, and tells the boathouse's deposit from another one in the sample documents."""

PIECES = 4
"""Pieces that are read for a question: 150 ms on two cores."""

PIECE_CHARACTERS = 1000
"""About 200 tokens of English, the size that the reader learnt on. Passages are longer where chunks were joined."""

SLACK = 1.3
"""A passage up to so many times PIECE_CHARACTERS is one piece: a chunk is a little longer than the mean."""

CONTEXT_CHARACTERS = 160
"""Most of a title and headings that is read with a piece: about 35 tokens."""


@dataclass(frozen=True, slots=True)
class WordsRead:
    """What the reader says of a question.

    ``sentences`` are in their new order; ``words`` those that it points at, best first, none where it is not at home;
    ``answerable`` the probability, 0..1, that the documents answer, None where it is not at home.
    """

    sentences: tuple[Citation, ...]
    words: tuple[AnswerWords, ...] = ()
    answerable: float | None = None


@dataclass(frozen=True, slots=True)
class PiecesRead:
    """``pieces`` with the reader's ``reading`` of them, in the same order; ``trust``, 0..1, is the least of any."""

    pieces: tuple[Passage, ...]
    reading: Reading
    trust: float


def read_words(
    question: str,
    passages: Sequence[Passage],
    sentences: Sequence[Citation],
    reader: SpanReader,
    *,
    cosines: bool = True,
) -> WordsRead:
    """Read the pieces of ``passages`` that hold the best of their ranked ``sentences``, and rank these anew.

    Where the best sentence stands in a piece in which the reader is not at home it is not asked: its word would lift
    the others above it. ``cosines`` says whether the passages' cosines are of the embedder that the reader was
    calibrated with.
    """
    read = read_pieces(question, passages, sentences, reader, cosines=cosines)
    if read is None:
        return WordsRead(tuple(sentences))
    ranked = rank_with_words(sentences, read.pieces, read.reading, WORDS_WEIGHT * read.trust, PRIOR)
    placed = place_words(read.pieces, read.reading) if question_kind(question) == "words" else ()
    words = tuple(found for found in placed if found.score >= LEAST_SCORE)
    return WordsRead(ranked, words, read.reading.answerable)


def read_pieces(
    question: str, passages: Sequence[Passage], sentences: Sequence[Citation], reader: SpanReader, *, cosines: bool
) -> PiecesRead | None:
    """The reading of the pieces in which the reader is at home; None where the best sentence stands in another."""
    trusted = {piece: trust(question, piece.text, reader) for piece in pieces_to_read(passages, sentences)}
    pieces = tuple(piece for piece, share in trusted.items() if share > 0)
    if not sentences or not any(_within(sentences[0], piece) for piece in pieces):
        return None
    known = [piece.dense for piece in pieces if piece.dense is not None] if cosines else []
    reading = read_in_context(question, pieces, reader, known or None)
    return PiecesRead(pieces, reading, min(trusted[piece] for piece in pieces))


def read_in_context(
    question: str, pieces: Sequence[Passage], reader: SpanReader, cosines: Sequence[float] | None = None
) -> Reading:
    """The reading of ``pieces``, each below its title and headings; words are counted from the piece's own start.

    "The rent is 640 euros" is the boathouse's where the title says so. Words of the context itself are left out.
    """
    contexts = [context_of(piece) for piece in pieces]
    texts = [context + piece.text for context, piece in zip(contexts, pieces, strict=True)]
    reading = reader.read(question, texts, cosines)
    spans = tuple(
        tuple(
            replace(words, start=words.start - len(context), end=words.end - len(context))
            for words in found
            if words.start >= len(context)
        )
        for context, found in zip(contexts, reading.spans, strict=True)
    )
    return replace(reading, spans=spans)


def context_of(piece: Passage) -> str:
    """Title and headings of a piece as a line above it, without those that it begins with."""
    start = piece.text[:CONTEXT_CHARACTERS]
    names = dict.fromkeys(" ".join(name.split()) for name in (piece.title, *piece.headings))
    line = ". ".join(name for name in names if name and name not in start)
    return f"{line[:CONTEXT_CHARACTERS]}.\n" if line else ""


def pieces_to_read(passages: Sequence[Passage], sentences: Sequence[Citation]) -> tuple[Passage, ...]:
    """At most PIECES stretches of about PIECE_CHARACTERS, those with the best sentence first."""
    pieces = [piece for passage in passages for piece in _pieces(passage)]

    def best(piece: Passage) -> float:
        held = (sentence.score for sentence in sentences if _within(sentence, piece))
        return max(held, default=0.0)

    return tuple(sorted(pieces, key=lambda piece: -best(piece))[:PIECES])


def _pieces(passage: Passage) -> Iterator[Passage]:
    """The passage itself, or stretches of it about as long as each other that end with sentences."""
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


def place_words(pieces: Sequence[Passage], reading: Reading) -> tuple[AnswerWords, ...]:
    """The words of all pieces with the places where they stand, best first; in a row of a table the whole cell."""
    found = []
    for piece, spans in zip(pieces, reading.spans, strict=True):
        for words in spans:
            start, end = whole_cell(piece.text, words.start, words.end)
            found.append(
                AnswerWords(
                    document_id=piece.document_id,
                    file=piece.file,
                    locator=locate(piece.pages, piece.text, start) if piece.pages else piece.locator,
                    text=piece.text[start:end],
                    start=piece.start + start,
                    end=piece.start + end,
                    score=words.score,
                )
            )
    return tuple(sorted(found, key=lambda words: -words.score))


def rank_with_words(
    sentences: Sequence[Citation],
    passages: Sequence[Passage],
    reading: Reading,
    weight: float = WORDS_WEIGHT,
    prior: float = 0.0,
) -> tuple[Citation, ...]:
    """``sentences`` of ``passages`` in a new order: each gains ``weight`` times how likely it holds the answer.

    ``reading`` is the reader's of the same passages, in the same order. How likely: the share of its best words in
    all words found and "not here", as the reader's scores give it. ``prior`` is what a passage's own score (0..1) adds
    to those of its words, counted from the best passage's. ``score`` stays in 0..1.
    """
    best = max((passage.score for passage in passages), default=0.0)
    places = [
        (
            passage.document_id,
            passage.start + words.start,
            passage.start + words.end,
            words.score + prior * (passage.score - best),
        )
        for passage, spans in zip(passages, reading.spans, strict=True)
        for words in spans
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
