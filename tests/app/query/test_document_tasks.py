"""Which questions set a task on whole documents, and on which."""

import pytest

from app.query.document_tasks import DocumentTask, find_document_task, is_document_task
from index.store.records import DocumentRecord


def record(name: str, title: str = "", *sources: str) -> DocumentRecord:
    return DocumentRecord(
        id=name,
        name=name,
        sources=sources,
        title=title,
        media_type="text/plain",
        pages=1,
        characters=10,
        chunks=1,
        size=10,
        added_at="",
        warnings=(),
        day="",
    )


LEASE, MANUAL = record("boathouse-lease.docx", "Lease of the Boathouse"), record("pump.md", "Pump P3: operating manual")
OLD, NEW = record("lease-2016.pdf", "Lease"), record("lease-2026.pdf", "Lease")


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Summarise the lease", LEASE),
        ("please summarize boathouse-lease.docx for me.", LEASE),
        ("Can you sum up the pump manual?", MANUAL),
        ("Give me a short summary of “Lease of the Boathouse”", LEASE),
        ("Fassen Sie boathouse-lease.docx bitte zusammen.", LEASE),
        ("Können Sie bitte „Lease of the Boathouse“ zusammenfassen?", LEASE),
        ("Wovon handelt pump.md?", MANUAL),
        ("Pouvez-vous résumer pump.md, s’il vous plaît ?", MANUAL),
        ("De quoi parle « Lease of the Boathouse » ?", LEASE),
        ("¿Puede resumir pump.md, por favor?", MANUAL),
        ("¿De qué trata «Lease of the Boathouse»?", LEASE),
    ],
)
def test_a_named_document_is_summarised(question, wanted):
    assert find_document_task(question, [LEASE, MANUAL]) == DocumentTask("summary", (wanted.id,))


def test_this_report_is_the_only_one_or_the_one_quoted_last():
    assert find_document_task("summarise this report", [LEASE]) == DocumentTask("summary", (LEASE.id,))
    assert find_document_task("Summarise it, please", [LEASE, MANUAL], [MANUAL.id]) == DocumentTask(
        "summary", (MANUAL.id,)
    )
    assert find_document_task("summarise this report", [LEASE, MANUAL]) is None
    assert find_document_task("summarise this report", [LEASE, MANUAL], [LEASE.id, MANUAL.id]) is None


def test_what_was_quoted_and_is_gone_is_not_meant():
    assert find_document_task("summarise this report", [LEASE], [MANUAL.id]) == DocumentTask("summary", (LEASE.id,))
    assert find_document_task("compare these two", [OLD, NEW, MANUAL], [OLD.id, LEASE.id]) is None


def test_two_documents_are_compared():
    two = DocumentTask("comparison", (OLD.id, NEW.id))
    assert find_document_task("Compare lease-2016 with lease-2026", [OLD, NEW, MANUAL]) == two
    assert find_document_task("Vergleichen Sie lease-2016 mit lease-2026", [OLD, NEW, MANUAL]) == two
    assert find_document_task("Comparar lease-2016 con lease-2026", [OLD, NEW, MANUAL]) == two
    assert find_document_task("compare these two", [OLD, NEW]) == two
    assert find_document_task("Compare the two reports.", [OLD, NEW, MANUAL], [OLD.id, NEW.id]) == two
    assert find_document_task("compare these two", [OLD, NEW, MANUAL]) is None


@pytest.mark.parametrize(
    "question",
    [
        "Summarise the rent rules of the lease",
        "What is the summary judgment about?",
        "Summarise section 3 of the lease",
        "Compare the rent and the deposit",
        "Compare the rent in the lease with the pump",
        "How long is the lease?",
        "summarise the lease",
    ],
)
def test_all_else_is_a_question_like_any_other(question):
    assert find_document_task(question, [OLD, NEW, MANUAL]) is None
    assert is_document_task("How long is the lease?") is False


@pytest.mark.parametrize("question", ["What is this document about?", "What is lease.pdf about?", "what's this about?"])
def test_what_a_document_is_about_is_its_summary(question):
    assert find_document_task(question, [record("lease.pdf", "Lease")]) == DocumentTask("summary", ("lease.pdf",))


def test_what_is_told_about_a_thing_is_no_summary():
    assert find_document_task("What is the last talk about?", [record("talks.md", "Talks")]) is None


