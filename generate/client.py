"""The shared chat model: loaded at first use in a process of its own; may be used from any thread."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.errors import Cancelled, EngineStopped, UsageError
from core.settings import Settings
from core.types import Message, Sampling
from generate.catalogue import find
from generate.child import Child, never
from generate.death import closed, unstarted
from generate.openings import OpeningState, request_of
from generate.running import connect_shared, forget_everywhere
from generate.speed import best_threads
from generate.writing import Writing

COUNTS_KEPT = 4096
"""Texts whose token counts are remembered: fitting a prompt counts the same sources again and again."""


class EngineClient:
    """`core.protocols.ChatEngine` for the model that the settings name.

    Thread-safe: one model, many conversations, one answer at a time. The process is started at first use and dies with
    this one; a ``shared`` one is found or started, is used by other programs too, and outlives this one. Where it
    stops, those who wait share one that is started afresh; where that stops too they get EngineStopped, and the next
    request starts another.
    """

    def __init__(self, settings: Settings, *, shared: bool = False) -> None:
        """Find the model's file; nothing is loaded. Raises ModelMissing or ModelDamaged."""
        self.card = find(settings)
        if self.card.path is None:
            raise UsageError(f"{self.card.name} is no model of this machine.", "Choose one of `lectern models list`.")
        self.name = self.card.name
        self.size = self.card.parameters
        self.window = min(settings.context_tokens, self.card.window or settings.context_tokens)
        self.home = settings.home
        self._model = {
            "path": str(self.card.path),
            "window": self.window,
            "threads": best_threads(settings, self.card.path),
            "flash_attention": True,
            "optimise": str(settings.own_models_dir / "converted") if self.card.bundled else "",
        }
        self._idle_s = settings.engine_minutes * 60 if shared else 0.0
        self._child: Child | None = None
        self._start_lock = threading.Lock()
        self._counts: OrderedDict[bytes, int] = OrderedDict()
        self._openings: dict[str, tuple[Message, ...]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the model's process, or leave a shared one. All who wait for it here get EngineStopped; the next request
        starts another, or finds the shared one again.
        """
        with self._start_lock:
            child, self._child = self._child, None
        if child:
            child.close()

    def load(self, cancel: threading.Event | None = None) -> bool:
        """Load the model now rather than with the first request. Raises ModelError, EngineStopped.

        Returns False if ``cancel`` was set before it was loaded; the loading goes on for the next request.
        """
        return self._process().wait(cancel.is_set if cancel else never)

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` read as plain text: nothing in it is a special token."""
        return self.count_many([text])[0]

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """`count_tokens` of each text, in one exchange with the model's process."""
        keys = [_digest(text) for text in texts]
        known = {key: count for key in keys if (count := self._counts.get(key)) is not None}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            counts = self._ask("count", texts=list(missing.values()))
            known.update(zip(missing, counts, strict=True))
            for key in missing:
                self._remember(key, known[key])
        return [known[key] for key in keys]

    def count_prompt(self, messages: Sequence[Message]) -> int:
        """Tokens of the whole prompt: the messages in the model's chat template, up to where it answers."""
        key = _digest("\0".join(f"{message.role}\1{message.content}" for message in messages), b"prompt")
        count = self._counts.get(key)
        if count is None:
            count = int(self._ask("count_prompt", messages=_plain(messages)))
            self._remember(key, count)
        return count

    def prompt_text(self, messages: Sequence[Message]) -> str:
        """The whole prompt as the model reads it, control tokens written out."""
        return str(self._ask("prompt_text", messages=_plain(messages)))

    def warm(self, system: str) -> None:
        """Let the model read the system text that prompts begin with, while nobody waits for an answer.

        Returns at once. Raises EngineStopped.
        """
        self._process().begin("warm", messages=_plain([Message("system", system), Message("user", "")]))

    def open(self, messages: Sequence[Message], documents: Sequence[str], folder: Path) -> str:
        """Let the model read what prompts begin with, system text first, while nobody waits, and keep its state.

        ``documents`` are the ids of the documents in it; the state is kept in ``folder``, which deletes it with any of
        them. Returns at once, with a key for the calls below. Where the model's process ends or forgets, it is to be
        called again. Raises EngineStopped.
        """
        key = _digest("\0".join(f"{one.role}\1{one.content}" for one in messages), b"opening").hex()
        self._openings[key] = tuple(messages)
        self._process().begin("open", key=key, **request_of(messages, documents, folder))
        return key

    def opening(self, key: str) -> OpeningState | None:
        """How far it is read; None where the model's process does not know it. Raises ModelError, EngineStopped."""
        known = self._ask("opening", key=key)
        return OpeningState(**known) if known else None

    def close_opening(self, key: str) -> None:
        """It is not read on, nor read again; what was kept on disk stays there."""
        self._openings.pop(key, None)
        child = self._child
        if child and child.alive:
            child.begin("close", key=key)

    def forget(self) -> None:
        """Drop everything the model's process has cached; called when a document or conversation is deleted."""
        child = self._child
        if child and child.alive:
            child.begin("forget")
        if self._idle_s:  # it may run for others, or hold what was read before this program came
            forget_everywhere()

    def grammar_for(self, schema: dict[str, Any]) -> str:
        """GBNF text for JSON of that JSON schema. Raises UsageError for a schema that has no grammar."""
        return str(self._ask("grammar_for", schema=schema))

    def generate(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        *,
        conversation: str = "",
        cancel: threading.Event | None = None,
        on_queue: Callable[[int], None] | None = None,
    ) -> Writing:
        """Write an answer; it is queued when the iteration begins.

        Answers of one ``conversation`` share a cache of what was read. Setting ``cancel`` ends it within 200 ms,
        also while the model is loaded, while the prompt is read and in the queue; it then ends as it stands, with
        ``usage.stopped == "cancelled"``. ``on_queue`` is called with the number of answers before this
        one, whenever that changes.

        Raises WindowError if prompt and answer do not fit, EngineStopped if the engine died.
        """
        plain, drawn = _plain(messages), sampling.plain()
        request = {
            "messages": plain,
            "sampling": drawn,
            "conversation": conversation,
            "home": str(self.home),
            "opening": self._opening_length(messages),
        }
        cancel, first = cancel or threading.Event(), self._process()
        try:
            prompt = int(self._ask("check", first, cancel.is_set, messages=plain, sampling=drawn))
        except Cancelled:
            prompt = 0
        return Writing(self.at_hand, first, request, prompt, cancel, on_queue)

    def running(self) -> Child:
        """The model's process with the model loaded; started if there is none. Raises ModelError, EngineStopped."""
        child = self._process()
        child.wait()
        return child

    def _process(self) -> Child:
        """The model's process, perhaps still loading; started if there is none. Raises EngineStopped."""
        with self._start_lock:
            if self._child is None or not self._child.alive:
                self._child = self._start()
            return self._child

    def _start(self) -> Child:
        """The shared process, where this client shares one and the system can; else one of its own."""
        if self._idle_s:
            model = {**self._model, "idle_s": self._idle_s}
            try:
                link = connect_shared(model, dead=self._child.pid if self._child else 0)
            except OSError as error:
                raise unstarted(error) from error
            if link:
                return Child(model, link=link)
        return Child(self._model)

    def at_hand(self, first: Child, cancelled: Callable[[], bool]) -> Child | None:
        """The process for a request that found ``first`` running, model loaded: ``first`` or its one successor.

        So requests that wait while a process dies share the next one, and a model that dies of every question, or while
        loading, is not started again and again. None if ``cancelled`` returned True while it was loaded. Raises
        ModelError, EngineStopped.
        """
        with self._start_lock:
            if self._child is None:
                raise closed()
            if self._child is first and not first.alive:
                self._child = self._start()
            child = self._child
        return child if child.wait(cancelled) else None

    def _opening_length(self, messages: Sequence[Message]) -> int:
        """Of how many messages the opening consists that ``messages`` begin with; 1 where there is none."""
        lengths = (len(each) for each in list(self._openings.values()) if tuple(messages[: len(each)]) == each)
        return max(lengths, default=1)

    def _ask(self, op: str, first: Child | None = None, cancelled: Callable[[], bool] = never, **fields: Any) -> Any:
        first = first or self._process()
        if not first.wait(cancelled):
            raise Cancelled("stopped.", "Ask again.")
        try:
            return first.ask(op, cancelled, **fields)
        except EngineStopped:
            # It died unnoticed since the last request: nothing is lost, so a fresh one is asked, once.
            if child := self.at_hand(first, cancelled):
                return child.ask(op, cancelled, **fields)
            raise Cancelled("stopped.", "Ask again.") from None

    def _remember(self, key: bytes, count: int) -> None:
        self._counts[key] = count
        while len(self._counts) > COUNTS_KEPT:
            self._counts.popitem(last=False)


def _plain(messages: Sequence[Message]) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in messages]


def _digest(text: str, kind: bytes = b"text") -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, person=kind).digest()
