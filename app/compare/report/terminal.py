"""A comparison in the terminal: counts, then each difference with its place, readable without colours too."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from app.compare.report.wording import LONGEST, context_of, head_of, is_whole, shorten, summary_lines
from app.compare.result import HEADINGS, WEIGHTS, Comparison, Difference, numbered
from core.messages import _

INDENT = 6


def print_comparison(comparison: Comparison, out: Console) -> None:
    """Print all of it, wrapped at the console's width, which is 80 in a pipe."""
    out.print(Text(f"{comparison.old.name} → {comparison.new.name}", style="bold"), soft_wrap=False)
    for line in summary_lines(comparison):
        out.print(Text(line), soft_wrap=False)
    by_weight = {weight: [(n, one) for n, one in numbered(comparison) if one.weight == weight] for weight in WEIGHTS}
    for weight, listed in by_weight.items():
        if listed:
            out.print()
            out.print(Text(f"{_(HEADINGS[weight])} ({len(listed):,})", style="bold"), soft_wrap=False)
        for number, one in listed:
            _print_difference(number, one, out)


def _print_difference(number: int, one: Difference, out: Console) -> None:
    out.print(Text.assemble((f"{number:>{INDENT - 2}}  ", "bold"), (_plain(head_of(one)), "cyan")), soft_wrap=False)
    out.print(Padding(_marked(one), (0, 0, 0, INDENT), expand=False), soft_wrap=False)


def _marked(one: Difference) -> Text:
    """What differs, in wdiff's marks: [-old-] {+new+}."""
    if is_whole(one):
        side = one.new if one.new.there else one.old
        text = _plain(shorten(side.text, LONGEST))
        match one.kind:
            case "added" | "column added":
                return Text(f"{{+{text}+}}", style="green")
            case "removed" | "column removed":
                return Text(f"[-{text}-]", style="red")
            case _:
                return Text(text)
    before, old, new, after = map(_plain, context_of(one))
    marked = Text(before)
    if old:
        marked.append(f"[-{old}-]", style="red")
    if new:
        marked.append(f"{{+{new}+}}", style="green")
    return marked.append(after)


def _plain(text: str) -> str:
    """Without control characters, which a document's text could move the cursor with."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
