"""`lectern explain` tells which hand-written rules changed what is shown."""

import json

from app.cli import run

MANUAL = "Deck oven DX-9: user manual\n\nThe oven weighs 298 kilograms. The door is near."


def test_the_rules_that_spoke_are_listed_with_their_reasons(home_with, embedder, monkeypatch, capsys) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(home_with(MANUAL)))
    monkeypatch.setattr("index.embed.load_embedder", lambda _settings: embedder)
    assert run(["explain", "How heavy is the DX-9 deck oven?", "--json"]) == 0
    (spoke,) = json.loads(capsys.readouterr().out)["rules"]
    assert spoke["name"] == "headings_last"
    assert run(["explain", "How heavy is the DX-9 deck oven?"]) == 0
    assert f"headings_last ({spoke['reason']})" in " ".join(capsys.readouterr().out.split())


def test_where_none_spoke_the_line_says_so(home_with, embedder, monkeypatch, capsys) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(home_with("The oven weighs 298 kilograms. The door is near.")))
    monkeypatch.setattr("index.embed.load_embedder", lambda _settings: embedder)
    assert run(["explain", "How heavy is the oven?"]) == 0
    assert "sentences are shown: none." in " ".join(capsys.readouterr().out.split())
