"""The model's window in the terminal: how its tokens were used, and the prompt as the model reads it."""

from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from app.answer.events import Answered, Event, PromptFitted
from app.answer.window_budget import Budget, budget_of, to_json
from app.commands.common import one_line, output, plain
from core.protocols import ChatEngine
from core.types import Usage
from prompts.fit import Fitted


class WatchedPrompts:
    """Passes the events of an answer on, once, and keeps the prompts and the usage that they name."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = events
        self.fitted: list[Fitted] = []
        self.usage = Usage()

    def __iter__(self) -> Iterator[Event]:
        for event in self._events:
            if isinstance(event, PromptFitted):
                self.fitted.append(event.fitted)
            elif isinstance(event, Answered):
                self.usage = event.answer.usage
            yield event

    def budgets(self) -> list[Budget]:
        """A budget for each prompt; the tokens read and reused are known only where there was a single prompt."""
        return [budget_of(fitted, self.usage if len(self.fitted) == 1 else None) for fitted in self.fitted]

    def to_json(self, engine: ChatEngine | None, *, budget: bool, prompts: bool) -> dict[str, object]:
        """The JSON keys "budget" and "prompts" (docs/json.md), each where it was asked for."""
        found: dict[str, object] = {}
        if budget:
            found["budget"] = [to_json(one) for one in self.budgets()]
        if prompts:
            found["prompts"] = self._texts(engine)
        return found

    def print_prompts(self, engine: ChatEngine | None) -> None:
        """Each prompt whole, control tokens written out."""
        out = output()
        for text in self._texts(engine) or ["No model was asked, so there is no prompt."]:
            out.print("\nPrompt", style="bold")
            out.print(plain(text), markup=False)

    def print_budget(self) -> None:
        """Each prompt's window as a table, and what was left out of it."""
        out = output()
        if not self.fitted:
            out.print("\nNo model was asked, so its window is empty.")
        for budget in self.budgets():
            out.print()
            out.print(table_of(budget))
            for dropped in budget.left_out:
                saved = f", {dropped.tokens:,} tokens" if dropped.tokens else ""
                out.print(f"Left out: {one_line(dropped.what)} ({dropped.why}{saved})", style="yellow", markup=False)
            if not budget.left_out:
                out.print("Nothing was left out.", style="dim")

    def _texts(self, engine: ChatEngine | None) -> list[str]:
        return [engine.prompt_text(fitted.messages) for fitted in self.fitted] if engine is not None else []


def table_of(budget: Budget) -> Table:
    """A table of what fills the window: item, tokens and share; below them the tokens read and reused."""
    table = Table("Window", box=None, pad_edge=False, header_style="bold")
    table.add_column("Tokens", justify="right")
    table.add_column("Share", justify="right")
    for item in budget.sections:
        if item.tokens:
            table.add_row(item.name, f"{item.tokens:,}", f"{item.share:.1%}")
    table.add_row(Text("together", style="bold"), f"{budget.window:,}", "100.0%")
    if budget.read is not None and budget.reused is not None:
        table.add_row(
            Text(f"prompt: {budget.read:,} read, {budget.reused:,} reused", style="dim"), f"{budget.prompt:,}"
        )
    return table
