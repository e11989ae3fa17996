"""What a model reads of the passages: the best sentences with what stands around them, within a budget of tokens."""

from dataclasses import replace

from app.answer.excerpts import FENCE_TOKENS, excerpts
from core.types import Citation, Locator, Passage

RENT = "The rent is 640 euros."
BOAT = "The boat at the pier is red and has two oars."
TEXT = f"The house is old. {RENT} It is due on the first. {BOAT} Dogs are welcome."
PLACE = Locator(1, "p. 1")
PASSAGE = Passage("d1", "lease.pdf", "Lease", 100, 100 + len(TEXT), TEXT, PLACE, ("Rent",), 0.8, None, None)


def sentence(text: str, score: float = 0.8) -> Citation:
    start = 100 + TEXT.index(text)
    return Citation("d1", "lease.pdf", PLACE, text, start, start + len(text), score)


def words(text: str) -> int:
    return len(text.split())


def test_the_best_sentence_comes_with_its_neighbours_and_what_it_stands_under():
    (one,) = excerpts([sentence(RENT)], [PASSAGE], 100, words)
    assert one.quote == "The house is old. The rent is 640 euros. It is due on the first."
    assert one.heading == "Lease › Rent"
    assert TEXT[one.start - 100 : one.end - 100] == one.quote


def test_stretches_that_touch_become_one():
    found = excerpts([sentence(RENT), sentence(BOAT)], [PASSAGE], 200, words)
    assert [one.quote for one in found] == [TEXT.removesuffix(" Dogs are welcome.")]


def test_the_budget_holds_and_the_best_sentence_is_always_there():
    far = replace(PASSAGE, document_id="d2")
    ranked = [sentence(RENT), replace(sentence(BOAT), document_id="d2")]
    one = words("The house is old. The rent is 640 euros. It is due on the first.") + FENCE_TOKENS
    (best,) = excerpts(ranked, [PASSAGE, far], 1, words)
    assert "640" in best.quote
    assert len(excerpts(ranked, [PASSAGE, far], one + FENCE_TOKENS, words)) == 1
    assert [source.document_id for source in excerpts(ranked, [PASSAGE, far], 3 * one, words)] == ["d1", "d2"]
    alone = excerpts(ranked, [PASSAGE, far], 3 * one, words)[1]
    assert alone.quote == BOAT, "all but the best come alone: more of them have room"


def test_a_sentence_of_a_few_words_comes_with_the_one_that_it_leans_on():
    far = replace(PASSAGE, document_id="d2")
    ranked = [sentence(RENT), replace(sentence("Dogs are welcome."), document_id="d2")]
    assert excerpts(ranked, [PASSAGE, far], 200, words)[1].quote == f"{BOAT} Dogs are welcome."
