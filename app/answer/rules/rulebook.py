"""All rules, by the point of the answer at which they speak. A stage knows these points and no rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from app.answer.rules import (
    claims,
    conditions,
    drafts,
    neighbours,
    other_subject,
    procedures,
    question_kinds,
    row_match,
    sentence_order,
    swapped_names,
)
from app.answer.rules.base import Rule
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

    - ``foreign``: documents about others than the question names, as their ids.
    - ``order``: each returns the ranking in its order; the last has the last word.
    - ``promotion``: a ranking with another sentence first.
    - ``section``: a stretch to be quoted whole before all sentences.
    - ``context``: a sentence with the neighbours it needs.
    - ``evidence``: objections to the best sentence as an answer.
    - ``words``: objections to showing the words without their sentence.
    - ``answers``: evidence that answers, whatever its score.
    - ``by_score``: questions for which the sentence's score decides, for no words in the text can be the answer.
    - ``companions``: sentences that belong beside the best one.
    - ``claim``, ``support``: objections to calling a sentence supported at all, and by these quotes.
    - ``decline``: drafts that say there is no answer.
    - ``sentence``: objections to a sentence of a small model's draft; ``rests`` and ``contradicts`` to the whole of it.
    """

    foreign: tuple[Rule[DocumentsCase, frozenset[str]], ...] = (row_match.FOREIGN_DOCUMENTS,)
    order: tuple[Rule[RankingCase, tuple[Citation, ...]], ...] = (
        sentence_order.EXPLAINED_CODES_FIRST,
        sentence_order.ASKED_CODES_FIRST,
        sentence_order.HEADINGS_LAST,
    )
    promotion: tuple[Rule[RankingCase, tuple[Citation, ...]], ...] = (sentence_order.ASKED_FIGURE_FIRST,)
    section: tuple[Rule[RankingCase, Citation], ...] = (procedures.SECTION_OF_STEPS,)
    context: tuple[Rule[SentenceCase, Citation], ...] = (neighbours.WITH_NEIGHBOURS,)
    evidence: tuple[Rule[EvidenceCase, bool], ...] = (
        sentence_order.FIGURE_OF_ANOTHER,
        sentence_order.ANOTHER_CODE,
        question_kinds.NAMES_NOBODY,
    )
    words: tuple[Rule[WordsCase, bool], ...] = (
        conditions.SAYS_NOTHING_NEW,
        conditions.ONE_OF_SEVERAL,
        conditions.DENIED_FIGURE,
        conditions.CONDITIONAL_FIGURE,
        conditions.ROW_OR_CHANGE,
    )
    answers: tuple[Rule[QuestionCase, bool], ...] = (row_match.ASKED_ROW, question_kinds.EXPLAINED_CODE)
    by_score: tuple[Rule[QuestionCase, bool], ...] = (question_kinds.REASON_OR_MANNER,)
    companions: tuple[Rule[QuestionCase, tuple[Citation, ...]], ...] = (conditions.SAME_MATTER,)
    claim: tuple[Rule[ClaimCase, bool], ...] = (claims.IN_NO_SOURCE,)
    support: tuple[Rule[SupportCase, bool], ...] = (
        claims.DENIED,
        swapped_names.SWAPPED_NAMES,
        swapped_names.DOUBLED_PARTY,
        claims.ANOTHER_DATE,
        other_subject.ANOTHER_ROW,
        other_subject.SPECIAL_CASE,
        other_subject.WITHOUT_THE_DEED,
    )
    decline: tuple[Rule[str, bool], ...] = (drafts.DECLINES,)
    sentence: tuple[Rule[tuple[str, AnswerSentence], bool], ...] = (drafts.REPEATS_QUESTION,)
    rests: tuple[Rule[DraftCase, bool], ...] = (drafts.RESTS_ELSEWHERE,)
    contradicts: tuple[Rule[DraftCase, bool], ...] = (drafts.CONTRADICTS_WORDS,)

    def __iter__(self) -> Iterator[Rule[Any, Any]]:
        for field in fields(self):
            yield from getattr(self, field.name)

    def without(self, *names: str) -> Rulebook:
        """The same rules but for those of these names. Raises KeyError for a name that no rule has."""
        if unknown := set(names) - {rule.name for rule in self}:
            raise KeyError(", ".join(sorted(unknown)))
        kept = {
            field.name: tuple(rule for rule in getattr(self, field.name) if rule.name not in names)
            for field in fields(self)
        }
        return replace(self, **kept)


RULES = Rulebook()
"""All rules, as they are shipped."""
