"""What the stages of an answer ask the rules about: one frozen type for each point at which rules speak."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.types import AnswerSentence, AnswerWords, Citation, Passage


@dataclass(frozen=True, slots=True)
class DocumentsCase:
    """A question, and the whole texts of the documents found for it, by document id."""

    question: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RankingCase:
    """Sentences ranked as evidence, best first, and the passages they are from.

    ``foreign`` are the ids of documents about others than the question names.
    """

    question: str
    ranked: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    foreign: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SentenceCase:
    """One sentence of evidence and the passages it may be from."""

    sentence: Citation
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class EvidenceCase:
    """The best sentence as ranked (``best``) and as it is shown with its neighbours (``shown``).

    ``words`` are those the span reader points at inside ``shown``; ``read`` is False where it did not read.
    """

    question: str
    best: Citation
    shown: Citation
    passages: tuple[Passage, ...]
    foreign: frozenset[str]
    words: AnswerWords | None
    read: bool


@dataclass(frozen=True, slots=True)
class WordsCase:
    """The words that answer, and the sentence they stand in."""

    question: str
    sentence: Citation
    words: AnswerWords


@dataclass(frozen=True, slots=True)
class QuestionCase:
    """A question with the sentences of evidence found for it, best first."""

    question: str
    sentences: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class SupportCase:
    """A sentence of an answer, and the quotes that are to support it, the best first.

    ``sources`` are all sentences of the sources that were compared with it.
    """

    sentence: str
    question: str
    quotes: tuple[Citation, ...]
    sources: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A sentence of an answer, and all that the sources could say of its figures and names (``told``)."""

    sentence: str
    question: str
    told: frozenset[str]


@dataclass(frozen=True, slots=True)
class DraftCase:
    """The supported sentences of a small model's draft, beside the evidence.

    ``words`` are the words of the evidence that answer, ``answerable`` the probability in 0..1 that they do.
    """

    question: str
    supported: tuple[AnswerSentence, ...]
    sentences: tuple[Citation, ...]
    words: AnswerWords | None = None
    answerable: float | None = None
