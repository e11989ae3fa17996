"""Whether whole documents fit into the model's window, and how much of them would."""

from collections.abc import Sequence

from app.chat import messages as say
from core.errors import WindowError
from core.messages import _
from core.types import Citation, Document, Message
from generate.client import EngineClient
from prompts.opening import Opening, fences

ROOM = 512
"""Tokens of the window that are left, beside the answer's, for the question and the turns before it."""

STEP = 1024
"""Windows are named in multiples of it."""

_PARTS = {
    "page": (say.NO_PAGE, say.FIRST_PAGE, say.FIRST_PAGES),
    "slide": (say.NO_SLIDE, say.FIRST_SLIDE, say.FIRST_SLIDES),
}


def check_fit(opening: Opening, last: Document, engine: EngineClient, answer_tokens: int) -> None:
    """Raise WindowError where the opening, to which the document ``last`` came last, leaves no room for questions.

    It says, in pages, how much of that document would fit.
    """
    needed = engine.count_prompt([*opening.prompt, Message("user", "")]) + answer_tokens + ROOM
    over = needed - engine.window
    if over <= 0:
        return
    sizes = [size + 1 for size in engine.count_many(fences(opening.sources))]
    sources = [source for source in opening.sources if source.document_id == last.id]
    room = sum(sizes[-len(sources) :]) - over
    fitting = 0
    for size in sizes[-len(sources) :]:
        room -= size
        if room < 0:
            break
        fitting += 1
    wanted = -(-needed // STEP) * STEP
    can_be = wanted <= (engine.card.window or 0)
    raise WindowError(
        _(say.DOES_NOT_FIT, name=last.name, window=engine.window, part=part_of(last, sources[:fitting])),
        _(say.AS_BEFORE) + " " + (_(say.LARGER_WINDOW, tokens=wanted) if can_be else _(say.NO_WINDOW)),
    )


def part_of(document: Document, sources: Sequence[Citation]) -> str:
    """How much of the document these first parts of it are: "pages 1 to 31 of 58", "the first 40 %", "no page"."""
    kind = document.pages[0].kind if document.pages else "lines"
    if kind in ("page", "slide"):
        last = sources[-1].locator.page if sources else None
        none, one, several = _PARTS[kind]
        if last is None:
            return _(none)
        return _(one if last == 1 else several, last=last, all=document.pages[-1].number)
    share = sources[-1].end / len(document.text) if sources else 0.0
    return _(say.FIRST_SHARE, share=share) if sources else _(say.NO_PART)
