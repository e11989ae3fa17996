"""What two versions of a document differ in, by code alone."""

import pytest

from app.compare.comparison import compare_documents
from core.types import Document, Page

LEASE = """1. Rent

The Tenant pays 640 euros a month. The rent is due on 3 March 2024 at the latest.

2. Repairs

The Landlord repairs the roof within 30 days. The Tenant may paint the walls.

3. Notice

Either party gives notice in writing at least three months before the end. The notice is sent to Ms Lindqvist.

4. Pets

One dog is allowed in the house. It must not be left alone in the garden.
"""


def document(text: str, name: str = "lease.txt", kind: str = "lines") -> Document:
    return Document(f"{name}{hash(text)}", name, "text/plain", "", text, (Page(kind, 1, "", 0, len(text)),))


def compare(old: str, new: str, **options):
    return compare_documents(document(old, "old.txt", **options), document(new, "new.txt", **options))


def told(comparison) -> list[tuple[str, str, str]]:
    return [(one.kind, one.old.text, one.new.text) for one in comparison.differences]


@pytest.mark.parametrize(
    ("one", "other", "tag"),
    [
        ("640", "690", "number"),
        ("euros", "dollars", "unit"),
        ("days", "weeks", "unit"),
        ("March", "April", "date"),
        ("three", "six", "number"),
        ("least", "most", "small word"),
        ("Lindqvist", "Osei", "name"),
        ("may", "shall", "small word"),
    ],
)
def test_a_word_that_weighs_comes_first_with_its_reason(one, other, tag):
    found = compare(LEASE, LEASE.replace(one, other))
    assert told(found) == [("changed", one, other)]
    (difference,) = found.differences
    assert difference.weight == "must"
    assert tag in difference.tags


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("Der Mieter zahlt die Miete. Die Wohnung darf nicht vermietet werden, auch an Freunde.", "darf nicht", "darf"),
        ("Le bateau reste dix nuits au plus dans le port, et le bureau en est averti par écrit.", "plus", "moins"),
        ("El inquilino paga antes del día tres de enero, y el propietario firma el recibo.", "enero", "marzo"),
    ],
)  # fmt: skip
def test_what_weighs_is_known_in_other_languages_too(text, one, other):
    (difference,) = compare(text, text.replace(one, other)).differences
    assert difference.weight == "must"


def test_both_sides_are_exact_characters_of_their_documents():
    found = compare(LEASE, LEASE.replace("may paint", "may not paint").replace("640", "690"))
    for one in found.differences:
        for text, side in ((found.old.text, one.old), (found.new.text, one.new)):
            assert " ".join(text[side.start : side.end].split()) == side.text
            assert side.text in side.sentence
            assert " ".join(text[side.first : side.last].split()) == side.sentence


def test_a_moved_clause_is_moved_and_its_new_number_is_no_difference():
    moved = LEASE.replace("4. Pets", "2. Pets").replace("2. Repairs", "3. Repairs").replace("3. Notice", "4. Notice")
    clauses = moved.split("\n\n")
    new = "\n\n".join([*clauses[:2], *clauses[6:], *clauses[2:6]])
    found = compare(LEASE, new)
    assert [one.kind for one in found.differences] == ["moved"]
    assert "dog" in found.differences[0].old.text
    assert found.renumbered == 3


def test_renumbering_alone_is_no_difference_but_a_number_in_the_text_is():
    renumbered = LEASE.replace("4. Pets", "5. Pets").replace("3. Notice", "4. Notice")
    assert compare(LEASE, renumbered).differences == ()
    rooms = "Room 12 is locked.\n\nRoom 17 is open for all guests of the house."
    assert told(compare(rooms, rooms.replace("17", "18"))) == [("changed", "17", "18")]


def test_a_reference_that_follows_the_renumbering_is_no_difference():
    old = "1.1 The rent is paid at once.\n\n1.2 Clause 1.1 does not hold in May, when the house is closed for guests."
    new = "1.1 A key is handed over by the owner.\n\n1.2 The rent is paid at once.\n\n" + old.split("\n\n")[1]
    found = compare(old, new.replace("1.2 Clause 1.1", "1.3 Clause 1.2"))
    assert [one.kind for one in found.differences] == ["added"]


