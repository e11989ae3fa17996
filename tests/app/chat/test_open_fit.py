"""How much of a document would fit is told in the person's language."""

import gettext
from dataclasses import replace

import pytest

from app.answer.whole_documents import whole_sources
from app.chat.open_fit import part_of
from core import messages
from core.types import Document, Page

TEXT = "First.\nSecond.\n"
SLIDES = Document("d", "d.pptx", "x", "", TEXT, (Page("slide", 1, "", 0, 7), Page("slide", 2, "", 7, len(TEXT))))
PAGES = replace(SLIDES, pages=tuple(replace(page, kind="page") for page in SLIDES.pages))


class Loud(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"[{message}]"


@pytest.mark.parametrize(
    ("document", "count", "part"),
    [
        (SLIDES, 0, "[not one slide of it]"),
        (SLIDES, 1, "[slide 1 of 2]"),
        (SLIDES, 2, "[slides 1 to 2 of 2]"),
        (PAGES, 0, "[not one page of it]"),
        (PAGES, 1, "[page 1 of 2]"),
        (PAGES, 2, "[pages 1 to 2 of 2]"),
    ],
)
def test_the_part_that_fits_is_told_in_translated_words(
    document: Document, count: int, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "_translation", Loud)
    assert part_of(document, whole_sources([document])[:count]) == part
