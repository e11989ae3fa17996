"""Objections to the draft of a model that only phrases, and how a model says that it has no answer."""

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
"""Share of the best sentence's score from which another sentence is as good evidence as the best one."""

CONFIDENT = 0.3
"""Probability in 0..1 that the documents answer, from which the span reader's words overrule the draft.

Five sixths of the answered questions reach it; the words of these have F1 .81.
"""

AGREEMENT_SHARE = 0.5
"""Least share of the span reader's content words that a draft must hold to agree with it."""

_DECLINES = re.compile(
    r"(?i)\W*(?:(?:the )?(?:answer|information|question)s? (?:is|was|are|were|could|can)(?: ?not|n['’]t) (?:be )?"
    r"|(?:the |these |this |your )?(?:sources?|documents?|texts?|passages?|contexts?) (?:do|does|did)(?: not|n['’]t)\b"
    r"|(?:there is )?no (?:answer|information)\b(?! from)|i (?:cannot|can['’]t|could not) (?:answer|find)"
    r"|i (?:do not|don['’]t) know|not found(?:\W|$)|it (?:is|was) not (?:found|mentioned|stated|said) in )"
)
"""The beginning of a text that says there is no answer: "The sources do not say ...", "I don't know"."""


def declines(text: str) -> bool:
    """Whether a text says that there is no answer, or is empty."""
    return not text.strip() or _DECLINES.match(text) is not None


def repeats_question(question: str, sentence: AnswerSentence) -> bool:
    """Whether all content words of a sentence are in the question."""
    return not content_words(sentence.text) - content_words(question)


def says(text: str, words: str) -> bool:
    """Whether ``text`` holds all figures of ``words``, and AGREEMENT_SHARE of their content words."""
    wanted = content_words(words)
    if not numbers(words) <= numbers(text):
        return False
    return len(wanted & content_words(text)) >= AGREEMENT_SHARE * len(wanted)


def contradicts_words(case: DraftCase) -> bool:
    """Whether the span reader is confident of its words, and the draft does not agree with them; see ``says``."""
    if case.words is None or (case.answerable or 0.0) < CONFIDENT:
        return False
    return not says(" ".join(sentence.text for sentence in case.supported), case.words.text)


def rests_elsewhere(case: DraftCase) -> bool:
    """Whether the draft cites only weak evidence: small models copy true sentences that do not answer.

    Evidence is weak if its score is below NEARLY_AS_GOOD of the best one's. If the best evidence is the row of figures
    that was asked for, the draft must have a sentence whose figures are all in that row, whatever it cites.
    """
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
