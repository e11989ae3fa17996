"""What is asked in a fixed form: the grammars of local models, and the same as JSON that becomes the same text."""

from itertools import pairwise

import pytest
from pydantic import ValidationError

from prompts.expansion_prompt import load_expansion_prompt
from prompts.render import HERE, load_prompt, read_template
from prompts.shapes import ANSWER_LINE, SHAPES, STEP_TEXT, LastStep, Parts, Questions, Standalone, Step, Thinking

MEASURED = {
    Thinking: r'root ::= "Thoughts: " [^\n]{1,400} "\nAnswer: " [^\n]+',
    Step: r"""root ::= "Thought: " thought "\nAction: " action
thought ::= [^\n]{1,160}
action ::= "search(\"" words "\")" | "lookup(\"" words "\")" | "finish(\"" words "\")"
words ::= [^"\n]{1,240}""",
    LastStep: r"""root ::= "Thought: " thought "\nAction: " action
thought ::= [^\n]{1,160}
action ::= "finish(\"" words "\")"
words ::= [^"\n]{1,240}""",
    Questions: r"""root ::= question "\n" question
question ::= [^\n ] [^\n?؟？]{8,150} [?؟？]""",
    Standalone: r"root ::= [^\n\t ?؟？a-z] [^\n?؟？]{3,200} [?؟？]",
}
"""The grammars under which the local models were measured: a change of one is a change of their answers."""


@pytest.mark.parametrize("shape", MEASURED)
def test_local_models_write_under_the_grammars_that_were_measured(shape):
    assert shape.grammar() == MEASURED[shape]


def test_every_prompt_with_a_form_asks_for_its_shape():
    assert load_prompt("direct").shape is None
    assert load_prompt("cot").shape is Thinking
    assert load_prompt("react").shape is Step
    assert load_expansion_prompt("queries").shape is Questions
    assert load_expansion_prompt("hyde").shape is None
    assert read_template(HERE / "standalone.yaml", "direct").shape is Standalone


@pytest.mark.parametrize("shape", [*SHAPES.values(), LastStep])
def test_a_schema_describes_every_field_and_holds_nothing_that_servers_refuse(shape):
    schema = shape.model_json_schema()
    assert schema["additionalProperties"] is False
    assert sorted(schema["required"]) == sorted(schema["properties"])
    known = {"type", "title", "description", "enum", "const"}
    for field in schema["properties"].values():
        assert field["description"]
        assert set(field) <= known


def test_thoughts_in_json_become_the_lines_that_are_split():
    text = Thinking.model_validate_json('{"thoughts": "It says\\n640.", "answer": "640 euros."}').to_text()
    assert text == "Thoughts: It says 640.\nAnswer: 640 euros."
    assert text[ANSWER_LINE.search(text).end() :] == "640 euros."
    assert Thinking.parse(text).to_text() == text


def test_a_step_in_json_becomes_the_text_that_is_read():
    step = Step(thought="I need it.", action="search", words='the "rent")')
    found = STEP_TEXT.match(step.to_text())
    assert found.groupdict() == {"thought": "I need it.", "action": "search", "words": "the ”rent”)"}
    assert Step.parse(step.to_text()) == step


def test_long_thoughts_are_cut_and_long_answers_refused():
    assert len(Step(thought="word " * 100, action="finish", words="x").thought) <= 160
    for wrong in ("", "w" * 241):
        with pytest.raises(ValidationError):
            Step(thought="t", action="finish", words=wrong)


def test_the_last_step_cannot_search():
    with pytest.raises(ValidationError):
        LastStep.model_validate({"thought": "t", "action": "search", "words": "w"})


def test_questions_are_questions():
    assert Questions.parse("Who signed the lease?\n\nWhose name is on it?\n").to_text() == (
        "Who signed the lease?\nWhose name is on it?"
    )
    for first, second in pairwise(["Who signed the lease?", "The lease.", "Who?"]):
        with pytest.raises(ValidationError):
            Questions(first=first, second=second)
    for wrong in ("Sure! Here it is:\nWho signed the lease?", "who signed it?", "It was Maren."):
        with pytest.raises(ValueError):  # noqa: PT011 - pydantic's is one
            Standalone.parse(wrong)


def test_a_free_answer_is_the_answer():
    assert Thinking.from_plain("640\neuros.") == "Thoughts: \nAnswer: 640 euros."
    assert Thinking.from_plain("Thoughts: x\nAnswer: 640.") == "Thoughts: x\nAnswer: 640."
    assert STEP_TEXT.match(Step.from_plain('It is "640".'))["words"] == "It is ”640”."
    assert Standalone.from_plain("So what?") == "So what?"


def test_parts_in_json_become_a_question_a_line():
    assert Parts(questions="What is the rent? Who pays it?").to_text() == "What is the rent?\nWho pays it?"
    assert Parts.parse("租金多少？\n什么时候付？").to_text() == "租金多少？\n什么时候付？"
