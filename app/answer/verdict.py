"""A draft and its sources -> what a person reads: its supported sentences, the documents' own words, or none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.answer.alignment import align, without_marks
from app.answer.draft import Draft
from app.answer.evidence import Evidence, overlap
from app.answer.rules.conditions import special_case
from app.answer.rules.row_match import is_the_row
from app.answer.rules.text_features import content_words, names, numbers
from core.protocols import Embedder
from core.types import AnswerSentence, Citation
from index.reader.domain import question_kind
from index.search.figure_rows import row_label

NOT_FOUND = "Not found in your documents."
"""The whole text of an answer that nothing supports."""

BESIDE = 0.7
"""Share of the best sentence's score from which another sentence is as good as the best."""

CONFIDENT = 0.3
"""Probability that the documents answer from which the words overrule what a small model wrote: from there on they had
F1 .81, and five sixths of the questions that are answered reach it."""

SAID = 0.5
"""Share of the words' content that an answer must hold to say the same."""

OVERRULED = "Quoted: this is the documents' own sentence, for the model's did not hold against it."
PARTLY = "Sentences of the model that nothing in your documents supports were left out."
NO_ANSWER = "The model found no answer; this sentence comes closest."
CONTRADICTED = "Quoted: this is the sentence that holds the words that answer, which the model's did not."
NO_WORDS = "No words answer this by themselves, so this is the sentence that comes closest."
UNSUPPORTED = "What the model wrote is not in your documents, so it is not shown."

_DECLINES = re.compile(
    r"(?i)\W*(?:(?:the )?(?:answer|information|question)s? (?:is|was|are|were|could|can)(?: ?not|n['’]t) (?:be )?"
    r"|(?:the |these |this |your )?(?:sources?|documents?|texts?|passages?|contexts?) (?:do|does|did)(?: not|n['’]t)\b"
    r"|(?:there is )?no (?:answer|information)\b(?! from)|i (?:cannot|can['’]t|could not) (?:answer|find)"
    r"|i (?:do not|don['’]t) know|not found(?:\W|$)|it (?:is|was) not (?:found|mentioned|stated|said) in )"
)
"""How an answer begins that says there is none: of itself or of the sources, not of what they tell."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The text a person reads, sentence by sentence, whether it answers, and why it is not what the model wrote."""

    text: str
    sentences: tuple[AnswerSentence, ...]
    found: bool
    notes: tuple[str, ...] = ()


def not_found(*notes: str) -> Verdict:
    """Nothing in the documents answers."""
    return Verdict(NOT_FOUND, (), found=False, notes=notes)


def from_evidence(evidence: Evidence, note: str = "", question: str = "") -> Verdict:
    """The best sentence as the answer, a row of figures below its columns; where it holds under a condition that was
    not asked for, also the other sentences of its document that say something of the same."""
    best = evidence.sentences[0]
    quotes = (best, *_same_matter(question, evidence.sentences)) if special_case(question, best.quote) else (best,)
    sentences = tuple(AnswerSentence(_readable(quote), (quote,)) for quote in quotes)
    return Verdict(_joined(sentences), sentences, found=True, notes=(note,) if note else ())


def from_words(evidence: Evidence, question: str = "") -> Verdict:
    """The words themselves as the answer, cited by the sentence that they stand in; without words, that sentence."""
    if evidence.words is None:
        return from_evidence(evidence, NO_WORDS, question)
    text = " ".join(evidence.words.text.split())
    return Verdict(text, (AnswerSentence(text, evidence.sentences[:1]),), found=True)


def _readable(quote: Citation) -> str:
    text = " ".join(quote.quote.split())
    row = quote.columns and row_label(quote.quote) is not None
    return f"{' '.join(quote.columns.split())}: {text}" if row else text


def _same_matter(question: str, sentences: Sequence[Citation]) -> list[Citation]:
    """The sentences after the first that stand in its document and hold as much of the question's words."""
    best = sentences[0]
    shared = (content_words(question) & content_words(best.quote)) - names(question)
    wanted = shared - content_words(f"{best.file} {best.locator.label}") or shared
    return [
        other
        for other in sentences[1:]
        if other.document_id == best.document_id and wanted and wanted <= content_words(other.quote)
    ]


def contradicts(text: str, evidence: Evidence) -> bool:
    """Whether ``text`` does not say the words that answer, where these are confident."""
    if evidence.words is None or (evidence.answerable or 0.0) < CONFIDENT:
        return False
    return not says(text, evidence.words.text)


def judge(question: str, draft: Draft, evidence: Evidence, embedder: Embedder, *, small: bool) -> Verdict:
    """What of a draft a person reads; the evidence answers the question.

    A larger model's words stand, with the sentences that nothing supports marked; where nothing supports any of
    them, nothing was found. A small model's words stand where good evidence supports them and they hold the words
    that answer, if these are confident, and add anything to the question; else the documents' own sentence stands in
    their place. A cancelled draft stands as it is.
    """
    text = without_marks(draft.text)
    if declines(text) and not draft.cancelled:
        return from_evidence(evidence, NO_ANSWER, question) if small else not_found()
    sentences = align(text, draft.sources, embedder, question)
    supported = tuple(sentence for sentence in sentences if sentence.supported)
    if draft.cancelled:
        return Verdict(text, sentences, found=bool(supported))
    if not small:
        return Verdict(text, sentences, found=True) if supported else not_found(*((UNSUPPORTED,) if sentences else ()))
    if question_kind(question) != "yes_no":
        supported = tuple(one for one in supported if content_words(one.text) - content_words(question))
    if not supported or not _rests_on_best(supported, evidence.sentences, question):
        return from_evidence(evidence, OVERRULED, question)
    if contradicts(_joined(supported), evidence):
        return from_evidence(evidence, CONTRADICTED, question)
    notes = (PARTLY,) if len(supported) < len(sentences) else ()
    return Verdict(_joined(supported), supported, found=True, notes=notes)


def says(text: str, words: str) -> bool:
    """Whether ``text`` holds most of the content of ``words``: all figures, and half of the other content words."""
    wanted = content_words(words)
    figures = numbers(words)
    if not figures <= numbers(text):
        return False
    return len(wanted & content_words(text)) >= SAID * len(wanted)


def declines(text: str) -> bool:
    """Whether the model says that it has no answer; nothing written is no answer either."""
    return not text.strip() or _DECLINES.match(text) is not None


def _rests_on_best(sentences: Sequence[AnswerSentence], evidence: Sequence[Citation], question: str) -> bool:
    """Whether a sentence rests on evidence that is nearly as good as the best: a small model copies the wrong one.
    Beside the row of figures that was asked for, only what states its figures is."""
    if not evidence:
        return True
    first = evidence[0]
    if is_the_row(question, first.quote, first.columns):
        return any(numbers(s.text) <= numbers(f"{first.quote} {first.columns}") for s in sentences)
    best = [c for c in evidence if c.score >= BESIDE * first.score]
    return any(overlap(quote, c) for s in sentences for quote in s.citations for c in best)


def _joined(sentences: Sequence[AnswerSentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)
