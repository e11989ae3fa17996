"""Several questions of one turn: each through all stages by itself, the answers put together below their questions."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import TypeVar

from app.answer import assembly
from app.answer.draft import total_usage
from app.answer.events import Answered, Event, EvidenceFound, Note, Piece, Retrieved
from app.answer.pipeline import Found, weigh, weigh_after, write_up
from app.answer.question import Question, QuestionPart
from app.answer.retrieval import retrieve
from app.answer.services import Services
from app.answer.writing import CapturedReturn
from core.types import Answer, AnswerPart, AnswerSentence, Citation, Timings
from index.language import NAMES, language_of
from prompts.forms import ENGLISH

QUOTES = 2
"""Sentences of evidence shown for each of several questions."""

Thing = TypeVar("Thing")


def answer_parts(question: Question, parts: Sequence[QuestionPart], services: Services) -> Generator[Event, None, None]:
    """The events of answering the ``parts`` of ``question``, as of ``app.answer.pipeline.answer``.

    The evidence for all of them is there before the first is read; the seconds that a person waits for a reading are
    shared among them. Raises what ``answer`` raises.
    """
    whole, services = assembly.resolve_options(question, services)
    services = _sharing_patience(services, len(parts))
    clock = assembly.Clock()
    found = _find_all([_as_question(part, whole) for part in parts], services)
    passages = _each_once(passage for one in found for passage in one.retrieved.passages)
    clock.evidence = clock.now()
    yield Retrieved(passages, sum(one.retrieved.milliseconds for one in found))
    enough = any(one.evidence.is_enough for one in found)
    yield EvidenceFound(_quotes(found), clock.evidence, None, enough)

    answers: list[Answer] = []
    for part, one in zip(parts, found, strict=True):
        head = ("\n\n" if answers else "") + part.asked + "\n"
        written = yield from _below(head, write_up(one, services, clock))
        answers.append(written)
        if written.cancelled or whole.cancelled:
            break
    done = _joined(whole, parts, answers, _quotes(found))
    for note in done.notes:
        yield Note(note)
    yield Answered(replace(done, timings=replace(done.timings, total=clock.now())))


def _find_all(questions: Sequence[Question], services: Services) -> list[Found]:
    found: list[Found] = []
    for question in questions:
        one = weigh(question, retrieve(question, services), services)
        found.append(weigh_after(found[-1], one, services) if found else one)
    return found


def _below(head: str, events: Generator[Event, None, Answer]) -> Generator[Event, None, Answer]:
    """The events of a part, ``head`` before the first piece of its text: a head alone is no word of an answer."""
    headed = False
    with CapturedReturn(events) as captured:
        for event in captured:
            if isinstance(event, Piece) and not headed:
                event, headed = replace(event, text=head + event.text), True
            yield event
    if not headed:
        yield Piece(head + captured.value.text)
    return captured.value


def _as_question(part: QuestionPart, whole: Question) -> Question:
    """The part as a question of its own; in the language of the whole, for a few words do not tell theirs."""
    from app.query.forms import form_of

    language = whole.language or NAMES.get(language_of(whole.text), ENGLISH)
    return replace(
        whole,
        text=part.text,
        asked="",
        search_override=part.search_text,
        form=form_of(part.asked) if whole.form is not None else None,
        language=language if whole.form is not None else whole.language,
    )


def _sharing_patience(services: Services, count: int) -> Services:
    settings = services.settings
    shared = settings.model_copy(update={"patience": settings.patience / count})
    return replace(services, settings=shared)


def _joined(
    whole: Question, parts: Sequence[QuestionPart], answers: Sequence[Answer], evidence: tuple[Citation, ...]
) -> Answer:
    """One answer of the ``answers`` to the first of the ``parts``; fewer than parts where it was stopped."""
    told: list[AnswerPart] = []
    sentences: list[AnswerSentence] = []
    for part, one in zip(parts, answers, strict=False):
        words = one.words if one.readers else None
        start = len(sentences)
        told.append(AnswerPart(part.asked, one.searched, one.text, start, one.found, one.doubt, words, one.readers))
        sentences += one.sentences or (AnswerSentence(one.text, ()),)
    certain = [one.certainty for one in answers if one.certainty is not None]
    first = answers[0]
    return replace(
        first,
        question=whole.text,
        text="\n\n".join("\n".join(filter(None, (part.question, part.doubt, part.text))) for part in told),
        found=any(one.found for one in answers),
        sentences=tuple(sentences),
        evidence=evidence,
        passages=_each_once(passage for one in answers for passage in one.passages),
        steps=tuple(step for one in answers for step in one.steps),
        timings=Timings(
            sum(one.timings.retrieve for one in answers), first.timings.first_evidence, first.timings.first_token
        ),
        usage=reduce(total_usage, (one.usage for one in answers)),
        cancelled=len(answers) < len(parts) or any(one.cancelled for one in answers),
        notes=_each_once(note for one in answers for note in one.notes),
        words=None,
        answerable=None,
        searched="\n".join(one.searched for one in answers),
        doubt="",
        readers="",
        certainty=min(certain, default=None),
        choice=None,
        parts=tuple(told),
    )


def _quotes(found: Sequence[Found]) -> tuple[Citation, ...]:
    quotes = (quote for one in found for quote in one.evidence.sentences[:QUOTES])
    # A sentence that is evidence for two questions has two scores.
    return tuple({(quote.document_id, quote.start, quote.end): quote for quote in quotes}.values())


def _each_once(things: Iterable[Thing]) -> tuple[Thing, ...]:
    return tuple(dict.fromkeys(things))
