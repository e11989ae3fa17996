"""Pairs of versions of a document with known changes, made by program.

A draft's new version has changed words, figures, units, bounds and negations, and paragraphs that were moved, added,
removed, split and joined; half of them are numbered, which renumbers others.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.compare_drafts import Draft, words

_SWAPS = """
unit: days>weeks months>years hours>days years>months euros>dollars Tage>Wochen Stunden>Tage jours>mois heures>jours
unit: mètres>kilomètres pounds>euros €>$ £>€ $>€
bound: at_least>at_most more_than>less_than before>after up_to>from mindestens>höchstens bis_zu>ab vor>nach
bound: au_plus>au_moins jusqu'à>dès all>some any>no and>or
negation: may>may_not shall>shall_not is>is_not are>are_not will>will_not with>without ist>ist_nicht wird>wird_nicht
negation: sind>sind_nicht est>n'est_pas sont>ne_sont_pas
"""
SWAPS = [
    (kind, *swap.replace("_", " ").split(">"))
    for kind, swaps in (line.split(": ") for line in _SWAPS.strip().splitlines())
    for swap in swaps.split()
]
"""Words of the data's languages, (kind, old, new); what is compared knows nothing of them."""

CLAUSES = ("moved", "added", "removed", "split", "joined", "sentence added", "sentence removed")
WORDS = ("number", "word", "name", "unit", "bound", "negation")
CELLS = ("cell", "row added", "row removed", "column added")


@dataclass(frozen=True)
class Change:
    """A change that was made: its ``kind``, what stood there and what does now, and the paragraphs it is in."""

    kind: str
    old: str
    new: str
    old_paragraph: str = ""
    new_paragraph: str = ""


def make_pair(
    paragraphs: Sequence[str], others: Sequence[str], draw: random.Random
) -> tuple[Draft, Draft, list[Change]]:
    """A draft of ``paragraphs`` and its new version with one to twenty changes; ``others`` are another document's."""
    numbered = draw.random() < 0.5
    table = [
        ["Item", "Budget", "Spent"],
        *(
            [f"Position {draw.randrange(100, 999)}", str(draw.randrange(1000, 99999)), str(draw.randrange(1000, 99999))]
            for _ in range(6)
        ),
    ]
    old = Draft(list(paragraphs), numbered, table, f"Draft of {draw.randrange(1, 28)} May {draw.randrange(1990, 2020)}")
    new = Draft(list(paragraphs), numbered, [list(row) for row in table], old.header)
    free = [at for at, text in enumerate(paragraphs) if len(text.split()) >= 8]
    draw.shuffle(free)
    wanted = [draw.choice((*WORDS, *WORDS, *CLAUSES, *CLAUSES, *CELLS, "header")) for _ in range(draw.randint(1, 20))]
    changes: list[Change] = []
    planned: dict[int, tuple[str, list[str]]] = {}
    known = {word for text in (*paragraphs, *others) for word in words(text)}
    for kind in wanted:
        if kind in CELLS:
            changes += _change_table(kind, new, draw, known)
        elif kind == "header" and new.header == old.header:
            figure = _figure(draw, known)
            new.header = old.header.replace(old.header.split()[-1], figure)
            changes.append(Change("header", old.header.split()[-1], figure))
        else:
            changes += _change_text(kind, paragraphs, others, free, planned, draw, known)
    new.paragraphs = _rebuilt(paragraphs, planned, draw, changes)
    return old, new, changes


def _change_table(kind: str, new: Draft, draw: random.Random, known: set[str]) -> list[Change]:
    if kind == "cell":
        row, column = draw.randrange(1, len(new.table)), draw.randrange(1, 3)
        if new.table[row][column].startswith("7777") or not new.table[row][0].startswith("Position"):
            return []
        old = new.table[row][column]
        new.table[row][column] = f"7777{draw.randrange(10, 99)}"
        return [Change("cell", old, new.table[row][column])]
    if kind == "row added":
        row = [f"Extra {_figure(draw, known)}", _figure(draw, known), _figure(draw, known)]
        new.table.insert(draw.randrange(1, len(new.table) + 1), row + ["0"] * (len(new.table[0]) - 3))
        return [Change("added", "", row[0])]
    if kind == "row removed":
        rows = [
            at
            for at, row in enumerate(new.table)
            if at and row[0].startswith("Position") and not row[1].startswith("7777") and not row[2].startswith("7777")
        ]
        if len(rows) < 4:
            return []
        return [Change("removed", new.table.pop(draw.choice(rows))[0], "")]
    if len(new.table[0]) > 3:
        return []
    new.table[0].append("Left")
    for row in new.table[1:]:
        row.append(_figure(draw, known))
    return [Change("column added", "", " ".join(row[-1] for row in new.table))]