def test_a_clause_that_came_or_went_is_one_difference_with_its_heading():
    without = LEASE[: LEASE.index("4. Pets")]
    (gone,) = compare(LEASE, without).differences
    (come,) = compare(without, LEASE).differences
    assert (gone.kind, come.kind) == ("removed", "added")
    for text in (gone.old.text, come.new.text):
        assert text.startswith("4. Pets")
        assert text.endswith("alone in the garden.")


def test_a_paragraph_split_in_two_is_told_and_so_is_one_joined():
    split = LEASE.replace("month. The rent", "month.\n\nThe rent")
    assert [one.kind for one in compare(LEASE, split).differences] == ["split"]
    assert [one.kind for one in compare(split, LEASE).differences] == ["joined"]


def test_other_quotation_marks_dashes_and_line_breaks_are_no_difference():
    plain = 'The "Owner" - and nobody else - opens the gate of the garden in the morning and closes it at night again.'
    typeset = (
        "The “Owner” – and nobody\nelse – opens the gate of the garden in the\nmorning and closes it at night again."
    )
    wrapped = "\n".join(["All of this stands on lines of one width, as mails do.", typeset, "It ends here."] * 3)
    whole = " ".join(["All of this stands on lines of one width, as mails do.", plain, "It ends here."] * 3)
    assert not [one for one in compare(whole, wrapped).differences if one.kind not in ("split", "joined")]


def test_capitals_and_signs_weigh_least():
    found = compare(LEASE, LEASE.replace("roof within", "Roof within").replace("in writing at", "in writing, at"))
    assert {one.weight for one in found.differences} == {"layout"}
    assert len(found.differences) == 2


def test_a_table_is_compared_cell_by_cell_and_a_new_column_is_told_once():
    old = "Costs of the year:\n\nItem | 2023 | 2024\nRent | 640 | 640\nWater | 31 | 35\nHeat | 80 | 95\n"
    found = compare(old, old.replace("Water | 31 | 35", "Water | 31 | 53"))
    assert told(found) == [("cell", "35", "53")]
    assert found.differences[0].label == "Water, 2024"
    wider = "\n".join(f"{line} | {n}77" if " | " in line else line for n, line in enumerate(old.split("\n")))
    (column,) = compare(old, wider).differences
    assert column.kind == "column added"


def test_headers_of_pages_are_compared_once_and_page_numbers_never():
    def paper(header: str, sentence: str) -> Document:
        bodies = [
            f"On page {word} stands a sentence about the {word} of all boats." for word in ("bow", "mast", "keel")
        ]
        bodies[1] += sentence
        texts = [f"{header}\n{body}\nPage {n} of 3\n\n" for n, body in enumerate(bodies, 1)]
        starts = [sum(map(len, texts[:n])) for n in range(4)]
        pages = tuple(Page("page", n + 1, "", starts[n], starts[n + 1]) for n in range(3))
        return Document(header + sentence, "paper.pdf", "application/pdf", "", "".join(texts), pages)

    found = compare_documents(paper("Draft of May", ""), paper("Draft of June", " It is painted."))
    assert sorted(told(found)) == [("added", "", "It is painted."), ("changed", "May", "June")]


def pages_of(*bodies: str, headers: tuple[str, ...] = ("Harrow Wharf Lease",)) -> Document:
    """A PDF with one body a page below running headers."""
    texts = ["\n".join((*headers, body, f"Page {n} of {len(bodies)}")) + "\n\n" for n, body in enumerate(bodies, 1)]
    starts = [sum(map(len, texts[:n])) for n in range(len(texts) + 1)]
    pages = tuple(Page("page", n + 1, "", starts[n], starts[n + 1]) for n in range(len(texts)))
    return Document(f"{bodies}", "lease.pdf", "application/pdf", "", "".join(texts), pages)


