"""Subtitles (SRT, WebVTT): what is said, each stretch with the time at which it begins."""

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.clean import clean, one_line
from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode
from ingest.hidden import hidden_signs

TIME = re.compile(r"(?m)^(?:(\d+):)?(\d{1,2}):(\d{2})[.,]\d{1,3}[ \t]+-->[ \t]+(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}.*$")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>|<\d+:[\d:.]+>|\{\\[^}]*\}")

SECTION_SECONDS = 60
"""Least length of a section: who looks a quote up moves a slider, not from caption to caption."""


def read(path: Path, builder: DocumentBuilder) -> None:
    """Sections of about a minute; captions that repeat the one before, as they roll up, are written once."""
    builder.media_type = "text/vtt"
    source = decode(path.read_bytes(), builder.name)
    builder.hide(hidden_signs(source), everywhere=True)
    began, lines, last, speaker = 0, list[str](), "", ""
    for seconds, who, said in _captions(clean(source)):
        if lines and seconds - began >= SECTION_SECONDS:
            builder.page("section", "\n".join(lines), label=_label(began))
            lines, speaker = [], ""
        if not lines:
            began = seconds
        for line in said:
            if line != last:
                lines.append(f"{who}: {line}" if who and who != speaker else line)
                last, speaker = line, who
    if lines:
        builder.page("section", "\n".join(lines), label=_label(began))


def _captions(source: str) -> Iterator[tuple[int, str, list[str]]]:
    """(second at which it begins, who says it, its lines) of each caption."""
    times = list(TIME.finditer(source))
    for at, match in enumerate(times):
        end = times[at + 1].start() if at + 1 < len(times) else len(source)
        block = source[match.end() : end]
        if at + 1 < len(times):
            block = _without_name(block)
        voice = _VOICE.search(block)
        lines = [one_line(_TAG.sub("", line)) for line in block.split("\n")]
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        yield (
            hours * 3600 + minutes * 60 + seconds,
            one_line(voice[1]) if voice else "",
            [line for line in lines if line],
        )


def _without_name(block: str) -> str:
    """A caption's lines without the number or name of the next one, which stands in the line above its time."""
    body = block.removesuffix("\n")
    head, _, last = body.rpartition("\n")
    named = bool(last.strip()) and (head.endswith("\n") or last.strip().isdigit())
    return head if named else block


def _label(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"