@pytest.mark.parametrize(
    "question",
    [
        "What changed between the two?",
        "What has changed between lease-2028.md and lease-2031.md?",
        "What changed between the 2028 and the 2031 lease?",
        "What are the differences between these two documents?",
    ],
)
def test_what_changed_between_two_documents_is_their_comparison(question):
    two = [record("lease-2028.md", "Lease"), record("lease-2031.md", "Lease")]
    assert find_document_task(question, two) == DocumentTask("comparison", ("lease-2028.md", "lease-2031.md"))


@pytest.mark.parametrize(
    "question",
    [
        "What's the difference between lease-2028.md and lease-2031.md?",
        "How does the 2028 lease differ from the 2031 lease?",
        "Show me all changes from lease-2028.md to lease-2031.md",
        "What changed between the two versions of the lease?",
        "Was hat sich zwischen lease-2028 und lease-2031 geändert?",
        "Vergleiche lease-2028.md mit lease-2031.md",
        "Quelles sont les différences entre lease-2028.md et lease-2031.md ?",
    ],
)
def test_a_comparison_is_asked_for_in_many_ways_and_the_older_comes_first(question):
    three = [record("lease-2031.md", "Lease"), record("lease-2028.md", "Lease"), MANUAL]
    assert find_document_task(question, three) == DocumentTask("comparison", ("lease-2028.md", "lease-2031.md"))


def test_a_name_may_hold_the_word_between_two_documents():
    terms, lease = record("terms and conditions.docx"), record("lease.docx")
    task = find_document_task("compare terms and conditions with the lease", [terms, lease])
    assert task == DocumentTask("comparison", (terms.id, lease.id))


def test_a_document_is_known_by_the_name_of_each_file_that_holds_it():
    copied, new = record("agreement.docx", "", "/home/ada/agreement.docx", "/home/ada/old.docx"), record("new.docx")
    task = find_document_task("What changed between old.docx and new.docx?", [copied, new])
    assert task == DocumentTask("comparison", (copied.id, new.id))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Summarise the pump manual in five points", "in five points"),
        ("Summarise section 3 of the pump manual", "section 3 of"),
        ("Summarise only what concerns the valve in the pump manual", "only what concerns the valve in"),
        ("Fasse pump für den Techniker zusammen", "für den Techniker"),
    ],
)
def test_what_is_asked_beside_a_documents_name_goes_with_the_task(question, words):
    task = find_document_task(question, [OLD, NEW, MANUAL])
    assert task is not None
    assert (task.kind, task.documents) == ("summary", (MANUAL.id,))
    assert task.words.removeprefix("the ").replace(" the the", " the") == words


def test_three_documents_are_compared_together():
    task = find_document_task("Compare lease-2016.pdf, lease-2026.pdf and pump.md", [OLD, NEW, MANUAL])
    assert task is not None
    assert task.documents == (OLD.id, NEW.id, MANUAL.id)


@pytest.mark.parametrize(
    "question",
    [
        "What changed between the harbour rules of 2019 and 2024?",
        "What changed between the 2019 and the 2024 rules of the harbour?",
        "What changed between 2019 and 2024?",
        "What is the difference between the old and the new harbour rules?",
        "How do the harbour rules of 2019 differ from those of 2024?",
        "Was hat sich zwischen 2019 und 2024 in den Harbour Rules geändert?",
        "Qu'est-ce qui a changé entre Harbour 2019 et 2024 ?",
        "¿Qué ha cambiado entre Harbour 2019 y 2024?",
    ],
)
def test_two_versions_may_be_named_loosely(question):
    rules = [record("harbour-rules-2024.pdf", "Rules"), record("harbour-rules-2019.pdf", "Rules")]
    task = find_document_task(question, [*rules, MANUAL, record("Minutes_2024.docx", "Minutes")])
    assert task == DocumentTask("comparison", ("harbour-rules-2019.pdf", "harbour-rules-2024.pdf"))


@pytest.mark.parametrize(
    "question",
    [
        "What is the difference between the net sales of Marsh in 2019 and 2024?",
        "What is the difference between gross and net?",
        "How do the sales of Marsh in 2019 and 2024 compare?",
    ],
)
def test_figures_of_two_years_are_no_comparison_of_the_reports(question):
    reports = [record("marsh-2019.pdf", "Marsh"), record("marsh-2024.pdf", "Marsh")]
    assert find_document_task(question, reports) is None
