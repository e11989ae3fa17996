"""Documents that say different things of what was asked."""

import pytest

from app.answer.differing import find_differing
from app.answer.events import EvidenceFound
from app.answer.pipeline import answer
from app.answer.question import Question
from app.answer.services import Services
from core.settings import Settings
from core.types import Citation, Document, Locator, Page, Passage
from index.search.retriever import Retrieval
from index.search.sentence_ranking import rank_sentences

OLD = (
    "# Travel policy\n\nValid from 1 January 2028.\n\n"
    "The daily allowance is 42 crowns. Receipts are kept for three years."
)
NEW = (
    "# Travel policy\n\nValid from 1 March 2031. This version replaces the policy of 2028.\n\n"
    "The daily allowance is 55 crowns. Receipts are kept for five years."
)
POLICIES = {"policy-2028.md": OLD, "policy-2031.md": NEW}
LEASES = {
    "lease_a.md": "Lease of 2 May 2029 with Berg.\n\nThe notice period is six weeks. The rent is 410 crowns.",
    "lease_b.md": "Lease of 3 June 2030 with Lind.\n\nThe notice period is four months. The rent is 655 crowns.",
}


class Shelf:
    """A library and a search that finds all of its documents whole, in their order."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.documents = {
            name: Document(name, name, "text/plain", "", text, (Page("lines", 1, "", 0, len(text)),))
            for name, text in texts.items()
        }
        self.passages = tuple(
            Passage(name, name, "", 0, len(text), text, Locator(None, "line 1"), (), 0.8, 0.7, 3.0)
            for name, text in texts.items()
        )

    def document(self, document_id: str) -> Document:
        return self.documents[document_id]

    def with_tables(self, most: int) -> list[str]:
        return []

    def sources_of(self, document_id: str) -> list[str]:
        return [f"text:{document_id}"]

    def search(self, question: str, **_: object) -> Retrieval:
        return Retrieval(self.passages, 1.0)


def told(question: str, texts: dict[str, str], embedder) -> tuple[list[str], list[str]] | None:
    """The files that are told and those that are only named; None where the documents do not differ."""
    shelf = Shelf(texts)
    found = find_differing(question, rank_sentences(question, shelf.passages, embedder), shelf.documents, embedder)
    return found and ([one.citation.file for one in found.told], [one.citation.file for one in found.others])


@pytest.fixture
def ask(embedder, tmp_path):
    def start(question, texts, engine):
        shelf = Shelf(texts)
        services = Services(shelf, shelf, embedder, engine, Settings(home=tmp_path))
        return list(answer(Question(question), services))

    return start


def test_parallel_documents_are_all_told_the_newest_first(embedder):
    assert told("What is the notice period?", LEASES, embedder) == (["lease_b.md", "lease_a.md"], [])
    assert told("How high is the rent?", LEASES, embedder) == (["lease_b.md", "lease_a.md"], [])


def test_a_version_that_was_replaced_is_only_named(embedder):
    assert told("How long are receipts kept?", POLICIES, embedder) == (["policy-2031.md"], ["policy-2028.md"])


def test_of_versions_that_replace_each_other_the_last_one_speaks(embedder):
    older = OLD.replace("2028", "2026").replace("42", "37")
    middle = OLD.replace("1 January 2028.", "1 January 2028. This version replaces the policy of 2026.")
    texts = {"policy-2026.md": older, "policy-2028.md": middle, "policy-2031.md": NEW}
    assert told("What is the daily allowance?", texts, embedder) == (
        ["policy-2031.md"],
        ["policy-2028.md", "policy-2026.md"],
    )


@pytest.mark.parametrize(
    ("question", "texts", "meant"),
    [
        ("What was the daily allowance under the policy of 2028?", POLICIES, "policy-2028.md"),
        ("What was the daily allowance in 2029?", POLICIES, "policy-2028.md"),
        ("What is the daily allowance in 2033?", POLICIES, "policy-2031.md"),
        ("What is the notice period of the lease with Berg?", LEASES, "lease_a.md"),
    ],
)
def test_the_document_that_is_meant_is_told_alone(embedder, question, texts, meant):
    assert told(question, texts, embedder)[0] == [meant]


def test_a_question_that_names_both_compares_them(embedder):
    assert told("Is the rent of Berg or that of Lind higher?", LEASES, embedder) is None
    assert told("Which rent is the highest?", LEASES, embedder) == (["lease_b.md", "lease_a.md"], [])


@pytest.mark.parametrize(
    "other",
    [
        "The daily allowance is 42 crowns.",
        "The daily allowance is 42 crowns, and 60 crowns abroad.",
        "The daily fee for the sauna is 60 crowns.",
        "Meals are paid for from the first day.",
    ],
)
def test_what_agrees_adds_or_speaks_of_something_else_does_not_differ(embedder, other):
    texts = {"one.md": "The daily allowance is 42 crowns.", "other.md": other}
    assert told("What is the daily allowance?", texts, embedder) is None


def test_a_model_reads_each_document_with_its_name_and_date_and_is_asked_for_all(ask, scripted):
    engine = scripted("lease_b.md says that the notice period is four months.", size=8000)
    answered = ask("What is the notice period?", LEASES, engine)[-1].answer
    prompt = engine.prompts[0][-1].content
    assert prompt.index("lease_b.md (2030-06-03)") < prompt.index("lease_a.md (2029-05-02)")
    assert "naming it" in prompt
    assert [quote.file for quote in answered.citations] == ["lease_b.md", "lease_a.md"]
    assert "lease_a.md (2029-05-02): The notice period is six weeks." in answered.text, "which the model left out"
    assert "Your documents differ on this: lease_b.md (2030-06-03), lease_a.md (2029-05-02)." in answered.notes


def test_a_sentence_of_the_model_that_names_no_document_gets_the_name_of_its_own(ask, scripted):
    draft = "The notice period is six weeks. The notice period is four months."
    answered = ask("What is the notice period?", LEASES, scripted(draft, size=8000))[-1].answer
    assert answered.text == (
        "The notice period is six weeks. (lease_a.md) The notice period is four months. (lease_b.md)"
    )
    assert [sentence.supported for sentence in answered.sentences] == [True, True]


def test_what_one_document_says_is_not_ascribed_to_another(ask, scripted):
    draft = "lease_a.md says that the notice period is four months."
    answered = ask("What is the notice period?", LEASES, scripted(draft, size=8000))[-1].answer
    assert answered.sentences[0].text == draft
    assert not answered.sentences[0].supported
    assert {quote.file for quote in answered.citations} == {"lease_a.md", "lease_b.md"}


def test_a_model_does_not_read_a_version_that_was_replaced(ask, scripted):
    engine = scripted("Receipts are kept for five years.", size=8000)
    answered = ask("How long are receipts kept?", POLICIES, engine)[-1].answer
    assert "three years" not in engine.prompts[0][-1].content
    assert answered.text == "Receipts are kept for five years."
    assert answered.notes == ("Not told above: policy-2028.md (2028-01-01) says “Receipts are kept for three years.”",)


def test_a_model_reads_what_does_not_differ_below_the_dates_of_its_documents(ask, scripted):
    texts = {"lease_a.md": LEASES["lease_a.md"], "sauna.md": "Minutes of 7 May 2031.\n\nThe sauna opens at noon."}
    engine = scripted("The notice period is six weeks.", size=8000)
    ask("What is the notice period?", texts, engine)
    prompt = engine.prompts[0][-1].content
    assert "2 May 2029" in prompt.split("The notice period")[0]
    assert "the newest one counts" in prompt
    only = scripted("The notice period is six weeks.", size=8000)
    ask("What is the notice period?", {"lease_a.md": LEASES["lease_a.md"]}, only)
    assert "newest" not in only.prompts[0][-1].content


@pytest.mark.parametrize("model", [True, False])
def test_a_model_that_only_phrases_is_not_asked_and_each_sentence_names_its_document(ask, scripted, model):
    engine = scripted() if model else None
    events = ask("What is the notice period?", LEASES, engine)
    evidence = next(event for event in events if isinstance(event, EvidenceFound)).evidence
    assert [quote.file for quote in evidence[:2]] == ["lease_b.md", "lease_a.md"]
    assert events[-1].answer.text == (
        "lease_b.md (2030-06-03): The notice period is four months.\n"
        "lease_a.md (2029-05-02): The notice period is six weeks."
    )


def test_rows_of_figures_are_left_to_their_own_rules(embedder):
    texts = {"q1.md": "Net sales  82,959  81,434", "q2.md": "Net sales  94,836  90,753"}
    documents = Shelf(texts).documents
    ranked = [Citation(name, name, Locator(None, ""), text, 0, len(text), 0.9) for name, text in texts.items()]
    assert find_differing("What were net sales?", ranked, documents, embedder) is None
