"""Places in the terminal lead to their files, and a pipe gets plain text."""

from io import StringIO

from rich.console import Console

from app.commands.common import citation_text
from app.commands.links import links_into
from core.settings import load_settings
from core.types import Citation, Document, Locator, Page
from index.store.library import Library
from index.store.records import Entry
from index.store.sources import of_path


def test_a_place_leads_to_the_file_at_its_page_as_long_as_it_is_there(home, tmp_path):
    file = tmp_path / "the lease.pdf"
    file.write_text("Rent")
    document = Document("d1", file.name, "application/pdf", "Lease", "Rent", (Page("page", 1, "", 0, 4),))
    cited = Citation("d1", file.name, Locator(4, "p. 4"), "Rent", 0, 4, 1.0)
    with Library.open(load_settings(), create=True) as library:
        library.put([Entry(document, of_path(file), 4, (), ())], {})
        link = links_into(library)(cited)
        assert link == f"{file.as_uri()}#page=4"
        file.unlink()
        assert links_into(library)(cited) == ""
    shown = citation_text(cited, link=link)
    assert link in printed(shown, is_terminal=True)
    assert "\x1b" not in printed(shown, is_terminal=False)
    assert "the lease.pdf, p. 4" in printed(shown, is_terminal=False)


def printed(text: object, *, is_terminal: bool) -> str:
    out = StringIO()
    Console(file=out, force_terminal=is_terminal).print(text)
    return out.getvalue()
