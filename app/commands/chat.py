"""``lectern chat``: a conversation in the terminal, saved with its citations."""

import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from app.answer.citations import source_change_notes
from app.commands.ask import (
    AnswerOption,
    ModelOption,
    ModeOption,
    ReadsOption,
    StrictnessOption,
    interruptible,
    print_notice,
)
from app.commands.chat_documents import close_document, keep_open
from app.commands.common import LibraryOption, errors, one_line, plain, settings_for
from app.commands.links import links_into
from app.commands.print_answer import print_answer
from app.commands.search_filter import takes_filter
from app.phrases import stop_note
from app.stopping import at_prompt
from core.errors import LecternError, UsageError
from core.types import Mode

if TYPE_CHECKING:
    from app.chat.conversation import Conversation
    from app.chat.models import Models
    from app.chat.open_library import OpenLibrary
    from index.search.filters import Filter
    from index.store.library import Library

Command = Callable[[str], bool]
"""Does something with what was typed after it; whether the conversation is to go on with another model."""

HELP = """\
/mode direct|cot|react   how the model works
/model NAME              answer with another model in this chat; without NAME the models are listed
/open FILE               keep a document open: it is read whole, for every question after that
/close [FILE]            close it, or all that are open
/new                     start another conversation
/help                    this list
/quit                    end (so does Ctrl-D)
Ctrl-C stops the answer that is being written, not the chat."""


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern chat --continue")(chat)


@takes_filter
def chat(
    library: LibraryOption = None,
    mode: ModeOption = None,
    model: ModelOption = None,
    strictness: StrictnessOption = None,
    answer_by: AnswerOption = None,
    reads: ReadsOption = None,
    go_on: Annotated[bool, typer.Option("--continue", "-c", help="Go on with the latest conversation.")] = False,
    to_open: Annotated[
        list[str] | None, typer.Option("--open", metavar="FILE", help="Keep this document open: it is read whole.")
    ] = None,
    no_llm: Annotated[bool, typer.Option("--no-llm", help="Show the evidence alone; no model is started.")] = False,
    within: "Filter | None" = None,
) -> int:
    """Talk with your documents; the conversation is saved and opens in the browser too.

    What limits the search holds for every question of this chat.
    """
    from app.chat.better_embedder import offer_once
    from app.chat.open_library import OpenLibrary

    answer_by = answer_by or ("evidence" if no_llm else None)
    settings = settings_for(library, mode=mode, model=model, strictness=strictness, answer=answer_by, reads=reads)
    if to_open and (no_llm or settings.answer not in ("auto", "model")):
        raise UsageError("a document is kept open by the chat model, and none is to answer.", "Leave out --open.")
    with OpenLibrary(settings) as opened:
        chat_id = latest_chat(opened.library) if go_on else ""
        errors().print(f"Library '{settings.library}'. /help lists what you can type.", style="dim", markup=False)
        if chat_id:
            print_last_turn(opened.library, chat_id)
        if settings.answer in ("auto", "model") and not no_llm:
            print_notice(opened.models)
            warm(opened.models)
        if offer := offer_once(opened.library, settings):
            errors().print(offer, style="dim", markup=False)
        if to_open:
            keep_open(opened, to_open)

        def start(chat_id: str) -> "Conversation":
            return opened.conversation(chat_id, with_model=not no_llm and opened.models.answer_by() == "model")

        ask = partial(ask_once, within=within, opened=opened)
        chat_loop(start, chat_id, settings.mode, ask, commands_of(opened))
    return 0


def commands_of(opened: "OpenLibrary") -> dict[str, Command]:
    """What a line that begins with "/" does with the rest of it, as far as it is about models and documents."""
    return {
        "/model": partial(switch_model, opened.models),
        "/open": lambda name: keep_open(opened, [name] if name else ()),
        "/close": partial(close_document, opened),
    }


def warm(models: "Models") -> None:
    """Load the chat model, if it writes the answers, while the person types; the first question tells what goes wrong.

    Raises ModelMissing, ModelDamaged.
    """

    def load() -> None:
        with suppress(LecternError):
            models.warm_engine()

    if models.answer_by() == "model":
        threading.Thread(target=load, name="warm-up", daemon=True).start()


