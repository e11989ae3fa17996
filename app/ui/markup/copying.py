"""An answer to take away by the clipboard: what is copied of it, and that as plain text."""

from dataclasses import replace

from app.export.content import Export, Line, export_of
from core.messages import _
from core.types import Answer


def copied(answer: Answer) -> Export:
    """What is copied of an answer: without its question, and without remarks on how it was made."""
    export = export_of("", [("", answer)])
    (turn,) = export.turns
    kept = tuple(line for line in turn.lines if line.kind != "remark" or _says(line, answer.doubt))
    return replace(export, turns=(replace(turn, lines=kept),))


def as_text(export: Export) -> str:
    """The answer with "[1]" behind what source 1 supports, and the sources with their quotes below."""
    body = "\n".join(_plain(line) for turn in export.turns for line in turn.lines)
    listed = "\n".join(f"[{one.number}] {one.place}: “{one.excerpt}”" for one in export.sources)
    return "\n\n".join(filter(None, (body, listed)))


def _plain(line: Line) -> str:
    sentences = (
        one.text
        + "".join(f" [{number}]" for number in one.sources)
        + (f" ({_('not in your documents')})" if one.is_unsupported else "")
        for one in line.sentences
    )
    return " ".join(sentences)


def _says(line: Line, text: str) -> bool:
    return bool(text) and any(one.text == text for one in line.sentences)
