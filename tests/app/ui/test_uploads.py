"""What the page says of uploads."""

from streamlit.testing.v1 import AppTest


def report() -> None:
    from types import SimpleNamespace

    from app.chat.upload_state import FileOutcome, IngestState
    from app.ui import uploads as shown
    from index.store.replaced import ReplacedVersion

    class FakeLibrary:
        """A library with two versions that can be brought back."""

        def replaced_versions(self) -> list[ReplacedVersion]:
            return [
                ReplacedVersion(letter * 64, f"{letter}.txt", f"upload:{letter}.txt", "c" * 64, "") for letter in "ab"
            ]

    outcomes = [FileOutcome("a.txt", False, former="a" * 64), FileOutcome("b.txt", False, former="b" * 64)]
    outcomes += [FileOutcome("a.txt", False, former="a" * 64), FileOutcome("new.txt", False)]
    uploads = SimpleNamespace(dismiss=lambda: None, retry=lambda: None)
    workspace = SimpleNamespace(library=FakeLibrary(), jobs=uploads)
    shown.report(workspace, IngestState(outcomes=tuple(outcomes)))  # type: ignore[arg-type]


def test_a_version_that_was_replaced_twice_is_offered_once() -> None:
    page = AppTest.from_function(report).run(timeout=20)
    assert not page.exception
    offered = [button.label.replace("\\", "") for button in page.button if button.label.startswith("Bring")]
    assert offered == ["Bring the earlier “a.txt” back", "Bring the earlier “b.txt” back"]
