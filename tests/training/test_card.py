"""The card is of the weights that are shipped."""

from index.reader.weights import FILE, SHA256, read_weights
from training.span_reader.card import card


def test_the_card_names_the_shipped_weights_and_their_size() -> None:
    text = (FILE.parent / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert SHA256 in text
    assert f"{FILE.stat().st_size:,} bytes" in text


def test_the_card_says_all_that_the_weights_know_of_themselves() -> None:
    shipped = (FILE.parent / "MODEL_CARD.md").read_text(encoding="utf-8")
    written = card(FILE, SHA256, [])
    assert written.split("## Scores")[0] == shipped.split("## Scores")[0]
    _, facts = read_weights(FILE, SHA256)
    assert f"{facts['dev']['squad2-dev']['gold']['f1']:.3f}" in shipped  # type: ignore[index]
