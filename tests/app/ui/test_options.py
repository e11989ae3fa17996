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


def taken_back() -> None:
    from types import SimpleNamespace

    import streamlit as st

    from app.ui import options
    from core.settings import load_settings

    class Open:
        """The documents that the model reads whole."""

        documents = ("d1",)

        def close(self) -> None:
            self.documents = ()

    opened = Open()
    st.session_state.pages = "3-7"
    options.reset(SimpleNamespace(settings=load_settings(), opened=SimpleNamespace(open_documents=opened)))  # type: ignore[arg-type]
    st.write(f"pages {st.session_state.pages!r}, open {len(opened.documents)}")


def test_as_usual_takes_all_back_that_the_button_says(home) -> None:
    app = AppTest.from_function(taken_back).run(timeout=20)
    assert not app.exception
    assert app.markdown[0].value == "pages '', open 0"
