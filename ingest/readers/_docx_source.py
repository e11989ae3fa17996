"""What of a Word document is asked for while it is written out: styles, numbers, related parts and their texts."""

from collections.abc import Callable, Iterator
from typing import Any

from ingest.clean import flow, one_line
from ingest.hidden import SHOWN_CHARACTERS
from ingest.readers._docx_hidden import HiddenRuns
from ingest.readers._docx_numbers import Numbers
from ingest.readers._docx_text import FALLBACK, R, TextOf, W
from ingest.readers._package import parse_xml


class Source:
    """What of a document of python-docx's the walk asks for: its styles, numbers, related parts and their texts."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self.levels = _levels(document)
        self.runs = HiddenRuns(document)
        self.numbers = Numbers.of(document)
        relations = document.part.rels.values()
        links = {one.rId: one.target_ref for one in relations if one.is_external and one.reltype.endswith("/hyperlink")}
        self.text = TextOf(links, _shifts(document))

    def part(self, key: str) -> Any:
        """The root of the part with the relationship ``key``; None where there is none."""
        relation = self._document.part.rels.get(key)
        return None if relation is None or relation.is_external else parse_xml(relation.target_part.blob)

    def _roots(self, kind: str) -> Iterator[Any]:
        for relation in self._document.part.rels.values():
            if relation.reltype.endswith(f"/{kind}") and not relation.is_external:
                yield parse_xml(relation.target_part.blob)

    def notes(self, kind: str, drop: Callable[[Any], None]) -> list[str]:
        """The texts of the notes of a kind ("footnote") with their marks, without Word's separators."""
        texts = []
        for root in self._roots(f"{kind}s"):
            drop(root)
            for note in root:
                sign = self.text.marks.get((kind, note.get(f"{W}id") or ""), "")
                if text := one_line(self.text(note)):
                    texts.append(f"{sign} {text}".strip())
        return texts

    def comments(self, body: Any) -> list[str]:
        """The comments in the margin, each with its author and the words that it stands beside."""
        texts = []
        about = _commented(body)
        for root in self._roots("comments"):
            for comment in root.iterfind(f"{W}comment"):
                text = one_line(self.text(comment))
                author, words = one_line(comment.get(f"{W}author") or ""), about.get(comment.get(f"{W}id"), "")
                if text:
                    texts.append(
                        f"Comment{f' by {author}' if author else ''}{f' on “{words}”' if words else ''}: {text}"
                    )
        return texts

    def margins(self, drop: Callable[[Any], None]) -> list[str]:
        """Each text of the headers and footers once."""
        texts: dict[str, None] = {}
        references = self._document.element.body.iter(f"{W}headerReference", f"{W}footerReference")
        for key in dict.fromkeys(reference.get(f"{R}id") or "" for reference in references):
            if (margin := self.part(key)) is not None:
                drop(margin)
                inner = [self.text(box) for box in boxes(margin)]
                for text in (self.text(margin), *inner):
                    texts.update(dict.fromkeys(filter(None, flow(text).split("\n"))))
        return list(texts)


def boxes(element: Any) -> Iterator[Any]:
    """The text boxes below ``element``, each once."""
    for box in element.iter(f"{W}txbxContent"):
        if not any(outer.tag == FALLBACK for outer in box.iterancestors()):
            yield box


def _levels(document: Any) -> dict[str, int]:
    """Style id -> heading level: by its name in Word's own language-neutral names, else its outline level."""
    levels: dict[str, int] = {}
    for style in document.styles.element.iter(f"{W}style"):
        name = style.find(f"{W}name")
        words = (name.get(f"{W}val") or "").lower().split() if name is not None else []
        outline = style.find(f"{W}pPr/{W}outlineLvl")
        if words[:1] == ["heading"] and words[-1].isdigit():
            levels[style.get(f"{W}styleId")] = int(words[-1])
        elif words == ["title"]:
            levels[style.get(f"{W}styleId")] = 1
        elif outline is not None and outline.get(f"{W}val", "9").isdigit() and int(outline.get(f"{W}val", "9")) < 9:
            levels[style.get(f"{W}styleId")] = int(outline.get(f"{W}val")) + 1
    return levels


def _shifts(document: Any) -> dict[str, str]:
    """Style id -> "superscript" or "subscript" of the character styles that shift their text."""
    found = {}
    for style in document.styles.element.iter(f"{W}style"):
        shift = style.find(f"{W}rPr/{W}vertAlign")
        if shift is not None:
            found[style.get(f"{W}styleId") or ""] = shift.get(f"{W}val") or ""
    return found


def _commented(body: Any) -> dict[str, str]:
    """Id of a comment -> the words that it marks, on one line."""
    begun: dict[str, list[str]] = {}
    marked: dict[str, str] = {}
    for node in body.iter(f"{W}commentRangeStart", f"{W}commentRangeEnd", f"{W}t"):
        key = node.get(f"{W}id") or ""
        if node.tag == f"{W}commentRangeStart":
            begun[key] = []
        elif node.tag == f"{W}commentRangeEnd":
            marked[key] = one_line("".join(begun.pop(key, [])), SHOWN_CHARACTERS)
        else:
            for words in begun.values():
                words.append(node.text or "")
    return marked
