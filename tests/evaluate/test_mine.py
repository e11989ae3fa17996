"""A person's own questions: kept with the library, replayed, and compared with the last time."""

import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.protocols import Embedder
from core.settings import load_settings
from core.types import Document, Page
from evaluate.kept_answers import can_compare, contradicts, states
from evaluate.mine import Changed, Outcome, last_outcomes, read_replays, save_replay
from evaluate.program import run as lectern
from index.add import add_documents
from index.store.kept_questions import KeptQuestion, keep, kept_questions
from index.store.library import Library

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
        (Outcome(2, holds=True), Outcome(1, holds=False), "changed"),
        (Outcome(2, holds=True), Outcome(None, gone=True), "gone"),
        (Outcome(None, gone=True), Outcome(1, holds=True), "better"),
    ],
)
def test_a_citation_counts_before_a_place(before: Outcome | None, after: Outcome, change: str) -> None:
    assert Changed(KeptQuestion("x", "Who?", "lease.pdf", 2, "", ""), before, after).change == change


def test_a_replay_without_answers_does_not_forget_the_last_ones(home: Path) -> None:
    save_replay(home, load_settings(), {}, {"x": Outcome(2, True, True)})
    save_replay(home, load_settings(), {}, {"x": Outcome(1)})
    assert last_outcomes(home) == {"x": Outcome(1, True, True)}


PUMP = "The pump holds 12 litres of oil. The filter costs 1,200 euros. The lid is dark green.\n"
CAN = "A spare can holds 12 litres of water.\n"


def pump(text: str, name: str = "pump.pdf") -> Document:
    pages = (Page("page", 1, "", 0, len(text)), Page("page", 2, "", len(text), len(text) + len(CAN)))
    return Document(f"{name}-{len(text)}-{hash(text) % 997}", name, "application/pdf", "Pump", text + CAN, pages)


def replace_all(documents: list[Document], embedder: Embedder) -> None:
    with Library.open(load_settings()) as library:
        for name in library.names():
            library.remove(library.find(name))
    put(documents, embedder)


