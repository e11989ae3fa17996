"""An answer as plain data: the object that ``lectern ask --json`` prints. Its keys are described in docs/json.md."""

from core.facets import DocumentChoice
from core.figures import Figures
from core.table_results import TableResult
from core.types import Answer, AnswerWords, Citation, Passage


def to_json(answer: Answer) -> dict[str, object]:
    """The answer as JSON-ready data: dicts, lists, strings, numbers, booleans and None."""
    return {
        "question": answer.question,
        "searched": answer.searched,
        "answer": answer.text,
        "found": answer.found,
        "doubt": answer.doubt,
        "readers": answer.readers or None,
        "certainty": None if answer.certainty is None else round(answer.certainty, 4),
        "sentences": [
            {"text": s.text, "supported": s.supported, "citations": [_citation(c) for c in s.citations]}
            for s in answer.sentences
        ],
        "words": words_to_json(answer.words) if answer.words else None,
        "answerable": None if answer.answerable is None else round(answer.answerable, 4),
        "evidence": [_citation(c) for c in answer.evidence],
        "passages": [_passage(p) for p in answer.passages],
        "choice": choice_to_json(answer.choice),
        "timings_ms": {
            "retrieve": round(answer.timings.retrieve, 1),
            "first_evidence": round(answer.timings.first_evidence, 1),
            "first_token": round(answer.timings.first_token, 1),
            "total": round(answer.timings.total, 1),
        },
        "tokens": {
            "prompt": answer.usage.prompt,
            "reused": answer.usage.reused,
            "read": answer.usage.read,
            "answer": answer.usage.answer,
        },
        "model": answer.model,
        "mode": answer.mode,
        "steps": [{"kind": step.kind, "text": step.text} for step in answer.steps],
        "notes": list(answer.notes),
        "compared": list(answer.compared),
        "headings": [{"before": at, "text": text} for at, text in answer.headings],
        "parts": [
            {
                "question": part.question,
                "searched": part.searched,
                "answer": part.text,
                "found": part.found,
                "doubt": part.doubt,
                "readers": part.readers or None,
                "words": words_to_json(part.words) if part.words else None,
                "first": part.start,
            }
            for part in answer.parts
        ],
        "figures": figures_to_json(answer.figures) if answer.figures else None,
        "table": table_to_json(answer.table) if answer.table else None,
        "cancelled": answer.cancelled,
    }


def table_to_json(result: TableResult) -> dict[str, object]:
    """The key "table" of docs/json.md."""
    return {
        "computed": result.told,
        "sql": result.sql,
        "used": result.used,
        "count": result.count,
        "file": result.file,
        "title": result.title,
        "columns": list(result.columns),
        "rows": [list(row) for row in result.rows],
        "cut": result.is_cut,
    }


def figures_to_json(figures: Figures) -> dict[str, object]:
    """The key "figures" of docs/json.md."""
    computed = figures.computation
    return {
        "operation": figures.operation,
        "formula": computed.formula if computed else None,
        "shown": computed.shown if computed else None,
        "value": str(computed.value) if computed else None,
        "unit": computed.unit if computed else None,
        "cells": [
            {
                "name": cell.name,
                "file": cell.file,
                "page": cell.page,
                "row": list(cell.row),
                "column": list(cell.column),
                "text": cell.text,
                "value": None if cell.value is None else str(cell.value),
                "unit": cell.unit,
                "scale": cell.scale,
                "start": cell.start,
                "end": cell.end,
                "box": list(cell.box) if cell.box else None,
                "document": cell.document_id,
            }
            for cell in figures.operands
        ],
        "files": list(figures.files),
        "without": list(figures.without),
    }


def choice_to_json(choice: DocumentChoice | None) -> dict[str, object] | None:
    """The key "choice" of docs/json.md."""
    if choice is None:
        return None
    return {
        "documents": list(choice.document_ids),
        "organisations": list(choice.organisations),
        "periods": [
            {
                "text": period.text,
                "start": period.start.isoformat() if period.start else None,
                "end": period.end.isoformat(),
                "reading": period.readings,
            }
            for period in choice.periods
        ],
        "said": list(choice.said),
        "sure": choice.is_sure,
    }


def words_to_json(words: AnswerWords) -> dict[str, object]:
    """The key "words" of docs/json.md."""
    return {"text": words.text, **_place(words)}


def _citation(citation: Citation) -> dict[str, object]:
    return {"quote": citation.quote, "columns": citation.columns, **_place(citation)}


def _passage(passage: Passage) -> dict[str, object]:
    return {"text": passage.text, **_place(passage)}


def _place(stretch: AnswerWords | Citation | Passage) -> dict[str, object]:
    """The place of words, a quote or a passage in its document, and its score."""
    return {
        "file": stretch.file,
        "page": stretch.locator.page,
        "where": stretch.locator.label,
        "start": stretch.start,
        "end": stretch.end,
        "score": round(stretch.score, 4),
        "document": stretch.document_id,
    }
