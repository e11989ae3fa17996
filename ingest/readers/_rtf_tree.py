"""The groups and control words of an RTF file, as a tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_PIECE = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_BINARY = "bin"


@dataclass(frozen=True, slots=True)
class Word:
    """A control word, with its number where it has one; ``\\*`` and other signs are words as well."""

    name: str
    number: int | None = None


@dataclass(slots=True)
class Group:
    """What stands between two braces: words, groups, and bytes of text (``\\'e4`` is one)."""

    parts: "list[Word | Group | bytes]" = field(default_factory=list)

    @property
    def destination(self) -> str:
        """The word that says what the group is for, "" for text of the page; with a ``*`` where it may be unknown."""
        words = [part.name for part in self.parts[:2] if isinstance(part, Word)]
        if words[:1] == ["*"]:
            return f"*{words[1]}" if len(words) > 1 else "*"
        return words[0] if words else ""

    def groups(self, destination: str) -> "Iterator[Group]":
        """The groups of a destination directly in this one."""
        for part in self.parts:
            if isinstance(part, Group) and part.destination.lstrip("*") == destination:
                yield part


def parse(data: bytes) -> Group:
    """The outermost group. What is not closed is closed at the end."""
    root = Group()
    held = [root]
    at = 0
    while match := _PIECE.search(data, at):
        at = match.end()
        word, number, code, sign, brace, text = match.groups()
        if brace == b"{":
            inner = Group()
            held[-1].parts.append(inner)
            held.append(inner)
        elif brace == b"}":
            if len(held) > 1:
                held.pop()
        elif word:
            name, value = word.decode("ascii"), int(number) if number else None
            if name == _BINARY:
                at += max(0, value or 0)
            else:
                held[-1].parts.append(Word(name, value))
        elif code:
            held[-1].parts.append(bytes.fromhex(code.decode()))
        elif sign:
            held[-1].parts.append(Word(sign.decode("latin-1")))
        elif text:
            held[-1].parts.append(text)
    return root
