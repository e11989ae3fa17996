"""``lectern spans``: the words of files that answer a question, where they stand, and how likely they do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from app.commands.common import errors, one_line, output, place, plain, print_json, quote_text, settings_for
from core.errors import ReadError, UsageError

if TYPE_CHECKING:
    from app.answer.file_spans import Spans
    from core.settings import Settings
    from core.types import AnswerWords, Citation, Document


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern spans 'When does the lease begin?' lease.docx")(spans)


def spans(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files or folders; no library is touched.")],
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many words to show.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object (described in docs/json.md).")] = False,
) -> int:
    """Point at the words of files that answer a question: the words, where they stand, and the probability."""
    from app.answer.file_spans import find_spans
    from app.chat.models import Models

    if not question.strip():
        raise UsageError("The question is empty.", 'Ask something: lectern spans "When does the lease end?" FILE')
    settings = settings_for(None, embedder="bundled")
    err = errors()
    with err.status("Reading…"):
        documents, failed = read_all(files, settings)
        models = Models(settings)
        found = find_spans(question, documents, models.span_reader(), models.embedder, settings.chunk_tokens, limit)
    if as_json:
        print_json(to_json(question, found))
    elif found.chunks:
        show(found)
    for error in failed:
        err.print(plain(str(error)), style="red", markup=False)
    return 1 if failed else 0


def read_all(paths: Sequence[Path], settings: Settings) -> tuple[list[Document], list[ReadError]]:
    """The documents of all files that can be read, and why the others cannot. Raises UsageError for a wrong path."""
    from ingest.child import ReaderPool
    from ingest.folder import find_files, shown

    documents, failed = [], []
    with ReaderPool(settings) as pool:
        for found in find_files(paths):
            try:
                if found.problem is not None:
                    raise found.problem
                documents.append(pool.read(found.path, shown(Path(found.path.name))))
            except ReadError as error:
                failed.append(error)
    return documents, failed


def show(found: Spans) -> None:
    """The words and the sentence around each, best first."""
    out = output()
    if found.strange < found.chunks:
        out.print(Text.assemble((f"{found.answerable:.0%}", "bold"), " likely that these files answer"))
    for words, sentence in found.found:
        out.print(Text.assemble((one_line(words.text), "bold"), (f"  {place(words)}", "dim")))
        out.print(Text.assemble("  ", quote_text(sentence, words)))
    if not found.found:
        out.print("No words answer this.")
    if found.strange:
        line = f"{found.strange} of {found.chunks} chunks are in a language or columns of figures that it cannot read."
        out.print(line, style="yellow", markup=False)


def to_json(question: str, found: Spans) -> dict[str, object]:
    return {
        "question": question,
        "answerable": round(found.answerable, 4),
        "words": [_words(words, sentence) for words, sentence in found.found],
        "chunks": found.chunks,
        "chunks_not_read": found.strange,
    }


def _words(words: AnswerWords, sentence: Citation) -> dict[str, object]:
    from app.answer.as_json import words_to_json

    return {**words_to_json(words), "sentence": sentence.quote}
