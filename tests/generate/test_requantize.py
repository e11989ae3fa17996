"""The bundled model in the format that is read fastest: made once, whole, and no worse."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.settings import Settings
from core.types import Message, Sampling
from generate import native
from generate.catalogue import find
from generate.client import EngineClient
from generate.gguf import read_header
from generate.perplexity import read
from generate.requantize import fastest_copy

ROOT = Path(__file__).parents[2]
Q8_0 = 7
"""LLAMA_FTYPE_MOSTLY_Q8_0, as the header's general.file_type says it."""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    native.start()
    return find(Settings(home=tmp_path_factory.mktemp("home"))).path


def test_two_processes_make_one_whole_copy(source, tmp_path):
    program = (
        "import sys\nfrom pathlib import Path\nfrom generate import native\n"
        "from generate.requantize import fastest_copy\nnative.start()\n"
        "print(fastest_copy(Path(sys.argv[1]), Path(sys.argv[2]), threads=1))"
    )

    def convert(_):
        run = subprocess.run(
            [sys.executable, "-c", program, str(source), str(tmp_path)], capture_output=True, cwd=ROOT, check=True
        )
        return Path(run.stdout.decode().strip())

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(convert, range(2))
    assert first == second
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == [first.name]
    header = read_header(first)
    assert header.values["general.file_type"] == Q8_0
    assert header.parameters == read_header(source).parameters
    made = first.stat().st_mtime_ns
    assert fastest_copy(source, tmp_path, threads=2).stat().st_mtime_ns == made


def test_where_no_copy_can_be_made_the_original_is_used(source, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert fastest_copy(source, tmp_path / "file", threads=2) == source


def test_on_a_full_disk_the_original_is_used_and_nothing_is_left(source, tmp_path):
    program = (
        "import resource, sys\nfrom pathlib import Path\nfrom generate import native\n"
        "from generate.requantize import fastest_copy\nnative.start()\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20 << 20, 20 << 20))\n"  # writing fails there, as on a full disk
        "print(fastest_copy(Path(sys.argv[1]), Path(sys.argv[2]), threads=1))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(source), str(tmp_path)], capture_output=True, cwd=ROOT, check=True
    )
    assert Path(run.stdout.decode().strip()) == source
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == []


def test_what_a_killed_process_left_is_removed_also_of_an_older_version(source, tmp_path):
    left = tmp_path / f".{source.stem.split('.')[0]}.1-1.Q8_0.gguf.999.tmp"
    left.write_bytes(b"half")
    made = fastest_copy(source, tmp_path, threads=2)
    assert made.parent == tmp_path
    assert not left.exists()


def test_a_damaged_copy_is_replaced(tmp_path):
    settings = Settings(home=tmp_path)
    question = [Message("user", "Hello!")]
    for _ in range(2):
        with EngineClient(settings) as engine:
            assert "".join(engine.generate(question, Sampling(max_tokens=4)))
        (copy,) = (settings.own_models_dir / "converted").glob("*.gguf")
        whole = copy.stat().st_size
        with copy.open("r+b") as file:
            file.truncate(whole // 2)
        with EngineClient(settings) as engine:
            assert "".join(engine.generate(question, Sampling(max_tokens=4)))
        assert not copy.exists(), "the original was used; the next start makes the copy anew"


def test_the_copy_reads_as_well_as_the_original(source, tmp_path):
    copy = fastest_copy(source, tmp_path, threads=2)
    original, copied = (np.array(read(path, threads=2, limit=384).losses) for path in (source, copy))
    gap = copied - original
    assert len(gap) > 100
    assert gap.mean() < 3 * gap.std() / np.sqrt(len(gap)) + 0.01
