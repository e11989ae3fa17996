"""The choices above the line to type in: names and tags are read, passages are not counted on every run."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    from types import SimpleNamespace

    from app.ui import options

    class Shelf:
        """A library that knows names and tags, and cannot be asked for more."""

        def names(self) -> list[str]:
            return ["lease.pdf", "rent.md"]

        def tags(self) -> list[str]:
            return ["Boats"]

    options.search_in(SimpleNamespace(library=Shelf()))  # type: ignore[arg-type]


def test_the_boxes_list_names_and_tags() -> None:
    app = AppTest.from_function(page).run(timeout=20)
    assert not app.exception
    assert [box.options for box in app.multiselect] == [["lease.pdf", "rent.md"], ["Boats"]]
