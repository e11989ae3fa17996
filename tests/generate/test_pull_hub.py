"""A model's file from a model hub on loopback that misbehaves, through huggingface_hub."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from core.errors import Cancelled, FetchError
from core.hub import close_hub
from generate.download import Wait
from generate.model_card import HubSource
from generate.pull import pull
from tests.generate.file_server import Trouble, made_card, random_bytes, wait_until

QUICK = Wait(tries=4, first=0.05, longest=0.1)
WHOLE = random_bytes(9_000_000)
REPOSITORY, FILE = "someone/weights", "weights.bin"
PATH = f"/{REPOSITORY}/resolve/main/{FILE}"


@pytest.fixture
def hub(file_server, monkeypatch, tmp_path):
    file_server.add_hub_file(REPOSITORY, FILE, WHOLE)
    for name in [name for name in os.environ if name.startswith(("HF_", "TRANSFORMERS_")) or name.endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "LECTERN_HUB_BEFORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", file_server.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "1")
    return file_server


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "models"


def card(data=WHOLE, revision="main"):
    return made_card(data, HubSource("hub", REPOSITORY, revision, FILE))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_file_comes_whole_and_nothing_else_stays(hub, folder):
    steps = []
    path = pull(card(), folder, progress=steps.append)
    assert path.read_bytes() == WHOLE
    assert names(folder) == [FILE]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[0].doing == "from the hub"


def test_twenty_cut_connections_are_survived(hub, folder):
    # huggingface_hub waits a second after each cut of the first kind, so most are of the other.
    hub.troubles.extend(Trouble("cut" if number % 7 == 3 else "reset", after=300_000) for number in range(20))
    assert pull(card(), folder, wait=QUICK).read_bytes() == WHOLE
    starts = [first for _, first in hub.asked]
    assert len(set(starts)) == 21
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    "troubles",
    [
        [Trouble("stall", after=300_000)],
        [Trouble(status=503), Trouble(status=502)],
        [Trouble(status=429)],
        [Trouble(status=302, location="/elsewhere")],
    ],
    ids=["stall", "503", "429", "redirect"],
)
def test_troubles_that_pass_are_waited_out(hub, folder, troubles):
    hub.files["/elsewhere"] = WHOLE
    hub.troubles.extend(troubles)
    assert pull(card(), folder, wait=QUICK).read_bytes() == WHOLE
    assert names(folder) == [FILE]


PULLS = """
import sys
from pathlib import Path
from generate.pull import pull
from tests.generate.test_pull_hub import card
pull(card(), Path(sys.argv[1]))
"""


def test_a_kill_in_the_middle_goes_on_where_it_was(hub, folder):
    hub.troubles.append(Trouble("stall", after=4_000_000, seconds=20))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "HF_HUB_DOWNLOAD_TIMEOUT": "20"}
    part = folder / f".{FILE}.partial" / "hub" / "file.part"
    with subprocess.Popen([sys.executable, "-c", PULLS, str(folder)], env=environment) as process:
        wait_until(lambda: part.exists() and part.stat().st_size > 3_000_000)
        process.send_signal(signal.SIGKILL)
    come = part.stat().st_size
    hub.asked.clear()
    assert pull(card(), folder, wait=QUICK).read_bytes() == WHOLE
    assert hub.asked == [(PATH, come)]
    assert names(folder) == [FILE]


def test_wrong_bytes_are_refused_and_removed(hub, folder):
    hub.files[PATH] = WHOLE[:-1] + bytes([WHOLE[-1] ^ 1])
    with pytest.raises(FetchError, match="SHA-256"):
        pull(card(), folder)
    assert names(folder) == []


def test_a_file_of_another_size_is_refused_before_it_is_fetched(hub, folder):
    hub.files[PATH] = WHOLE[:1000]
    with pytest.raises(FetchError, match="1,000 bytes rather than 9,000,000"):
        pull(card(), folder)
    assert not hub.asked
    assert names(folder) == []


@pytest.mark.parametrize(
    ("status", "said"), [(404, "does not have the file"), (401, "asks to sign in"), (503, "is busy")]
)
def test_what_the_hub_refuses_is_one_line(hub, folder, status, said):
    hub.status_of_all = status
    with pytest.raises(FetchError, match=said) as error:
        pull(card(), folder, wait=Wait(tries=2, first=0.05))
    assert "\n" not in str(error.value)
    assert names(folder) == []


def test_no_network_is_one_line(hub, folder, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(FetchError, match="from the hub: it cannot be reached") as error:
        pull(card(), folder, wait=QUICK)
    assert "\n" not in str(error.value)
    assert names(folder) == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_needs_a_password_is_told_of(hub, folder, monkeypatch, scheme):
    hub.status_of_all = 407
    monkeypatch.setenv("HTTP_PROXY", hub.url)
    monkeypatch.setenv("HTTPS_PROXY", hub.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", f"{scheme}://hub.invalid")
    with pytest.raises(FetchError, match="the proxy asks for a password"):
        pull(card(), folder, wait=QUICK)
    assert names(folder) == []


def test_the_hub_is_reached_although_lectern_keeps_away_from_it(hub, folder, monkeypatch):
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "LECTERN_HUB_BEFORE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    close_hub()
    close_hub()  # a child of a process that did it already
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert pull(card(), folder).read_bytes() == WHOLE


def test_the_hub_is_left_alone_where_the_person_switched_it_off(hub, folder, monkeypatch):
    monkeypatch.setenv("LECTERN_HUB_BEFORE", "")
    monkeypatch.delenv("LECTERN_HUB_BEFORE")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
    close_hub()
    with pytest.raises(FetchError, match="switched off"):
        pull(card(), folder)
    assert not hub.asked
    assert names(folder) == []


def test_stop_keeps_what_has_come(hub, folder, monkeypatch):
    hub.troubles.append(Trouble("stall", after=4_000_000, seconds=20))
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "20")
    cancel = threading.Event()
    part = folder / f".{FILE}.partial" / "hub" / "file.part"
    stops = threading.Thread(
        target=lambda: (wait_until(lambda: part.exists() and part.stat().st_size > 3_000_000), cancel.set())
    )
    stops.start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        pull(card(), folder, cancel=cancel)
    stops.join()
    assert time.monotonic() - begun < 15
    assert part.stat().st_size > 3_000_000
