"""`lectern compare` on files: in the terminal, as JSON, HTML and DOCX; and the same asked for in a question."""

import json

import pytest

from app.cli import run

OLD = """# Lease

The rent of the boathouse is 600 euros a month. The lease of the boathouse ends on 31 March 2026.
"""
NEW = OLD.replace("600", "640") + "\nFuel may be stored in the boathouse up to 60 litres.\n"


@pytest.fixture
def files(home, tmp_path):
    old, new = tmp_path / "old.md", tmp_path / "new.md"
    old.write_text(OLD)
    new.write_text(NEW)
    return str(old), str(new)


def test_all_differences_are_printed_by_weight_and_counted(capsys, files):
    assert run(["compare", *files]) == 0
    shown = capsys.readouterr().out
    assert "2 differences: 2 not to be missed" in shown
    assert "[-600-]{+640+} euros" in shown
    assert "{+Fuel may be stored" in shown
    assert all(len(line) <= 80 for line in shown.splitlines()), "a pipe has 80 columns"


def test_json_holds_exact_characters(capsys, files):
    assert run(["compare", *files, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["counts"] == {"must": 2, "wording": 0, "layout": 0}
    first, second = told["differences"]
    assert OLD[first["old"]["start"] : first["old"]["end"]] == "600"
    assert NEW[first["new"]["start"] : first["new"]["end"]] == "640"
    assert second["old"] is None


def test_html_stands_by_itself_and_shows_both_texts(capsys, files, tmp_path):
    page = tmp_path / "page.html"
    assert run(["compare", *files, "--html", str(page)]) == 0
    html = page.read_text("utf-8")
    assert "<script" not in html
    assert "src=" not in html
    assert "<del>600</del>" in html
    assert "<ins>640</ins>" in html
    assert html.count("31 March 2026") == 2, "it stands in both texts, and in no difference"


def test_markup_of_a_document_stays_text(files, tmp_path):
    evil = tmp_path / "evil.txt"
    evil.write_text(NEW + "\n<script>alert(1)</script> & more of it stands here now.\n")
    page = tmp_path / "page.html"
    assert run(["compare", files[0], str(evil), "--html", str(page)]) == 0
    assert "<script" not in page.read_text("utf-8")


def test_word_can_accept_or_reject_each_change(files, tmp_path):
    import docx
    from docx.oxml.ns import qn

    path = tmp_path / "changes.docx"
    assert run(["compare", *files, "--docx", str(path)]) == 0
    body = docx.Document(str(path)).element.body
    assert "600" in [node.text for node in body.iter(qn("w:delText"))]
    added = ["".join(node.text or "" for node in one.iter(qn("w:t"))) for one in body.iter(qn("w:ins"))]
    assert "640" in added
    assert any("60 litres" in text for text in added)


def test_what_cannot_be_written_or_found_is_said(capsys, files, tmp_path):
    assert run(["compare", *files, "--html", str(tmp_path / "no" / "page.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert run(["compare", files[0], "nothing.pdf"]) == 2
    assert "nothing.pdf" in capsys.readouterr().err


def test_a_question_for_what_changed_gets_the_same_differences_cited_in_both(capsys, files, embedder, monkeypatch):
    monkeypatch.setattr("index.embed.load_embedder", lambda _settings: embedder)
    assert run(["ingest", *files]) == 0
    capsys.readouterr()
    assert run(["ask", "What changed between old.md and new.md?", "--no-llm", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    told = [sentence for sentence in answer["sentences"] if "600 → 640" in sentence["text"]]
    assert [citation["quote"][:27] for citation in told[0]["citations"]] == ["The rent of the boathouse i"] * 2
    assert {citation["file"] for citation in told[0]["citations"]} == {"old.md", "new.md"}
