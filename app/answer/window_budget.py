"""How the tokens of the model's window were used, as the page's meter and ``lectern ask --budget`` show it."""

from dataclasses import dataclass

from core.messages import N_, _
from core.types import Usage
from prompts.fit import Dropped, Fitted

SECTIONS = {
    "system": N_("instructions"),
    "examples": N_("examples"),
    "history": N_("earlier turns"),
    "sources": N_("sources"),
    "question": N_("question"),
    "template": N_("template"),
    "answer": N_("room for the answer"),
    "free": N_("free"),
}
"""The sections of a window, in the order of a prompt, as a person reads them. "template" is what the model's own chat
format adds around the texts."""


@dataclass(frozen=True, slots=True)
class WindowSection:
    """A section of the window. ``key`` is its name in ``Fitted.tokens``; ``share`` of the whole window is in 0..1."""

    key: str
    name: str
    tokens: int
    share: float


@dataclass(frozen=True, slots=True)
class Budget:
    """The tokens of a window: its sections in order, which add up to ``window``, and what was left out and why.

    The prompt has ``prompt`` tokens. ``reused`` of them came from the model's cache and ``read`` did not; both are None
    before the model has read the prompt.
    """

    window: int
    sections: tuple[WindowSection, ...]
    left_out: tuple[Dropped, ...]
    prompt: int
    reused: int | None = None
    read: int | None = None

    @property
    def used(self) -> float:
        """Share of the window, in 0..1, that the prompt takes together with the room for the answer."""
        return 1.0 - next((section.share for section in self.sections if section.key == "free"), 0.0)


def budget_of(fitted: Fitted, usage: Usage | None = None) -> Budget:
    """The budget of a prompt; ``usage``, where it is that prompt's, says what of it was read and what was reused."""
    sections = tuple(
        WindowSection(key, _(name), fitted.tokens[key], fitted.tokens[key] / fitted.window)
        for key, name in SECTIONS.items()
    )
    prompt = fitted.window - fitted.tokens["answer"] - fitted.tokens["free"]
    if usage is None or not usage.prompt:
        return Budget(fitted.window, sections, fitted.dropped, prompt)
    return Budget(fitted.window, sections, fitted.dropped, prompt, usage.reused, usage.read)


def to_json(budget: Budget) -> dict[str, object]:
    """The budget as JSON-ready data; its keys are described in docs/json.md."""
    return {
        "window": budget.window,
        "parts": [{"part": p.key, "tokens": p.tokens, "share": round(p.share, 4)} for p in budget.sections],
        "left_out": [{"what": d.what, "why": d.why, "tokens": d.tokens} for d in budget.left_out],
        "prompt": budget.prompt,
        "reused": budget.reused,
        "read": budget.read,
    }
