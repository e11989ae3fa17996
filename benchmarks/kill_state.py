"""What a library of benchmarks/kill.py holds, and the texts that its files are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from index.store.chats import Chats
from index.store.library import Library


@dataclass(frozen=True)
class State:
    """What a library holds: names with texts, replaced versions by their texts, and what its chat says."""

    documents: frozenset[tuple[str, str]]
    replaced: frozenset[str] = frozenset()
    chat: tuple[str, ...] = ()

    def put(self, name: str, text: str) -> State:
        kept = {one for one in self.documents if one[0] != name}
        lost = {old for other, old in self.documents - kept if old != text}
        return replace(self, documents=frozenset(kept | {(name, text)}), replaced=(self.replaced | lost) - {text})

    def without(self, name: str, chat: tuple[str, ...] | None = None) -> State:
        kept = frozenset(one for one in self.documents if one[0] != name)
        return replace(self, documents=kept, chat=self.chat if chat is None else chat)

    def pruned(self, name: str) -> State:
        taken_out = {text for other, text in self.documents if other == name}
        return replace(self.without(name), replaced=self.replaced | taken_out)


def text_of(name: str, version: int = 1) -> str:
    """About four chunks with a word of their own; versions of a text resemble each other."""
    words = " ".join(f"{name[:-4]}word{number}" for number in range(100))
    return f"{name} holds {words} and zq{name[:-4]}v{version}q"


def name_of(text: str) -> str:
    return text.split()[0]


def new_uploads() -> list[tuple[str, str]]:
    """One that is a newer version, and two that are new."""
    return [("own0.txt", text_of("own0.txt", 2)), ("own8.txt", text_of("own8.txt")), ("own9.txt", text_of("own9.txt"))]


def chat_id(library: Library) -> str:
    return Chats(library).list()[0].id


def read_state(library: Library) -> State:
    documents = frozenset((record.name, library.text(record.id)) for record in library.documents())
    replaced = {version.name for version in library.replaced_versions()}
    chats = Chats(library).list()
    chat = tuple(message.text for message in Chats(library).load(chats[0].id).messages) if chats else ()
    return State(documents, frozenset(text_of(name) for name in replaced), chat)
