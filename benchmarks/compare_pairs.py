"""Pairs of versions of a document with known changes, made by program, and what a comparison tells of them.

A draft is a list of paragraphs and a table. Its new version has changed words, figures, units, bounds and negations,
and paragraphs that were moved, added, removed, split and joined; half of them are numbered, which renumbers others.
"""

import random
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.compare.result import Comparison, Difference

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
FORMATS = (".txt", ".docx", ".pdf", "wrapped.txt")


@dataclass
class Draft:
    """A document as it is written: paragraphs, whether they are numbered, a table, a header."""

    paragraphs: list[str]
    numbered: bool
    table: list[list[str]] = field(default_factory=list)
    header: str = ""

    def lines(self) -> list[str]:
        return [f"{at}. {text}" if self.numbered else text for at, text in enumerate(self.paragraphs, 1)]


@dataclass(frozen=True)
class Change:
    """A change that was made: its ``kind``, what stood there and what does now, and the paragraphs it is in."""

    kind: str
    old: str
    new: str
    old_paragraph: str = ""
    new_paragraph: str = ""


@dataclass(frozen=True)
class Score:
    """``told`` of ``made`` changes, and how many of the ``listed`` differences are ``false``."""

    made: int
    told: int
    listed: int
    false: int
    missed: tuple[Change, ...]
    wrong: tuple[Difference, ...]


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


def write_draft(draft: Draft, path: Path) -> Path:
    """Write a draft in the format of the file's name."""
    name = path.name
    if name.endswith(".docx"):
        _write_docx(draft, path)
    elif name.endswith(".pdf"):
        _write_pdf(draft, path)
    else:
        wrap: Callable[[str], str] = (lambda line: textwrap.fill(line, 78)) if name.endswith("wrapped.txt") else str
        rows = [" | ".join(row) for row in draft.table]
        path.write_text(
            "\n\n".join(map(wrap, [draft.header, *draft.lines()])) + "\n\n" + "\n".join(rows) + "\n", "utf-8"
        )
    return path


def _write_docx(draft: Draft, path: Path) -> None:
    import docx

    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = draft.header
    for line in draft.lines():
        document.add_paragraph(line)
    table = document.add_table(rows=0, cols=len(draft.table[0]))
    for row in draft.table:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.save(str(path))


def _write_pdf(draft: Draft, path: Path) -> None:
    from fpdf import FPDF

    header = draft.header

    class Paper(FPDF):
        def header(self) -> None:
            self.set_font("Helvetica", size=9)
            self.cell(0, 8, header, new_x="LMARGIN", new_y="NEXT")

        def footer(self) -> None:
            self.set_y(-15)
            self.set_font("Helvetica", size=9)
            self.cell(0, 8, f"Page {self.page_no()}")

    pdf = Paper()
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    for line in draft.lines():
        pdf.multi_cell(0, 5.5, _latin(line), align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(2.5)
    with pdf.table(repeat_headings=0) as table:
        for row in draft.table:
            cells = table.row()
            for text in row:
                cells.cell(text)
    path.write_bytes(bytes(pdf.output()))


def _latin(text: str) -> str:
    for sign, other in (
        ("“", '"'),
        ("”", '"'),
        ("’", "'"),
        ("‘", "'"),
        ("–", "-"),
        ("—", "-"),
        ("€", "EUR "),
        ("…", "..."),
    ):
        text = text.replace(sign, other)
    return text.encode("latin-1", "replace").decode("latin-1")


def score(comparison: Comparison, changes: Sequence[Change]) -> Score:
    """What of the changes is told, and which differences belong to none of them."""
    claimed: set[int] = set()
    missed = []
    for change in changes:
        touched = [at for at, one in enumerate(comparison.differences) if _touches(change, one)]
        claimed.update(touched)
        if not _told(change, [comparison.differences[at] for at in touched]):
            missed.append(change)
    wrong = tuple(one for at, one in enumerate(comparison.differences) if at not in claimed)
    return Score(
        len(changes), len(changes) - len(missed), len(comparison.differences), len(wrong), tuple(missed), wrong
    )


def _touches(change: Change, one: Difference) -> bool:
    """Whether a difference is of a change's making: it says its words, at its place."""
    old, new = plain(one.old.text), plain(one.new.text)
    if change.kind in WORDS:
        sides = ((one.old, change.old_paragraph), (one.new, change.new_paragraph))
        there = all(side.there and _overlap(plain(side.sentence), plain(paragraph)) for side, paragraph in sides)
        gone, come = _swapped(change)
        return there and one.kind in ("changed", "cell") and bool(gone & set(words(old)) or come & set(words(new)))
    if change.kind == "added":
        return _overlap(new, plain(change.new)) and one.kind in ("added", "changed", "cell")
    if change.kind == "removed":
        return _overlap(old, plain(change.old)) and one.kind in ("removed", "changed", "cell")
    if change.kind == "column added":
        return one.kind == "column added" or (bool(new) and set(words(new)) <= set(words(change.new)))
    if change.kind in ("cell", "header"):
        return plain(change.old) in plain(one.old.sentence) and plain(change.new) in plain(one.new.sentence)
    if change.kind in ("split", "joined"):
        first = plain_all(" ".join(plain(change.new).split()[:1]))
        return one.kind == change.kind and first in plain_all(old) and first in plain_all(new)
    return _overlap(old, plain(change.old)) and one.kind == change.kind


def _told(change: Change, touching: Sequence[Difference]) -> bool:
    """Whether the differences that touch a change say all of it."""
    old, new = ({word for one in touching for word in words(getattr(one, side).text)} for side in ("old", "new"))
    if change.kind in WORDS:
        gone, come = _swapped(change)
        return gone <= old and come <= new
    if change.kind in ("added", "removed"):
        return _most(
            " ".join(new if change.kind == "added" else old),
            plain(change.new if change.kind == "added" else change.old),
        )
    return bool(touching)


def _swapped(change: Change) -> tuple[set[str], set[str]]:
    """The words that went and those that came."""
    old, new = set(words(change.old)), set(words(change.new))
    return old - new, new - old


def _overlap(said: str, whole: str) -> bool:
    """Whether one text is in the other, or they share their greater part."""
    return bool(said) and (said in whole or whole in said or _most(said, whole))


def _most(said: str, whole: str) -> bool:
    own, other = words(said), words(whole)
    shared = len(set(own) & set(other))
    return shared >= 0.8 * len(set(other))


def plain(text: str) -> str:
    """A text's words in small letters, without signs and without the number of its clause."""
    return " ".join(words(re.sub(r"^\s*\d{1,3}\. ", "", text)))


def plain_all(text: str) -> str:
    """As ``plain``, without any figure, which may number a clause."""
    return re.sub(r"\b\d+ ", "", text)


def words(text: str) -> list[str]:
    return re.findall(r"\w+|[€$£%]", _latin(text).replace("EUR", "€").casefold())