def _change_text(
    kind: str,
    paragraphs: Sequence[str],
    others: Sequence[str],
    free: list[int],
    planned: dict[int, tuple[str, list[str]]],
    draw: random.Random,
    known: set[str],
) -> list[Change]:
    """Plan a change of a kind in the first free paragraph that it can be made in; () where there is none."""
    for at in list(free):
        text = paragraphs[at]
        made = _edited(kind, text, draw, known)
        if made:
            free.remove(at)
            planned[at] = "changed", [made[2]]
            return [Change(kind, made[0], made[1], text, made[2])]
        sentences = re.split(r"(?<=[a-zäöüßé)]{3}[.!?]) (?=[A-ZÄÖÜÉ][a-zäöüßé]+ )", text)
        long = [one for one in sentences if len(one.split()) >= 8]
        extra = [one for one in others if 12 <= len(one.split()) <= 60 and one.rstrip()[-1:] in ".;"]
        if kind == "removed":
            free.remove(at)
            planned[at] = "removed", []
            return [Change(kind, text, "", text)]
        if kind == "added" and extra:
            free.remove(at)
            clause = draw.choice(extra)
            others.remove(clause)  # type: ignore[attr-defined]
            planned[at] = "added", [text, clause]
            return [Change(kind, "", clause, "", clause)]
        if kind == "moved" and len(text.split()) >= 10 and paragraphs.count(text) == 1:
            free.remove(at)
            planned[at] = "moved", [text]
            return [Change(kind, text, text, text, text)]
        if kind == "split" and len(long) == len(sentences) == 2:
            free.remove(at)
            planned[at] = "split", sentences
            return [Change(kind, text, sentences[1], text, text)]
        if kind == "joined" and at + 1 in free and text.rstrip()[-1:] == ".":
            free.remove(at)
            free.remove(at + 1)
            planned[at], planned[at + 1] = ("joined", [f"{text} {paragraphs[at + 1]}"]), ("removed", [])
            return [Change(kind, paragraphs[at + 1], paragraphs[at + 1], text, f"{text} {paragraphs[at + 1]}")]
        if kind == "sentence removed" and len(long) == len(sentences) > 1:
            free.remove(at)
            gone = draw.choice(sentences)
            planned[at] = "changed", [" ".join(one for one in sentences if one != gone)]
            return [Change("removed", gone, "", text, "")]
        if kind == "sentence added" and extra:
            free.remove(at)
            clause = draw.choice(extra)
            others.remove(clause)  # type: ignore[attr-defined]
            planned[at] = "changed", [f"{text} {clause}"]
            return [Change("added", "", clause, "", clause)]
    return []


def _edited(kind: str, text: str, draw: random.Random, known: set[str]) -> tuple[str, str, str] | None:
    """(old words, new words, new text) of a change of words; None where the text has nothing to change so."""
    if kind == "number":
        found = [one for one in re.finditer(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w,-]|\.\d)", text) if one.start() > 4]
        swaps = [(one, _figure(draw, known)) for one in found]
    elif kind == "word":
        found = [one for one in re.finditer(r"(?<![\w'’-])[a-zäöüé]{6,}(?![\w'’-])", text) if one.start() > 0]
        swaps = [
            (
                one,
                draw.choice(
                    sorted(
                        word
                        for word in known
                        if len(word) > 5 and word.islower() and word.isalpha() and word not in words(text)
                    )
                ),
            )
            for one in found[:6]
        ]
    elif kind == "name":
        found = [
            one for one in re.finditer(r"(?<=[a-zäöüé,] )[A-ZÄÖÜ][a-zäöüé]{3,}(?![\w'’-])", text) if one.start() > 0
        ]
        swaps = [(one, draw.choice(("Zorvath", "Quillane", "Brevik", "Oskarine"))) for one in found]
    else:
        swaps = [
            (one, other)
            for kinds, word, other in SWAPS
            if kinds == kind
            for one in re.finditer(rf"(?<![\w'’-]){re.escape(word)}(?![\w'’-])", text)
            if not text[one.end() :].startswith((" not", " nicht"))
        ]
    if not swaps:
        return None
    match, other = draw.choice(swaps)
    return match.group(), other, text[: match.start()] + other + text[match.end() :]


def _figure(draw: random.Random, known: set[str]) -> str:
    """A figure that stands nowhere else."""
    while (figure := str(draw.randrange(1000, 9999))) in known:
        pass
    known.add(figure)
    return figure


def _rebuilt(
    paragraphs: Sequence[str], planned: dict[int, tuple[str, list[str]]], draw: random.Random, changes: list[Change]
) -> list[str]:
    """The new version's paragraphs; a moved one goes over at least twice its own words."""
    blocks = [(at, list(planned.get(at, ("", [text]))[1])) for at, text in enumerate(paragraphs)]
    for at, (kind, texts) in sorted(planned.items()):
        if kind != "moved":
            continue
        here = next(n for n, (number, _) in enumerate(blocks) if number == at)
        places = []
        for to in range(len(blocks)):
            between = blocks[here + 1 : to + 1] if to > here else blocks[to:here]
            kept = [
                one
                for number, over in between
                if planned.get(number, ("",))[0] in ("", "changed", "added")
                for one in over
            ]
            if sum(len(one.split()) for one in kept) > 2 * len(texts[0].split()) + 20:
                places.append(to)
        if not places:
            changes[:] = [one for one in changes if not (one.kind == "moved" and one.old == texts[0])]
            continue
        block = blocks.pop(here)
        blocks.insert(draw.choice(places), block)
    return [text for _, texts in blocks for text in texts]
