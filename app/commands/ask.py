"""``lectern ask``: the evidence first, then the answer as it is written, then its sources."""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from app.answer.events import Answered, Event, EvidenceFound, Progressed
from app.commands.common import LibraryOption, errors, settings_for
from app.commands.print_answer import print_answer
from app.commands.search_filter import takes_filter
from app.commands.window import WatchedPrompts
from app.stopping import softly
from core.errors import ModelError
from core.loading import is_loading
from core.types import Answer, AnswerBy, Mode, ReadsChoice, Strictness

if TYPE_CHECKING:
    from app.chat.services import Models
    from core.protocols import ChatEngine
    from index.search.filters import Filter

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells expect."""

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
    AnswerBy | None,
    typer.Option(
        "--answer", help="Who phrases the answer: the model, or with no model loaded the words or their sentence."
    ),
]


WHOLE = "To read all of a document: lectern summarise FILE, or lectern compare FILE FILE."


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
    within: "Filter | None" = None,
) -> int:
    """Ask a question; every sentence of the answer names the page that supports it.

    Ctrl-C stops the model at once and keeps what was written.
    """
    from app.answer.as_json import to_json
    from app.answer.pipeline import answer
    from app.chat.services import Desk
    from app.query.document_tasks import is_document_task
    from app.query.plan import plan_turn
    from app.summarize.context import TaskContext
    from app.summarize.tasks import carry_out

    settings = settings_for(library, mode=mode, model=model, strictness=strictness, answer=answer_by, reads=reads)
    cancel = threading.Event()
    with_model = not no_llm and settings.answer == "model"
    with Desk(settings) as desk:
        engine, missing = find_engine(desk.models, wanted=with_model)
        plan = plan_turn(question, (), desk.library, within=within)
        context = TaskContext(desk.models.embedder, engine, settings, cancel)
        events = (
            carry_out(plan, desk.library, context)
            if plan.kind != "search"
            else answer(
                question,
                library=desk.library,
                retriever=desk.retriever,
                embedder=desk.models.embedder,
                engine=engine,
                settings=settings,
                cancel=cancel,
                load_reader=desk.models.span_reader,
                within=within,
            )
        )
        watched = WatchedPrompts(keeping(events, cancel))
        if as_json:
            given = last_answer(watched)
            print_json(to_json(given) | watched.to_json(engine, budget=budget, prompts=show_prompt))
        else:
            given = print_answer(watched, with_model=engine is not None)
            if show_prompt:
                watched.print_prompts(engine)
            if budget:
                watched.print_budget()
    if is_document_task(question) and plan.kind == "search":
        errors().print(WHOLE, style="dim", markup=False)
    if missing:
        raise missing
    return INTERRUPTED if given.cancelled else 0


def find_engine(models: "Models", *, wanted: bool) -> tuple["ChatEngine | None", ModelError | None]:
    """The engine, or None and why: the evidence is worth showing without it."""
    try:
        return (models.engine if wanted else None), None
    except ModelError as error:
        return None, error


@contextmanager
def stop_on_interrupt(cancel: threading.Event) -> Iterator[None]:
    """Within it the first Ctrl-C sets ``cancel``, unless a model is being loaded; the second one ends the program."""

    def begin() -> bool:
        if not is_loading():
            cancel.set()
        return cancel.is_set()

    with softly(begin):
        yield


def keeping(events: Iterable[Event], cancel: threading.Event) -> Iterator[Event]:
    """The same events. Ctrl-C ends the program until one has come that is worth keeping, and then sets ``cancel``."""
    every = iter(events)
    for event in every:
        yield event
        if isinstance(event, EvidenceFound | Progressed):
            break
    with stop_on_interrupt(cancel):
        yield from every


def last_answer(events: Iterable[Event]) -> Answer:
    """The answer with which the events end."""
    return [event.answer for event in events if isinstance(event, Answered)][-1]


def print_json(given: Mapping[str, object]) -> None:
    """Print one JSON object."""
    typer.echo(json.dumps(given, ensure_ascii=False, indent=2))
