"""What holds a small model's draft against the evidence, and how a model says that it has no answer."""

import re
from collections.abc import Sequence

from app.answer.citations import overlap
from app.answer.rules.base import ANY_LANGUAGE, ENGLISH, Rule, always, objection
from app.answer.rules.cases import DraftCase
from app.answer.rules.row_match import is_the_row
from app.answer.rules.text_features import content_words, numbers
from core.types import AnswerSentence, Citation
from index.reader.domain import question_kind

NEARLY_AS_GOOD = 0.7
"""Share of the best sentence's score from which another sentence is as good as the best."""

CONFIDENT = 0.3
"""Probability that the documents answer from which the words overrule what a small model wrote: from there on they had
F1 .81, and five sixths of the questions that are answered reach it."""

SAID = 0.5
"""Share of the words' content that an answer must hold to say the same."""

_DECLINES = re.compile(
    r"(?i)\W*(?:(?:the )?(?:answer|information|question)s? (?:is|was|are|were|could|can)(?: ?not|n['’]t) (?:be )?"
    r"|(?:the |these |this |your )?(?:sources?|documents?|texts?|passages?|contexts?) (?:do|does|did)(?: not|n['’]t)\b"
    r"|(?:there is )?no (?:answer|information)\b(?! from)|i (?:cannot|can['’]t|could not) (?:answer|find)"
    r"|i (?:do not|don['’]t) know|not found(?:\W|$)|it (?:is|was) not (?:found|mentioned|stated|said) in )"
)
"""How an answer begins that says there is none: of itself or of the sources, not of what they tell."""


def declines(text: str) -> bool:
    """Whether the model says that it has no answer; nothing written is no answer either."""
    return not text.strip() or _DECLINES.match(text) is not None


def repeats_question(question: str, sentence: AnswerSentence) -> bool:
    """Whether a sentence holds no content word that the question does not."""
    return not content_words(sentence.text) - content_words(question)


def says(text: str, words: str) -> bool:
    """Whether ``text`` holds most of the content of ``words``: all figures, and half of the other content words."""
    wanted = content_words(words)
    if not numbers(words) <= numbers(text):
        return False
    return len(wanted & content_words(text)) >= SAID * len(wanted)


def contradicts_words(case: DraftCase) -> bool:
    """Whether the draft does not say the words that answer, where these are confident."""
    if case.words is None or (case.answerable or 0.0) < CONFIDENT:
        return False
    return not says(" ".join(sentence.text for sentence in case.supported), case.words.text)


def rests_elsewhere(case: DraftCase) -> bool:
    """Whether no sentence rests on evidence nearly as good as the best, for a small model copies the wrong one. Beside
    the row of figures that was asked for, only a sentence that states its figures does."""
    if not case.sentences:
        return False
    first = case.sentences[0]
    if is_the_row(case.question, first.quote, first.columns):
        return not any(numbers(each.text) <= numbers(f"{first.quote} {first.columns}") for each in case.supported)
    best = [citation for citation in case.sentences if citation.score >= NEARLY_AS_GOOD * first.score]
    return not _rest_on(case.supported, best)


def _rest_on(sentences: Sequence[AnswerSentence], citations: Sequence[Citation]) -> bool:
    return any(overlap(quote, c) for each in sentences for quote in each.citations for c in citations)


DECLINES = Rule[str, bool]("declines", ENGLISH, always, objection(declines), "The model says that it has no answer.")
REPEATS_QUESTION = Rule[tuple[str, AnswerSentence], bool](
    "repeats_question",
    ANY_LANGUAGE,
    lambda case: question_kind(case[0]) != "yes_no",
    objection(lambda case: repeats_question(*case)),
    "The sentence only repeats the question.",
)
RESTS_ELSEWHERE = Rule[DraftCase, bool](
    "rests_elsewhere", ANY_LANGUAGE, always, objection(rests_elsewhere), "The draft rests on weaker evidence."
)
CONTRADICTS_WORDS = Rule[DraftCase, bool](
    "contradicts_words",
    ANY_LANGUAGE,
    always,
    objection(contradicts_words),
    "The draft lacks the words that answer.",
)
