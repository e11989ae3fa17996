"""An answer to take away: as plain text, as Markdown and as HTML, each sentence with the numbers of its sources."""

from collections.abc import Callable, Sequence
from html import escape

from app.answer.citations import lines_of, number_sources, place_of
from app.commands.common import one_line, plain
from app.ui.markup.text import MARKDOWN_SIGNS
from core.messages import _
from core.types import Answer, Citation


def copy_text(answer: Answer) -> str:
    """The answer with "[1]" behind what source 1 supports, and the sources with their quotes below."""
    sources = _sources(answer)
    listed = [f"[{number}] {one_line(place_of(one))}: “{one_line(one.quote)}”" for number, one in enumerate(sources, 1)]
    return "\n\n".join(filter(None, (_body(answer, plain), "\n".join(listed))))


def copy_markdown(answer: Answer) -> str:
    """The same as Markdown, the sources as footnotes."""
    sources = _sources(answer)
    body = _body(answer, _marked, "[^{}]")
    listed = [
        f"[^{number}]: {_marked(place_of(one))}: “{_marked(one_line(one.quote))}”"
        for number, one in enumerate(sources, 1)
    ]
    return "\n\n".join(filter(None, (body, "\n".join(listed))))


def copy_html(answer: Answer) -> str:
    """The same as HTML for a word processor: paragraphs, and the sources as a list."""
    sources = _sources(answer)
    body = _body(answer, lambda text: escape(plain(text)), "<sup>[{}]</sup>")
    paragraphs = "".join(f"<p>{line}</p>" for line in body.split("\n") if line)
    listed = "".join(
        f"<li>{escape(one_line(place_of(one)))}: <q>{escape(one_line(one.quote))}</q></li>" for one in sources
    )
    return paragraphs + (f"<p><b>{escape(_('Sources'))}</b></p><ol>{listed}</ol>" if listed else "")


def _sources(answer: Answer) -> Sequence[Citation]:
    return () if answer.cancelled else number_sources(answer.sentences).sources


def _body(answer: Answer, written: Callable[[str], str], mark: str = "[{}]") -> str:
    if answer.cancelled or not answer.sentences:
        return written(answer.text.strip())
    marks_of = number_sources(answer.sentences).marks
    heads = {**dict(answer.headings), **{part.start: part.question for part in answer.parts}}
    lines = []
    for line in lines_of(answer):
        if line and line[0] in heads:
            lines.append(written(heads[line[0]]))
        sentences = (
            written(answer.sentences[at].text.strip()) + "".join(f" {mark.format(number)}" for number in marks_of[at])
            for at in line
        )
        lines.append(" ".join(sentences))
    doubt = [written(answer.doubt)] if answer.doubt else []
    return "\n".join([*doubt, *lines])


def _marked(text: str) -> str:
    return MARKDOWN_SIGNS.sub(r"\\\1", plain(text)).replace(r"\.", ".").replace(r"\-", "-")
