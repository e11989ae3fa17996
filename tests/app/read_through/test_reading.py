"""A question put to every page: what is listed, what is not, with its place, and how many pages were read."""

import threading
from dataclasses import replace

import pytest

from app.answer.events import Answered, Note, Progressed
from app.read_through.judge import ListJudge
from app.read_through.reading import read_through
from app.summarize.context import TaskContext
from app.summarize.key_figures import cite
from core.settings import Settings
from core.types import Document, Page

PAGES = (
    "The tenant pays 640 euros a month for the flat. The kitchen is blue and faces the garden.\n",
    "No bicycles may be kept in the hall. The keys are handed back within ten days.\n",
    "The house was built in 1911. The garage costs a further 55 euros. Smoking is forbidden on the stairs.\n",
)


def lease() -> Document:
    starts = [sum(map(len, PAGES[:at])) for at in range(len(PAGES))]
    pages = tuple(
        Page("page", number, "", start, start + len(text))
        for number, (start, text) in enumerate(zip(starts, PAGES, strict=True), 1)
    )
    return Document("lease", "lease.pdf", "application/pdf", "Lease", "".join(PAGES), pages)


@pytest.fixture
def context(embedder, tmp_path):
    def make(engine=None, cancel=None):
        return TaskContext(embedder, engine, Settings(home=tmp_path), cancel or threading.Event())

    return make


def answer_of(events):
    return [event.answer for event in events if isinstance(event, Answered)][-1]


@pytest.mark.parametrize(
    ("question", "listed"),
    [
        ("List every amount of money.", ["640 euros", "55 euros"]),
        ("What is forbidden? List everything.", ["No bicycles", "Smoking is forbidden"]),
        ("List all deadlines.", ["within ten days"]),
    ],
)
def test_what_is_asked_for_is_listed_with_its_page_and_nothing_else(context, question, listed):
    answer = answer_of(read_through(lease(), question, context()))
    assert len(answer.sentences) == len(listed)
    for sentence, words in zip(answer.sentences, listed, strict=True):
        assert words in sentence.text
        (quote,) = sentence.citations
        assert quote.quote in PAGES[quote.locator.page - 1]


def test_duties_of_the_other_party_are_not_listed(context):
    text = (
        "This lease is made between Ada Marsh (“the Landlord”) and Ben Hill (“the Tenant”).\n"
        "The Tenant cleans the gutters every autumn. The Landlord pays for the yearly service of the boiler.\n"
    )
    document = Document("l", "lease.txt", "text/plain", "Lease", text, (Page("lines", 1, "", 0, len(text)),))
    answer = answer_of(read_through(document, "What are the obligations of the tenant?", context()))
    assert "gutters" in answer.text
    assert "boiler" not in answer.text


def test_the_footer_of_a_page_is_not_listed(context):
    text, pages = "", []
    for number, said in enumerate(("The roof is mended by 9 June 2025.", "The flat is dry.", "It is old."), 1):
        whole = f"{said}\nLease of 3 May 2024, page {number}\n"
        pages.append(Page("page", number, "", len(text), len(text) + len(whole)))
        text += whole
    document = Document("l", "lease.pdf", "application/pdf", "Lease", text, tuple(pages))
    answer = answer_of(read_through(document, "List every date that is named.", context()))
    assert [one.text for one in answer.sentences] == ["The roof is mended by 9 June 2025."]


def test_it_says_that_all_pages_were_read(context):
    events = list(read_through(lease(), "List every amount of money.", context()))
    assert [event.done for event in events if isinstance(event, Progressed)] == [0, 1, 2]
    assert "3 of 3 pages read; 2 places found." in [event.text for event in events if isinstance(event, Note)]


def test_stopped_it_keeps_what_was_found_and_says_how_far_it_came(context):
    cancel = threading.Event()
    events = []
    for event in read_through(lease(), "List every amount of money.", context(cancel=cancel)):
        events.append(event)
        if isinstance(event, Progressed) and event.done == 1:
            cancel.set()
    answer = answer_of(events)
    assert answer.cancelled
    assert "640 euros" in answer.text
    assert "55 euros" not in answer.text
    assert any(e.text.startswith("1 of 3 pages read") for e in events if isinstance(e, Note))


def test_a_scan_without_text_is_said(context):
    scan = Document("s", "scan.pdf", "application/pdf", "", "\n", (Page("page", 1, "", 0, 1, note="no text"),))
    answer = answer_of(read_through(scan, "List every deadline.", context()))
    assert answer.text == "scan.pdf has no text to read: it may be a scan."
    assert not answer.found


def test_a_model_decides_what_is_not_clear_and_is_asked_once(scripted):
    engine = scripted(size=8000)
    judge = ListJudge(engine, "List what is forbidden.")
    quote = cite(lease(), len(PAGES[0]), len(PAGES[0]) + 36)
    assert judge(quote) is not None
    judge(quote)
    assert len(engine.judged) == 1


def test_a_models_no_is_known_by_sentences_that_are_clearly_none(scripted, monkeypatch):
    """A model whose Yes is always the likelier word, or never, still tells what is more so than those."""
    logits = {"The kitchen is blue.": 1.1, "The house is old.": 0.9, "No dogs in the hall.": 1.7, "Dogs are dear.": 1.1}
    judge = ListJudge(scripted(size=8000), "What is forbidden?")
    monkeypatch.setattr(ListJudge, "__call__", lambda _judge, quote: logits[quote.quote])
    quotes = {text: replace(cite(lease(), 0, 12), quote=text) for text in logits}
    judge.learn_no([quotes["The kitchen is blue."], quotes["The house is old."]])
    assert judge.says_yes(quotes["No dogs in the hall."])
    assert not judge.says_yes(quotes["Dogs are dear."])
