"""Turns that are no search: about the last answer, about the conversation, about the library, and thanks."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from app.answer.citations import place_of
from app.answer.draft import PieceCollector, left_out
from app.answer.events import Answered, Event, Note, PromptFitted
from app.answer.question import Question
from app.answer.services import Services, phrases_only
from app.answer.support import Judge, supported_sentences
from app.answer.writing import observed, write
from app.chat import messages as say
from app.query.turn_kinds import TurnKind
from core.messages import _, ngettext
from core.types import Answer, AnswerSentence, Mode, Sampling, Timings, Usage
from prompts.fit import fit
from prompts.render import HERE, read_template

if TYPE_CHECKING:
    from index.store.chat_messages import ChatMessage
    from index.store.library import Library

REVISED = frozenset[TurnKind](("shorter", "longer", "as_list", "translate", "mail"))
"""Kinds for which a model writes the last answer anew."""

REVISION_TOKENS = 220
"""Most tokens of an answer that is written anew: a short letter."""

MOST_NAMES = 20
"""Documents that are named one by one."""


def answer_turn(
    kind: TurnKind, question: Question, past: Sequence[ChatMessage], services: Services
) -> Generator[Event, None, None]:
    """The events of a turn that is no search; the last one is ``Answered``. ``past`` is the conversation, oldest first.

    Raises WindowError where the request is too long, and what the engine raises.
    """
    answers = (message.answer for message in reversed(past) if message.answer is not None)
    last = next((answer for answer in answers if _is_of_documents(answer)), None)
    if kind == "thanks":
        yield _said(question, services, _(say.WELCOME))
    elif kind == "greeting":
        yield _said(question, services, _(say.GREETING))
    elif kind == "library":
        yield _said(question, services, list_documents(services.library))
    elif last is None:
        yield _said(question, services, _(say.NOTHING_BEFORE), found=False)
    elif kind == "conversation":
        yield _recalled(question, past, services)
    elif kind in REVISED:
        yield from _revised(question, last, services)
    else:
        yield _confirmed(kind, question, last, services)


def _is_of_documents(answer: Answer) -> bool:
    """Whether an answer came from the documents or from a model; what the program said itself is not made anew."""
    return bool(answer.searched or answer.passages or answer.model or answer.headings)


def list_documents(library: Library) -> str:
    """How many documents there are, and their names."""
    names = [document.name for document in library.documents()]
    if not names:
        return _(say.NO_DOCUMENTS)
    shown = ", ".join(names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        shown = _(say.AND_MORE, names=shown, count=len(names) - MOST_NAMES)
    return ngettext(
        "There is {count} document: {names}.", "There are {count} documents: {names}.", len(names), names=shown
    )


def _confirmed(kind: TurnKind, question: Question, last: Answer, services: Services) -> Event:
    """What the documents say, quoted once more with its places: to "Are you sure?", "Where is that?", "I think not"."""
    cited = last.citations
    certain = bool(cited) and last.found and not last.doubt
    quotes = cited or last.evidence[:1]
    if not quotes:
        return _said(question, services, _(say.NOTHING_CITED), found=False)
    openings = {"where": say.SAID_THERE, "are_you_sure": say.SURE}
    opening = _(openings.get(kind, say.STILL) if certain else say.UNSURE)
    lines = [AnswerSentence(f"{place_of(quote)}: “{' '.join(quote.quote.split())}”", (quote,)) for quote in quotes]
    restated = "" if kind == "where" or not certain else last.text
    text = "\n".join(filter(None, (f"{opening} {restated}".strip(), *(line.text for line in lines))))
    head = AnswerSentence(f"{opening} {restated}".strip(), cited[:1])
    return _said(question, services, text, (head, *lines), found=True)


def _recalled(question: Question, past: Sequence[ChatMessage], services: Services) -> Event:
    """The earlier turn that the question is nearest to, as it was asked and answered."""
    turns = [
        (asked.text, replied)
        for asked, replied in pairwise(past)
        if asked.role == "user" and replied.answer is not None
    ]
    vectors = services.embedder.embed_passages([f"{asked} {replied.text}" for asked, replied in turns])
    nearest = int((vectors @ services.embedder.embed_passages([question.text])[0]).argmax())
    asked, replied = turns[nearest]
    text = _(say.ASKED_AND_ANSWERED, question=asked, answer=replied.text)
    return _said(question, services, text, (AnswerSentence(text, replied.citations),))


def _revised(question: Question, last: Answer, services: Services) -> Generator[Event, None, None]:
    """The last answer, written anew by the model as the person asks, and aligned with the places that it cites."""
    engine = services.engine
    if engine is None or phrases_only(engine):
        yield _said(question, services, f"{_(say.NO_READER)} {last.text}", last.sentences)
        return
    if not engine.load(question.cancel):
        yield Answered(replace(_said(question, services, "", found=False).answer, cancelled=True))
        return
    yield Note(_(say.FROM_LAST_ANSWER), quiet=True)
    sources = last.citations or last.evidence[:2]
    template = read_template(HERE / "revision.yaml", "direct")
    request = f"The answer: {last.text}\n\n{question.text.strip()}"
    fitted = fit(template, request, sources, (), engine.window, REVISION_TOKENS, engine)
    yield PromptFitted(fitted)
    sampling = Sampling(max_tokens=fitted.tokens["answer"], repeat_penalty=1.0, stop=("</source", "<source"))
    collected = PieceCollector()
    events = write(engine, fitted.messages, sampling, question.conversation, question.cancel)
    usage = yield from observed(events, collected)
    text = str(collected)
    judge = Judge(engine, last.question, question.cancel) if usage.stopped != "cancelled" else None
    sentences = supported_sentences(text, sources, request, services.embedder, judge)
    done = _said(question, services, text, sentences).answer
    notes = (_(say.FROM_LAST_ANSWER), *left_out(fitted))
    cancelled = usage.stopped == "cancelled"
    yield Answered(replace(done, usage=usage, model=engine.name, notes=notes, cancelled=cancelled))


def _said(
    question: Question,
    services: Services,
    text: str,
    sentences: tuple[AnswerSentence, ...] = (),
    *,
    found: bool = True,
) -> Answered:
    """An answer that the program makes itself; it searched for nothing."""
    mode: Mode = question.mode or services.settings.mode
    return Answered(
        Answer(
            question=question.text,
            text=text,
            found=found,
            sentences=sentences,
            evidence=(),
            passages=(),
            steps=(),
            timings=Timings(),
            usage=Usage(),
            model="",
            mode=mode,
        )
    )
