"""Conditions, denials and enumerations: when words are misleading without the sentence around them."""

import re
from collections.abc import Set as AbstractSet

from app.answer.rules.base import ANY_LANGUAGE, ENGLISH, Rule, always, objection
from app.answer.rules.cases import QuestionCase, WordsCase
from app.answer.rules.quantities import CLAUSE_END, FIGURE, is_change_figure
from app.answer.rules.question_kinds import GENERIC_FIGURE_WORDS, asks_quantity
from app.answer.rules.text_features import content_words, names, numbers
from core.types import Citation
from index.analyzer import FUNCTION_WORDS, analyze
from index.search.figure_rows import row_label

_DENIES = re.compile(r"(?i)\b(?:not(?! only\b)|never|nobody|no one|cannot|no longer|\w+n['’]t)\b")
_CONDITION = re.compile(r"(?i)\b(?:if|unless|in case|provided that)\b(?P<what>(?:[^,]|,(?=\d))*)")
_BEGINS = re.compile(r"(?i)(?:when|where|while|if|unless|because)\b")
_COMPARES = r"(?:more|less|fewer|longer|shorter|later|earlier|sooner|higher|lower|larger|smaller|greater) than"
_LIMITS = re.compile(rf"(?i)\b(?:exceed\w*|{_COMPARES}|over|above|below|under|before|after|until|beyond)\s*$")
_PART_END = re.compile(r"[.;:,]\s|\b(?:but|except)\b")


def is_one_of_several(case: WordsCase) -> bool:
    """Whether the words are only the first of several: "when it rains" is followed by "or when it snows"."""
    begins = _BEGINS.match(case.words.text)
    after = case.sentence.quote[case.words.end - case.sentence.start :]
    return bool(begins and re.match(rf"(?i),?\s+(?:or|and)\s+{begins.group()}\b", after))


def is_denied_figure(case: WordsCase) -> bool:
    """Whether the text before a figure denies it ("not in 1912"), and the question has no denial itself."""
    before = case.sentence.quote[: max(0, case.words.start - case.sentence.start)]
    return _denied(before) and not _DENIES.search(case.question)


def is_conditional_figure(case: WordsCase) -> bool:
    """Whether the sentence states a figure under a condition that is not in the question; see ``special_case``."""
    return special_case(case.question, case.sentence.quote)


def is_row_or_change(case: WordsCase) -> bool:
    """Whether the question asks for a quantity, and the words are one figure of a table row, or a change."""
    if not asks_quantity(case.question):
        return False
    figure = FIGURE.search(case.words.text)
    at = case.words.start - case.sentence.start + (figure.start() if figure else 0)
    return row_label(case.sentence.quote) is not None or is_change_figure(case.sentence.quote, at)


def says_nothing_new(case: WordsCase) -> bool:
    """Whether all words are in the question already, or are function words ("when")."""
    return not set(analyze(case.words.text)) - set(analyze(case.question)) - FUNCTION_WORDS


def related_sentences(case: QuestionCase) -> tuple[Citation, ...] | None:
    """The other sentences of the same document on the same subject, if the best sentence states a special case.

    One of them may state the general rule. A sentence is on the same subject if it holds all the question's words that
    the best sentence holds, apart from names and words of the file's name (unless no others are left). For example the
    best sentence "If the rent is in arrears, the notice is three months." to "How long is the notice?" gives "The
    notice is six months." None if the best sentence states no special case; see ``special_case``.
    """
    best = case.sentences[0]
    if not special_case(case.question, best.quote):
        return None
    shared = (content_words(case.question) & content_words(best.quote)) - names(case.question)
    wanted = shared - content_words(f"{best.file} {best.locator.label}") or shared
    return tuple(
        other
        for other in case.sentences[1:]
        if other.document_id == best.document_id and wanted and wanted <= content_words(other.quote)
    )


def special_case(said: str, quote: str, figures: AbstractSet[str] | None = None) -> bool:
    """Whether ``quote`` states a figure under a condition that ``said`` does not mention.

    ``said`` is the question, or the question and a sentence of the answer. The condition, such as "if the rent is in
    arrears", counts as mentioned if ``said`` has half of its content words, or any condition of its own. With
    ``figures`` only those figures count, as ``text_features.numbers`` spells them.
    """
    words = content_words(said)
    for clause in CLAUSE_END.split(quote):
        wanted = (
            set().union(*(content_words(match["what"]) for match in _CONDITION.finditer(clause))) - GENERIC_FIGURE_WORDS
        )
        stated = numbers(_CONDITION.sub("", clause))
        if wanted and (stated if figures is None else stated & figures) and 2 * len(wanted & words) < len(wanted):
            return not _CONDITION.search(said)
    return False


def _denied(before: str) -> bool:
    """Whether the text ``before`` a figure denies it, as in "not in 1912".

    A comparison right before the figure makes it a limit that holds: "not more than 20 seconds" denies nothing.
    """
    part = _PART_END.split(before)[-1]
    return bool(_DENIES.search(part)) and not _LIMITS.search(part)


def _has_figures(case: WordsCase) -> bool:
    return bool(numbers(case.words.text))


SAYS_NOTHING_NEW = Rule(
    "says_nothing_new", ANY_LANGUAGE, always, objection(says_nothing_new), "The words only repeat the question."
)
ONE_OF_SEVERAL = Rule(
    "one_of_several", ENGLISH, always, objection(is_one_of_several), "The sentence goes on with more of the same kind."
)
DENIED_FIGURE = Rule(
    "denied_figure", ENGLISH, _has_figures, objection(is_denied_figure), "The figure is denied in its sentence."
)
CONDITIONAL_FIGURE = Rule(
    "conditional_figure",
    ENGLISH,
    _has_figures,
    objection(is_conditional_figure),
    "The figure holds under a condition that the question does not name.",
)
ROW_OR_CHANGE = Rule(
    "row_or_change",
    ENGLISH,
    _has_figures,
    objection(is_row_or_change),
    "The figure is one of a table's row, or says by how much something changed.",
)
RELATED_SENTENCES = Rule(
    "related_sentences",
    ENGLISH,
    always,
    related_sentences,
    "The best sentence states a special case, so that what its document says of the same is shown with it.",
)
