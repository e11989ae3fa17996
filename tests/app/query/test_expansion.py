"""What else to search for: written by the real SmolLM2 once, and tidied."""

import threading
from pathlib import Path
from typing import Any

import pytest

from app.answer.events import EvidenceFound, Note
from app.answer.pipeline import answer
from app.answer.question import Question
from app.answer.services import Services
from app.query.expansion import KEPT, ModelExpander
from core.errors import EngineStopped, UsageError
from core.settings import Settings
from core.types import Document, Message, Sampling
from index.add import add_documents
from index.search.retriever import Retriever
from index.store.library import Library
from prompts.expansion_prompt import ExpansionPrompt, load_expansion_prompt
from prompts.read import read_prompt


class Scribe:
    """Writes what it is told to, and counts how often it is asked."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked = 0

    def generate(self, messages: list[Message], sampling: Sampling, **_: Any) -> list[str]:
        self.asked += 1
        return [self.text]


def test_the_real_model_writes_two_questions_or_a_passage_within_its_bounds(engine: Any) -> None:
    question = "When does the ferry to the island leave on Sundays?"
    wordings = ModelExpander(lambda: engine, "queries")(question)
    assert 1 <= len(wordings) <= 2
    assert question not in wordings
    (passage,) = ModelExpander(lambda: engine, "hyde")(question)
    assert 10 < len(passage) < 700
    assert "\n" not in passage


def test_lines_are_questions_each_once_and_never_the_question_itself() -> None:
    scribe = Scribe(" When does it open? \n\nwhen does it close?\nWhen does it open?")
    write = ModelExpander(lambda: scribe, "queries")  # type: ignore[arg-type, return-value]
    assert write("When does it close?") == ("When does it open?",)
    assert ModelExpander(lambda: Scribe("One.\nTwo. "), "hyde")("When?") == ("One. Two.",)  # type: ignore[arg-type, return-value]
    assert ModelExpander(lambda: Scribe(" "), "hyde")("When?") == ()  # type: ignore[arg-type, return-value]


def test_a_question_asked_again_is_not_written_for_again() -> None:
    scribe = Scribe("It opens at noon.")
    write = ModelExpander(lambda: scribe, "hyde")  # type: ignore[arg-type, return-value]
    for _ in range(2):
        write("When?")
    assert scribe.asked == 1
    for number in range(KEPT):
        write(f"Question {number}?")
    write("When?")
    assert scribe.asked == KEPT + 2, "the oldest went"


def test_what_was_written_until_stop_is_neither_searched_nor_kept(scripted: Any) -> None:
    engine, cancel = scripted("It opens at noon on Sundays.", "It opens at ten."), threading.Event()
    engine.before_piece = cancel.set
    write = ModelExpander(lambda: engine, "hyde")
    assert write("When?", cancel) == ()
    assert engine.stopped == ["cancelled"]
    assert write("When?") == ("It opens at ten.",)


class Broken:
    """An expander whose engine has died; counts how often it is asked, and keeps what would stop it."""

    def __init__(self) -> None:
        self.cancels: list[threading.Event | None] = []

    def __call__(self, question: str, cancel: threading.Event | None = None) -> tuple[str, ...]:
        self.cancels.append(cancel)
        raise EngineStopped("the model's process ended.", "Ask again.")


def test_the_evidence_is_shown_where_expanding_fails_and_no_model_is_asked_where_none_answers(
    home: Path, embedder: Any, lease: Document, scripted: Any
) -> None:
    settings, broken, cancel = Settings(home=home, expand="queries", answer="model"), Broken(), threading.Event()
    with Library.open(settings, create=True) as library:
        add_documents([lease], library, embedder, settings)
        retriever = Retriever(library, embedder, settings, broken)

        def ask(answer_by: Any = None) -> list[Any]:
            services = Services(library, retriever, embedder, scripted("The rent is 640 euros a month."), settings)
            return list(answer(Question("How much is the rent?", answer_by=answer_by, cancel=cancel), services))

        events = ask()
        assert [e.evidence[0].quote for e in events if isinstance(e, EvidenceFound)] == [
            "The rent is 640 euros a month."
        ]
        (note,) = [e.text for e in events if isinstance(e, Note)]
        assert note == "Only the question itself was searched for: the model's process ended. Ask again."
        assert broken.cancels == [cancel], "Stop reaches it"
        for answer_by in ("words", "evidence"):
            assert not any("searched for" in e.text for e in ask(answer_by) if isinstance(e, Note))
        retriever.trace("How much is the rent?", expanded=False)
        assert len(broken.cancels) == 1
        with pytest.raises(EngineStopped):
            retriever.trace("How much is the rent?")


@pytest.mark.parametrize("kind", ["queries", "hyde"])
def test_a_prompt_has_its_five_parts_and_the_question_is_text(kind: Any) -> None:
    prompt = load_expansion_prompt(kind)
    system, user = prompt.messages("Who {question} it?")
    for part in (prompt.context, prompt.instructions, prompt.output_format, *(e.written for e in prompt.examples)):
        assert part in system.content
    assert user.content.endswith(": Who {question} it?")


def test_a_prompt_without_a_place_for_the_question_is_named(tmp_path: Any) -> None:
    path = tmp_path / "hyde.yaml"
    path.write_text("context: C\ninstructions: I\ntask: T\nexamples: []\noutput_format: O\n")
    with pytest.raises(UsageError, match=r"hyde\.yaml: 'task'"):
        read_prompt(path, ExpansionPrompt)
    path.write_text("just text")
    with pytest.raises(UsageError, match="cannot be read"):
        read_prompt(path, ExpansionPrompt)
