"""The packed encoder computes what sentence-transformers computes from the same folder, in any order and company."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.settings import Settings
from index.embed import SentenceEmbedder, load_embedder
from index.embedders import bert
from index.embedders.convert import Recipe, convert
from index.embedders.converted import place_of
from tests.index.embedders.made_file import POSITIONS, MadeFile

ROOT = Path(__file__).parents[3]
TEXTS = ["ferry", "tide pump seal budget", "a ferry, a tide.", "pump " * 20, "", "budget budget", "seal tide"]
NOISE = 0.9999
"""Of the cosine: what bfloat16 leaves where the processor has it."""


@pytest.fixture
def settings(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of an embedder that multiplies in floating point, on every machine."""
    monkeypatch.setattr("index.embedders.int8.is_fast", lambda: False)
    found = Settings(home=home, embedder="multilingual")
    file = MadeFile().write(tmp_path / "made.bin")
    convert(file, "ab" * 32, place_of(found, "multilingual"), Recipe("made", "query: ", "passage: "))
    return found


def test_vectors_are_those_of_sentence_transformers(settings: Settings) -> None:
    folder = str(place_of(settings, "multilingual"))
    packed, reference = load_embedder(settings), SentenceEmbedder(folder, "made")
    assert packed.window == reference.window == POSITIONS
    assert packed.dimension == reference.dimension
    ours, theirs = packed.embed_passages(TEXTS), reference.embed_passages(TEXTS)
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    assert (ours * theirs).sum(axis=1).min() > NOISE
    assert packed.embed_question("tide") @ reference.embed_question("tide") > NOISE


def test_in_int8_where_the_processor_is_fast_at_it_the_vectors_stay_close(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = load_embedder(settings).embed_passages(TEXTS)
    monkeypatch.undo()
    chosen = load_embedder(settings)
    assert (exact * chosen.embed_passages(TEXTS)).sum(axis=1).min() > 0.99
    alone = np.concatenate([chosen.embed_passages([text]) for text in TEXTS])
    assert (exact * alone).sum(axis=1).min() > 0.99


def test_the_prompts_are_the_folder_s_own(settings: Settings) -> None:
    embedder = load_embedder(settings)
    plain = load_embedder(settings.model_copy(update={"embedder_question_prompt": "", "embedder_passage_prompt": ""}))
    question, passage = embedder.embed_question("tide"), embedder.embed_passages(["tide"])[0]
    assert question @ plain.embed_question("query: tide") > NOISE
    assert passage @ plain.embed_passages(["passage: tide"])[0] > NOISE
    assert question @ passage < NOISE
    assert plain.name != embedder.name


def test_order_and_company_do_not_change_a_vector(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = load_embedder(settings)
    together = embedder.embed_passages(TEXTS)
    turned = embedder.embed_passages(TEXTS[::-1])[::-1]
    alone = np.concatenate([embedder.embed_passages([text]) for text in TEXTS])
    monkeypatch.setattr(bert, "BATCH_TOKENS", 8)
    in_small_steps = embedder.embed_passages(TEXTS)
    for other in (turned, alone, in_small_steps):
        assert (together * other).sum(axis=1).min() > NOISE


def test_it_knows_which_letters_it_does_not_know(settings: Settings) -> None:
    embedder = load_embedder(settings)
    assert embedder.familiarity("a tide, x y z: 12") == 1, "loose letters are known"
    assert embedder.familiarity("水 tide") == 0.8
    assert embedder.familiarity("120") == 1


def test_it_gives_way_within_a_batch(settings: Settings) -> None:
    embedder, held_up = load_embedder(settings), []
    embedder.give_way(lambda: held_up.append(True))
    embedder.embed_passages(TEXTS)
    assert len(held_up) >= 6


def test_only_the_rows_of_words_that_occur_are_read(settings: Settings) -> None:
    embedder = load_embedder(settings)
    embedder.warm_up()
    words = embedder._network.words
    maps = Path("/proc/self/maps")
    if maps.is_file():
        lines = [line.split() for line in maps.read_text().splitlines() if line.endswith("model.safetensors")]
        areas = [tuple(int(end, 16) for end in line[0].split("-")) for line in lines]
        assert any(first <= words.data_ptr() < last for first, last in areas)


def test_it_starts_without_transformers(settings: Settings) -> None:
    code = (
        "import sys; from core.settings import Settings; from index.embed import load_embedder\n"
        f"e = load_embedder(Settings(home={str(settings.home)!r}, embedder='multilingual'))\n"
        "print(e.count_tokens('ferry tide'), 'torch' in sys.modules)\n"
        "e.embed_question('ferry')\n"
        "print({'transformers', 'sentence_transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split("\n")[:2] == ["2 False", "set()"]
