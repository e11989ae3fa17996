"""How the passages of a search were found, as an HTML table."""

from html import escape

from app.commands.common import one_line
from core.messages import _, ngettext
from index.search.explain import ChunkOutcome, Explanation

OPENING_CHARS = 120
"""Of a passage in the table of its ranks: enough to know it by."""


def explanation_html(explanation: Explanation) -> str:
    """A table of the passages' ranks at each stage of the search, and what became of them."""
    stages = [(stage, _("of {places}", places=places)) for stage, places in explanation.stages]
    head = "".join(f"<th>{escape(stage)}<small>{escape(places)}</small></th>" for stage, places in stages)
    rows = "".join(outcome_html(one, len(explanation.stages)) for one in explanation.outcomes)
    further = ngettext(
        "{count} further passage got less far.", "{count} further passages got less far.", explanation.more
    )
    more = f'<p class="lc-foot">{escape(further)}</p>' if explanation.more else ""
    first = escape(_("Passage"))
    return (
        f'<div class="lc-scroll"><table class="lc-table"><thead><tr><th>{first}</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{more}"
    )


def outcome_html(passage: ChunkOutcome, stages: int) -> str:
    """Two rows of that table: a passage's ranks, and below them its beginning and why it was left out."""
    label = escape(one_line(passage.locator.label))
    ranks = "".join(f"<td>{stage.rank or '–'}</td>" for stage in passage.ranks)
    state = "" if passage.ended else ' class="lc-kept"'
    text = escape(one_line(passage.text)[:OPENING_CHARS])
    why = f'<br><span class="lc-why">{escape(one_line(passage.why))}</span>' if passage.why else ""
    return (
        f"<tr{state}><td><b>{escape(one_line(passage.file))}</b> {label}</td>{ranks}</tr>"
        f'<tr class="lc-opening"><td colspan="{stages + 1}" dir="auto">“{text}…”{why}</td></tr>'
    )
