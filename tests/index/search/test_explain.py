"""What became of a document's passages, with the real embedder: each way in which a stage can end one's way."""

from pathlib import Path
from typing import Any

import pytest
from stand_in import document

from core.errors import UsageError
from core.settings import Settings
from core.types import Page
from index.add import add_documents
from index.search.explain import Explanation, explain
from index.search.filters import Filter
from index.search.parameters import SearchParameters
from index.search.retriever import Retriever
from index.store.library import Library

LEASE = "The lease of the boathouse was signed by Ada Marsh on 3 March 2021."
PAGES = (
    "The ferry leaves the boathouse at noon with the mail for the northern islands and returns before the evening.\n",
    "The ferry of the boathouse carries thirty sheep, two cars and any number of dogs, never both on one crossing.\n",
    "In winter the crew paints the railings.\n",
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, embedder: Any):
    settings = Settings(home=tmp_path_factory.mktemp("explain"), chunk_tokens=32, passages=4)
    pages, start = [], 0
    for number, text in enumerate(PAGES, 1):
        pages.append(Page("page", number, "", start, start + len(text)))
        start += len(text)
    documents = [document("ferry", "".join(PAGES), *pages), document("lease", LEASE), document("copy", LEASE + "\n")]
    documents += [document(f"tide{n}", f"The tide table of harbour {n} begins in the spring.") for n in range(110)]
    with Library.open(settings, create=True) as library:
        add_documents(documents, library, embedder, settings)
        yield Retriever(library, embedder, settings), library


def ask(shelf: Any, question: str, **given: Any) -> Explanation:
    return explain(question, *shelf, **given)


def test_the_first_are_listed_with_their_ranks_and_the_found_ones_as_a_search_returns_them(shelf: Any) -> None:
    question = "Who signed the lease of the boathouse?"
    found = ask(shelf, question)
    assert [name for name, _ in found.stages] == ["dense", "words", "fused", "distinct", "passages"]
    searched = shelf[0].search(question).passages
    for rank, passage in enumerate(searched, 1):
        outcomes = [f for f in found.outcomes if not f.ended and f.ranks[-1].rank == rank]
        assert {outcome.file for outcome in outcomes} == {passage.file}
        assert all(passage.start <= outcome.start and outcome.end <= passage.end for outcome in outcomes)
    first = found.outcomes[0]
    assert (first.file, first.ended, first.why) == ("lease.txt", "", "")
    assert [stage_rank.rank for stage_rank in first.ranks] == [1, 1, 1, 1, 1]
    assert first.text == LEASE


def test_a_repeat_names_what_says_the_same(shelf: Any) -> None:
    (outcome,) = ask(shelf, "Who signed the lease of the boathouse?", document="copy.txt").outcomes
    assert outcome.ended == "distinct"
    assert outcome.why.startswith("says the same as lease.txt")
    assert [stage_rank.rank for stage_rank in outcome.ranks[3:]] == [None, None]


def test_neighbours_are_joined_and_say_with_what(shelf: Any) -> None:
    found = ask(shelf, "When does the ferry leave and how many sheep does it carry?", document="ferry.txt").outcomes
    assert len(found) == 3
    joined = [outcome for outcome in found if not outcome.ended]
    assert len(joined) >= 2
    assert all("joined with its neighbours (p. " in outcome.why for outcome in joined)
    assert len({outcome.ranks[-1].rank for outcome in joined}) == 1


def test_what_neither_side_ranks_says_how_far_off_it_was(shelf: Any) -> None:
    found = ask(shelf, "When does the tide table of harbour 7 begin?", document="ferry.txt", page=3)
    (outcome,) = found.outcomes
    assert (outcome.ended, outcome.locator.label) == ("fused", "p. 3")
    assert "below the first 100 of both sides (dense from 0." in outcome.why
    assert all(stage_rank.rank is None for stage_rank in outcome.ranks)


def test_what_ranks_too_low_and_what_the_filter_leaves_out(shelf: Any) -> None:
    question = "When does the tide table of harbour 7 begin?"
    ends = {ask(shelf, question, document=f"tide{n}.txt").outcomes[0].why for n in range(0, 110, 6)}
    assert any(why.startswith("below the first 50 of fused") for why in ends)
    (outcome,) = ask(shelf, question, document="lease.txt", within=Filter(documents=("tide*",))).outcomes
    assert (outcome.ended, outcome.why) == ("fused", "left out by the filter")


def test_a_document_that_is_long_shows_what_got_furthest_and_counts_the_rest(shelf: Any) -> None:
    found = ask(shelf, "ferry", document="ferry.txt", most=1)
    assert (len(found.outcomes), found.more) == (1, 2)


def test_an_unknown_document_or_page_is_said(shelf: Any) -> None:
    with pytest.raises(UsageError, match="no document is called 'leese"):
        ask(shelf, "lease", document="leese.txt")
    with pytest.raises(UsageError, match="The last page with text is 3"):
        ask(shelf, "ferry", document="ferry.txt", page=9)


def test_a_page_needs_its_document(shelf: Any) -> None:
    with pytest.raises(UsageError, match="a page needs its document"):
        ask(shelf, "ferry", page=3)


def test_meaning_that_counts_nothing_by_the_parameters_is_not_laid_on_the_language(home: Path, embedder: Any) -> None:
    settings = Settings(home=home)
    with Library.open(settings, create=True) as library:
        add_documents([document("ferry", PAGES[0]), document("lease", LEASE)], library, embedder, settings)
        words_alone = Retriever(library, embedder, settings, parameters=SearchParameters(dense_weight=0.0))
        (outcome,) = explain("Ada Marsh signed?", words_alone, library, document="ferry.txt").outcomes
        assert outcome.ended == "fused"
        assert outcome.why == "found by meaning alone, which does not count here: dense_weight is 0"


def test_a_chunk_of_which_the_pages_hold_white_space_alone_says_so(home: Path, embedder: Any) -> None:
    settings, text = Settings(home=home), "The ferry leaves at noon.\n\f \n"
    pages = (Page("page", 1, "", 0, 26), Page("page", 2, "", 26, len(text)))
    with Library.open(settings, create=True) as library:
        add_documents([document("blank", text, *pages), document("lease", LEASE)], library, embedder, settings)
        with library.database.writing() as db:
            db.execute("UPDATE chunks SET text = ?, end = ? WHERE document_id = 'blank'", (text, len(text)))
            db.execute("UPDATE chunk_pages SET last_page = 2")
        (outcome,) = explain(
            "When does the ferry leave?",
            Retriever(library, embedder, settings),
            library,
            document="blank.txt",
            within=Filter(pages=(2, 2)),
        ).outcomes
        assert (outcome.ended, outcome.why) == ("distinct", "the filter's pages hold no text of it")
