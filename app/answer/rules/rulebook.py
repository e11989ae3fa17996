"""All rules, by the point of the answer at which they are asked. A stage knows these points and no single rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from app.answer.rules import (
    conditions,
    drafts,
    neighbours,
    other_subject,
    procedures,
    question_kinds,
    row_match,
    sentence_order,
    swapped_names,
    unsupported_claims,
)
from app.answer.rules.base import Rule, heard
from app.answer.rules.cases import (
    ClaimCase,
    DocumentsCase,
    DraftCase,
    EvidenceCase,
    QuestionCase,
    RankingCase,
    SentenceCase,
    SupportCase,
    WordsCase,
)
from core.types import AnswerSentence, Citation


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of each point, in the order in which they are asked.

    - ``wrong_entity``: the ids of documents about another company or person than the question names.
    - ``order``: a new ranking of the sentences; each rule gets the ranking of the one before.
    - ``promotion``: a ranking with another sentence first.
    - ``section``: a section that is quoted whole, before all sentences.
    - ``context``: a sentence with the neighbours it needs.
    - ``evidence_objections``: why the best sentence is no answer.
    - ``words_objections``: why the words must not be shown without their sentence.
    - ``always_answerable``: evidence that answers whatever its score.
    - ``by_score``: questions that the sentence's score decides, because no words in a text can be their answer.
    - ``show_alongside``: sentences that must be shown together with the best one.
    - ``claim_objections``: why no quote can support a sentence.
    - ``support_objections``: why these quotes do not support a sentence.
    - ``draft_declines``: drafts that say there is no answer.
    - ``draft_sentence``: why a sentence of a draft is left out. This and the next two are only asked about the drafts
      of a model that only phrases.
    - ``draft_rests_elsewhere``: drafts that cite weak evidence.
    - ``draft_misses_words``: drafts without the words that answer.
    """

    wrong_entity: tuple[Rule[DocumentsCase, frozenset[str]], ...] = (row_match.WRONG_ENTITY_DOCUMENTS,)
    order: tuple[Rule[RankingCase, tuple[Citation, ...]], ...] = (
        sentence_order.EXPLAINED_CODES_FIRST,
        sentence_order.ASKED_CODES_FIRST,
        sentence_order.HEADINGS_LAST,
    )
    promotion: tuple[Rule[RankingCase, tuple[Citation, ...]], ...] = (sentence_order.ASKED_FIGURE_FIRST,)
    section: tuple[Rule[RankingCase, Citation], ...] = (procedures.SECTION_OF_STEPS,)
    context: tuple[Rule[SentenceCase, Citation], ...] = (neighbours.WITH_NEIGHBOURS,)
    evidence_objections: tuple[Rule[EvidenceCase, bool], ...] = (
        sentence_order.FIGURE_OF_ANOTHER,
        sentence_order.ANOTHER_CODE,
        question_kinds.NAMES_NOBODY,
    )
    words_objections: tuple[Rule[WordsCase, bool], ...] = (
        conditions.SAYS_NOTHING_NEW,
        conditions.ONE_OF_SEVERAL,
        conditions.DENIED_FIGURE,
        conditions.CONDITIONAL_FIGURE,
        conditions.ROW_OR_CHANGE,
    )
    always_answerable: tuple[Rule[QuestionCase, bool], ...] = (row_match.ASKED_ROW, question_kinds.EXPLAINED_CODE)
    by_score: tuple[Rule[QuestionCase, bool], ...] = (question_kinds.REASON_OR_MANNER,)
    show_alongside: tuple[Rule[QuestionCase, tuple[Citation, ...]], ...] = (conditions.RELATED_SENTENCES,)
    claim_objections: tuple[Rule[ClaimCase, bool], ...] = (unsupported_claims.IN_NO_SOURCE,)
    support_objections: tuple[Rule[SupportCase, bool], ...] = (
        unsupported_claims.DENIED,
        swapped_names.SWAPPED_NAMES,
        swapped_names.DEALS_WITH_ITSELF,
        unsupported_claims.ANOTHER_DATE,
        other_subject.ANOTHER_ROW,
        other_subject.SPECIAL_CASE,
        other_subject.LACKS_ASKED_ACTION,
    )
    draft_declines: tuple[Rule[str, bool], ...] = (drafts.DECLINES,)
    draft_sentence: tuple[Rule[tuple[str, AnswerSentence], bool], ...] = (drafts.REPEATS_QUESTION,)
    draft_rests_elsewhere: tuple[Rule[DraftCase, bool], ...] = (drafts.RESTS_ELSEWHERE,)
    draft_misses_words: tuple[Rule[DraftCase, bool], ...] = (drafts.CONTRADICTS_WORDS,)

    def __iter__(self) -> Iterator[Rule[Any, Any]]:
        for field in fields(self):
            yield from getattr(self, field.name)

    def without(self, *names: str) -> Rulebook:
        """The rulebook without the rules of these names. Raises KeyError for a name that no rule has."""
        if unknown := set(names) - {rule.name for rule in self}:
            raise KeyError(", ".join(sorted(unknown)))
        kept = {
            field.name: tuple(rule for rule in getattr(self, field.name) if rule.name not in names)
            for field in fields(self)
        }
        return replace(self, **kept)

    def heard(self, spoke: Callable[[Rule[Any, Any]], None]) -> Rulebook:
        """The same rules, each of which is told to ``spoke`` whenever it says something."""
        return replace(
            self,
            **{field.name: tuple(heard(rule, spoke) for rule in getattr(self, field.name)) for field in fields(self)},
        )


RULES = Rulebook()
"""All rules of Lectern."""
