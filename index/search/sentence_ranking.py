"""Question and passages -> the sentences that answer best, quoted exactly, without a chat model."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from core.protocols import Embedder
from core.types import Citation, Passage
from index.analyzer import FUNCTION_WORDS, analyze, written
from index.embed import Multilingual
from index.familiarity import weight_by_familiarity
from index.relatedness import E5, relatedness
from index.spelling import spelled_like
from ingest.locate import locate
from ingest.sentences import sentence_spans

DENSE_WEIGHT = 0.5
"""Cosine and word overlap count alike; benchmarks/evidence.py prints how often the best sentences hold the answer."""

CONTEXT_SHARE = 0.5
"""What a question's term counts where only the passage's title or headings hold it: "The rent is 640 euros" answers a
question about the boathouse's rent under the title of the boathouse's lease."""

MOST_SENTENCES = 32
"""Sentences embedded for a question, of eight passages: those with the most words in common first; 5 ms each on two
cores. Of 250 answerable questions of squad2-dev as many had the answer in the best and in the best three of 16 as of
48; over papers in three languages 24 of five passages left out what words do not tell (docs/answers.md)."""

_FEWEST_WORDS = 3
"""Different terms of a sentence; with fewer it is a number, a label or a piece of a heading and answers nothing."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    passage: Passage
    start: int
    end: int
    text: str


def rank_sentences(
    question: str, passages: Sequence[Passage], embedder: Embedder, limit: int = 3
) -> tuple[Citation, ...]:
    """The ``limit`` sentences of ``passages`` that answer best, best first; ``score`` is in 0..1.

    The score is the mean of the sentence's cosine to the question and the share of the question's terms that it holds.
    Terms weigh by their smoothed inverse sentence frequency; terms that only the title or headings hold count
    CONTEXT_SHARE, function words nothing. Where the embedder does not know the language, the terms count alone. Quotes
    are exact spans of the documents.
    """
    sentences = _sentences(passages)
    if not sentences:
        return ()
    overlap = _overlap(question, sentences)
    # Words in common and the passage's own score: a paraphrase, or another language, has no word in common.
    order = sorted(range(len(sentences)), key=lambda number: -overlap[number] - sentences[number].passage.score)[
        :MOST_SENTENCES
    ]
    familiarity = embedder.familiarity(question) if isinstance(embedder, Multilingual) else 1.0
    weight = weight_by_familiarity(DENSE_WEIGHT, familiarity)
    cosines = np.zeros(len(order), dtype=np.float32)
    if weight:
        vectors = embedder.embed_passages([_as_embedded(sentences[number], embedder) for number in order])
        cosines = relatedness(vectors @ embedder.embed_question(question), embedder, "question")
    scores = {
        number: weight * max(0.0, float(cosine)) + (1 - weight) * overlap[number]
        for number, cosine in zip(order, cosines, strict=True)
    }
    best = sorted(order, key=lambda number: -scores[number])
    chosen: dict[str, Citation] = {}
    for number in best:
        sentence = sentences[number]
        if len(chosen) < limit:
            chosen.setdefault(
                " ".join(sentence.text.split()), quoted(sentence.passage, sentence.start, sentence.end, scores[number])
            )
    return tuple(chosen.values())


def _as_embedded(sentence: _Sentence, embedder: Embedder) -> str:
    """A sentence behind its title and headings, without which "It is 640 euros" is of anything.

    For e5 alone: of 158 questions of small worlds of documents the best sentence answered .64 so and .59 bare, one of
    the best three .83 and .79; with MiniLM .56 and .57, .80 and .79.
    """
    if not embedder.name.startswith(E5):
        return sentence.text
    around = dict.fromkeys((sentence.passage.title, *sentence.passage.headings))
    context = " ".join(name for name in around if name and name not in sentence.text)
    return f"{context}: {sentence.text}" if context else sentence.text


def _sentences(passages: Sequence[Passage]) -> list[_Sentence]:
    found: dict[tuple[str, int, int], _Sentence] = {}
    for passage in passages:
        for start, end in sentence_spans(passage.text):
            text = passage.text[start:end]
            if len(set(analyze(text))) >= _FEWEST_WORDS:
                place = (passage.document_id, passage.start + start, passage.start + end)
                found.setdefault(place, _Sentence(passage, start, end, text))
    return list(found.values())


def _overlap(question: str, sentences: Sequence[_Sentence]) -> list[float]:
    """The share of the question's terms that each sentence holds, in 0..1, weighted by their rarity among sentences."""
    wanted = set(analyze(question))
    wanted = wanted - FUNCTION_WORDS or wanted
    texts = [analyze(sentence.text) for sentence in sentences]
    respelled = _respelled(wanted, written(question), texts)
    bags = [wanted.intersection(respelled.get(term, term) for term in text) for text in texts]
    held = Counter(word for bag in bags for word in bag)
    weights = {word: math.log(1 + (len(bags) - held[word] + 0.5) / (held[word] + 0.5)) for word in wanted}
    whole = sum(weights.values()) or 1.0

    def share(bag: set[str], around: set[str]) -> float:
        own = sum(weights[word] for word in bag)
        return (own + CONTEXT_SHARE * sum(weights[word] for word in around - bag)) / whole

    contexts = {sentence.passage: wanted.intersection(_context(sentence.passage)) for sentence in sentences}
    return [share(bag, contexts[sentence.passage]) for bag, sentence in zip(bags, sentences, strict=True)]


def _respelled(wanted: Set[str], written: Mapping[str, str], texts: Sequence[Sequence[str]]) -> dict[str, str]:
    """Terms of the sentences that are spelt nearly as a wanted one that none of them holds, or as it is ``written``,
    each with that one."""
    vocabulary = dict.fromkeys(term for text in texts for term in text)
    found: dict[str, str] = {}
    for word in (word for word in wanted if word not in vocabulary):
        near = spelled_like(word, vocabulary)
        if near is None and word in written:
            near = spelled_like(written[word], vocabulary)
        if near is not None and near not in wanted:
            found[near] = word
    return found


def _context(passage: Passage) -> list[str]:
    """The terms of the passage's title and headings."""
    return analyze("\n".join((passage.title, *passage.headings)))


def quoted(passage: Passage, start: int, end: int, score: float) -> Citation:
    """``passage.text[start:end]`` as a citation with the place where it begins; ``score`` is clipped to 0..1."""
    return Citation(
        document_id=passage.document_id,
        file=passage.file,
        locator=locate(passage.pages, passage.text, start) if passage.pages else passage.locator,
        quote=passage.text[start:end],
        start=passage.start + start,
        end=passage.start + end,
        score=min(1.0, max(0.0, score)),
    )
