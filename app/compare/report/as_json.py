"""A comparison as one JSON object (docs/json.md)."""

from app.compare.result import Comparison, Difference, Side, numbered
from core.types import Document


def to_json(comparison: Comparison) -> dict[str, object]:
    return {
        "old": _document(comparison.old, comparison.old_words),
        "new": _document(comparison.new, comparison.new_words),
        "versions": comparison.versions,
        "notes": list(comparison.notes),
        "same_words": comparison.same_words,
        "renumbered": comparison.renumbered,
        "counts": {weight: len(comparison.of(weight)) for weight in ("must", "wording", "layout")},
        "kinds": dict(comparison.counts()),
        "differences": [_difference(number, one) for number, one in numbered(comparison)],
        "points": [
            {"heading": point.heading, "old": _side(point.sides[0]), "new": _side(point.sides[1])}
            for point in comparison.points
        ],
    }


def _document(document: Document, words: int) -> dict[str, object]:
    return {"id": document.id, "name": document.name, "words": words}


def _difference(number: int, one: Difference) -> dict[str, object]:
    return {
        "number": number,
        "kind": one.kind,
        "weight": one.weight,
        "tags": list(one.tags),
        "label": one.label,
        "old": _side(one.old),
        "new": _side(one.new),
    }


def _side(side: Side) -> dict[str, object] | None:
    if not side.there:
        return None
    return {
        "text": side.text,
        "sentence": side.sentence,
        "place": side.place,
        "locator": side.locator.label,
        "page": side.locator.page,
        "start": side.start,
        "end": side.end,
        "sentence_start": side.first,
        "sentence_end": side.last,
    }