def test_a_clause_that_went_stands_where_it_stood_whatever_runs_along_the_pages():
    first = "The Tenant pays 640 euros a month by bank transfer."
    second = "The Landlord repairs the roof within thirty days of a request."
    third = "The deposit of two months is kept in an account of its own."
    old = pages_of(first, second, third, "One dog is allowed.")
    new = pages_of(first.replace("640", "690"), third.replace("two", "three"), "One dog is allowed.")
    assert [(one.kind, one.old.text) for one in compare_documents(old, new).differences] == [
        ("changed", "640"),
        ("removed", second),
        ("changed", "two"),
    ]


def test_a_text_that_was_moved_is_a_move_below_many_running_headers():
    moved = "and the keys are handed over to the neighbour of the house on that very day"
    first, last = "The rent is due in March{}.", "Guests are welcome in the summer{}."
    garden = "The garden is watered by the owner."
    headers = ("Harrow Wharf Lease", "Third draft of the parties", "Not yet signed", "For the file alone")
    old = pages_of(first.format(f" {moved}"), garden, last.format(""), headers=headers)
    new = pages_of(first.format(""), garden, last.format(f" {moved}"), headers=headers)
    assert [one.kind for one in compare_documents(old, new).differences] == ["moved"]


def test_a_sentence_that_goes_on_over_a_page_is_read_as_one():
    def paper(cut: int) -> Document:
        said = "The keeper of the tower trims the lamp each night before the boats of the harbour come home."
        words = said.split()
        texts = [f"Log book\n{' '.join(part)}\n{n}\n\n" for n, part in ((1, words[:cut]), (2, words[cut:]))]
        pages = (Page("page", 1, "", 0, len(texts[0])), Page("page", 2, "", len(texts[0]), len("".join(texts))))
        return Document(f"{cut}", "log.pdf", "application/pdf", "", "".join(texts), pages)

    assert compare_documents(paper(9), paper(12)).differences == ()


def test_a_text_that_was_moved_into_another_sentence_is_a_move():
    moved = "and the keys are handed over to the neighbour of the house on that very day"
    old = f"The rent is due in March {moved}. The garden is watered by the owner. Guests are welcome in the summer."
    new = f"The rent is due in March. The garden is watered by the owner. Guests are welcome in the summer {moved}."
    assert [one.kind for one in compare(old, new).differences] == ["moved"]


def test_what_is_wrong_with_the_files_is_said_in_a_line():
    scan = Document("s", "scan.pdf", "application/pdf", "", "", (Page("page", 1, "", 0, 0),))
    assert "scan.pdf has no text" in compare_documents(scan, document(LEASE)).notes[0]
    same = document(LEASE)
    assert compare_documents(same, same).notes == ("Both are the same file.",)
    assert compare(LEASE, LEASE + "\n").notes == ("Not a word differs.",)
    german = "Der Mieter zahlt die Miete am dritten Tag des Monats auf das Konto der Vermieterin, die im Haus wohnt."
    assert any("German" in note for note in compare(LEASE, german).notes)


def test_documents_that_are_no_versions_are_set_side_by_side_under_their_headings():
    other = """1. Rent

Payment of 900 francs is expected each quarter.

2. Smoking

Nobody smokes indoors, not even on the balcony.
"""
    found = compare(LEASE, other)
    assert not found.versions
    points = {point.heading: tuple(side.there for side in point.sides) for point in found.points}
    assert points["Rent"] == (True, True)
    assert points["Pets"] == (True, False)
    assert points["Smoking"] == (False, True)


def test_every_word_of_both_documents_is_the_same_or_in_a_difference():
    new = LEASE.replace("640", "690").replace("One dog is allowed in the house.", "Two cats live there.") + "\n5. End\n"
    found = compare(LEASE, new)
    for which, whole in (("old", found.old_words), ("new", found.new_words)):
        differing = sum(
            len(side.text.replace(".", " .").split())
            for one in found.differences
            if (side := getattr(one, which)).there
        )
        assert found.same_words + differing >= whole - 1  # the number of a new clause is no word of it