def latest_chat(library: "Library") -> str:
    """The id of the conversation that was changed last; "" where there is none yet."""
    from index.store.chats import Chats

    return next((chat.id for chat in Chats(library).list()), "")


def print_last_turn(library: "Library", chat_id: str) -> None:
    """Print the last turn of a saved conversation, and which of the documents it quotes have changed or gone since."""
    from index.store.chats import Chats

    chats = Chats(library)
    messages = chats.load(chat_id).messages
    for message in messages[-2:]:
        errors().print(
            f"> {message.text}" if message.role == "user" else plain(message.text), style="dim", markup=False
        )
        if message.answer and message.answer.cancelled:
            errors().print(stop_note(message.answer), style="yellow")
    states = chats.source_states(citation for message in messages for citation in message.citations)
    lines = (line for message in messages if message.answer for line in source_change_notes(message.answer, states))
    for line in dict.fromkeys(lines):
        errors().print(plain(line), style="yellow", markup=False)


def chat_loop(
    start: Callable[[str], "Conversation"],
    chat_id: str,
    mode: Mode,
    ask: Callable[["Conversation", str, Mode], None],
    commands: Mapping[str, Command],
) -> None:
    """Ask what the person types, until the end of input.

    ``start`` opens the conversation of an id, "" a new one; ``commands`` are those of `commands_of`.
    """
    conversation = start(chat_id)
    while (line := read_line()) is not None:
        word, _, rest = line.partition(" ")
        if word in ("/quit", "/exit", "/stop"):
            return
        if word == "/new":
            conversation = start("")
        elif word == "/mode":
            mode = chosen_mode(rest.strip(), mode)
        elif word in commands:
            if commands[word](rest.strip()):
                conversation = start(conversation.chat_id)
        elif word.startswith("/"):
            errors().print(HELP, markup=False)
        elif line:
            ask(conversation, line, mode)


def read_line() -> str | None:
    """One line that the person typed; "" after Ctrl-C, None at the end of input."""
    try:
        with at_prompt():
            return input("\n> " if sys.stdin.isatty() else "").strip()
    except KeyboardInterrupt:
        errors().print("/quit or Ctrl-D ends the chat.", style="dim")
        return ""
    except EOFError:
        return None


def chosen_mode(name: str, before: Mode) -> Mode:
    """The mode of that name; for an invalid one ``before``, with a line that says so."""
    if name in get_args(Mode):
        return cast(Mode, name)
    errors().print(f"Modes are {', '.join(get_args(Mode))}; it stays {before}.", markup=False)
    return before


def switch_model(models: "Models", name: str) -> bool:
    """Answer with the model of that name from here on, in this chat alone; whether it could be taken.

    Without a name, or where there is none of it, the models that can be used are printed.
    """
    from generate.catalogue import list_models

    if not name:
        used = models.choice.card.name
        for card in list_models(models.settings):
            line = f"{'*' if card.name == used else ' '} {one_line(card.called)}   {one_line(card.good_for)}"
            errors().print(line, markup=False)
        return False
    try:
        models.switch(models.settings.model_copy(update={"model": name}))
        models.end_replaced()
    except LecternError as error:
        errors().print(one_line(str(error)), style="red", markup=False)
        return False
    errors().print(
        f"{one_line(models.choice.card.called)} answers from here on, in this chat.", style="dim", markup=False
    )
    print_notice(models)
    warm(models)
    return True


def ask_once(
    conversation: "Conversation",
    question: str,
    mode: Mode,
    *,
    opened: "OpenLibrary",
    within: "Filter | None" = None,
) -> None:
    """Ask one question and print its answer; an error is printed and does not end the chat."""
    cancel = threading.Event()
    documents = opened.open_documents if conversation.is_written else None
    try:
        events = conversation.ask(question, mode=mode, cancel=cancel, within=within, opened=documents)
        print_answer(
            interruptible(events, cancel), with_model=conversation.is_written, link_of=links_into(opened.library)
        )
    except LecternError as error:
        errors().print(str(error), style="red", markup=False)
