"""Letters of a page find their places in its text also where one of the two has letters that the other has not."""

from ingest.tables.layout.positions import offsets


def placed(drawn: str, text: str) -> dict[int, str]:
    """The character of the text that each drawn letter was found at, by the letter's number."""
    found = offsets(enumerate(drawn), text, 0, len(text))
    return {number: text[start:end] for number, (start, end) in found.items()}


def test_letters_that_the_text_lacks_do_not_carry_the_rest_away() -> None:
    drawn = "Fares7 12 7 15 3"
    found = placed(drawn, "Fares 12 7 15 3")
    assert 5 not in found  # the raised 7 of a note, which the text has elsewhere
    assert "".join(found[at] for at in range(7, len(drawn)) if at in found) == "127153"


def test_what_the_text_has_besides_is_passed_over() -> None:
    found = placed("Boats 12", "Boats (of wood) 12")
    assert (found[6], found[7]) == ("1", "2")
