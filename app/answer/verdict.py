"""Last stage: an aligned draft and the evidence -> the text that a person reads.

It is the supported sentences of the draft, a sentence of the documents, or "Not found in your documents."
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.answer.alignment import AlignedDraft
from app.answer.evidence import Evidence, shown_alongside
from app.answer.rules.base import first_ruling
from app.answer.rules.cases import DraftCase
from app.answer.rules.rulebook import RULES, Rulebook
from core.types import AnswerBy, AnswerSentence, Citation
from index.search.figure_rows import row_label

NOT_FOUND = "Not found in your documents."
"""The whole text of an answer that nothing supports."""

OVERRULED = "Quoted: this is the documents' own sentence, for the model's did not hold against it."
PARTLY = "Sentences of the model that nothing in your documents supports were left out."
NO_ANSWER = "The model found no answer; this sentence comes closest."
CONTRADICTED = "Quoted: this is the sentence that holds the words that answer, which the model's did not."
NO_WORDS = "No words answer this by themselves, so this is the sentence that comes closest."
UNSUPPORTED = "What the model wrote is not in your documents, so it is not shown."


@dataclass(frozen=True, slots=True)
class Verdict:
    """The text that a person reads, its sentences with their citations, whether it answers, and notes.

    The notes say why the text is not the draft, or only a part of it.
    """

    text: str
    sentences: tuple[AnswerSentence, ...]
    found: bool
    notes: tuple[str, ...] = ()


def without_draft(question: str, evidence: Evidence, answer_by: AnswerBy, rules: Rulebook = RULES) -> Verdict:
    """The answer without a model: the words that answer, their sentence, or that nothing was found."""
    if not evidence.is_enough:
        return not_found()
    return (from_words if answer_by == "words" else from_evidence)(evidence, question, rules=rules)


def judge(
    question: str, draft: AlignedDraft, evidence: Evidence, *, phrases_only: bool, rules: Rulebook = RULES
) -> Verdict:
    """What a person reads of a draft. Called if the evidence is enough for an answer.

    - A cancelled draft is shown as it is.
    - The draft of a larger model is shown whole; its unsupported sentences are marked later, by having no citation. If
      no sentence is supported, nothing was found.
    - The draft of a model that only phrases (``phrases_only``) is shown without its unsupported sentences, and those
      that only repeat the question. If nothing is left, if it cites weak evidence, or if it lacks words of which the
      span reader is confident, the best sentence of the evidence is shown instead.
    """
    if draft.declined:
        return from_evidence(evidence, question, NO_ANSWER, rules=rules) if phrases_only else not_found()
    supported = tuple(sentence for sentence in draft.sentences if sentence.supported)
    if draft.cancelled:
        return Verdict(draft.text, draft.sentences, found=bool(supported))
    if not phrases_only:
        if supported:
            return Verdict(draft.text, draft.sentences, found=True)
        return not_found(*((UNSUPPORTED,) if draft.sentences else ()))
    supported = tuple(
        sentence for sentence in supported if not first_ruling(rules.draft_sentence, (question, sentence))
    )
    case = DraftCase(question, supported, evidence.sentences, evidence.words, evidence.answerable)
    if not supported or first_ruling(rules.draft_rests_elsewhere, case):
        return from_evidence(evidence, question, OVERRULED, rules=rules)
    if first_ruling(rules.draft_misses_words, case):
        return from_evidence(evidence, question, CONTRADICTED, rules=rules)
    notes = (PARTLY,) if len(supported) < len(draft.sentences) else ()
    return Verdict(_joined(supported), supported, found=True, notes=notes)


def not_found(*notes: str) -> Verdict:
    """Nothing in the documents answers."""
    return Verdict(NOT_FOUND, (), found=False, notes=notes)


def from_evidence(evidence: Evidence, question: str, note: str = "", *, rules: Rulebook = RULES) -> Verdict:
    """The best sentence as the answer, with the sentences that must be shown beside it, and ``note`` if not ""."""
    quotes = (evidence.sentences[0], *shown_alongside(question, evidence, rules))
    sentences = tuple(AnswerSentence(_readable(quote), (quote,)) for quote in quotes)
    return Verdict(_joined(sentences), sentences, found=True, notes=(note,) if note else ())


def from_words(evidence: Evidence, question: str, *, rules: Rulebook = RULES) -> Verdict:
    """The words that answer, cited by the sentence around them; the best sentence if there are no words."""
    if evidence.words is None:
        return from_evidence(evidence, question, NO_WORDS, rules=rules)
    text = " ".join(evidence.words.text.split())
    return Verdict(text, (AnswerSentence(text, evidence.sentences[:1]),), found=True)


def _readable(quote: Citation) -> str:
    """A quote on one line; a row of figures after the names of its columns: "2023 2022: Net income 99 94"."""
    text = " ".join(quote.quote.split())
    is_row = quote.columns and row_label(quote.quote) is not None
    return f"{' '.join(quote.columns.split())}: {text}" if is_row else text


def _joined(sentences: Sequence[AnswerSentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)
