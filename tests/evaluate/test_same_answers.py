"""Two files of answers, line by line."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import same_answers


def row(name: str, answer: str = "Ada Marsh.", **more: object) -> dict[str, object]:
    return {"id": name, "answer": answer, "found": True, "citations": [], "seconds": 1.0, **more}


def compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: list[Any], new: list[Any]) -> int:
    for name, rows in (("old.jsonl", old), ("new.jsonl", new)):
        lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in rows)
        (tmp_path / name).write_text("".join(lines), encoding="utf-8")
    files = [str(tmp_path / name) for name in ("old.jsonl", "new.jsonl")]
    monkeypatch.setattr("sys.argv", ["same_answers.py", *files])
    return same_answers.main()


def test_the_time_an_answer_took_is_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    odd = "a line\u2028in two"
    assert compared(tmp_path, monkeypatch, [row("q0", odd)], [row("q0", odd, seconds=9.0)]) == 0
    assert capsys.readouterr().out.startswith("1 of 1 rows are the same")


def test_what_differs_and_what_is_missing_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    cited = [{"document": "lease.txt", "page": 1, "quote": "signed by Ada Marsh"}]
    old = [row("q0"), row("q1"), row("q2"), row("gone")]
    new = [row("q0"), row("q1", "Tom Rook."), row("q2", citations=cited), row("came")]
    assert compared(tmp_path, monkeypatch, old, new) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "1 of 5 rows are the same; of 3 in both files: answer 2, found 3, citations 2"
    assert said[1:4] == ["q1 answer", '  old "Ada Marsh."', '  new "Tom Rook."']
    assert said[4:6] == ["q2 citations", "  old []"]
    assert "lease.txt" in said[6]
    assert said[7:] == ["gone is only in the old file", "came is only in the new file"]
