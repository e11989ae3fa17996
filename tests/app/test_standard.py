"""The model `standard` itself: it loads, answers over the sample documents with a citation, and fits into memory."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.answer.support import SAID, Judge
from app.chat.models import Models
from core.settings import load_settings
from core.types import Citation, Locator
from tests.conftest import MACHINE

pytestmark = [pytest.mark.standard, pytest.mark.timeout(400)]

EXAMPLES = Path(__file__).parents[2] / "examples"
MOST = 2_600_000_000
"""Bytes of memory of all processes while it answers with a window of 8,192 tokens."""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A home whose library holds the sample documents; the models folder is this machine's."""
    home = tmp_path_factory.mktemp("standard-home")
    variables = os.environ | {"LECTERN_HOME": str(home), "LECTERN_MODELS": str(MACHINE)}
    subprocess.run([sys.executable, "-m", "app.cli", "ingest", str(EXAMPLES)], env=variables, check=True)
    return variables


def ask(environment, question: str, *options: str) -> tuple[dict, int]:
    """The answer as JSON, and the most memory of all processes that were at work for it, in bytes."""
    command = [sys.executable, "-m", "app.cli", "ask", question, "--json", *options]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    most = 0

    def watch() -> None:
        nonlocal most
        while process.poll() is None:
            most = max(most, memory_of(process.pid))
            time.sleep(0.3)

    watching = threading.Thread(target=watch)
    watching.start()
    text, _ = process.communicate(timeout=300)
    watching.join()
    assert process.returncode == 0
    return json.loads(text), most


def memory_of(pid: int) -> int:
    """Bytes of a process and its descendants; what they share is counted once."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        own = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for thread in Path(f"/proc/{pid}/task").iterdir():
            children += (thread / "children").read_text().split() if thread.name != str(pid) else []
    except OSError:  # it ended meanwhile
        return 0
    return own + sum(memory_of(int(child)) for child in children)


def test_it_answers_over_the_sample_documents_with_a_citation(environment):
    answer, _ = ask(environment, "When is the reef closed?", "--model", "standard")
    assert answer["model"] == "Qwen2.5-Coder-1.5B-Instruct-Q4_K_M"
    assert answer["found"]
    assert "7 Beaufort" in answer["answer"]
    cited = [citation["file"] for sentence in answer["sentences"] for citation in sentence["citations"]]
    assert "station-handbook.pdf" in cited


def test_it_fits_into_memory_with_a_window_of_8192_tokens(environment, capsys):
    answer, most = ask(
        environment | {"LECTERN_CONTEXT_TOKENS": "8192"}, "When is the reef closed?", "--model", "standard"
    )
    assert answer["tokens"]["answer"] > 0
    with capsys.disabled():
        print(f"\nMemory of all processes with standard and 8,192 tokens: {most / 1e9:.2f} GB")
    assert most < MOST


def test_it_answers_by_itself_where_it_is_here(environment):
    from core.settings import load_settings
    from generate import catalogue, choice

    if (choice.free_memory() or choice.MEMORY) < choice.MEMORY:
        pytest.fail("this machine has less than 4 GB of free memory")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_HOME", environment["LECTERN_HOME"])
        patch.setenv("LECTERN_MODELS", str(MACHINE))
        assert catalogue.choice(load_settings()).card.alias == "standard"


def test_a_sentence_that_lost_a_not_or_got_another_name_or_unit_is_not_held_to_be_said(tmp_path, monkeypatch):
    monkeypatch.setenv("LECTERN_MODELS", str(MACHINE))
    models = Models(load_settings(home=tmp_path, model="standard"))
    try:
        for source, question, said, changed in (
            (
                "Der Zaun wurde im Herbst von Frau Albrecht gestrichen.",
                "Wer hat den Zaun gestrichen?",
                "Frau Albrecht hat im Herbst den Zaun gestrichen.",
                "Frau Weidner hat im Herbst den Zaun gestrichen.",
            ),
            (
                "The gate may not be left open overnight.",
                "May the gate be left open overnight?",
                "No, it may not be left open overnight.",
                "Yes, it may be left open overnight.",
            ),
            (
                "The survey took six weeks and cost 4,200 pounds.",
                "What did the survey cost?",
                "The survey cost 4,200 pounds.",
                "The survey cost 4,200 euros.",
            ),
        ):
            quotes = [Citation("d1", "papers.pdf", Locator(1, "p. 1"), source, 0, len(source), 0.9)]
            judge = Judge(models.engine, question)
            assert judge(said, quotes) >= SAID > judge(changed, quotes)
    finally:
        models.close()
