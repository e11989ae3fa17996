"""Questions to start with: only those that were tried on the documents and answered well are offered."""

import time

import pytest

from app.chat.starter_candidates import candidates
from app.chat.starters import StarterQuestions, is_good
from core.settings import load_settings
from core.types import Citation, Locator
from index.store import starters

TEXT = "Boat,Per night (euros),Per week (euros)\nRowing boat,7,40\nYacht,31,180\nBarge,52,300\n"


@pytest.fixture
def opened(home, tmp_path, embedder, monkeypatch):
    """The library of a harbour's dues, answered by the documents' own words."""
    from app.chat.open_library import OpenLibrary
    from index.build import ingest

    monkeypatch.setattr("index.embed.load_embedder", lambda _settings: embedder)
    monkeypatch.setattr("app.chat.starters.QUIET_S", 0.05)
    file = tmp_path / "harbour dues.csv"
    file.write_text(TEXT)
    settings = load_settings(answer="words")
    with OpenLibrary(settings, create=True) as library:
        assert not ingest([file], library.library, embedder, settings).failed
        yield library


def until_chosen(chooser: StarterQuestions) -> tuple[str, ...]:
    end = time.monotonic() + 60
    while not (offered := chooser.offered()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return offered


def test_what_is_offered_was_answered_from_the_cell_that_it_asks_for(opened):
    chooser = StarterQuestions(opened, lambda: False)
    try:
        offered = until_chosen(chooser)
        assert "What is “Rowing boat” in “Per night (euros)”?" in offered
        for question in offered:
            answer = chooser._answer(question)
            assert any(is_good(answer, one) for one in candidates(opened.library, None))
    finally:
        chooser.close()
    assert opened.library.counts().conversations == 0  # trying leaves no chat


def test_an_answer_from_elsewhere_or_in_doubt_is_not_good(opened):
    from dataclasses import replace

    chooser = StarterQuestions(opened, lambda: False)
    one = next(candidates(opened.library, None))
    answer = chooser._answer(one.question)
    assert is_good(answer, one)
    assert not is_good(replace(answer, doubt="This is not certain."), one)
    assert not is_good(answer, replace(one, document_id="another"))
    assert not is_good(answer, replace(one, start=0, end=5))


def test_nothing_is_tried_while_somebody_waits(opened):
    chooser = StarterQuestions(opened, lambda: True)
    try:
        assert chooser.offered() == ()
        assert chooser.choosing
        time.sleep(0.5)
        assert starters.kept(opened.library) == ("", ())
    finally:
        chooser.close()
    assert not chooser.choosing


def test_a_question_that_the_model_writes_gives_way_and_is_begun_again(opened, scripted):
    chooser = StarterQuestions(opened, lambda: False)
    engine = scripted("What is the dues of a", "What is the due of a barge?")
    engine.before_piece = lambda: chooser.give_way() if len(engine.prompts) == 1 else None
    passage = Citation("d1", "dues.txt", Locator(None, ""), "A barge pays 52 euros.", 0, 22, 1.0)
    assert chooser._write(engine, passage) == "What is the due of a barge?"
    assert engine.stopped == ["cancelled", "end"]


def test_questions_go_with_their_document(opened):
    chooser = StarterQuestions(opened, lambda: False)
    until_chosen(chooser)
    chooser.close()
    (document,) = opened.library.documents()
    opened.library.remove_ids([document.id])
    assert starters.kept(opened.library)[1] == ()
    assert b"Rowing boat" not in (opened.library.folder / "library.sqlite").read_bytes()
