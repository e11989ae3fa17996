"""A draft and its sources -> what a person reads: its supported sentences, the documents' own words, or none."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.draft import Draft
from app.given import overlap
from app.verify import align, without_marks
from app.words import codes
from core.protocols import Embedder
from core.types import AnswerSentence, Citation

NOT_FOUND = "Not found in your documents."
"""The whole text of an answer that nothing supports."""

STRONG_EVIDENCE = 0.42
"""Score in 0..1 from which the best sentence is an answer by itself. docs/answers.md has the curve."""

WEAK_EVIDENCE = 0.36
"""Score in 0..1 below which nothing in the documents is about the question: no model is asked."""

BESIDE = 0.7
"""Share of the best sentence's score from which another sentence is as good as the best."""

OVERRULED = "The model's words were not what your documents say, so this is the documents' own sentence."
PARTLY = "Sentences of the model that nothing in your documents supports were left out."
NO_ANSWER = "The model found no answer; this sentence comes closest."
UNSUPPORTED = "What the model wrote is not in your documents, so it is not shown."

_DECLINES = ("not found", "the sources do not", "sources don't", "no answer", "i cannot answer", "i don't know")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The text a person reads, sentence by sentence, whether it answers, and why it is not what the model wrote."""

    text: str
    sentences: tuple[AnswerSentence, ...]
    found: bool
    notes: tuple[str, ...] = ()


def from_evidence(question: str, evidence: Sequence[Citation], note: str = "") -> Verdict:
    """The best sentence as the answer, where it is strong enough; else not found."""
    if not is_strong(question, evidence):
        return Verdict(NOT_FOUND, (), found=False)
    text = " ".join(evidence[0].quote.split())
    return Verdict(text, (AnswerSentence(text, (evidence[0],)),), found=True, notes=(note,) if note else ())


def is_weak(question: str, evidence: Sequence[Citation]) -> bool:
    """Whether nothing in the documents is about the question: a low score, and not the code that was asked for."""
    if not evidence:
        return True
    return evidence[0].score < WEAK_EVIDENCE and not codes(question) & codes(evidence[0].quote)


def is_strong(question: str, evidence: Sequence[Citation]) -> bool:
    """Whether the best sentence may stand as the answer: by its score, or as it holds the code that was asked for."""
    if not evidence:
        return False
    best = evidence[0]
    return best.score >= STRONG_EVIDENCE or bool(codes(question) & codes(best.quote))


def judge(question: str, draft: Draft, evidence: Sequence[Citation], embedder: Embedder, *, small: bool) -> Verdict:
    """What of a draft a person reads.

    A larger model's words stand, with the sentences that nothing supports marked; where nothing supports any of
    them, nothing was found. A small model's words stand where strong evidence supports them, for it copies true
    sentences that do not answer; else the evidence itself is the answer where it is strong, and nothing was found where
    it is not. A cancelled draft stands as it is.
    """
    text = without_marks(draft.text)
    if declines(text) and not draft.cancelled:
        return from_evidence(question, evidence, NO_ANSWER) if small else Verdict(NOT_FOUND, (), found=False)
    sentences = align(text, draft.sources, embedder, question)
    supported = tuple(sentence for sentence in sentences if sentence.supported)
    if draft.cancelled:
        return Verdict(text, sentences, found=bool(supported))
    if not supported:
        return from_evidence(question, evidence, OVERRULED) if small else _unsupported(sentences)
    if not small:
        return Verdict(text, sentences, found=True)
    if not is_strong(question, evidence) or not _rests_on_best(supported, evidence):
        return from_evidence(question, evidence, OVERRULED)
    notes = (PARTLY,) if len(supported) < len(sentences) else ()
    return Verdict(_joined(supported), supported, found=True, notes=notes)


def declines(text: str) -> bool:
    """Whether the model says that it has no answer; nothing written is no answer either."""
    start = text.strip().lower()[:60]
    return not start or any(words in start for words in _DECLINES)


def _unsupported(sentences: tuple[AnswerSentence, ...]) -> Verdict:
    return Verdict(NOT_FOUND, (), found=False, notes=(UNSUPPORTED,) if sentences else ())


def _rests_on_best(sentences: Sequence[AnswerSentence], evidence: Sequence[Citation]) -> bool:
    """Whether a sentence rests on evidence that is nearly as good as the best: a small model copies the wrong one."""
    if not evidence:
        return True
    best = [c for c in evidence if c.score >= BESIDE * evidence[0].score]
    return any(overlap(quote, c) for s in sentences for quote in s.citations for c in best)


def _joined(sentences: Sequence[AnswerSentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)
