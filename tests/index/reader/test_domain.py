"""When the span reader's scores count, what it reads, and rows of tables with their columns."""

import pytest

from core.settings import Settings
from core.types import Citation, Locator, Page, Passage
from index.reader.domain import figures_share, trust
from index.reader.span_evidence import PIECES, pieces_to_read, read_span_evidence
from index.search.sentence_ranking import rank_sentences
from index.search.table_columns import column_names, whole_cell

HERE = Locator(None, "")


@pytest.fixture(scope="module")
def span_reader(embedder, tmp_path_factory):
    from index.bundled import bundled_folder
    from index.reader.loader import load_span_reader

    settings = Settings(home=tmp_path_factory.mktemp("reader-home"))
    return load_span_reader(bundled_folder(settings.home), embedder.word_embeddings())


def passage(text, document="d", start=0, headings=()):
    pages = (Page("lines", 1, "", 0, len(text)),)
    return Passage(document, document, "", start, start + len(text), text, HERE, headings, 1.0, 0.5, 1.0, pages)


def test_other_scripts_and_columns_of_figures_are_out_of_domain(span_reader):
    prose = "The pier was opened in 1887 by the mayor."
    assert trust("When was the pier opened?", prose, span_reader) == 1.0
    assert trust("متى افتتح الرصيف؟", "افتتح رئيس البلدية الرصيف في عام 1887.", span_reader) == 0.0
    assert trust("घाट कब खोला गया?", "घाट 1887 में महापौर ने खोला।", span_reader) == 0.0
    figures = "Net sales 81,797 82,959 293,787 304,182\nCost of sales 45,384 47,074 164,440 170,782"
    assert trust("How high were net sales?", figures, span_reader) == 0.0
    assert figures_share("") == figures_share("pier") == 0.0


def test_a_best_sentence_it_cannot_read_keeps_its_place(span_reader, embedder):
    table = passage("July | 455 | 300 | 121 | 34\nAugust | 431 | 268 | 129 | 34", "table")
    prose = passage(
        "In the summer months up to twenty-four guests live in the two guest houses of the station.", "prose"
    )
    question = "July: 455 guests?"
    before = rank_sentences(question, [table, prose], embedder, 10)
    assert before[0].document_id == "table"
    read = read_span_evidence(question, [table, prose], before, span_reader)
    assert read.sentences == before
    assert (read.words, read.answerable) == ((), None)


def test_long_passages_are_read_in_pieces_around_the_best_sentences(embedder):
    filler = "The keeper wrote that the tower needed paint and that the stores were low again this month. " * 12
    text = filler + "The pier was opened in 1887 by the mayor. " + filler
    long = passage(text)
    others = [passage(f"Note {number}. " + filler[:900], f"n{number}") for number in range(6)]
    sentences = rank_sentences("When was the pier opened?", [*others, long], embedder, 48)
    pieces = pieces_to_read([*others, long], sentences)
    assert len(pieces) == PIECES
    assert "opened in 1887" in pieces[0].text
    assert len(pieces[0].text) < len(text) / 2
    for piece in pieces:
        home = next(p for p in (*others, long) if p.document_id == piece.document_id)
        assert home.text[piece.start - home.start : piece.end - home.start] == piece.text


TABLE = "| code | meaning |\n|---|---|\n| E-07 | too hot |\n| E-11 | leak at the seal |"


def test_a_row_knows_its_columns_and_a_header_has_none():
    assert column_names(passage(TABLE), TABLE.index("| E-11")) == "| code | meaning |"
    assert column_names(passage(TABLE), 0) == ""
    sheet = passage("July | 455 | 300\nMay | 212 | 140", headings=("Guests", "Month | Nights | Students"))
    assert column_names(sheet, sheet.text.index("May")) == "Month | Nights | Students"
    assert column_names(passage("The pier was opened in 1887."), 5) == ""


def test_words_in_a_row_are_the_whole_cell():
    start = TABLE.index("leak")
    found = whole_cell(TABLE, start, start + 4)
    assert TABLE[slice(*found)] == "leak at the seal"
    across = TABLE.index("E-11"), TABLE.index("leak") + 4
    assert whole_cell(TABLE, *across) == across
    prose = "The pier was opened in 1887."
    assert whole_cell(prose, 4, 8) == (4, 8)


def test_words_and_places_are_exact_below_a_title(span_reader, embedder):
    text = "The rent is 640 euros a month. It is paid on the third working day."
    lease = Passage("d", "lease.txt", "Lease of the boathouse", 100, 100 + len(text), text, HERE, ("Rent",), 1, 0.5, 1)
    sentences = rank_sentences("How much is the rent of the boathouse?", [lease], embedder, 10)
    read = read_span_evidence("How much is the rent of the boathouse?", [lease], sentences, span_reader)
    best = read.words[0]
    assert best.text == text[best.start - 100 : best.end - 100]
    assert best.text.startswith("640 euros")
    assert isinstance(read.sentences[0], Citation)
    assert read.sentences[0].quote == "The rent is 640 euros a month."
