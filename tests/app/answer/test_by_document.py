"""A draft about documents that differ names each document that it rests on."""

from app.answer.by_document import with_every_document
from app.answer.statements import Differing, Statement
from app.answer.verdict import Verdict
from core.types import AnswerSentence, Citation, Locator


def statement(file, quote, year):
    return Statement(Citation(file, file, Locator(None, ""), quote, 0, len(quote), 0.9), (year, 0, 0))


def told(text, *sentences, found):
    verdict = Verdict(text, tuple(AnswerSentence(said, tuple(quotes)) for said, quotes in sentences), found=True)
    return with_every_document(verdict, Differing(found))


NEW = statement("rules.md", "The fee is 5 crowns.", 2031)
OLD = statement("5.md", "The fee is 4 crowns.", 2028)


def test_a_figure_in_a_sentence_is_not_the_name_of_a_file():
    shown = told("The fee is 5 crowns.", ("The fee is 5 crowns.", [NEW.citation]), found=(NEW, OLD))
    assert shown.text == "The fee is 5 crowns. (rules.md)\n5.md (2028): The fee is 4 crowns."
    assert shown.sentences[0].supported


def test_a_sentence_that_names_a_file_rests_on_that_file_alone():
    said = "By the rules the fee is 4 crowns."
    shown = told(said, (said, [OLD.citation]), found=(NEW, OLD))
    assert not shown.sentences[0].supported


def test_sentences_of_the_same_words_get_their_own_names():
    text = "No fee. No fee."
    shown = told(text, ("No fee.", [NEW.citation]), ("No fee.", [OLD.citation]), found=(NEW, OLD))
    assert shown.text.startswith("No fee. (rules.md) No fee. (5.md)")
