"""Examples made here -> a trained reader that reads: what the shipped weights went through, in small."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from core.errors import UsageError
from evaluate.span_scores import find_answers, word_f1
from index.reader.loader import load_span_reader
from training.span_reader.batches import Material, token_span
from training.span_reader.mean import mean_state
from training.span_reader.model import base_folder
from training.span_reader.prepare import Example
from training.span_reader.publish import MOST_BYTES, read_state, write
from training.span_reader.train import Config, Training, train

SAVE = Training.save

NAMES = ("Ada", "Boris", "Chandra", "Dilip", "Esther", "Farid", "Greta", "Hugo", "Ines", "Jonas")
PLACES = ("Lisbon", "Oslo", "Quito", "Perth", "Dakar", "Turin", "Kyoto", "Leeds", "Cusco", "Malmo")
THINGS = ("violin", "kettle", "bicycle", "lantern", "compass", "saddle", "anchor", "ladder", "carpet", "telescope")


def made_example(number: int, draw: random.Random, side: str) -> tuple[Example, str]:
    """Two sentences of two people, in random order, and a question on one of them."""
    (one, other), (here, there), (first, second) = (draw.sample(kind, 2) for kind in (NAMES, PLACES, THINGS))
    sentences = [f"{one} lives in {here} and sells a {first}.", f"{other} lives in {there} and sells a {second}."]
    draw.shuffle(sentences)
    text = " ".join(sentences)
    asked, answer = draw.choice(((f"Where does {one} live?", here), (f"What does {one} sell?", first)))
    passage = f"p{number}"
    example = Example(str(number), "made", side, asked, passage, (answer,), find_answers(text, [answer]), ())  # type: ignore[arg-type]
    return example, text


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads wait for each other where other programs run; these steps are small."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    draw = random.Random(0)
    made = [made_example(number, draw, "dev" if number >= 240 else "train") for number in range(280)]
    (folder / "passages.jsonl").write_text(
        "".join(json.dumps({"_id": example.passage, "text": text}) + "\n" for example, text in made)
    )
    (folder / "examples.jsonl").write_text("".join(json.dumps(asdict(example)) + "\n" for example, _ in made))
    return folder


def test_a_few_hundred_examples_teach_it_to_point(examples: Path, tmp_path: Path) -> None:
    train(examples, tmp_path, Config(plan="passages:3", rows=16, slice=10, measure_every=1000, changed=0.0))
    parameters, identity = read_state(tmp_path / "best.safetensors")
    file = tmp_path / "weights.safetensors"
    digest = write(file, parameters, {"training": identity})
    assert file.stat().st_size < MOST_BYTES
    assert digest == hashlib.sha256(file.read_bytes()).hexdigest()

    reader = load_span_reader(base_folder(), file=file, sha256=digest)
    material = Material(examples)
    unseen = [example for example in material.examples if example.side == "dev"]
    scores = []
    for example in unseen:
        best = reader.read(example.question, [material.passages[example.passage]]).best
        scores.append(word_f1(best[1].text if best else "", example.answers))
    assert sum(scores) / len(scores) > 0.5  # a word drawn at random is right one time in sixteen


def test_killed_it_goes_on_from_its_checkpoint(examples: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "training.span_reader.train", "--examples", str(examples), "--out", str(tmp_path)]
    command += [
        "--plan",
        "passages:1",
        "--save-every",
        "3",
        "--measure-every",
        "1000",
        "--slice",
        "4",
        "--rows",
        "16",
        "--layers",
        "1",
        "--processes",
        "2",
    ]
    checkpoint = tmp_path / "checkpoint.safetensors"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
    deadline = time.monotonic() + 100
    while not checkpoint.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with safe_open(checkpoint, "pt") as kept:
        reached = int(kept.metadata()["step"])
    assert reached >= 3
    assert not (tmp_path / "best.safetensors").exists()

    resumed = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True)
    assert "resumed" in resumed.stdout
    with safe_open(checkpoint, "pt") as kept:
        assert int(kept.metadata()["step"]) > reached
    assert (tmp_path / "best.safetensors").exists()


def test_resuming_gives_the_same_weights_as_never_stopping(examples: Path, tmp_path: Path) -> None:
    config = Config(plan="passages:1", slice=4, steps=6, layers=1, save_every=3, measure_every=1000)
    train(examples, tmp_path / "whole", config)
    halves = tmp_path / "halves"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Training, "save", save_then_stop)
        with pytest.raises(KeyboardInterrupt):
            train(examples, halves, config)
    train(examples, halves, config)
    whole, halved = (read_state(folder / "best.safetensors")[0] for folder in (tmp_path / "whole", halves))
    assert all((whole[name] - halved[name]).abs().max() < 1e-5 for name in whole)


def save_then_stop(training: Training) -> None:
    SAVE(training)
    raise KeyboardInterrupt


def test_another_training_starts_where_one_ended(examples: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    train(examples, first, Config(plan="passages:1", slice=4, steps=2, layers=1))
    ended = read_state(first / "checkpoint.safetensors")
    start = str(first / "checkpoint.safetensors")
    train(examples, second, Config(plan="answered:1", slice=4, steps=1, layers=1, start=start))
    begun = read_state(second / "best.safetensors")
    assert json.loads(begun[1]["before"]) == [ended[1]["config"]]
    name = "encoder.encoder.layer.0.output.dense.weight"
    assert 0 < (begun[0][name] - ended[0][name]).abs().max() < 1e-3


def test_a_checkpoint_of_another_training_is_refused(examples: Path, tmp_path: Path) -> None:
    train(examples, tmp_path, Config(plan="passages:1", slice=4, steps=1, layers=1))
    with pytest.raises(UsageError, match="another training"):
        train(examples, tmp_path, Config(plan="passages:1", slice=4, steps=1, layers=1, seed=1))


def test_a_span_is_the_tokens_that_touch_it() -> None:
    offsets = [(0, 3), (4, 7), (7, 9)]
    assert token_span(offsets, 5, 9) == (1, 2)
    assert token_span(offsets, 3, 4) is None


def test_the_mean_of_two_trainings_is_a_state_to_go_on_from(examples: Path, tmp_path: Path) -> None:
    for seed in (0, 1):
        train(examples, tmp_path / str(seed), Config(plan="passages:1", slice=4, steps=2, layers=1, seed=seed))
    states = [tmp_path / str(seed) / "best.safetensors" for seed in (0, 1)]
    parameters, identity = mean_state(states)
    one, other = (read_state(state)[0] for state in states)
    assert all(torch.allclose(parameters[name], (one[name] + other[name]) / 2) for name in parameters)
    apart = json.loads(identity["config"])["mean"]
    assert [[config["seed"] for config in chain] for chain in apart] == [[0], [1]]
    assert json.loads(identity["before"]) == []


def test_trainings_of_other_data_are_not_averaged(examples: Path, tmp_path: Path) -> None:
    train(examples, tmp_path / "one", Config(plan="passages:1", slice=4, steps=1, layers=1))
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    (fewer / "passages.jsonl").write_text((examples / "passages.jsonl").read_text())
    (fewer / "examples.jsonl").write_text("\n".join((examples / "examples.jsonl").read_text().split("\n")[100:]))
    train(fewer, tmp_path / "two", Config(plan="passages:1", slice=4, steps=1, layers=1))
    with pytest.raises(UsageError, match="cannot be averaged"):
        mean_state([tmp_path / "one" / "best.safetensors", tmp_path / "two" / "best.safetensors"])
