"""What a comparison is said in, the same everywhere: its counts, its headings, and each difference on one line."""

from app.compare.result import KINDS, TAGS, WEIGHTS, Comparison, Difference, Side
from core.messages import N_, _, ngettext

AROUND = 60
"""Characters of a sentence that are shown on either side of what differs."""

LONGEST = 400
"""Characters of an added, removed or moved clause that are shown where there is little room."""

COUNTS = N_("{must} not to be missed, {wording} of wording, {layout} of place and layout")


def summary_lines(comparison: Comparison) -> list[str]:
    """Lines that say how many differences there are in all, and what is none."""
    lines = list(comparison.notes)
    if comparison.points:
        both = sum(all(side.there for side in point.sides) for point in comparison.points)
        only_old = sum(not point.sides[1].there for point in comparison.points)
        only_new = len(comparison.points) - both - only_old
        lines.append(
            _(
                "What each says under its headings: {both} headings of both, {old} only of the first, {new} only of the"
                " second.",
                both=both,
                old=only_old,
                new=only_new,
            )
        )
        return lines
    if comparison.differences:
        by_weight = {weight: f"{len(comparison.of(weight)):,}" for weight in WEIGHTS}
        whole = ngettext("{count} difference", "{count} differences", len(comparison.differences))
        kinds = ", ".join(f"{count:,} {_(KINDS[kind])}" for kind, count in comparison.counts().items())
        lines.append(f"{whole}: {_(COUNTS, **by_weight)}.")
        lines.append(_("By kind: {kinds}. All of them are listed.", kinds=kinds))
        same = {"same": f"{comparison.same_words:,}", "old": f"{comparison.old_words:,}"}
        lines.append(_("{same} of the {old} words of the old version stand unchanged in the new one.", **same))
    if comparison.renumbered:
        lines.append(
            ngettext(
                "{count} number of a clause, or reference to one, is only renumbered, which is no difference.",
                "{count} numbers of clauses, or references to them, are only renumbered, which is no difference.",
                comparison.renumbered,
            )
        )
    return lines


def head_of(one: Difference) -> str:
    """What a difference is and where: "4 Fees · p. 2 · number, unit"."""
    what = _(KINDS[one.kind]) if one.kind != "changed" else ""
    tags = ", ".join(_(TAGS[tag]) for tag in one.tags if tag != "clause")
    return " · ".join(filter(None, (place_of(one), one.label, what, tags)))


def place_of(one: Difference) -> str:
    """The heading and the page in both versions, once where they are the same: "2 Term, p. 3 → p. 4"."""
    places = [_where(side) for side in (one.old, one.new) if side.there]
    return " → ".join(dict.fromkeys(filter(None, places)))


def _where(side: Side) -> str:
    label, place = side.locator.label, side.place.lstrip("# ")  # as Markdown marks a heading
    return ", ".join(filter(None, (shorten(place, 60), "" if label.endswith(place) and place else label)))


def shorten(text: str, most: int) -> str:
    """The text, cut at a word to at most ``most`` characters."""
    if len(text) <= most:
        return text
    return f"{text[:most].rsplit(' ', 1)[0]}…"


def context_of(one: Difference, around: int = AROUND) -> tuple[str, str, str, str]:
    """(before, old, new, after): what differs within as much of its sentence as a line has room for."""
    side = one.new if one.new.there else one.old
    before, after = side.sentence[: side.at], side.sentence[side.to :]
    if len(before) > around:
        before = "…" + before[-around:].partition(" ")[2]
    if len(after) > around:
        after = after[:around].rpartition(" ")[0] + "…"
    return before, one.old.text, one.new.text, after


def is_whole(one: Difference) -> bool:
    """Whether a difference is a clause by itself, shown without words around it."""
    return one.kind not in ("changed", "cell")


def as_line(one: Difference) -> str:
    """A difference on one line without colours: "begins on 1 [March → April] 2024"."""
    if is_whole(one):
        side = one.new if one.new.there else one.old
        return f"{head_of(one)}: {shorten(side.text, LONGEST)}"
    before, old, new, after = context_of(one)
    return f"{head_of(one)}: {before}[{old or '–'} → {new or '–'}]{after}"
