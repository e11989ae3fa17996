"""Questions made from plain passages: what they ask for stands where they say, and not in the question."""

import random
import re

from training.span_reader.made import recurring_questions, rule_questions

PASSAGES = {
    "Harbo#1": "In 1904 Anna Berg opened the first mill at Harbo. The river froze early that year.",
    "Harbo#2": "The council thanked Anna Berg in a letter. Forty men worked in the cellar.",
    "Lund#1": "Anna Berg never came to the city of Lund. Its bridge was built by Karl Moe in 1931.",
}


def test_a_recurring_span_is_hidden_in_one_sentence_and_found_in_another() -> None:
    made = [each for seed in range(20) for each in recurring_questions(PASSAGES, random.Random(seed))]
    assert {each.text[slice(*each.spans[0])] for each in made} == {"Anna Berg"}
    for each in made:
        assert "Anna Berg" not in each.question
        assert "what" in each.question
        assert each.text in (PASSAGES["Harbo#1"], PASSAGES["Harbo#2"])  # Lund is another article


def test_the_sentence_that_asks_is_cut_out_of_its_own_passage() -> None:
    text = "Karl Moe built the old bridge. Later the town honoured Karl Moe with a statue."
    made = list(recurring_questions({"p1": text}, random.Random(0)))
    assert len(made) == 2
    for each in made:
        assert each.text.count("Karl Moe") == 1
        assert [each.text[a:b] for a, b in each.spans] == ["Karl Moe"]


def test_rules_ask_for_years_persons_and_places_by_their_question_word() -> None:
    made = [each for seed in range(60) for each in rule_questions(PASSAGES, random.Random(seed))]
    asked = {(each.question.split()[0], each.text[slice(*each.spans[0])]) for each in made}
    assert {("when", "1904"), ("when", "1931"), ("where", "Harbo"), ("who", "Karl Moe")} <= asked
    for each in made:
        answer = each.text[slice(*each.spans[0])]
        assert not re.search(rf"\b{answer}\b", each.question)


def test_a_rule_question_is_no_copy_of_its_sentence() -> None:
    made = {each.question for seed in range(60) for each in rule_questions(PASSAGES, random.Random(seed))}
    assert len(made) > 30


def test_text_without_names_or_numbers_asks_nothing() -> None:
    assert list(rule_questions({"p": "it rained all day and then it snowed."}, random.Random(0))) == []
    assert list(recurring_questions({"p": ""}, random.Random(0))) == []
