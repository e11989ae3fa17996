"""``lectern ask``: the evidence first, then the answer as it is written, then its sources."""

import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.answer.events import Answered, Event, EvidenceFound, Note, Progressed
from app.commands.common import INTERRUPTED, LibraryOption, errors, one_line, print_json, settings_for
from app.commands.links import links_into
from app.commands.print_answer import print_answer
from app.commands.search_filter import takes_filter
from app.commands.window import WatchedPrompts
from app.stopping import softly
from core.errors import ModelError
from core.loading import is_loading
from core.messages import N_, _
from core.types import Answer, AnswerChoice, Mode, ReadsChoice, Strictness

if TYPE_CHECKING:
    from app.chat.models import Models
    from app.chat.open_library import OpenLibrary
    from core.protocols import ChatEngine
    from index.search.filters import Filter

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="NAME", help="The model that answers: one of `lectern models list`, or a GGUF file."
    ),
]
ModeOption = Annotated[
    Mode | None, typer.Option(help="How the model works: straight, thinking step by step, or searching in steps.")
]
StrictnessOption = Annotated[
    Strictness | None, typer.Option(help="How sure the documents' answer must be before it is given as one.")
]
ReadsOption = Annotated[
    ReadsChoice | None,
    typer.Option(help="What the model answers from: sentences, passages, or what it is good for (auto)."),
]
AnswerOption = Annotated[
    AnswerChoice | None,
    typer.Option(
        "--answer",
        help="Who phrases the answer: the model, or with no model loaded the words with their sentence (words) or the "
        "sentence (evidence); auto is the model where it can read passages, else the words.",
    ),
]

ANYWHERE_HINT = N_("To search all documents, whichever the question names: --anywhere.")
WHOLE_DOCUMENT_HINT = N_("To read all of a document: lectern summarise FILE, or lectern compare FILE FILE.")


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern ask 'Who signed the lease?' --library contracts")(ask)


@takes_filter
def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    library: LibraryOption = None,
    mode: ModeOption = None,
    model: ModelOption = None,
    no_llm: Annotated[bool, typer.Option("--no-llm", help="Print the evidence alone; no model is started.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object (described in docs/json.md).")] = False,
    strictness: StrictnessOption = None,
    answer_by: AnswerOption = None,
    reads: ReadsOption = None,
    budget: Annotated[bool, typer.Option("--budget", help="Print what of the model's window went where.")] = False,
    show_prompt: Annotated[bool, typer.Option("--show-prompt", help="Print the prompt as the model reads it.")] = False,
    figures: Annotated[
        Path | None,
        typer.Option(
            "--figures",
            metavar="FILE",
            help="Write the figures of tables that the answer uses as FILE.csv or FILE.xlsx.",
        ),
    ] = None,
    within: "Filter | None" = None,
) -> int:
    """Ask a question; every sentence of the answer names the page that supports it.

    Ctrl-C stops the model at once and keeps what was written.
    """
    from app.answer.as_json import to_json
    from app.answer.figures_export import check_target, save_figures
    from app.chat.better_embedder import offer_once
    from app.chat.open_library import OpenLibrary

    answer_by = answer_by or ("evidence" if no_llm else None)
    settings = settings_for(library, mode=mode, model=model, strictness=strictness, answer=answer_by, reads=reads)
    cancel = threading.Event()
    if figures:
        check_target(figures)
    with OpenLibrary(settings) as opened:
        engine, missing = find_engine(opened.models, "evidence" if no_llm else settings.answer)
        events = answer_events(question, opened, engine, within, cancel)
        watched = WatchedPrompts(interruptible(events, cancel))
        if as_json:
            answer = last_answer(watched)
            print_json(to_json(answer) | watched.to_json(engine, budget=budget, prompts=show_prompt))
        else:
            answer = print_answer(watched, with_model=engine is not None, link_of=links_into(opened.library))
            if show_prompt:
                watched.print_prompts(engine)
            if budget:
                watched.print_budget()
        if not missing and settings.answer in ("auto", "model") and not no_llm:
            print_notice(opened.models)  # after the answer: an error before it stands alone
        hint = hint_for(question, answer) or offer_once(opened.library, settings)
    if figures:
        save_figures(answer, figures)
    if hint:
        errors().print(hint, style="dim", markup=False)
    if missing:
        raise missing
    return INTERRUPTED if answer.cancelled else 0


def answer_events(
    question: str,
    opened: "OpenLibrary",
    engine: "ChatEngine | None",
    within: "Filter | None",
    cancel: threading.Event,
) -> Generator[Event, None, None]:
    """The events of the answer, or of a task on whole documents."""
    from app.answer.parts import answer_parts
    from app.answer.pipeline import answer
    from app.answer.question import Question
    from app.query.plan import plan_turn
    from app.summarize.context import TaskContext
    from app.summarize.tasks import carry_out
    from index.store.standing_notes import read_notes

    embedder = opened.embedder
    plan = plan_turn(
        question, (), opened.library, embedder, within=within, engine=engine, cancel=cancel, compared=False
    )
    if plan.kind != "search":
        context = TaskContext(opened.embedder, engine, opened.settings, cancel)
        yield from carry_out(plan, question, opened.library, context)
        return
    standing = read_notes(opened.library)
    asked = Question(
        question,
        asked=plan.asked,
        search_override=plan.search_text,
        within=within,
        notes=standing.text,
        language=standing.language,
        cancel=cancel,
    )
    if plan.note:
        yield Note(plan.note, quiet=True)
    if plan.parts and opened.settings.mode != "react":
        yield from answer_parts(asked, plan.parts, opened.services(engine))
    else:
        yield from answer(asked, opened.services(engine))


def hint_for(question: str, answer: Answer) -> str:
    """A line on summaries and comparisons where one was wanted of documents that the question does not name, else on
    how to search all documents where those that it names were searched alone."""
    from app.query.document_tasks import is_document_task

    if answer.choice is not None and answer.choice.is_sure:
        return _(ANYWHERE_HINT)
    return _(WHOLE_DOCUMENT_HINT) if is_document_task(question) and not answer.headings else ""


def find_engine(models: "Models", choice: AnswerChoice) -> tuple["ChatEngine | None", ModelError | None]:
    """The engine, None if it is not to answer, or None with the error that says why: there is still the evidence."""
    try:
        return (models.engine if models.answer_by(choice) == "model" else None), None
    except ModelError as error:
        return None, error


def print_notice(models: "Models") -> None:
    """One line where the model that answers is not the best that this machine could have. Raises ModelError."""
    if notice := models.choice.notice:
        errors().print(one_line(notice), style="dim", markup=False)


@contextmanager
def stop_on_interrupt(cancel: threading.Event) -> Iterator[None]:
    """Within this block the first Ctrl-C sets ``cancel``; a second one, or one while models load, ends the program."""

    def begin() -> bool:
        if not is_loading():
            cancel.set()
        return cancel.is_set()

    with softly(begin):
        yield


def interruptible(events: Iterable[Event], cancel: threading.Event) -> Iterator[Event]:
    """The same events. Before the first evidence or progress Ctrl-C ends the program; after it, it sets ``cancel``."""
    iterator = iter(events)
    for event in iterator:
        yield event
        if isinstance(event, EvidenceFound | Progressed):
            break
    with stop_on_interrupt(cancel):
        yield from iterator


def last_answer(events: Iterable[Event]) -> Answer:
    """Read all events and return the answer with which they end."""
    return [event.answer for event in events if isinstance(event, Answered)][-1]
