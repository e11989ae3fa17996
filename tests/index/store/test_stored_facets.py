"""What a document is goes with its content: into the library, through a later ingest, and out of it."""

from pathlib import Path

import pytest
from stand_in import TopicEmbedder, document

from core.facets import Facet, Facets
from core.settings import Settings
from index.add import add_documents
from index.build import ingest
from index.salvage.salvage import salvage
from index.store import database, schema
from index.store.check import check, repair
from index.store.library import FILE, Library

LEASE = "Lease\n\nThis lease is made on 11 September 2031 between Quayside Ltd ('Quayside') and Ada Marsh.\n"
GIVEN = Facets((Facet("organisation", "Marsh Boats", 0, 0, ("Marsh",), given=True),))


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(LEASE)
    return path


def whose(library: Library, name: str = "lease.txt") -> list[str]:
    return [facet.value for facet in library.facets(library.find(name)).of("organisation")]


def test_facets_are_in_the_library_with_their_document(library: Library, settings: Settings, lease: Path) -> None:
    ingest([lease], library, TopicEmbedder(), settings)
    document_id = library.find("lease.txt")
    assert whose(library) == ["Quayside Ltd"]
    assert library.all_facets() == {document_id: library.facets(document_id)}
    library.remove("lease.txt")
    assert library.all_facets() == {}
    assert library.facets(document_id) == Facets()


def test_what_a_person_said_counts_and_stays_with_the_content(
    library: Library, settings: Settings, lease: Path
) -> None:
    ingest([lease], library, TopicEmbedder(), settings)
    first = library.find("lease.txt")
    library.give_facets(first, GIVEN)
    assert whose(library) == ["Marsh Boats"]
    assert library.facets(first).of("date"), "of other kinds what was read counts"
    ingest([lease], library, TopicEmbedder(), settings)
    add_documents([library.document("lease.txt")], library, TopicEmbedder(), settings)
    assert whose(library) == ["Marsh Boats"], "the same content, added again"
    lease.write_text(LEASE.replace("Quayside", "Herring"))
    ingest([lease], library, TopicEmbedder(), settings)
    assert whose(library) == ["Herring Ltd"], "another content"
    assert whose(library, library.bring_back(first)) == ["Marsh Boats"]
    library.give_facets(first, Facets())
    assert library.facets(first) == library.read_facets(first)


def test_what_a_person_said_goes_with_the_document(library: Library, settings: Settings, lease: Path) -> None:
    ingest([lease], library, TopicEmbedder(), settings)
    library.give_facets(library.find("lease.txt"), GIVEN)
    library.remove("lease.txt")
    assert b"Marsh Boats" not in (library.folder / FILE).read_bytes()
    ingest([lease], library, TopicEmbedder(), settings)
    assert whose(library) == ["Quayside Ltd"]


def test_a_library_of_before_gets_facets_from_its_texts(settings: Settings) -> None:
    with Library.open(settings, create=True) as library:
        add_documents([document("lease", LEASE)], library, TopicEmbedder(), settings)
        path = library.folder / FILE
        with library.database.writing() as db:
            for table in ("facets", "given_facets", "recognized_pages", "job_files", "jobs"):
                db.execute(f"DROP TABLE {table}")
            db.execute(f"PRAGMA user_version = {schema.STEPS.index(schema.add_facets)}")
    database.Database(path).close()
    with Library.open(settings) as library:
        assert whose(library, "lease") == ["Quayside Ltd"]


def test_facets_that_do_not_match_are_found_and_read_again(library: Library, settings: Settings, lease: Path) -> None:
    ingest([lease], library, TopicEmbedder(), settings)
    with library.database.writing() as db:
        db.execute("UPDATE facets SET read = 'torn'")
    assert whose(library) == [], "and all is searched"
    (problem,) = check(library)
    assert "lease.txt" in str(problem)
    assert repair(library) == []
    assert whose(library) == ["Quayside Ltd"]


def test_what_is_saved_of_a_damaged_library_has_what_a_person_said(settings: Settings, lease: Path) -> None:
    with Library.open(settings, create=True) as library:
        ingest([lease], library, TopicEmbedder(), settings)
        library.give_facets(library.find("lease.txt"), GIVEN)
    salvage(settings, TopicEmbedder)
    with Library.open(settings) as library:
        assert whose(library) == ["Marsh Boats"]
