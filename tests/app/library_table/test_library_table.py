"""Questions for documents: every one of a library is looked at, and those that say it stand there with their words."""

from datetime import date
from types import SimpleNamespace

import pytest

from app.answer.library_answer import documents_for, from_library
from app.answer.question import Question
from app.library_table.asked import documents_asked
from core.facets import Facet, Facets
from core.types import Document, Page

TEXTS = {
    "lease.txt": "Lease of the workshop\n\nThe tenant pays a deposit of 900 euros.\n\nThis lease ends on 1 March 2031.",
    "hire.txt": "Lease of a crane\n\nThis lease ends on 30 June 2033.",
    "letter.txt": "Deposit\n\nHarbour Office Ltd. asks for the deposit to be paid.",
    "stock.txt": "Item | Count\nDeposit boxes | 4",
}
KINDS = {"lease.txt": "Lease of the workshop", "hire.txt": "Lease of a crane", "stock.txt": "Item | Count"}


def facets_of(name):
    found = [Facet("kind", KINDS[name], 0, len(KINDS[name]))] if name in KINDS else []
    if name == "letter.txt":
        at = TEXTS[name].index("Harbour")
        found.append(Facet("organisation", "Harbour Office Ltd.", at, at + 19, ("the Office",)))
    return Facets(tuple(found))


class Shelf:
    def all_facets(self):
        return {name: facets_of(name) for name in TEXTS}

    def documents(self):
        return [SimpleNamespace(id=name, name=name) for name in TEXTS]

    def text(self, name):
        return TEXTS[name]

    def document(self, name):
        return Document(name, name, "text/plain", "", TEXTS[name], (Page("lines", 1, "", 0, len(TEXTS[name])),))

    def counts(self):
        return SimpleNamespace(documents=len(TEXTS))


def asked(question):
    found = documents_for(Question(question), SimpleNamespace(library=Shelf()))
    return from_library(found) if found else None


def test_all_that_mention_something_stand_there_with_their_sentence():
    given = asked("Which documents mention a deposit?")
    assert given.text.splitlines() == [
        "lease.txt: “The tenant pays a deposit of 900 euros.”",
        "letter.txt: “Harbour Office Ltd. asks for the deposit to be paid.”",
        "stock.txt: “Deposit boxes | 4”",
    ]
    assert given.notes == ("4 of 4 documents looked at.",)
    assert given.sentences[0].citations[0].quote == "The tenant pays a deposit of 900 euros."
    assert [row[0] for row in given.table.rows] == ["lease.txt", "letter.txt", "stock.txt"]


@pytest.mark.parametrize(
    ("question", "files"),
    [
        ("Which leases end in 2031?", ["lease.txt"]),
        ("Which of my leases end in June 2033?", ["hire.txt"]),
        ("What do I have from the Harbour Office?", ["letter.txt"]),
        ("Welche Dokumente erwähnen deposit?", ["lease.txt", "letter.txt", "stock.txt"]),
    ],
)
def test_kinds_days_and_names_choose_documents(question, files):
    assert [one.file for sentence in asked(question).sentences for one in sentence.citations] == files


def test_how_many_is_said_first():
    assert asked("How many documents mention a deposit?").text.splitlines()[0] == "3"


def test_nothing_is_invented_where_none_says_it():
    given = asked("Which documents mention a sauna?")
    assert not given.found
    assert given.notes == ("4 of 4 documents looked at.",)


@pytest.mark.parametrize(
    "question",
    [
        "When does the lease end?",
        "Which documents must the tenant hand in by 1 May 2031?",
        "Which item is the dearest?",
        "Which leases end in 2040?",
        "What do I have from Alvin?",
    ],
)
def test_other_questions_go_the_ordinary_way(question):
    assert asked(question) is None


def test_this_year_is_that_of_today():
    assert documents_asked("Which contracts end this year?", date(2031, 2, 3)).days.end == date(2031, 12, 31)
