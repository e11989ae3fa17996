"""Questions to a small library, with the real embedder: codes, file names, meanings, languages it never learnt."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stand_in import TopicEmbedder

from core.errors import NoDocuments
from core.settings import Settings
from index.build import ingest
from index.search.dense import clearness, dense_weight, usual_weight
from index.search.fusion import fuse
from index.search.neighbours import MOST_JOINED
from index.search.retriever import Retriever
from index.search.sentence_ranking import rank_sentences
from index.store.library import Library
from ingest.locate import locate

DOCS = {
    "2023 Q2 AAPL.txt": "Apple Inc.\n\nFor the quarter ending in spring.\n\nNet sales were 94.8 billion.",
    "2023 Q2 MSFT.txt": "Microsoft Corporation\n\nFor the quarter ending in winter.\n\nNet sales were 52.7 billion.",
    "manual.md": "# Pump P3\n\nThe pump moves sea water.\n\n## Errors\n\n"
    "KB-1047: the inlet is blocked. Clean the strainer.\n\nKB-1048: the motor is hot. Let it cool.\n",
    "hindi.txt": "कंपनी का मुख्यालय जयपुर में है।\n\nकर्मचारियों को साल में बीस दिन की छुट्टी मिलती है।",
    "chinese.txt": "公司总部设在成都。\n\n员工每年有二十天假期。",
    "arabic.txt": "يقع المقر الرئيسي للشركة في مراكش.\n\nيحصل الموظفون على عشرين يوما من الإجازة كل سنة.",
    "seals.txt": "Seal census.\n\nPhoca vitulina were counted from the cliff in August; there were ninety.",
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, embedder: Any):
    root = tmp_path_factory.mktemp("shelf")
    settings = Settings(home=root / "home", chunk_tokens=48)
    (root / "docs").mkdir()
    for name, text in DOCS.items():
        (root / "docs" / name).write_text(text)
    with Library.open(settings, create=True) as library:
        assert not ingest([root / "docs"], library, embedder, settings).failed
        yield Retriever(library, embedder, settings), library, embedder


@pytest.mark.parametrize(
    ("question", "file"),
    [
        ("KB-1048", "manual.md"),
        ("What does error kb1047 mean?", "manual.md"),
        ("What were AAPL's sales?", "2023 Q2 AAPL.txt"),
        ("MSFT 2023 net sales", "2023 Q2 MSFT.txt"),
        ("How many harbour animals lay on the rocks in summer?", "seals.txt"),
        ("कर्मचारियों को कितने दिन की छुट्टी मिलती है?", "hindi.txt"),
        ("公司的总部在哪里？", "chinese.txt"),
        ("员工有多少天假期", "chinese.txt"),
        ("أين يقع المقر الرئيسي للشركة؟", "arabic.txt"),
        ('what is "OR NEAR(*" about pumps', "manual.md"),
    ],
)
def test_the_right_file_comes_first(shelf: Any, question: str, file: str) -> None:
    retriever, library, _ = shelf
    found = retriever.search(question).passages
    assert found[0].file == file
    for passage in found:
        text = library.text(passage.document_id)
        assert text[passage.start : passage.end] == passage.text
        assert 0.0 <= passage.score <= 1.0
        document = library.document(passage.document_id)
        for offset in range(0, len(passage.text), 7):
            assert locate(passage.pages, passage.text, offset) == locate(document.pages, text, passage.start + offset)


def test_evidence_is_the_sentence_that_answers_quoted_exactly(shelf: Any) -> None:
    retriever, library, embedder = shelf
    for question, words in (
        ("What should I do when the inlet is blocked?", "KB-1047: the inlet is blocked."),
        ("How many Phoca vitulina were there?", "ninety"),
        ("कर्मचारियों को कितने दिन की छुट्टी मिलती है?", "बीस दिन"),
        ("员工每年有多少天假期？", "二十天"),
    ):
        evidence = rank_sentences(question, retriever.search(question).passages, embedder)
        assert words in evidence[0].quote
        assert [e.score for e in evidence] == sorted((e.score for e in evidence), reverse=True)
        for citation in evidence:
            text = library.text(citation.document_id)
            assert text[citation.start : citation.end] == citation.quote
            assert 0.0 <= citation.score <= 1.0
            assert citation.locator == locate(library.document(citation.document_id).pages, text, citation.start)


def test_no_passages_give_no_evidence(embedder: Any) -> None:
    assert rank_sentences("anything", (), embedder) == ()


@pytest.fixture
def small(home: Path):
    settings = Settings(home=home, chunk_tokens=32, passages=4)
    with Library.open(settings, create=True) as library:
        library.bind_embedder(TopicEmbedder())
        yield library, settings


def test_an_empty_library_says_so(small: Any) -> None:
    library, settings = small
    with pytest.raises(NoDocuments, match="lectern ingest"):
        Retriever(library, TopicEmbedder(), settings).search("anything")


def test_chunks_that_continue_each_other_are_one_passage(small: Any, tmp_path: Path) -> None:
    library, settings = small
    things = ("ropes crates barrels", "mail parcels letters", "sheep ponies dogs", "bricks slates timber")
    lines = [f"The ferry number {n} leaves with {thing}. " + f"{thing} " * 4 for n, thing in enumerate(things)]
    (tmp_path / "a.txt").write_text("\n\n".join(line.strip() for line in lines))
    ingest([tmp_path / "a.txt"], library, TopicEmbedder(), settings)
    passages = Retriever(library, TopicEmbedder(), settings).search("ferry number").passages
    ordered = sorted(passages, key=lambda passage: passage.start)
    assert max(passage.text.count("ferry") for passage in passages) == MOST_JOINED
    assert all(a.end <= b.start for a, b in pairwise(ordered))
    for passage in passages:
        assert library.text(passage.document_id)[passage.start : passage.end] == passage.text


def test_a_passage_that_says_nothing_of_its_own_gives_way(small: Any, tmp_path: Path) -> None:
    library, settings = small
    same = "The pump is cleaned every Monday by the person on duty, who signs the sheet."
    for number in range(5):
        (tmp_path / f"copy{number}.txt").write_text(same + "\n" * number)
    (tmp_path / "other.txt").write_text("A pump may also be hired.")
    ingest(
        [tmp_path / name for name in sorted(p.name for p in tmp_path.glob("*.txt"))], library, TopicEmbedder(), settings
    )
    found = Retriever(library, TopicEmbedder(), settings).search("pump cleaned", k=3).passages
    assert [" ".join(passage.text.split()) for passage in found] == [same, "A pump may also be hired."]


def test_other_documents_get_a_chance_beside_one_that_repeats_itself(small: Any, tmp_path: Path) -> None:
    library, settings = small
    pad = "Words follow that say nothing at all of interest to anyone, and then some more of them. "
    (tmp_path / "long.txt").write_text("\n\n".join(f"Ferry timetable of pier {n}. {pad}" for n in range(20)))
    (tmp_path / "short.txt").write_text(
        "Ferry timetable. It hangs on the wall of the harbour office, where nobody has read it for many years."
    )
    (tmp_path / "filler.txt").write_text("\n\n".join(f"Kelp of sample {n} was dried. {pad}" for n in range(40)))
    ingest(sorted(tmp_path.glob("*.txt")), library, TopicEmbedder(), settings)
    found = Retriever(library, TopicEmbedder(), settings).search("ferry timetable pier", k=8).passages
    assert {passage.file for passage in found} == {"long.txt", "short.txt"}


def test_a_version_with_another_figure_does_not_give_way(small: Any, tmp_path: Path) -> None:
    library, settings = small
    text = "A pump is cleaned by whoever has duty, signs our sheet near that door and puts filters out within {} hours."
    for hours in (12, 24):
        (tmp_path / f"{hours}.txt").write_text(text.format(hours))
    ingest([tmp_path / "12.txt", tmp_path / "24.txt"], library, TopicEmbedder(), settings)
    found = Retriever(library, TopicEmbedder(), settings).search("pump cleaned", k=3).passages
    assert {passage.file for passage in found} == {"12.txt", "24.txt"}


def test_words_that_stand_together_come_before_the_same_words_apart(small: Any, tmp_path: Path) -> None:
    library, settings = small
    (tmp_path / "apart.txt").write_text("Granite lies below the meadow of the northern farm beside a quarry.")
    (tmp_path / "together.txt").write_text("Granite quarry with a crane and two sheds, seen from our old road.")
    for number in range(12):
        (tmp_path / f"filler{number}.txt").write_text(f"Ledger {number} of the harbour office.")
    ingest(sorted(tmp_path.glob("*.txt")), library, TopicEmbedder(), settings)
    scores = {
        passage.file: passage.words or 0.0
        for passage in Retriever(library, TopicEmbedder(), settings).search("granite quarry").passages
    }
    assert scores["together.txt"] > 1.1 * scores["apart.txt"]


def test_the_side_that_is_sure_of_a_question_decides_it() -> None:
    by_meaning = fuse({1: 0.6, 2: 0.4, 3: 0.2}, {2: 0.1, 3: 0.2}, 0.7)
    assert max(by_meaning, key=by_meaning.__getitem__) == 1
    by_words = fuse({1: 0.45, 2: 0.4, 3: 0.2}, {2: 0.9}, 0.7)
    assert max(by_words, key=by_words.__getitem__) == 2


def test_words_alone_are_ranked_up_to_1() -> None:
    assert fuse({}, {1: 0.2, 2: 0.1}, 0.7) == {1: 1.0, 2: 0.5}


def test_clearness_counts_from_the_best_of_as_many_unrelated_chunks() -> None:
    background = np.array([-0.1, 0.1] * 50, dtype=np.float32)
    assert clearness(np.array([0.9, 0.4]), background, 1000) == pytest.approx([9.0 - 3.717, 4.0 - 3.717], abs=0.01)


def test_an_embedder_counts_as_was_fitted_for_it_and_not_at_all_in_a_language_that_it_does_not_know(shelf: Any) -> None:
    retriever, _, embedder = shelf
    assert retriever.dense_weight == usual_weight(embedder) != usual_weight(TopicEmbedder())
    ask = retriever._query
    assert dense_weight(ask("How many seals were counted?", 5, None)) == pytest.approx(retriever.dense_weight)
    assert dense_weight(ask("कर्मचारियों को कितने दिन की छुट्टी मिलती है?", 5, None)) == 0
