"""A finished answer in the terminal: what was read a second way."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from app.answer.as_json import to_json
from app.commands.print_answer import print_proof
from core.types import Answer, AnswerPart, AnswerSentence, AnswerWords, Citation, Locator, Timings, Usage

QUOTE = Citation("d1", "handbook.pdf", Locator(3, "p. 3"), "Divers surface with 50 bar.", 0, 27, 0.9)
WORDS = AnswerWords("d1", "handbook.pdf", Locator(3, "p. 3"), "50 bar", 20, 26, 1.0)
ANSWER = Answer(
    question="How much air?",
    text="Keep 60 bar.",
    found=True,
    sentences=(AnswerSentence("Keep 60 bar.", (QUOTE,)),),
    evidence=(QUOTE,),
    passages=(),
    steps=(),
    timings=Timings(total=2000),
    usage=Usage(prompt=300, answer=10),
    model="standard",
    mode="direct",
    words=WORDS,
)
SECOND = "Read a second way, the documents say “50 bar” (handbook.pdf, p. 3)."


def printed(answer):
    out, err = (Console(file=StringIO(), width=200) for _ in range(2))
    print_proof(out, err, answer, with_model=True)
    return out.file.getvalue(), err.file.getvalue()


def test_words_that_the_answer_lacks_stand_below_it():
    out, err = printed(replace(ANSWER, readers="differ"))
    assert out.index("60 bar") < out.index(SECOND) < out.index("Sources")
    assert "read twice" not in err


def test_that_the_readers_agree_stands_in_the_small_print():
    out, err = printed(replace(ANSWER, readers="agree"))
    assert "second way" not in out
    assert err.rstrip().endswith("2.0 s · read twice, with the same result")
    assert "read twice" not in printed(ANSWER)[1]


def test_each_part_has_its_own():
    parts = (
        AnswerPart("How much air?", "", "Keep 60 bar.", 0, True, "", WORDS, "differ"),
        AnswerPart("Who logs it?", "", "Anna logs it.", 1, True),
    )
    told = (*ANSWER.sentences, AnswerSentence("Anna logs it.", ()))
    text = "How much air?\nKeep 60 bar.\n\nWho logs it?\nAnna logs it."
    answer = replace(ANSWER, parts=parts, sentences=told, text=text, words=None)
    out, _ = printed(answer)
    assert out.index(SECOND) < out.index("Who logs it?")
    first, second = to_json(answer)["parts"]
    assert (first["readers"], first["words"]["text"]) == ("differ", "50 bar")
    assert (second["readers"], second["words"]) == (None, None)