def test_an_answer_that_the_document_no_longer_gives_has_changed(loaded: Embedder, capsys: Any) -> None:
    folder = put([pump(PUMP)], loaded)
    oil = keep(folder, "How much oil does the pump hold?", "pump.pdf", None, "12 litres")
    keep(folder, "What does the filter cost?", "pump.pdf", 1, "1200 EUR")
    keep(folder, "What colour is the lid?", "pump.pdf", 1, "Dark green.")
    assert lectern(["eval", "mine"]) == 0
    assert "3 of 3 found; 3 new" in capsys.readouterr().out

    replace_all([pump(PUMP.replace("12 litres", "12 l").replace("1,200 euros", "€1200"))], loaded)
    assert lectern(["eval", "mine"]) == 0
    assert "3 same" in capsys.readouterr().out

    replace_all([pump(PUMP.replace("12 litres", "19 litres").replace("dark green", "red"))], loaded)
    assert lectern(["eval", "mine"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "2 changed, 1 same" in said
    assert "kept: 12 litres now: “The pump holds 19 litres of oil.” pump.pdf, p. 1" in said
    assert "kept: Dark green. now: “The lid is red.” pump.pdf, p. 1" in said

    keep(folder, oil.question, "pump.pdf", None, "19 l")
    assert lectern(["eval", "mine"]) == 1
    assert "1 changed" in capsys.readouterr().out


def test_a_document_that_is_gone_is_told(loaded: Embedder, capsys: Any) -> None:
    folder = put([pump(PUMP), lease()], loaded)
    keep(folder, "How much oil does the pump hold?", "pump.pdf", 1, "12 litres")
    keep(folder, "Who signed the lease?", "lease.pdf")
    replace_all([lease()], loaded)
    assert lectern(["eval", "mine"]) == 1
    said = capsys.readouterr().out
    assert "1 gone, 1 new" in said
    assert "pump.pdf is no longer in the library." in said
    assert "1 without an answer to compare" in said


def test_an_answer_that_cannot_be_compared_is_not_the_same(loaded: Embedder, capsys: Any) -> None:
    put([pump(PUMP)], loaded)
    asked = ["eval", "add", "Is the lid dark green?", "--document", "pump.pdf"]
    assert lectern([*asked, "--answer", "yes"]) == 0
    assert "“yes” cannot be compared" in capsys.readouterr().err
    for _ in range(2):
        assert lectern(["eval", "mine"]) == 0
        assert "1 unclear" in capsys.readouterr().out
    assert lectern([*asked, "--answer", "light blue"]) == 0
    assert "does not say “light blue”" in capsys.readouterr().err


def test_an_answer_from_elsewhere_with_another_value_has_changed(
    loaded: Embedder, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = pump("When it is full there are 12 litres of oil in the reservoir of this pump, which is not much.\n")
    folder = put([old, pump("The pump holds 30 litres of oil.\n", "new.pdf")], loaded)
    keep(folder, "How much oil does the pump hold?", "pump.pdf", 1, "12 litres")
    assert lectern(["eval", "mine"]) == 0
    monkeypatch.setenv("LECTERN_ANSWER", "words")
    assert lectern(["eval", "mine", "--answers"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "kept: 12 litres now: “30 litres The pump holds 30 litres of oil.” new.pdf, p. 1" in said


@pytest.mark.parametrize(
    ("text", "answer", "holds"),
    [
        ("It holds 12l of oil.", "12 litres", True),
        ("It holds twelve litres.", "12 l", True),
        ("Es kostet 1.200 Euro.", "EUR 1,200", True),
        ("Rent is due every month.", "monthly", True),
        ("Pump | 12 | 1,200", "12 litres", True),
        ("It has 12 bolts and holds 19 litres.", "12 litres", False),
        ("It holds 12,000 litres.", "12 litres", False),
        ("Pets are not allowed.", "Pets are allowed", False),
        ("Signed on 4 March 2021.", "3 March 2021", False),
    ],
)
def test_values_are_compared_and_not_their_spelling(text: str, answer: str, holds: bool) -> None:
    assert states(text, answer) is holds


def test_another_value_of_the_same_unit_contradicts() -> None:
    assert contradicts("It holds 19 l.", "12 litres")
    assert not contradicts("It weighs 19 kg.", "12 litres")
    assert not can_compare("...")


def test_a_question_is_kept_once_however_it_is_written(home: Path) -> None:
    first = keep(home, "Who signed the lease?", "lease.pdf", 2, "Ada Marsh")
    assert keep(home, "who signed  the lease", "lease.pdf", 2, "Ada Marsh") == first
    assert keep(home, "Who signed the lease?", "lease.pdf", 2) == first
    assert (home / "questions.jsonl").read_text().count("\n") == 1
    assert keep(home, "WHO signed the lease?", "lease.pdf", 2, "Tom Reed").id == first.id
    assert [kept.answer for kept in kept_questions(home)] == ["Tom Reed"]
    keep(home, "Who signed the lease?", "lease.pdf", 3)
    assert len(kept_questions(home)) == 2


def test_a_damaged_line_costs_itself_and_is_told(loaded: Embedder, capsys: Any) -> None:
    folder = put([lease()], loaded)
    keep(folder, "Who signed the lease?", "lease.pdf", 2)
    keep(folder, "What is the rent?", "lease.pdf", 1)
    assert lectern(["eval", "mine"]) == 0
    for name in ("questions.jsonl", "replays.jsonl"):
        with (folder / name).open("ab") as lines:
            lines.write(b'{"id": "half a line, as a killed process lea')
    capsys.readouterr()
    assert lectern(["eval", "mine"]) == 0
    said = capsys.readouterr()
    assert "2 same" in said.out
    told = " ".join(said.err.split())
    assert "questions.jsonl: line 3 is damaged and left out" in told
    assert "replays.jsonl: line 2 is damaged and left out" in told
    late = keep(folder, "When is the rent due?", "lease.pdf", 1)
    assert late in kept_questions(folder)
    lectern(["eval", "forget", late.id])
    assert "half a line" in (folder / "questions.jsonl").read_text()
    assert len(kept_questions(folder)) == 2


def test_a_replay_that_cannot_be_kept_is_shown_all_the_same(loaded: Embedder, capsys: Any) -> None:
    folder = put([lease()], loaded)
    keep(folder, "Who signed the lease?", "lease.pdf", 2)
    filled = b"\n" * 4_000_000  # more than any other file that is written meanwhile
    (folder / "replays.jsonl").write_bytes(filled)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(filled) + 9, hard))
    try:
        assert lectern(["eval", "mine"]) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    said = capsys.readouterr()
    assert "1 of 1 found; 1 new" in said.out
    assert "this replay is not kept" in said.err
    assert (folder / "replays.jsonl").read_bytes() == filled


def test_replays_of_other_versions_are_read(home: Path) -> None:
    home.mkdir()
    rows = '{"outcomes": {"x": {"place": 2, "later": 1}}}\n{"outcomes": {"x": {"place": 3}}}\n[]\n'
    (home / "replays.jsonl").write_text(rows)
    assert last_outcomes(home) == {"x": Outcome(3)}
    assert read_replays(home).damaged == (3,)
