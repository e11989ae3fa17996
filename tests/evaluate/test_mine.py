"""A person's own questions: kept with the library, replayed, and compared with the last time."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.cli import run as lectern
from core.protocols import Embedder
from core.settings import load_settings
from core.types import Document, Page
from evaluate.mine import Changed, Outcome, last_outcomes, save_replay
from index.add import add_documents
from index.library import Library
from index.questions import KeptQuestion, keep, kept_questions

pytestmark = pytest.mark.usefixtures("loaded")

FIRST = "Rent for the boathouse is 420 pounds a month, due on the first Monday.\n"
SECOND = "The lease of the boathouse was signed by Ada Marsh on 3 March 2021.\n"


def lease() -> Document:
    text = FIRST + SECOND
    pages = (Page("page", 1, "", 0, len(FIRST)), Page("page", 2, "", len(FIRST), len(text)))
    return Document("lease-1", "lease.pdf", "application/pdf", "Lease", text, pages)


def put(documents: list[Document], embedder: Embedder) -> Path:
    with Library.open(load_settings(), create=True) as library:
        add_documents(documents, library, embedder, load_settings())
        return library.folder


def test_a_question_is_kept_replayed_and_seen_to_get_worse(loaded: Embedder, capsys: Any) -> None:
    folder = put([lease()], loaded)
    assert lectern(["eval", "add", "Who signed the lease?", "--document", "lease.pdf", "--page", "2"]) == 0
    assert lectern(["eval", "mine"]) == 0
    said = capsys.readouterr().out
    assert "place 1" in said
    assert "1 of 1 found; 1 new" in said

    assert lectern(["eval", "mine"]) == 0
    assert "1 same" in capsys.readouterr().out

    text = FIRST
    shorter = replace(lease(), id="lease-2", text=text, pages=(Page("page", 1, "", 0, len(text)),))
    with Library.open(load_settings()) as library:
        library.remove("lease-1")
    put([shorter], loaded)
    assert lectern(["eval", "mine"]) == 1
    said = capsys.readouterr().out
    assert "0 of 1 found; 1 worse" in said
    assert "not found" in said

    with Library.open(load_settings()) as library:
        library.remove("lease-2")
    put([lease()], loaded)
    assert lectern(["eval", "mine"]) == 0
    assert "1 better" in capsys.readouterr().out
    assert (folder / "replays.jsonl").read_text().count("\n") == 4


def test_questions_are_asked_of_a_library_with_other_chunks(loaded: Embedder, capsys: Any) -> None:
    put([lease()], loaded)
    assert lectern(["eval", "add", "Who signed the lease?", "--document", "lease.pdf", "--page", "2"]) == 0
    assert lectern(["eval", "mine"]) == 0
    trial = load_settings(library="trial", chunk_tokens=32)
    with Library.open(trial, create=True) as library:
        add_documents([lease()], library, loaded, trial)
    capsys.readouterr()
    assert lectern(["eval", "mine", "--library", "trial", "--of", "default"]) == 0
    assert "1 of 1 found; 1 same" in capsys.readouterr().out


def test_what_is_not_there_is_said(loaded: Embedder, capsys: Any) -> None:
    put([lease()], loaded)
    assert lectern(["eval", "mine"]) == 2
    assert "has no questions yet" in capsys.readouterr().err
    assert lectern(["eval", "add", "Who?", "--document", "lase.pdf"]) == 2
    assert "lease.pdf" in capsys.readouterr().err
    assert lectern(["eval", "add", "Who?", "--document", "lease.pdf", "--page", "9"]) == 2
    assert "has no page 9" in capsys.readouterr().err
    assert lectern(["eval", "add", " ", "--document", "lease.pdf"]) == 2


def test_the_same_question_is_kept_once_and_can_be_forgotten(loaded: Embedder, capsys: Any) -> None:
    folder = put([lease()], loaded)
    first = keep(folder, "Who  signed?", "lease.pdf", 2)
    assert keep(folder, "Who signed?", "lease.pdf", 2, "Ada Marsh").id == first.id
    assert [kept.answer for kept in kept_questions(folder)] == ["Ada Marsh"]
    assert lectern(["eval", "forget", first.id]) == 0
    assert kept_questions(folder) == ()
    assert lectern(["eval", "forget", first.id]) == 2


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (None, Outcome(1), "new"),
        (Outcome(3), Outcome(1), "better"),
        (Outcome(None), Outcome(9), "better"),
        (Outcome(2), Outcome(None), "worse"),
        (Outcome(2), Outcome(2), "same"),
        (Outcome(3, True, True), Outcome(1, True, False), "worse"),
        (Outcome(3, True, False), Outcome(1), "better"),
    ],
)
def test_a_citation_counts_before_a_place(before: Outcome | None, after: Outcome, change: str) -> None:
    assert Changed(KeptQuestion("x", "Who?", "lease.pdf", 2, "", ""), before, after).change == change


def test_a_replay_without_answers_does_not_forget_the_last_ones(home: Path) -> None:
    save_replay(home, load_settings(), {}, {"x": Outcome(2, True, True)})
    save_replay(home, load_settings(), {}, {"x": Outcome(1)})
    assert last_outcomes(home) == {"x": Outcome(1, True, True)}
