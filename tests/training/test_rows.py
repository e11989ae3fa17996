"""Rows of questions in company, and hidden tokens: the answer stays where it is, and nowhere else."""

import json
import random
from dataclasses import asdict, replace

import pytest

from evaluate.span_scores import find_answers
from training.span_reader.batches import Material, Row, block_rows, masked
from training.span_reader.prepare import Example

SENTENCES = {
    f"a{article}:0:{number}": f"In town {article}{number} the {thing} of {name} stood by the old river."
    for article, name in enumerate(("Ada", "Boris", "Chandra", "Dilip"))
    for number, thing in enumerate(("mill", "barn", "forge", "inn"))
}


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("rows")
    with (folder / "passages.jsonl").open("w") as file:
        file.writelines(json.dumps({"_id": key, "text": text}) + "\n" for key, text in SENTENCES.items())
    examples = []
    for key, text in SENTENCES.items():
        answer = text.split()[4]
        others = tuple(other for other in SENTENCES if other.split(":")[0] == key.split(":")[0] and other != key)
        question = f"What stood in town {text.split()[2]}?"
        spans = find_answers(text, [answer])
        examples.append(Example(key, "qamr", "train", question, key, (answer,), spans, others))
    (folder / "examples.jsonl").write_text("".join(json.dumps(asdict(each)) + "\n" for each in examples))
    return Material(folder)


def words_of(material: Material, row: Row) -> list[str]:
    return [material.tokenizer.decode(list(row.passage[first : last + 1])) for first, last in row.spans]


def test_only_the_first_row_of_a_group_holds_the_answer(material: Material) -> None:
    groups = list(block_rows(material, material.examples, random.Random(0), 3))
    assert len(groups) == len(SENTENCES)
    for example, (own, *others) in zip(material.examples, groups, strict=True):
        assert words_of(material, own) == [example.answers[0]]
        assert len(others) == 2
        for row in others:
            assert row.spans == ()
            assert row.passage
            assert example.answers[0] not in material.tokenizer.decode(list(row.passage)).split()


def test_hidden_tokens_leave_length_and_answer_in_place(material: Material) -> None:
    rows = [row for group in block_rows(material, material.examples, random.Random(0), 3) for row in group]
    hidden = masked(rows, 0.2, material.mask, random.Random(1))
    tokens = [token for row in hidden for token in row.question + row.passage]
    assert 0.15 < tokens.count(material.mask) / len(tokens) < 0.25
    for before, after in zip(rows, hidden, strict=True):
        assert (after.length, after.spans, after.cut) == (before.length, before.spans, before.cut)
        seen = zip(before.question + before.passage, after.question + after.passage, strict=True)
        assert all(b in (a, material.mask) for a, b in seen)
    assert masked(rows, 0.0, material.mask, random.Random(1)) == rows


def test_an_answer_that_every_sentence_holds_gets_no_company(material: Material) -> None:
    common = [replace(example, answers=("the",)) for example in material.examples]
    assert list(block_rows(material, common, random.Random(0), 3)) == []
