"""Where a question asks for figures: its answer from cells of tables, looked up and computed by code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from app.answer.cell_or_sentence import told_by
from app.answer.evidence import Evidence
from app.answer.question import Question
from app.answer.retrieval import RetrievedPassages
from app.answer.services import Services
from app.answer.verdict import Verdict
from app.figures.cells import FoundCell
from app.figures.figures import find_figures, find_in_same_row
from app.figures.found import FiguresFound, operand_names
from app.figures.lines import MISSING, Line, formula_text, lines_of_figures, unit_of
from app.figures.scope import Scope
from core.figures import Computation, Figures, Operand
from core.messages import N_, _
from core.protocols import Embedder
from core.types import AnswerSentence, Citation, Document
from index.search.row_ranking import RowVectors
from ingest.locate import locate

if TYPE_CHECKING:
    from index.store.library import Library

BASED_ON = N_("Based on {held} of {count} documents.")
HOLDS_NOTHING = N_("{name} holds nothing of it that was found.")

IN_WORDS = ("why", "steps")
"""Forms of questions that no figure answers."""

MOST_CHOSEN = 24
"""Documents that the names and periods of a question may choose: of more the best passages' are searched."""

MOST_DOCUMENTS = 8
"""Documents whose tables are searched, those of the best passages."""


def figures_for(question: Question, retrieved: RetrievedPassages, services: Services) -> FiguresFound | None:
    """The figures that a question asks for, from the tables of the documents that were found for it; None for any other
    question."""
    if question.mode not in (None, "direct"):
        return None
    everywhere = question.within is None
    scope, vectors = scope_of(retrieved, services.library, everywhere=everywhere), vectors_of(services.embedder)
    found = find_figures(question.search_text, scope, vectors)
    if found is None:
        return None
    telling = told_by(question.search_text, found, retrieved)
    if telling == "sentence":
        return None
    if telling == "both":
        found = replace(found, is_beside=True, is_told=True)
    elif question.form in IN_WORDS:
        found = replace(found, is_beside=True)
    return found if not found.is_beside or any(one.cell.number is not None for one in found.cells) else None


def figures_of_same_row(
    question: Question, before: FiguresFound, retrieved: RetrievedPassages, services: Services
) -> FiguresFound | None:
    """The figures that a question asks for of the row that the question before it in the same turn named."""
    scope = scope_of(retrieved, services.library, everywhere=question.within is None)
    return find_in_same_row(question.search_text, before, scope, vectors_of(services.embedder))


def scope_of(retrieved: RetrievedPassages, library: Library, *, everywhere: bool) -> Scope:
    """The documents that the question's names and periods chose; without such a choice those of the best passages.

    Of a small library that is searched ``everywhere`` all others too, where the choice is not sure.
    """
    near, choice = _nearness(retrieved), retrieved.choice
    chosen = choice.document_ids if choice and len(choice.document_ids) <= MOST_CHOSEN else ()
    ids = chosen or tuple(near)[:MOST_DOCUMENTS]
    known = {key: retrieved.documents[key].tables for key in ids if key in retrieved.documents}
    others = [key for key in ids if key not in known]
    tables = {**known, **(library.tables(others) if others else {})}
    if not any(tables.values()):
        return Scope({})
    facets = library.facets_of(ids)
    is_open = everywhere and not (choice and (choice.is_sure or len(chosen) > 1))
    if is_open and library.counts().documents <= MOST_CHOSEN:
        facets = library.all_facets()
        if others := [key for key in facets if key not in tables]:
            tables |= library.tables(others)
            ids = (*ids, *others)
    periods = {key: facets[key].period for key in ids if key in facets}
    return Scope(
        {key: tables[key] for key in ids if key in tables},
        near,
        {key: period.days for key, period in periods.items() if period},
        each=len(chosen) > 1,
        has_chosen_periods=bool(choice and chosen and choice.periods),
        names=frozenset(word for name in (choice.organisations if choice else ()) for word in name.lower().split()),
    )


def with_documents(found: FiguresFound, retrieved: RetrievedPassages, library: Library) -> RetrievedPassages:
    """What was retrieved, with the documents of all cells."""
    missing = [one.document_id for one in found.cells if one.document_id not in retrieved.documents]
    added = {key: library.document(key) for key in dict.fromkeys((*missing, *found.without))}
    return replace(retrieved, documents={**retrieved.documents, **added}) if added else retrieved


