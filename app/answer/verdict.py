"""Last stage: an aligned draft and the evidence -> the text that a person reads.

Of a model that only phrases it is the supported sentences of the draft, or a sentence of the documents; of one that
reads it is the draft, marked, after the doubt if there is any. Where neither is enough it is that nothing was found, or
the nearest passage.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.answer.alignment import AlignedDraft
from app.answer.confidence import DOUBTED, certainty_after, certainty_before
from app.answer.evidence import Evidence
from app.answer.question import Question
from app.answer.rules.text_features import content_words
from app.answer.services import Services
from app.answer.two_readers import compare
from core.figures import Figures
from core.messages import N_, _
from core.table_results import TableResult
from core.types import AnswerSentence, Citation, Readers, Strictness
from index.search.figure_rows import row_label

NOT_FOUND = N_("Not found in your documents.")
"""The whole text of an answer that nothing supports."""

OVERRULED = N_("Quoted: this is the documents' own sentence, for the model's did not hold against it.")
PARTLY = N_("Sentences of the model that nothing in your documents supports were left out.")
DOES_NOT_SAY = N_("Your documents do not seem to say this. The nearest passage:")
NOT_SAID = N_(
    "Your documents do not seem to say this. What the model wrote stands in none of the passages that it read:"
)
DOUBT = N_("Whether your documents answer this is not certain. The nearest answer:")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The text that a person reads, its sentences with their citations, whether it answers, and notes.

    The notes say why the text is not the draft, or only a part of it. ``doubt`` is the line to be said before it, ""
    for none; ``certainty`` is the probability in 0..1 that the documents answer, None where no model reads; ``readers``
    tells whether the draft says the words of the evidence. ``figures`` are what an answer in figures rests on,
    ``table`` is the result of a query over a whole table.
    """

    text: str
    sentences: tuple[AnswerSentence, ...]
    found: bool
    notes: tuple[str, ...] = ()
    doubt: str = ""
    certainty: float | None = None
    readers: Readers = ""
    figures: Figures | None = None
    table: TableResult | None = None


def is_written(question: Question, evidence: Evidence, services: Services) -> bool:
    """Whether the chat model is asked. A model that reads may search by itself in the modes that think in steps."""
    if services.engine is None:
        return False
    if services.phrases_only:
        return evidence.is_enough
    return evidence.is_enough or question.mode != "direct"


def without_draft(question: Question, evidence: Evidence, services: Services) -> Verdict:
    """The answer without a model: the words that answer, their sentence, or that the documents do not say it."""
    if evidence.is_enough:
        return (from_words if question.answer_by == "words" else from_evidence)(evidence)
    if services.engine is None or services.phrases_only:
        return not_found()
    return does_not_say(evidence, certainty_before(question, evidence))


def judge(question: Question, draft: AlignedDraft, evidence: Evidence, services: Services) -> Verdict:
    """What a person reads of a draft."""
    if services.phrases_only:
        return judge_phrases(draft, evidence)
    certainty = certainty_after(question, evidence, draft.sentences)
    verdict = judge_reading(draft, certainty, services.settings.strictness)
    readers = compare(question, draft, evidence)
    return replace(verdict, readers=readers) if verdict.found or readers == "differ" else verdict


def judge_phrases(draft: AlignedDraft, evidence: Evidence) -> Verdict:
    """What a person reads of the draft of a model that only phrases, called if the evidence is enough for an answer.

    A cancelled draft is shown as it is. Unsupported sentences are left out; if nothing is left, or not the words that
    answer, the best sentence of the evidence is shown instead; so it is where no words are known and the draft cites
    another sentence.
    """
    supported = tuple(sentence for sentence in draft.sentences if sentence.supported)
    if draft.cancelled:
        return Verdict(draft.text, draft.sentences, found=bool(supported))
    if not supported or not _holds_the_answer(supported, evidence):
        return from_evidence(evidence, OVERRULED)
    notes = (_(PARTLY),) if len(supported) < len(draft.sentences) else ()
    return Verdict(_joined(supported), supported, found=True, notes=notes)


def _holds_the_answer(sentences: Sequence[AnswerSentence], evidence: Evidence) -> bool:
    """Whether sentences hold the words that answer; where none are known, whether one cites the best sentence."""
    if evidence.words:
        return content_words(evidence.words.text) <= content_words(_joined(sentences))
    best = evidence.sentences[0]
    cited = [quote for sentence in sentences for quote in sentence.citations]
    return any(
        quote.document_id == best.document_id and quote.start < best.end and best.start < quote.end for quote in cited
    )


def judge_reading(draft: AlignedDraft, certainty: float, strictness: Strictness) -> Verdict:
    """What a person reads of the draft of a model that reads: all of it, for it was on screen while it was written.

    Unsupported sentences are marked by having no citation. Where ``certainty``, the probability in 0..1 that it is
    right, is low, the doubt is said first; a draft whose first sentence nothing supports is then no answer.
    """
    if not draft.text.strip() and not draft.cancelled:
        return not_found()
    uncertain = certainty < DOUBTED[strictness] and not draft.cancelled
    if uncertain and not (draft.sentences and draft.sentences[0].supported):
        return Verdict(draft.text, draft.sentences, found=False, doubt=_(NOT_SAID), certainty=certainty)
    doubt = _(DOUBT) if uncertain else ""
    return Verdict(draft.text, draft.sentences, found=True, doubt=doubt, certainty=certainty)


def does_not_say(evidence: Evidence, certainty: float) -> Verdict:
    """The documents speak of something near, which is quoted, and do not say what was asked."""
    if not evidence.sentences:
        return not_found()
    nearest = evidence.sentences[0]
    sentences = (AnswerSentence(_(DOES_NOT_SAY), ()), AnswerSentence(_readable(nearest), (nearest,)))
    return Verdict(_joined(sentences), sentences, found=False, certainty=certainty)


def not_found() -> Verdict:
    """Nothing in the documents answers."""
    return Verdict(_(NOT_FOUND), (), found=False)


def from_evidence(evidence: Evidence, note: str = "") -> Verdict:
    """The best sentence as the answer, and ``note`` if not ""."""
    best = evidence.sentences[0]
    sentence = AnswerSentence(_readable(best), (best,))
    return Verdict(sentence.text, (sentence,), found=True, notes=(_(note),) if note else ())


def from_words(evidence: Evidence) -> Verdict:
    """The words that answer, and on the next line the sentence around them.

    The sentence stands alone where the words are all of it, or where no words answer by themselves.
    """
    sentence = from_evidence(evidence)
    words = " ".join(evidence.words.text.split()) if evidence.words else ""
    if not words or content_words(words) >= content_words(sentence.text):
        return sentence
    sentences = (AnswerSentence(words, evidence.sentences[:1]), *sentence.sentences)
    return replace(sentence, text=f"{words}\n{sentence.text}", sentences=sentences)


def _readable(quote: Citation) -> str:
    """A quote on one line; a row of figures after the names of its columns: "2023 2022: Net income 99 94"."""
    text = " ".join(quote.quote.split())
    is_row = quote.columns and row_label(quote.quote) is not None
    return f"{' '.join(quote.columns.split())}: {text}" if is_row else text


def _joined(sentences: Sequence[AnswerSentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)
