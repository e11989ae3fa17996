"""Quotes are found again among the signs of a page, however its text was mended when it was read."""

from app.source.boxes import find_quote, merge_lines

PAGE = "Harbour notes 1\r\nThe fuel tank holds 180 li\ufffe\r\ntres. The e\ufb03cient pump, too, holds 180 litres.\r\n"


def found(quote: str, before: str = "") -> str:
    return "".join(PAGE[at] for at in find_quote(PAGE, quote, before))


def test_a_hyphen_at_the_end_of_a_line_is_passed_over():
    assert found("fuel tank holds 180 litres") == "fueltankholds180litres"


def test_a_ligature_is_found_by_its_letters():
    assert found("efficient pump") == "e\ufb03cientpump"


def test_of_two_places_the_one_nearest_to_what_stood_before_is_taken():
    first, second = find_quote(PAGE, "holds 180", "The fuel tank"), find_quote(PAGE, "holds 180", PAGE[:70])
    assert first[0] == PAGE.index("holds")
    assert second[0] == PAGE.rindex("holds")


def test_a_quote_with_a_word_that_the_page_lacks_is_found_in_its_parts():
    assert "fueltank" in found("The fuel tank certainly holds 180 litres.")


def test_what_does_not_stand_there_is_not_boxed():
    assert find_quote(PAGE, "A lease of five years is signed by both parties.", "") == []
    assert find_quote(PAGE, "—", "") == []


def test_a_line_is_one_rectangle_and_the_next_line_another():
    page = "ab, c\nde"
    boxes = {0: (0.1, 0.1, 0.2, 0.2), 1: (0.2, 0.1, 0.3, 0.2), 4: (0.5, 0.1, 0.6, 0.2)}
    boxes |= {6: (0.1, 0.3, 0.2, 0.4), 7: (0.2, 0.3, 0.3, 0.4)}
    assert merge_lines(page, [0, 1, 4, 6, 7], boxes.get) == ((0.1, 0.1, 0.6, 0.2), (0.1, 0.3, 0.3, 0.4))


def test_words_between_two_parts_of_a_quote_are_not_boxed():
    boxes = {0: (0.1, 0.1, 0.2, 0.2), 5: (0.5, 0.1, 0.6, 0.2)}
    assert len(merge_lines("a bc d", [0, 5], boxes.get)) == 2
