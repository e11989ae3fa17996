"""The console script: all commands of Lectern, started as quickly as those of ``app`` alone."""

import subprocess
import sys
import tomllib
from pathlib import Path

from app.cli import run as without_eval
from evaluate.program import run

ROOT = Path(__file__).parents[2]


def test_the_help_lists_the_commands_of_app_and_of_evaluate(home, capsys):
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in (" ingest ", " ask ", " serve ", " eval "))
    assert run(["eval", "--help"]) == 0
    assert "lectern eval retrieval --data DIR" in " ".join(capsys.readouterr().out.split())


def test_a_child_process_has_the_commands_of_app_alone(home, capsys):
    assert without_eval(["eval", "--help"]) == 2
    assert "No such command 'eval'" in capsys.readouterr().err


def test_the_console_script_reports_errors_and_exit_codes(home):
    script = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]["lectern"]
    module, _, function = script.partition(":")
    code = f"import sys, {module}; sys.argv[1:] = ['eval', 'retrieval']; {module}.{function}()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("lectern: Missing option '--data'")
    assert "Traceback" not in done.stderr
