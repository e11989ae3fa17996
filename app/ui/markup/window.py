"""How the model's window was used, as HTML."""

from html import escape

from app.answer.window_budget import Budget, WindowSection
from app.commands.common import one_line
from core.messages import _, ngettext


def window_html(budget: Budget | None) -> str:
    """A bar of how the model's window was used; opened, a line for each item, and what was left out and why."""
    if budget is None:
        return ""
    used = [item for item in budget.sections if item.tokens and item.key != "free"]
    bar = "".join(f'<i class="lc-part-{item.key}" style="width: {item.share:.2%}"></i>' for item in used)
    rows = "".join(f'<li><i class="lc-part-{item.key}"></i>{escape(token_line(item))}</li>' for item in used)
    dropped = (_("Left out: {what} ({why})", what=one_line(d.what), why=_(d.why)) for d in budget.left_out)
    rows += "".join(f'<li dir="auto">{escape(line)}</li>' for line in dropped)
    window = f"{budget.window:,}"
    summary = escape(_("{share} of the model's {window} tokens", share=f"{budget.used:.0%}", window=window))
    if budget.left_out:
        summary += " · " + escape(ngettext("{count} thing left out", "{count} things left out", len(budget.left_out)))
    return (
        f'<details class="lc-meter"><summary><span class="lc-bar">{bar}</span> {summary}</summary>'
        f"<ul>{rows}</ul></details>"
    )


def token_line(item: WindowSection) -> str:
    """ "sources: 258 tokens"."""
    return ngettext("{name}: {count} token", "{name}: {count} tokens", item.tokens, name=item.name)
