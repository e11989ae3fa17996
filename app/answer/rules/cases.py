"""The cases that the stages of an answer ask the rules about, one type for each kind of question."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.types import AnswerSentence, AnswerWords, Citation, Passage


@dataclass(frozen=True, slots=True)
class DocumentsCase:
    """A question, and the whole texts of the documents found for it, by id."""

    question: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RankingCase:
    """Sentences ranked as evidence, best first, and the passages they are from.

    ``wrong_entity`` are the ids of documents about another company or person than the question names.
    """

    question: str
    ranked: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    wrong_entity: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SentenceCase:
    """A sentence of evidence, and the passages that were found."""

    sentence: Citation
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class EvidenceCase:
    """The best sentence as it was ranked (``best``), and as it is shown, with its neighbours (``shown``).

    ``wrong_entity`` is as in ``RankingCase``. ``words`` are the words in ``shown`` that answer, as the span reader
    says; None if it found none. ``read`` is False if it did not read the passages.
    """

    question: str
    best: Citation
    shown: Citation
    passages: tuple[Passage, ...]
    wrong_entity: frozenset[str]
    words: AnswerWords | None
    read: bool


@dataclass(frozen=True, slots=True)
class WordsCase:
    """The words that answer, and the sentence around them."""

    question: str
    sentence: Citation
    words: AnswerWords


@dataclass(frozen=True, slots=True)
class QuestionCase:
    """A question and the sentences of evidence for it, best first."""

    question: str
    sentences: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class SupportCase:
    """A sentence of an answer, and the quotes that are proposed as its support, best first.

    ``sources`` are all sentences of the sources that it was compared with.
    """

    sentence: str
    question: str
    quotes: tuple[Citation, ...]
    sources: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A sentence of an answer, and the ``text_features.source_tokens`` of all sources."""

    sentence: str
    question: str
    source_tokens: frozenset[str]


@dataclass(frozen=True, slots=True)
class DraftCase:
    """The ``supported`` sentences of a draft, and the ``sentences`` of the evidence, best first.

    ``words`` are the words of the evidence that answer; ``answerable`` is the probability in 0..1 that the documents
    answer the question.
    """

    question: str
    supported: tuple[AnswerSentence, ...]
    sentences: tuple[Citation, ...]
    words: AnswerWords | None = None
    answerable: float | None = None
