"""Last stage: an aligned draft and the evidence -> what a person reads.

That is the draft's supported sentences, the documents' own words, or that nothing was found.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.answer.alignment import AlignedDraft
from app.answer.evidence import Evidence, companions
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
    """The text a person reads, sentence by sentence; whether it answers; and lines that say why it is not the draft."""

    text: str
    sentences: tuple[AnswerSentence, ...]
    found: bool
    notes: tuple[str, ...] = ()


def without_draft(question: str, evidence: Evidence, answer_by: AnswerBy, rules: Rulebook = RULES) -> Verdict:
    """What is answered where no model writes: the words that answer, their sentence, or that nothing was found."""
    if not evidence.answers:
        return not_found()
    return (from_words if answer_by == "words" else from_evidence)(evidence, question, rules=rules)


def judge(question: str, draft: AlignedDraft, evidence: Evidence, *, small: bool, rules: Rulebook = RULES) -> Verdict:
    """What of a draft a person reads, where the evidence answers the question.

    A larger model's words stand, with the sentences that nothing supports marked; where nothing supports any of
    them, nothing was found. A small model's words stand where good evidence supports them and they hold the words
    that answer, if these are confident, and add anything to the question; else the documents' own sentence stands in
    their place. A cancelled draft stands as it is.
    """
    if draft.declined:
        return from_evidence(evidence, question, NO_ANSWER, rules=rules) if small else not_found()
    supported = tuple(sentence for sentence in draft.sentences if sentence.supported)
    if draft.cancelled:
        return Verdict(draft.text, draft.sentences, found=bool(supported))
    if not small:
        if supported:
            return Verdict(draft.text, draft.sentences, found=True)
        return not_found(*((UNSUPPORTED,) if draft.sentences else ()))
    supported = tuple(sentence for sentence in supported if not first_ruling(rules.sentence, (question, sentence)))
    case = DraftCase(question, supported, evidence.sentences, evidence.words, evidence.answerable)
    if not supported or first_ruling(rules.rests, case):
        return from_evidence(evidence, question, OVERRULED, rules=rules)
    if first_ruling(rules.contradicts, case):
        return from_evidence(evidence, question, CONTRADICTED, rules=rules)
    notes = (PARTLY,) if len(supported) < len(draft.sentences) else ()
    return Verdict(_joined(supported), supported, found=True, notes=notes)


def not_found(*notes: str) -> Verdict:
    """Nothing in the documents answers."""
    return Verdict(NOT_FOUND, (), found=False, notes=notes)


def from_evidence(evidence: Evidence, question: str, note: str = "", *, rules: Rulebook = RULES) -> Verdict:
    """The best sentence as the answer, a row of figures below its columns, with the sentences that belong beside it."""
    quotes = (evidence.sentences[0], *companions(question, evidence, rules))
    sentences = tuple(AnswerSentence(_readable(quote), (quote,)) for quote in quotes)
    return Verdict(_joined(sentences), sentences, found=True, notes=(note,) if note else ())


def from_words(evidence: Evidence, question: str, *, rules: Rulebook = RULES) -> Verdict:
    """The words themselves as the answer, cited by the sentence that they stand in; without words, that sentence."""
    if evidence.words is None:
        return from_evidence(evidence, question, NO_WORDS, rules=rules)
    text = " ".join(evidence.words.text.split())
    return Verdict(text, (AnswerSentence(text, evidence.sentences[:1]),), found=True)


def _readable(quote: Citation) -> str:
    """A quote on one line; a row of figures behind the names of its columns."""
    text = " ".join(quote.quote.split())
    is_row = quote.columns and row_label(quote.quote) is not None
    return f"{' '.join(quote.columns.split())}: {text}" if is_row else text


def _joined(sentences: Sequence[AnswerSentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)
