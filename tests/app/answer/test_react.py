"""Steps: think, search, finish; always to an end."""

from app.answer.events import Piece, StepTaken
from app.answer.react import MOST_STEPS
from index.search.filters import Filter


def steps(events):
    return [(e.step.kind, e.step.text) for e in events if isinstance(e, StepTaken)]


def step(action, thought="I need it."):
    return f"Thought: {thought}\nAction: {action}"


FINISH = step('finish("The rent is 640 euros a month.")', "It is there.")


def test_finish_at_once(asked, scripted):
    events = list(asked("How much is the rent a month?", scripted(FINISH), mode="react"))
    assert steps(events) == [("thought", "It is there."), ("finish", "The rent is 640 euros a month.")]
    assert [e.text for e in events if isinstance(e, Piece)] == ["The rent is 640 euros a month."]
    assert events[-1].answer.found
    assert events[-1].answer.mode == "react"


def test_a_search_that_adds_nothing_forces_an_end(asked, scripted):
    engine = scripted(step('search("lease rent")'), FINISH)
    events = list(asked("How much is the rent a month?", engine, mode="react"))
    assert [kind for kind, _ in steps(events)] == ["thought", "search", "found", "thought", "finish"]
    assert asked.retriever.searched[1:] == ["lease rent"]
    assert "search" in engine.grammars[0]
    assert "search" not in engine.grammars[1]


def test_every_search_keeps_to_the_same_part_of_the_library(asked, scripted):
    part = Filter(tags=("leases",))
    engine = scripted(step('search("lease rent")'), FINISH)
    list(asked("How much is the rent a month?", engine, mode="react", within=part))
    assert asked.retriever.within == [part, part]


def test_the_same_search_is_not_made_twice(asked, scripted):
    engine = scripted(step('search("the rent, a month")'), FINISH)
    events = list(asked("How much is the rent a month?", engine, mode="react"))
    assert ("found", "nothing new") in steps(events)
    assert len(asked.retriever.searched) == 1


def test_the_last_step_must_finish(asked, scripted):
    searches = [step(f'search("{words}")') for words in ("deposit May", "lease begin", "signed Maren", "boat")]
    engine = scripted(*searches)
    list(asked("How much is the rent a month?", engine, mode="react"))
    assert len(engine.prompts) <= MOST_STEPS
    assert "search" not in engine.grammars[-1]


def test_a_step_that_was_cut_leaves_the_evidence(asked, scripted):
    events = list(asked("How much is the rent a month?", scripted("Thought: The rent"), mode="react"))
    assert events[-1].answer.text == "The rent is 640 euros a month."


def test_steps_only_add_to_the_prompt(asked, scripted):
    engine = scripted(step('search("deposit May paid")'), FINISH)
    list(asked("How much is the rent a month?", engine, mode="react"))
    before, after = engine.prompts
    assert after[: len(before)] == before


def test_a_word_is_looked_up_in_the_documents_that_were_found(asked_long, scripted):
    engine = scripted(step('lookup("brandt")'), step('finish("The water is paid by Brandt.")'), size=1500)
    events = list(asked_long("Who pays the water?", engine, mode="react"))
    assert [kind for kind, _ in steps(events)] == ["thought", "lookup", "found", "thought", "finish"]
    assert "The water is paid by Brandt." in engine.prompts[1][-1].content
    assert [quote.quote for quote in events[-1].answer.citations] == ["The water is paid by Brandt."]


def test_a_word_that_stands_nowhere_else_forces_an_end(asked_long, scripted):
    engine = scripted(step('lookup("harbour")'), FINISH, size=1500)
    events = list(asked_long("Who pays the water?", engine, mode="react"))
    assert ("found", "nothing new") in steps(events)
    assert "lookup" not in engine.grammars[1]


def test_after_the_time_is_over_the_next_step_must_finish(asked, scripted, monkeypatch):
    monkeypatch.setattr("app.answer.library_tools.MOST_SECONDS", 0.0)
    engine = scripted(FINISH)
    list(asked("How much is the rent a month?", engine, mode="react"))
    assert "search" not in engine.grammars[0]


def test_a_model_that_reads_answers_from_what_was_found_where_a_step_was_cut(asked, scripted):
    engine = scripted("Thought: The rent", "The rent is 640 euros a month.", size=1500)
    events = list(asked("How much is the rent a month?", engine, mode="react"))
    assert events[-1].answer.text == "The rent is 640 euros a month."
    assert events[-1].answer.found
