"""Sixth stage, for a model that reads: its draft and what it read -> the quotes that say each of its sentences.

Code chooses the one or two sentences that come nearest and hold the figures; whether they say it, the model is asked:
it reads them, the question and the sentence, and nothing else, and the logits of its first token tell.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from app.answer.draft_sentences import sentences_of, without_marker
from app.answer.rules.text_features import codes, content_words, numbers
from app.answer.source_sentences import SourceSentence, nearest_first, scores
from app.answer.yes_or_no import lean_to_yes
from core.protocols import ChatEngine, Embedder
from core.types import AnswerSentence, Citation, Locator
from prompts.fit import fit
from prompts.forms import asked_and_answered, judged_examples, support_template

NEAR = 0.3
"""Score in 0..1 below which no sentence of the sources is near enough to be compared."""

NEAR_ENOUGH = 0.5
"""Score in 0..1 from which a sentence is supported where the model cannot be asked."""

SAID = 0.2
"""Difference of the logits of Yes and No from which the model's word is that the source supports a sentence. Of 25
reference answers to questions of even documents .92 reach it beside the sentence that says so, and .08 beside another
one that is near (docs/answers.md)."""

SAID_UNSURE = 1.2
"""The same where it is not likely that the documents answer: a model that writes something beside the question from
what lies nearest mostly holds it to be supported, too, but less surely (docs/answers.md)."""

JUDGED = 4
"""Most questions to the model about an answer; each takes it a second on two cores. The scores tell of what is left."""

TRIED = 2
"""Most places that are tried for a sentence, nearest first."""

FEW_WORDS = 3
"""Content words below which a sentence says nothing without its question: "Yes.", "640 euros."."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks ``engine`` whether a source supports an answer to ``question``. Setting ``cancel`` ends it."""

    engine: ChatEngine
    question: str
    cancel: threading.Event | None = None

    def __call__(self, answer: str, quotes: Sequence[Citation]) -> float | None:
        """The difference of the logits of Yes and No; None if the engine does not tell logits, or was stopped.

        Raises WindowError where they do not fit, EngineStopped.
        """
        # Whose rule it is may stand in the file's name alone; the page tells nothing.
        plain = [replace(quote, locator=Locator(None, "")) for quote in quotes]
        asked = asked_and_answered(self.question, answer)
        examples = judged_examples()
        fitted = fit(support_template(), asked, plain, (), self.engine.window, 1, self.engine, examples)
        return lean_to_yes(self.engine, fitted.messages, "support", self.cancel)


def supported_sentences(
    text: str,
    sources: Sequence[Citation],
    question: str,
    embedder: Embedder,
    judge: Judge | None,
    least: float = SAID,
) -> tuple[AnswerSentence, ...]:
    """Each sentence of ``text`` with the one or two quotes from ``sources`` that say it, best first; () where none do.

    ``least`` is what the judge must reach. ``judge`` None, or one that cannot tell, leaves it to the words and the
    meaning. Figures that only the ``question``
    has count as repeated, not as claimed. Raises what the engine raises.
    """
    sentences = sentences_of(text)
    stated = [without_marker(sentence) for sentence in sentences]
    statements = [_standalone(statement, question) for statement in stated]
    candidates = nearest_first(statements, sources)
    if not sentences or not candidates:
        return tuple(AnswerSentence(sentence, ()) for sentence in sentences)
    found = []
    left = JUDGED
    near = scores(statements, candidates, embedder)
    for sentence, said_alone, statement, row in zip(sentences, stated, statements, near, strict=True):
        quotes: tuple[Citation, ...] = ()
        for nearest in islice(_nearest(statement, question, candidates, row), TRIED):
            is_verbatim = _is_verbatim(statement, nearest[0]) or _is_words_of(said_alone, nearest[0])
            said = judge(said_alone, nearest) if judge and left and not is_verbatim else None
            left -= said is not None
            if is_verbatim or (nearest[0].score >= NEAR_ENOUGH if said is None else said >= least):
                quotes = tuple(replace(quote, heading="") for quote in nearest)
                break
        found.append(AnswerSentence(sentence, quotes))
    return tuple(found)


def _standalone(sentence: str, question: str) -> str:
    """A sentence that says little alone, behind its question."""
    return sentence if len(content_words(sentence)) >= FEW_WORDS else f"{question} {sentence}".strip()


def _nearest(
    statement: str, question: str, candidates: Sequence[SourceSentence], scores: NDArray[np.float64]
) -> Iterator[tuple[Citation, ...]]:
    """The candidates, nearest first, each with a second one for figures that it lacks; none where a figure is in none.

    ``scores`` has shape (len(candidates),).
    """
    claimed = (numbers(statement) - numbers(question)) | (codes(statement) - codes(question))
    asked = codes(question)

    def held(at: int) -> set[str]:
        return claimed & (candidates[at].exact | candidates[at].codes)

    # A row "E11 Fan too slow" is far from what says it in another language, but it holds the code.
    ranked = [
        int(at)
        for at in np.argsort(-scores, kind="stable")
        if scores[at] >= NEAR or (claimed and held(at) == claimed) or asked & candidates[at].codes
    ]
    ranked.sort(key=lambda at: not (asked & candidates[at].codes))

    def quote(at: int) -> Citation:
        return replace(candidates[at].citation, heading=candidates[at].heading, score=round(float(scores[at]), 4))

    for first in ranked:
        missing = claimed - held(first)
        if not missing:
            yield (quote(first),)
        elif held(first):
            second = next((at for at in ranked if at != first and missing <= held(at)), None)
            if second is not None:
                yield quote(first), quote(second)


def _is_words_of(statement: str, quote: Citation) -> bool:
    """Whether the quote holds a step or an item of a list as it stands; a bare figure may be that of another thing."""
    return len(content_words(statement)) >= 2 and not numbers(statement) and _is_verbatim(statement, quote)


def _is_verbatim(statement: str, quote: Citation) -> bool:
    """Whether the quote holds the statement as it stands, but for case and spaces."""
    plain, whole = (" ".join(text.casefold().split()).strip(".!? ") for text in (statement, quote.quote))
    return bool(plain) and plain in whole
