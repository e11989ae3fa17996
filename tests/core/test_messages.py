"""What the program says: one template holds all of it, and a translation is what a person reads."""

import ast
import gettext
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from rich.console import Console
from streamlit.testing.v1 import AppTest

from core import messages
from core.messages import _, ngettext
from core.types import Answer, Timings, Usage

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "core" / "locale" / "lectern.pot"
FOLDERS = ("app", "core", "evaluate", "generate", "index", "ingest", "prompts")
BEFORE = "‹"
"""Stands before each text of the made-up translation."""


def translate(folder: Path) -> None:
    """Write a translation into German that says every text after ``BEFORE``."""
    with TEMPLATE.open("rb") as file:
        catalogue = read_po(file, locale="de")
    for message in catalogue:
        if isinstance(message.id, tuple):
            message.string = tuple(BEFORE + text for text in message.id)
        elif message.id:
            message.string = BEFORE + message.id
    target = folder / "de" / "LC_MESSAGES" / "lectern.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as out:
        write_mo(out, catalogue)


def search_page() -> None:
    from types import SimpleNamespace

    from app.ui import options

    library = SimpleNamespace(names=lambda: ["lease.pdf"], tags=lambda: ["Boats"])
    options.search_in(SimpleNamespace(library=library))  # type: ignore[arg-type]


def nothing_found() -> Answer:
    """The answer of a question to which the documents say nothing."""
    from app.answer.verdict import not_found

    verdict, nothing = not_found(), Timings()
    return Answer("Where?", verdict.text, verdict.found, (), (), (), (), nothing, Usage(), "", "direct")


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The program on a German machine."""
    translate(tmp_path / "locale")
    monkeypatch.setattr(messages, "FOLDER", tmp_path / "locale")
    monkeypatch.setenv("LANGUAGE", "de")
    messages._translation.cache_clear()
    yield
    messages._translation.cache_clear()


def test_the_template_holds_what_the_program_says(tmp_path: Path) -> None:
    programs = Path(sys.executable).parent
    locales = shutil.copytree(TEMPLATE.parent, tmp_path / "locale")
    command = ["make", "-o", ".venv/.ready-dev", "messages", f"bin={programs}", f"locales={locales}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    for made in locales.rglob("lectern.po*"):
        kept = TEMPLATE.parent / made.relative_to(locales)
        assert _lines(made) == _lines(kept), "run: make messages"


def _lines(catalogue: Path) -> list[str]:
    """The lines but the one that says which Babel wrote them."""
    return [line for line in catalogue.read_text().splitlines() if not line.startswith('"Generated-By:')]


def test_no_text_is_hidden_from_what_collects_them() -> None:
    """A call of _ within an f-string is not seen there."""
    with TEMPLATE.open("rb") as file:
        known = {message.id[0] if isinstance(message.id, tuple) else message.id for message in read_po(file)}
    said = {text for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") for text in _said_in(path)}
    assert len(said) > 100
    assert not said - known


def _said_in(path: Path) -> Iterator[str]:
    """The texts of a module that are translated where they are said."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_", "ngettext"):
            first = node.args[0]
            if isinstance(first, ast.Constant) and first.value:
                yield first.value


def test_numbers_are_counted_as_english_counts_them() -> None:
    from app.phrases import count

    assert [count(number, "document") for number in (0, 1, 2, 1024)] == [
        "0 documents",
        "1 document",
        "2 documents",
        "1,024 documents",
    ]


def test_a_message_without_values_may_hold_braces() -> None:
    assert _("{this} stays") == "{this} stays"
    assert _("") == ""
    assert ngettext("{count} thing in {where}", "{count} things in {where}", 2, where="it") == "2 things in it"


def test_nothing_is_looked_for_before_the_first_text() -> None:
    code = "import sys, core.messages; print('gettext' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "False"


@pytest.mark.usefixtures("german")
def test_an_answer_in_the_terminal_is_in_the_persons_language(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.answer.events import Answered, EvidenceFound
    from app.commands import print_answer

    shown = StringIO()
    console = Console(file=shown, width=200)
    monkeypatch.setattr(print_answer, "output", lambda: console)
    answer = nothing_found()
    print_answer.print_answer(iter([EvidenceFound((), 1.0), Answered(answer)]))
    lines = [line for line in shown.getvalue().splitlines() if line]
    assert lines[:2] == [f"{BEFORE}Nothing in your documents comes close.", f"{BEFORE}Not found in your documents."]


@pytest.mark.usefixtures("german")
def test_the_page_is_in_the_persons_language() -> None:
    from app.ui.markup.library import welcome_html
    from app.ui.markup.turn import finished_turn_html

    assert f"<h1>{BEFORE}What would you like to know?</h1>" in welcome_html(2)
    assert f"<p>{BEFORE}Ask about the 2 documents in this library." in welcome_html(2)
    assert f"{BEFORE}Not found in your documents." in finished_turn_html(nothing_found(), {})
    page = AppTest.from_function(search_page).run(timeout=60)
    assert [box.label for box in page.multiselect] == [f"{BEFORE}Search only in", f"{BEFORE}With a tag"]


@pytest.mark.usefixtures("german")
def test_what_was_found_is_a_state_and_not_a_text() -> None:
    from app.answer.verdict import not_found

    verdict = not_found()
    assert not verdict.found
    assert verdict.text == f"{BEFORE}Not found in your documents."


def test_a_language_without_a_translation_is_answered_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "xx")
    messages._translation.cache_clear()
    assert isinstance(messages._translation(), gettext.NullTranslations)
    assert _("Sources") == "Sources"
    messages._translation.cache_clear()
