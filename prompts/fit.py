"""Fits system text, history, sources and question into the model's context window; says what was left out and why.

The window is divided once, in the model's own tokens:

    system | examples | history (at most HISTORY_SHARE of the rest) | sources | question | room for the answer

Whole documents that are kept open stand as an opening before the history, and count as sources.

The question and the system text are always whole. Sources are left out first, from the weakest; then the oldest turns.
Within a conversation the prompt only grows, so that the engine's cache of the common prefix stays valid: old turns are
dropped many at once, and when that happens depends only on the earlier turns, never on the present question.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import WindowError
from core.messages import N_, _
from core.protocols import ChatEngine
from core.types import Citation, Message
from prompts.render import PromptTemplate, fence, label, shown

HISTORY_SHARE = 0.6
"""Largest share for the history of the tokens that system text and answer leave. The rest, 1,400 tokens of a window of
4,096, holds a new question with five passages."""

HISTORY_KEPT = 0.5
"""Share of the history's limit that is kept once it is exceeded. Half lets a rebuilt cache serve several turns."""

CHARACTERS_PER_TOKEN = 10
"""More than any text in words averages (English: 4 to 5). A text too long for the window even at this rate is refused
or cut without being tokenised, which could take seconds."""

LEAST_SOURCE = 16
"""Fewest tokens of a source; one cut shorter says too little to be worth its fence."""

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s)|[。！？।؟۔]|\n")


NO_ROOM = N_("does not fit into the window")


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something that was left out of the prompt, and why; ``tokens`` is its size, 0 if it was not counted."""

    what: str
    why: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A prompt that fits.

    ``messages`` is the whole prompt, system text first; ``messages[-1]`` is this turn's user message as it is sent.
    ``sources`` are what the model reads, in the order of their numbers, cut where they had to be cut.
    ``tokens`` maps each part of the window (system, examples, history, sources, question, template, answer, free) to
    its tokens; together they are ``window``.
    """

    messages: tuple[Message, ...]
    sources: tuple[Citation, ...]
    dropped: tuple[Dropped, ...]
    tokens: dict[str, int]
    window: int


@dataclass(frozen=True, slots=True)
class _Turn:
    """One exchange of the history: a user message and all that followed it."""

    messages: tuple[Message, ...]
    tokens: int


