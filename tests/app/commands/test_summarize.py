"""`lectern summarise` on files that are in no library."""

import json

import pytest

from app.cli import run
from app.summarize.result import NOTHING

OLD = """# Lease

The rent of the boathouse is 600 euros a month. The lease of the boathouse ends on 31 March 2026.
"""
NEW = OLD.replace("600", "640") + "\nFuel may be stored in the boathouse up to 60 litres.\n"


@pytest.fixture(autouse=True)
def loaded(home, embedder, engine, monkeypatch):
    """The models are there already."""
    monkeypatch.setattr("app.chat.models.Models.engine", engine)
    monkeypatch.setattr("index.embed.load_embedder", lambda _settings: embedder)


@pytest.fixture
def files(tmp_path):
    old, new = tmp_path / "old.md", tmp_path / "new.md"
    old.write_text(OLD)
    new.write_text(NEW)
    return old, new


@pytest.mark.parametrize("command", ["summarise", "summarize"])
def test_a_file_is_summarised_with_exact_quotes(capsys, files, command):
    assert run([command, str(files[1]), "--json"]) == 0
    given = json.loads(capsys.readouterr().out)
    assert [heading["text"] for heading in given["headings"]][:2] == ["Overview", "Lease"]
    cited = [citation for sentence in given["sentences"] for citation in sentence["citations"]]
    assert len(cited) >= 2
    for citation in cited:
        assert NEW[citation["start"] : citation["end"]] == citation["quote"]
    assert "640 euros" in given["answer"]
    assert given["model"] == "", "the bundled model writes no summaries"


def test_a_document_with_nothing_to_quote_is_answered_in_words_without_a_model_too(capsys, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("Hm.")
    assert run(["ingest", str(note)]) == 0
    capsys.readouterr()
    assert run(["ask", "Summarise note.txt", "--no-llm"]) == 0
    assert capsys.readouterr().out.strip() == NOTHING


def test_what_is_not_there_is_said(capsys):
    assert run(["summarise", "nothing.pdf"]) == 2
    assert "nothing.pdf" in capsys.readouterr().err
