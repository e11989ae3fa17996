"""What is said once for a library, and a library's name and end."""

import pytest

from core.errors import UsageError
from core.settings import load_settings
from index.store.library import Library, list_libraries
from index.store.library_place import delete_library, rename_library
from index.store.standing_notes import MOST_CHARACTERS, StandingNotes, read_notes, write_notes


def test_notes_go_along_when_a_library_is_renamed_and_with_it_when_it_is_deleted(home):
    settings = load_settings(library="leases")
    with Library.open(settings, create=True) as library:
        assert read_notes(library) == StandingNotes()
        write_notes(library, StandingNotes("I am the tenant.", "German"))
    rename_library(settings, "leases", "flat")
    with Library.open(load_settings(library="flat")) as library:
        assert read_notes(library) == StandingNotes("I am the tenant.", "German")
    delete_library(settings, "flat")
    assert list_libraries(settings) == []
    assert not (settings.libraries_dir / "flat").exists()


def test_a_name_that_is_taken_or_none_is_refused_and_nothing_moves(home):
    settings = load_settings()
    for name in ("one", "two"):
        Library.open(load_settings(library=name), create=True).close()
    for new in ("two", "a/b", "../up", ""):
        with pytest.raises(UsageError):
            rename_library(settings, "one", new)
    assert list_libraries(settings) == ["one", "two"]


def test_notes_that_would_take_the_room_of_sources_are_refused(home):
    with Library.open(load_settings(), create=True) as library, pytest.raises(UsageError, match="Shorten"):
        write_notes(library, StandingNotes("x" * (MOST_CHARACTERS + 1)))
