"""A part of a library asked from the command line: tags given and used, and what a filter without a match says."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from app.cli import run as lectern
from core.cores import GivingWay, generating

given_way: list[GivingWay] = []
NOTES = {"north.txt": "The north pump was serviced on Monday.", "south.md": "# Pumps\n\nThe south pump was serviced."}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, embedder: Any):
    """The commands work in a home of two notes, the first of them tagged when it came in, and find the model loaded."""
    root = tmp_path_factory.mktemp("filters")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_HOME", str(root / "home"))
        patch.setattr("index.embed.load_embedder", lambda _settings: embedder)
        # The tests share this process, and the embedder.
        patch.setattr("app.commands.ingest.lower_priority", lambda _niceness: None)
        patch.setattr("index.embedders.local.LocalEmbedder.give_way", lambda _embedder, pause: given_way.append(pause))
        for name, text in NOTES.items():
            (root / name).write_text(text)
        assert lectern(["ingest", str(root / "north.txt"), "--tag", "north"]) == 0
        assert lectern(["ingest", str(root / "south.md")]) == 0
        yield root


def files(capsys: Any, *options: str) -> list[str]:
    capsys.readouterr()
    assert lectern(["ask", "Which pump was serviced?", "--no-llm", "--json", *options]) == 0
    return sorted(passage["file"] for passage in json.loads(capsys.readouterr().out)["passages"])


def test_an_ingest_gives_way_in_the_middle_of_a_batch(
    shelf: Path, embedder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(given_way) == 2, "one an ingest"
    waited, embed = [], type(embedder).embed_passages

    def pause_twice() -> None:
        given_way[-1]()
        time.sleep(0.1)  # a call just after another one does not look again
        given_way[-1]()

    def embed_beside_an_answer(own: Any, texts: Any) -> Any:
        pause = threading.Thread(target=pause_twice)
        with generating(shelf / "home"):
            pause.start()
            pause.join(0.5)
            waited.append(pause.is_alive())
        pause.join(5)
        waited.append(pause.is_alive())
        return embed(own, texts)

    monkeypatch.setattr(type(embedder), "embed_passages", embed_beside_an_answer)
    (shelf / "east.txt").write_text("The east pump was sold.")
    assert lectern(["ingest", str(shelf / "east.txt"), "--library", "other"]) == 0
    assert waited == [True, False]


def test_a_question_is_put_to_what_the_options_name(shelf: Path, capsys: Any) -> None:
    assert files(capsys) == ["north.txt", "south.md"]
    assert files(capsys, "--tag", "north") == ["north.txt"]
    assert files(capsys, "--document", "s*.md") == files(capsys, "--type", "md") == ["south.md"]
    assert files(capsys, "--folder", str(shelf), "--in", "north.txt", "--in", "south.md") == ["north.txt", "south.md"]


def test_a_whole_document_is_one_that_the_options_keep(shelf: Path, capsys: Any) -> None:
    def given(*options: str) -> dict[str, Any]:
        capsys.readouterr()
        assert lectern(["ask", "Summarise this report.", "--no-llm", "--json", *options]) == 0
        return dict(json.loads(capsys.readouterr().out))

    assert given()["headings"] == [], "of two it is not sure which one is meant"
    assert [s["text"] for s in given("--in", "north.txt")["sentences"]][-1] == NOTES["north.txt"]


def test_a_name_that_looks_like_a_home_is_a_name(shelf: Path, capsys: Any) -> None:
    assert lectern(["ask", "x", "--in", "~$north.txt"]) == 2
    assert "no document is called '~$north.txt'." in capsys.readouterr().err


def test_a_tag_in_brackets_is_listed_as_it_is(shelf: Path, capsys: Any) -> None:
    assert lectern(["docs", "tag", "north.txt", "--add", "[/old]"]) == 0
    assert lectern(["docs", "list"]) == 0
    assert "[/old]" in capsys.readouterr().out
    assert lectern(["docs", "tag", "north.txt", "--remove", "[/old]"]) == 0


def test_tags_are_given_and_taken_and_listed(shelf: Path, capsys: Any) -> None:
    assert lectern(["docs", "tag", "*.md", "north.txt", "--add", "pumps", "--remove", "none"]) == 0
    assert capsys.readouterr().out == "north.txt: north, pumps\nsouth.md: pumps\n"
    assert lectern(["docs", "list"]) == 0
    assert "north, pumps" in capsys.readouterr().out
    assert files(capsys, "--tag", "PUMPS") == ["north.txt", "south.md"]
    assert lectern(["docs", "tag", "*.md", "north.txt", "--remove", "pumps"]) == 0
    assert capsys.readouterr().out == "north.txt: north\nsouth.md: no tags\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", "x", "--tag", "cars"], "no document has the tag 'cars'. There are: north (1)."),
        (["ask", "x", "--pages", "2"], "there is no page 2."),
        (["ask", "x", "--after", "soon"], "'soon' is not a date. Write 2023, 2023-05 or 2023-05-17."),
        (["ask", "x", "--in", ""], "a filter's value is empty."),
        (["docs", "tag", "east.txt", "--add", "a"], "no document is called 'east.txt'. Did you mean: "),
        (["docs", "tag", "north.txt"], "nothing to change."),
        (["ingest", "north.txt", "--tag", " "], "cannot be a tag."),
    ],
)
def test_what_matches_nothing_is_said_in_one_line(
    shelf: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(shelf)
    assert lectern(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert not captured.out


def test_every_question_of_a_chat_is_put_to_the_same_part(
    shelf: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = iter(["Which pump was serviced?", "/new", "Was the north pump serviced?"])

    def typed(_prompt: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    assert lectern(["chat", "--no-llm", "--tag", "north"]) == 0
    out = capsys.readouterr().out
    assert out.count("north.txt") >= 2
    assert "south.md" not in out


def test_explain_shows_every_stage_and_what_ended_a_passages_way(shelf: Path, capsys: Any) -> None:
    question = "Which pump was serviced?"
    assert lectern(["explain", question, "--document", "south.md", "--tag", "north", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (passage,) = found["passages"]
    assert [stage["name"] for stage in found["stages"]] == list(passage["stages"])
    assert (passage["found"], passage["ended"], passage["why"]) == (False, "fused", "left out by the filter")
    assert lectern(["explain", question]) == 0
    out = capsys.readouterr().out
    assert all(
        word in out for word in ("dense", "words", "fused", "passages", "north.txt", "south.md", "found, place 1")
    )
    assert "a model that reads is asked" in " ".join(out.split())
    assert lectern(["explain", "What is the capital of Peru?"]) == 0
    assert "is not asked" in " ".join(capsys.readouterr().out.split())
    assert lectern(["explain", question, "--page", "2"]) == 2
    assert "--page needs --document" in capsys.readouterr().err
