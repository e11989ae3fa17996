"""What was on screen while it was written stays: afterwards it is marked, and lines are added, none is swapped."""

import pytest

from app.answer.events import Piece
from app.answer.parts import answer_parts
from app.answer.pipeline import answer
from app.answer.question import Question, QuestionPart
from app.answer.services import Services
from app.chat.conversation import Conversation
from app.chat.jobs import JobSnapshot, with_event
from app.ui.markup.answer import answer_html
from core.settings import Settings
from core.types import Document, Locator, Page, Passage
from generate.remote import RemoteEngine
from index.search.retriever import Retrieval
from tests.app.conftest import OneDocument, WholeText
from tests.generate.scripted_chat import Structured

ASKED = "How much is the rent a month?"
RENT = "The rent is 640 euros a month."
LONG = (
    f"Yes. {RENT} Neptune pays 7 million crowns in gold.\n\n1. It was signed by Maren Oyelaran.\n2. Call `./pay --now` "
    'at once.\n- The deposit: not paid.\n```json\n["640 euros", "1 April 2026"]\n```\n租金是每月640欧元。押金没有付。'
)
DECLINED = "The sources do not say how much the rent is."
INVENTED = "Neptune pays in gold."
DRAFTS = [LONG, DECLINED]
FORMS = ["plain", "yes_no", "why", "steps", "list", "differ"]


def streamed(events):
    return "".join(event.text for event in events if isinstance(event, Piece) and event.stays)


def lines(text):
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def assert_stays(events):
    """Each line that was streamed stands in the answer, in order; a sentence may have its document's name behind it."""
    written = lines(streamed(events))
    assert written
    final = events[-1].answer
    kept = iter(lines(final.text.replace(" (lease_a.md)", "").replace(" (lease_b.md)", "")))
    for line in written:
        assert line in kept, f"{line!r} was on screen, and is not in {final.text!r}"
    shown = answer_html(final)
    for sentence in final.sentences:
        assert "".join(sentence.text.split())[:5] in "".join(
            shown.replace("&quot;", '"').replace("&#x27;", "'").split()
        )


@pytest.mark.parametrize("form", FORMS)
def test_of_every_form(asked, scripted, form):
    assert_stays(list(asked(ASKED, scripted(LONG, size=8000), form=form)))


@pytest.mark.parametrize("draft", [DECLINED, INVENTED])
def test_what_nothing_supports(asked, scripted, draft):
    assert_stays(list(asked(ASKED, scripted(draft, size=8000))))


@pytest.mark.parametrize("draft", [f"{RENT} {INVENTED}", DECLINED])
def test_with_thoughts(asked, scripted, draft):
    engine = scripted(f"Thoughts: The lease says it.\nAnswer: {draft}", size=8000)
    assert_stays(list(asked(ASKED, engine, mode="cot")))


@pytest.mark.parametrize("draft", [f"{RENT} {INVENTED}", DECLINED])
def test_in_steps(asked, scripted, draft):
    engine = scripted(f'Thought: It is there.\nAction: finish("{draft}")', size=8000)
    assert_stays(list(asked(ASKED, engine, mode="react")))


def test_where_steps_end_without_an_answer(asked, scripted):
    assert_stays(list(asked(ASKED, scripted("Thought: The rent", LONG, size=8000), mode="react")))


@pytest.mark.parametrize("draft", [f"{RENT} {INVENTED}", INVENTED])
def test_of_a_servers_model(asked, draft):
    thinking = {"thoughts": "The lease names the rent.", "answer": draft}
    engine = RemoteEngine(Structured(answers=[thinking]), "fake", 9000)
    assert_stays(list(asked(ASKED, engine, mode="cot")))


@pytest.mark.parametrize("draft", DRAFTS)
def test_of_several_questions(asked, scripted, embedder, tmp_path, draft):
    services = Services(
        OneDocument(), asked.retriever, embedder, scripted(draft, draft, size=8000), Settings(home=tmp_path)
    )
    two = [ASKED, "Who signed the lease?"]
    parts = [QuestionPart(one, one, one) for one in two]
    assert_stays(list(answer_parts(Question(" ".join(two)), parts, services)))


@pytest.mark.parametrize("draft", DRAFTS)
def test_of_the_last_answer_made_anew(library, asked, scripted, embedder, tmp_path, draft):
    settings = Settings(home=tmp_path, answer="model")
    services = Services(library, asked.retriever, embedder, scripted(RENT, draft, size=8000), settings)
    talk = Conversation(services)
    list(talk.ask(ASKED))
    assert_stays(list(talk.ask("as a list please")))


class TwoLeases(WholeText):
    """Finds two leases that differ in their rent."""

    TEXTS = {"lease_a.md": "The rent is 640 euros a month.", "lease_b.md": "The rent is 655 euros a month."}  # noqa: RUF012

    def search(self, question, k=None, within=None, **rest):
        place = Locator(None, "line 1")
        return Retrieval(
            tuple(
                Passage(name, name, "", 0, len(text), text, place, (), 0.8, 0.7, 3.0)
                for name, text in self.TEXTS.items()
            ),
            1.0,
        )

    def document(self, name):
        text = self.TEXTS[name]
        return Document(name, name, "text/plain", "", text, (Page("lines", 1, "", 0, len(text)),))

    def with_tables(self, most):
        return []

    def sources_of(self, name):
        return [f"text:{name}"]


@pytest.mark.parametrize("draft", DRAFTS)
def test_where_documents_differ(scripted, embedder, tmp_path, draft):
    shelf = TwoLeases()
    services = Services(shelf, shelf, embedder, scripted(draft, size=8000), Settings(home=tmp_path))
    events = list(answer(Question(ASKED), services))
    assert_stays(events)
    assert "lease_b.md" in events[-1].answer.text or not events[-1].answer.found


def test_what_a_model_that_only_phrases_wrote_is_not_shown_before_it_is_judged(asked, scripted):
    events = list(asked(ASKED, scripted(INVENTED)))
    assert streamed(events) == ""
    assert events[-1].answer.text == RENT
    now = JobSnapshot(ASKED)
    for event in events[:-1]:
        now = with_event(now, event)
    assert (now.stage, now.text) == ("writing", "")
