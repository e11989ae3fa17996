"""The translations that come with the program: each is whole, and a person is spoken to in it."""

import os
import re
import string
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from app.query.document_tasks import find_document_task
from core import messages
from core.messages import _, ngettext
from index.store.records import DocumentRecord

LOCALES = messages.FOLDER
LANGUAGES = sorted(path.parents[1].name for path in LOCALES.glob("*/LC_MESSAGES/lectern.po"))

KEPT = re.compile(r"lectern \w+(?: \w+)?|--[a-z]+|[A-Z]+_[A-Z_]+=|http://|FILE|PATH|Lectern|Streamlit|LangChain|⋮")
"""What stays as it is: commands (their first words), options, variables, names."""


def catalogue(language: str, end: str = "po") -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / f"lectern.{end}").open("rb") as file:
        return read_po(file, locale=language) if end == "po" else read_mo(file)


def forms(text: str | Sequence[str]) -> tuple[str, ...]:
    """One text, or as many as there are plural forms."""
    return (text,) if isinstance(text, str) else tuple(text)


def pairs(read: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The messages of a catalogue with their translations."""
    return {forms(message.id): forms(message.string) for message in read if message.id}


def fields(text: str) -> list[str]:
    """The places of a text for values, with their formats: "{share:.0%}"."""
    return sorted(f"{name}:{form}" for _text, name, form, _how in string.Formatter().parse(text) if name is not None)


@pytest.fixture
def speaking(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The languages of a machine can be set; nothing that was read before or after counts."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    messages._translation.cache_clear()
    yield monkeypatch
    messages._translation.cache_clear()


def test_there_are_translations() -> None:
    assert {"de", "es", "fr"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_in_all_plural_forms(language: str) -> None:
    with (LOCALES / "lectern.pot").open("rb") as file:
        template = pairs(read_po(file))
    read = catalogue(language)
    translated = pairs(read)
    assert translated.keys() == template.keys(), "run: make messages"
    for said, texts in translated.items():
        assert len(texts) == (read.num_plurals if len(said) > 1 else 1), said
        assert all(texts), said
    assert not [message.id for message in read if message.fuzzy]


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_commands_and_names_are_as_in_english(language: str) -> None:
    for said, texts in pairs(catalogue(language)).items():
        for text in texts:
            assert fields(text) == fields(said[-1]), text
            assert sorted(KEPT.findall(text)) == sorted(KEPT.findall(said[-1])), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_begins_and_ends_as_in_english(language: str) -> None:
    """Other texts stand before and after it: sentences stay sentences, and a colon announces something."""
    for said, texts in pairs(catalogue(language)).items():
        for text in texts:
            assert text.strip() == text, text
            assert (text[0] == ",") == (said[0][0] == ","), text
            assert (text[-1] in ".:…?") == (said[-1][-1] in ".:…?"), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_read_is_the_translation_as_it_stands(language: str) -> None:
    assert pairs(catalogue(language, "mo")) == pairs(catalogue(language)), "run: make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_choices_of_one_list_differ(language: str, speaking: pytest.MonkeyPatch) -> None:
    """They are told apart by what they say: the columns of a table, the entries of a menu."""
    speaking.setenv("LANGUAGE", language)
    for choices in (["Name", "State", "Kind", "Pages", "Date", "Tags"], ["Rename", "Unpin", "Pin", "Delete"]):
        said = sorted(map(_, choices))
        assert all(one != other for one, other in pairwise(said))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("asked", ["Summarise {name}", "What is “{title}” about?"])
def test_what_the_page_asks_is_understood(language: str, asked: str, speaking: pytest.MonkeyPatch) -> None:
    speaking.setenv("LANGUAGE", language)
    names = ("the lease.pdf", "pump.md")
    records = [DocumentRecord(name, name, (), "", "text/plain", 1, 10, 1, 10, "", (), "") for name in names]
    task = find_document_task(_(asked, name=names[0], title=names[0]), records)
    assert task is not None
    assert (task.kind, task.documents) == ("summary", (names[0],))


def test_a_german_is_spoken_to_in_german(speaking: pytest.MonkeyPatch) -> None:
    speaking.setenv("LANG", "de_AT.UTF-8")
    assert _("Not found in your documents.") == "In Ihren Dokumenten nicht gefunden."
    assert ngettext("{count} passage", "{count} passages", 2) == "2 Passagen"


def test_nothing_is_one_document_in_french_and_several_in_german(speaking: pytest.MonkeyPatch) -> None:
    speaking.setenv("LANGUAGE", "fr")
    assert ngettext("{count} page", "{count} pages", 0) == "0 page"
    messages._translation.cache_clear()
    speaking.setenv("LANGUAGE", "de")
    assert ngettext("{count} page", "{count} pages", 0) == "0 Seiten"


@pytest.mark.parametrize("language", ["xx_XX.UTF-8", "C", "en_GB.UTF-8"])
def test_others_are_spoken_to_in_english(language: str, speaking: pytest.MonkeyPatch) -> None:
    speaking.setenv("LANG", language)
    assert _("Not found in your documents.") == "Not found in your documents."


def test_tests_run_in_english_whatever_the_machine_speaks() -> None:
    """So do the programs that they start."""
    code = "from core.messages import _; print(_('Sources'))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"},
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == _("Sources") == "Sources"
