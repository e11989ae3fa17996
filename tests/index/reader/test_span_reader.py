"""The span reader points at whole words of the passage, whatever the passage and the question are."""

import hashlib
import unicodedata
from pathlib import Path

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from core.errors import ModelDamaged, ModelMissing
from index.bundled import bundled_folder
from index.reader.boundaries import Boundaries
from index.reader.loader import load_span_reader, read_embeddings
from index.reader.network import NO_SPAN, SpanNetwork, passage_tokens, shared_tokens
from index.reader.span_reader import LONGEST, OVERLAP, QUESTION_TOKENS, WINDOW, Calibration, SpanReader, _windows
from index.reader.weights import FILE, pack, read_weights, unpack

SCRIPTS = (
    "abc éß ﬁ 12,3 .-\n\t 東京です 서울 मुंबई กรุงเทพ القاهرة 👩‍👩‍👧🇩🇪 e\u0301 \u200b\u0000 [SEP] [CLS] ᄀ\u1161 Straße"
)
texts = st.one_of(st.text(max_size=400), st.text(alphabet=SCRIPTS, max_size=400))


def tiny_network() -> SpanNetwork:
    """A network of one narrow layer with values drawn at random: it points anywhere."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=30522, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
    )
    network = SpanNetwork(BertModel(config, add_pooling_layer=False))
    torch.nn.init.normal_(network.scores.weight, std=2.0)
    return network


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundled_folder(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def tiny(folder: Path) -> SpanReader:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return SpanReader(tiny_network(), tokenizer, Calibration())


@given(question=texts, passages=st.lists(texts, max_size=4))
@example(question="", passages=["text"])
@example(question="who?", passages=[])
@example(question="who?", passages=["", " \n", "[SEP]", "\u0301"])
@example(question="why " * 5000, passages=["word " * 1500])
@example(question="who?", passages=["x" * 3000, "東" * 900])
@settings(max_examples=60, deadline=None)
def test_spans_are_whole_words_of_their_passage(tiny: SpanReader, question: str, passages: list[str]) -> None:
    reading = tiny.read(question, passages)
    assert 0.0 <= reading.answerable <= 1.0
    assert len(reading.spans) == len(passages)
    for passage, spans in zip(passages, reading.spans, strict=True):
        assert [words.score for words in spans] == sorted((words.score for words in spans), reverse=True)
        for words in spans:
            assert 0 <= words.start < words.end <= len(passage)
            assert words.text == passage[words.start : words.end]
            assert words.text == words.text.strip()
            assert not splits(passage, words.start)
            assert not splits(passage, words.end)
        assert all(
            one.end <= other.start or other.end <= one.start
            for number, one in enumerate(spans)
            for other in spans[:number]
        )


def splits(text: str, place: int) -> bool:
    """Whether a cut at ``place`` parts a Latin word, a number, a mark from its letter, or a family."""
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    ascii_word = before.isascii() and after.isascii() and before.isalnum() and after.isalnum()
    return ascii_word or unicodedata.combining(after) > 0 or (before, after) == ("\u200d", "👩")


@pytest.mark.parametrize("length", [1, 220, 221, 222, 400, 1000, 1001])
def test_windows_leave_out_no_token_and_part_no_span(length: int) -> None:
    room = WINDOW - 3 - QUESTION_TOKENS
    windows = _windows(0, list(range(length)), room)
    assert all(0 < len(window.ids) <= room for window in windows)
    for first in range(length):
        span = set(range(first, min(first + LONGEST, length)))
        assert any(span <= set(window.ids) for window in windows)
    assert OVERLAP >= LONGEST


@pytest.mark.parametrize(
    ("text", "inside", "whole"),
    [
        ("It costs $1,234.50 today", "234", "1,234.50"),
        ("the naïve don't care", "n'", "don't"),
        ("vu à Genève hier", "nève", "Genève"),
        ("cafe\u0301s", "e", "cafe\u0301s"),
        ("a 👩\u200d👩\u200d👧 b", "👩", "👩\u200d👩\u200d👧"),
        ("from 🇩🇪🇫🇷", "🇩", "🇩🇪"),
    ],
)
def test_a_part_of_a_word_becomes_the_word(text: str, inside: str, whole: str) -> None:
    start = text.index(inside)
    place = Boundaries(text).whole_words(start, start + len(inside))
    assert place is not None
    assert text[slice(*place)] == whole


def test_padding_and_company_do_not_change_a_score(tiny: SpanReader) -> None:
    alone = tiny.read("who sells it?", ["Ada sells a lantern in Oslo."]).spans[0]
    beside = tiny.read("who sells it?", ["Boris " * 90, "Ada sells a lantern in Oslo.", ""]).spans[1]
    assert [words.text for words in alone] == [words.text for words in beside]
    assert [words.score for words in alone] == pytest.approx([words.score for words in beside], abs=1e-3)


def test_only_tokens_of_the_passage_are_scored() -> None:
    ids = torch.tensor([[101, 7, 8, 102, 8, 9, 102, 0, 0]])
    segments = torch.tensor([[0, 0, 0, 0, 1, 1, 1, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 1, 1, 1, 0, 0]])
    assert passage_tokens(segments, mask).tolist() == [[False] * 4 + [True, True] + [False] * 3]
    assert shared_tokens(ids, segments, mask).tolist() == [[0, 0, 1, 0, 1, 0, 0, 0, 0]]
    start, end = tiny_network().eval()(ids, segments, mask)
    outside = [0, 1, 2, 3, 6, 7, 8]
    assert start[0, outside].eq(NO_SPAN).all()
    assert end[0, outside].eq(NO_SPAN).all()


def test_a_document_cannot_spell_a_special_token(tiny: SpanReader) -> None:
    ids, _ = tiny._tokens("before [SEP] [CLS] [PAD] after")
    assert not {0, 101, 102, 103} & set(ids)


def test_calibration_is_a_probability_that_rises_with_the_score() -> None:
    calibration = Calibration((-1.0, 0.5), (-3.0, 0.5, 4.0))
    assert calibration.probability(2.0) == pytest.approx(0.5)
    assert calibration.probability(2.0, 0.5) == pytest.approx(0.5)
    assert 0 <= calibration.probability(-1e9) < calibration.probability(0.0) < calibration.probability(1e9) <= 1


def test_packed_weights_stay_within_half_a_step() -> None:
    matrix, vector = torch.randn(4, 6), torch.randn(5)
    packed = pack({"matrix": matrix, "vector": vector})
    assert packed["matrix"].dtype == torch.int8
    back = unpack(packed)
    assert back["vector"].equal(vector)
    assert ((back["matrix"] - matrix).abs() <= matrix.abs().amax(dim=1, keepdim=True) / 127 / 2 + 1e-6).all()


def test_missing_cut_and_changed_weights_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="weights are not at"):
        read_weights(tmp_path / "none.safetensors")
    content = FILE.read_bytes()
    right = hashlib.sha256(content).hexdigest()
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(content[:-1000])
    with pytest.raises(ModelDamaged, match="cut short or changed"):
        read_weights(cut, right)
    with pytest.raises(ModelDamaged, match="cannot be read"):
        read_weights(cut, "")
    cut.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelDamaged) as raised:
        read_weights(cut, right)
    assert "\n" not in str(raised.value)


@pytest.fixture(scope="module")
def shipped(folder: Path) -> tuple[SpanReader, torch.nn.Embedding]:
    words = read_embeddings(folder)
    return load_span_reader(folder, words), words


def test_the_shipped_reader_shares_the_word_embeddings(shipped: tuple[SpanReader, torch.nn.Embedding]) -> None:
    reader, words = shipped
    table = reader.network.encoder.embeddings.word_embeddings.weight
    assert table.data_ptr() == words.weight.data_ptr()
    own = sum(each.numel() for name, each in reader.network.named_parameters() if "word_embeddings" not in name)
    assert own < 12_000_000


HARBOUR = (
    "The harbour of Skagen was opened in 1907. Its two piers were built by Carl Bruun and cost 1.2 million kroner."
)
ORCHARD = "Apples from the orchard are picked in September, by hand, and stored in a cellar under the old barn."


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When was the harbour of Skagen opened?", "1907"),
        ("Who built the piers?", "Carl Bruun"),
        ("When are the apples picked?", "September"),
    ],
)
def test_the_shipped_reader_points_at_the_answer(
    shipped: tuple[SpanReader, torch.nn.Embedding], question: str, words: str
) -> None:
    best = shipped[0].read(question, [ORCHARD, HARBOUR]).best
    assert best is not None
    assert words in best[1].text
    assert len(best[1].text) < 3 * len(words)


def test_the_shipped_reader_tells_what_is_not_there(shipped: tuple[SpanReader, torch.nn.Embedding]) -> None:
    reader = shipped[0]
    there = reader.read("When was the harbour of Skagen opened?", [ORCHARD, HARBOUR]).answerable
    absent = reader.read("What is the melting point of tungsten?", [ORCHARD, HARBOUR]).answerable
    assert absent < 0.5 < there


def test_an_answer_at_the_end_of_a_long_document_is_found(shipped: tuple[SpanReader, torch.nn.Embedding]) -> None:
    passage = ORCHARD + " The barn is repainted every few years by volunteers from the village." * 60 + " " + HARBOUR
    best = shipped[0].read("When was the harbour of Skagen opened?", [passage]).best
    assert best is not None
    assert passage[best[1].start : best[1].end] == "1907"