def as_evidence(found: FiguresFound, documents: Mapping[str, Document]) -> Evidence:
    """The cells as evidence: enough for an answer."""
    cells = (*found.picked, *found.cells)
    quotes = tuple(dict.fromkeys(citation_of(one, documents) for one in cells))
    return Evidence(quotes, is_enough=True, ranked=quotes)


def from_figures(found: FiguresFound, documents: Mapping[str, Document]) -> Verdict:
    """The answer: its sentences, each with the cells that it states."""
    sentences = tuple(_sentence(line, documents) for line in lines_of_figures(found))
    text = "\n".join(sentence.text for sentence in sentences)
    return Verdict(text, sentences, found=True, figures=shown(found, documents), notes=_notes(found, documents))


def with_figures_below(verdict: Verdict, found: FiguresFound | None, documents: Mapping[str, Document]) -> Verdict:
    """An answer in words with the figures that its question names below it; the figures alone where it is none."""
    if found is None:
        return verdict
    figures = from_figures(found, documents)
    if not verdict.found:
        return figures
    return replace(
        verdict,
        text=f"{verdict.text}\n{figures.text}",
        sentences=(*verdict.sentences, *figures.sentences),
        notes=(*verdict.notes, *figures.notes),
        figures=figures.figures,
    )


def _notes(found: FiguresFound, documents: Mapping[str, Document]) -> tuple[str, ...]:
    """Which periods no column has; of how many documents several hold what was asked for."""
    said = [_(MISSING, period=period.text) for period in found.missing]
    held = {one.document_id for one in found.cells}
    if found.operation == "over time":
        said.append(_(BASED_ON, held=len(held), count=len(held) + len(found.without)))
    said += [_(HOLDS_NOTHING, name=documents[key].name) for key in found.without]
    return tuple(said)


def citation_of(one: FoundCell, documents: Mapping[str, Document]) -> Citation:
    """A cell as a citation; what its row and its column are called stands above it."""
    document = documents[one.document_id]
    named = " | ".join(filter(None, (" › ".join(one.row), " › ".join(one.column.path))))
    place = locate(document.pages, document.text, one.cell.start)
    return Citation(
        one.document_id, document.name, place, one.cell.text, one.cell.start, one.cell.end, 1.0, columns=named
    )


def shown(found: FiguresFound, documents: Mapping[str, Document]) -> Figures:
    """What the answer rests on, as it is kept and given away."""
    operands = tuple(
        Operand(
            name=name,
            document_id=one.document_id,
            file=documents[one.document_id].name,
            page=one.cell.page,
            row=one.row,
            column=one.column.path,
            text=one.cell.text,
            number=one.cell.number,
            unit=one.cell.unit,
            scale=one.cell.scale,
            start=one.cell.start,
            end=one.cell.end,
            box=one.cell.box,
        )
        for name, one in zip(operand_names(len(found.cells)), found.cells, strict=True)
    )
    computation = None
    if found.result and found.result.formula:
        unit, scale = unit_of(found)
        computation = Computation(found.result.formula, found.result.value, unit, scale, formula_text(found))
    files = tuple(dict.fromkeys(operand.file for operand in operands))
    without = tuple(documents[key].name for key in found.without)
    return Figures(found.operation, operands, computation, files, without)


def _sentence(line: Line, documents: Mapping[str, Document]) -> AnswerSentence:
    return AnswerSentence(line.text, tuple(citation_of(one, documents) for one in line.cells))


def _nearness(retrieved: RetrievedPassages) -> dict[str, float]:
    """The documents of the passages, the nearest first, each with the score of its best passage, 1 for the best of
    all."""
    best: dict[str, float] = {}
    for passage in retrieved.passages:
        best[passage.document_id] = max(best.get(passage.document_id, 0.0), passage.score)
    top = max(best.values(), default=0.0) or 1.0
    return {key: score / top for key, score in sorted(best.items(), key=lambda one: -one[1])}


_remembered: list[RowVectors] = []


def vectors_of(embedder: Embedder) -> RowVectors:
    """The vectors of rows that this process remembers, of the embedder that was last used."""
    known = next((one for one in _remembered if one.embedder is embedder), None) or RowVectors(embedder)
    _remembered[:] = [known]
    return known