def fit(
    template: PromptTemplate,
    question: str,
    sources: Sequence[Citation],
    history: Sequence[Message],
    window: int,
    answer_tokens: int,
    engine: ChatEngine,
    opening: Sequence[Message] = (),
) -> Fitted:
    """The prompt of one turn; with the room kept for the answer it takes at most ``window`` tokens.

    ``sources`` come strongest first; ``history`` is as it was sent, without a system message. The room for the answer
    is ``answer_tokens``, at most half the window. ``opening`` are messages between system text and history that are
    always whole: a turn in which documents are read.
    Raises WindowError if the question does not fit beside the system text and the opening.
    """
    reserve = min(answer_tokens, window // 2)
    limit = window - reserve
    refuse_long(question, limit)
    system = Message("system", template.system)
    first = [system, *opening]
    bare = engine.count_prompt([*first, Message("user", template.user_message(question, ()))])
    if bare > limit:
        raise _too_long(f"{engine.count_tokens(question):,} tokens", limit)

    turns = _turns(history, system, engine)
    fixed = sum(engine.count_tokens(message.content) for message in first)
    kept = _keep_turns(turns, int((limit - fixed) * HISTORY_SHARE))
    need = bare + _first_need(sources, engine)
    while kept and need + _size(kept) > limit:
        kept = _keep_turns(kept, _size(kept) - 1)
    chosen, dropped = _choose_sources(sources, limit - bare - _size(kept), engine)
    while True:
        messages = [*first, *(m for t in kept for m in t.messages)]
        messages.append(Message("user", template.user_message(question, chosen)))
        if (total := engine.count_prompt(messages)) <= limit:
            break
        # Tokens that join across the seams of the template: rare, and a source at a time mends it.
        if chosen:
            dropped.append(Dropped(label(chosen.pop()), NO_ROOM, 0))
        else:
            kept = kept[1:]

    if gone := turns[: len(turns) - len(kept)]:
        what = _("{gone} of {turns} earlier turns", gone=len(gone), turns=len(turns))
        dropped.insert(0, Dropped(what, N_("the conversation outgrew the window"), _size(gone)))
    tokens = _share_out(template, question, chosen, kept, engine)
    tokens["sources"] += fixed - engine.count_tokens(system.content)
    tokens |= {"template": total - sum(tokens.values()), "answer": reserve, "free": limit - total}
    return Fitted(tuple(messages), tuple(chosen), tuple(dropped), tokens, window)


def refuse_long(question: str, limit: int) -> None:
    """Raise WindowError for a question that ``limit`` tokens cannot hold, whatever it says, without counting them."""
    if len(question) > limit * CHARACTERS_PER_TOKEN:
        raise _too_long(f"{len(question):,} characters", limit)


def _too_long(size: str, limit: int) -> WindowError:
    return WindowError(
        f"the question is too long for the model: {size}, where prompt and question may take {limit:,} tokens.",
        "Ask it shorter, put the long text into a document, or raise LECTERN_CONTEXT_TOKENS.",
    )


def _turns(history: Sequence[Message], system: Message, engine: ChatEngine) -> list[_Turn]:
    """The history in turns, each beginning with a user message; what stands before the first one is not a turn."""
    if not history:
        return []
    empty = Message("user", ""), Message("assistant", "")
    per_message = -(-(engine.count_prompt([system, *empty, *empty]) - engine.count_prompt([system, *empty])) // 2)
    starts = [i for i, message in enumerate(history) if message.role == "user"]
    turns = []
    for start, end in zip(starts, [*starts[1:], len(history)], strict=True):
        messages = tuple(history[start:end])
        turns.append(_Turn(messages, sum(engine.count_tokens(m.content) + per_message for m in messages)))
    return turns


def _size(turns: Sequence[_Turn]) -> int:
    return sum(turn.tokens for turn in turns)


def _keep_turns(turns: Sequence[_Turn], limit: int) -> list[_Turn]:
    """The newest turns, at most ``limit`` tokens. The conversation is replayed turn by turn: whenever it exceeds the
    limit, the oldest turns are dropped until ``HISTORY_KEPT`` of it is left, so later turns see the same cuts."""
    kept: list[_Turn] = []
    for turn in turns:
        kept.append(turn)
        if _size(kept) > limit:
            while len(kept) > 1 and _size(kept) > limit * HISTORY_KEPT:
                kept.pop(0)
            kept = kept if _size(kept) <= limit else []
    return kept


def _first_need(sources: Sequence[Citation], engine: ChatEngine) -> int:
    """Tokens to keep free for the best source or its beginning, for which old turns are dropped; 0 without a source."""
    return min(engine.count_tokens(sources[0].quote[:400]), 4 * LEAST_SOURCE) + LEAST_SOURCE if sources else 0


def _choose_sources(sources: Sequence[Citation], room: int, engine: ChatEngine) -> tuple[list[Citation], list[Dropped]]:
    """The sources that fit into ``room`` tokens, strongest first; the first that does not is cut at a sentence end."""
    chosen: list[Citation] = []
    dropped: list[Dropped] = []
    for source in sources:
        cost = _cost(len(chosen) + 1, source, room, engine)
        if cost is not None:
            chosen.append(source)
            room -= cost
            continue
        short = None if dropped else _cut(len(chosen) + 1, source, room, engine)
        if short is None:
            dropped.append(Dropped(label(source), NO_ROOM, 0))
        else:
            chosen.append(short)
            room = 0
            dropped.append(Dropped(_("the end of {place}", place=label(source)), NO_ROOM, 0))
    return chosen, dropped


def _cost(number: int, source: Citation, room: int, engine: ChatEngine) -> int | None:
    """Tokens that a source takes with its fence, None where they are more than ``room``."""
    if len(source.quote) > room * CHARACTERS_PER_TOKEN:
        return None
    tokens = engine.count_tokens(fence(number, label(source), shown(source)) + "\n")
    return tokens if tokens <= room else None


def _cut(number: int, source: Citation, room: int, engine: ChatEngine) -> Citation | None:
    """The longest beginning of a source that ends with a sentence and fits into ``room``, None where none does."""
    if room < LEAST_SOURCE:
        return None
    head = source.quote[: room * CHARACTERS_PER_TOKEN]
    ends = [m.end() for m in _SENTENCE_END.finditer(head) if head[: m.end()].strip()]
    fitting = None
    low, high = 0, len(ends) - 1
    while low <= high:
        middle = (low + high) // 2
        quote = head[: ends[middle]].rstrip()
        shorter = replace(source, quote=quote, end=source.start + len(quote))
        if _cost(number, shorter, room, engine) is None:
            high = middle - 1
        else:
            fitting, low = shorter, middle + 1
    return fitting


def _share_out(
    template: PromptTemplate, question: str, sources: Sequence[Citation], turns: Sequence[_Turn], engine: ChatEngine
) -> dict[str, int]:
    """Tokens of each text of the prompt, by name; the chat template's own tokens are not among them."""
    whole = engine.count_tokens(template.user_message(question, sources))
    without_sources = engine.count_tokens(template.user_message(question, ()))
    system = engine.count_tokens(template.system)
    bare = engine.count_tokens(template.model_copy(update={"examples": ()}).system) if template.examples else system
    return {
        "system": bare,
        "examples": system - bare,
        "history": sum(engine.count_tokens(m.content) for turn in turns for m in turn.messages),
        "sources": whole - without_sources,
        "question": engine.count_tokens(question),
    }
