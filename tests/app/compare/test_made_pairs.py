"""Pairs of versions that a program makes: each change is told, and nothing else is."""

import random

import pytest

from app.compare.comparison import compare_documents
from benchmarks.compare_drafts import FORMATS, write_draft
from benchmarks.compare_pairs import make_pair
from benchmarks.compare_score import score
from ingest.read import read_file

SUBJECTS = ["boat", "pump", "lamp", "gate", "roof", "field", "stove", "bridge"]
DRAFT = [
    text
    for n, thing in enumerate(SUBJECTS, 2)
    for text in (
        f"The keeper inspects the {thing} every {n} days and writes the result into the log of the station.",
        f"Repairs of the {thing} cost at least {n * 37} euros and are paid by the Harbour Board. The keeper may refuse"
        f" work on the {thing} that was not announced to the station of Skerry in writing.",
        f"Whoever damages the {thing} shall report this before noon, and is liable for the loss of the {thing}.",
    )
]
OTHERS = [
    f"In the year {year} the orchard gave more apples than the cellar could hold, so that most were sold at the market."
    for year in range(1950, 1962)
]


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("seed", [1, 2])
def test_all_changes_are_told_and_nothing_else(tmp_path, ending, seed):
    old, new, changes = make_pair(DRAFT, list(OTHERS), random.Random(seed))
    read = [
        read_file(write_draft(draft, tmp_path / f"{name}-{ending}")) for draft, name in ((old, "old"), (new, "new"))
    ]
    found = score(compare_documents(*read), changes)
    assert found.made
    # Pages do not tell where a paragraph ends whose last line is full.
    assert [change for change in found.missed if ending != ".pdf" or change.kind not in ("split", "joined")] == []
    assert found.wrong == ()


@pytest.mark.parametrize("ending", FORMATS)
def test_a_version_in_another_format_is_the_same(tmp_path, ending):
    old, _, _ = make_pair(DRAFT, list(OTHERS), random.Random(3))
    old.header = ""
    one, other = (read_file(write_draft(old, tmp_path / f"{name}")) for name in ("old.txt", f"new-{ending}"))
    assert [d for d in compare_documents(one, other).differences if d.weight != "layout"] == []
