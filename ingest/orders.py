"""Text -> the stretches of it that give orders to a model. Documents are data: nobody follows what they say.

An order is a sentence that a rule of ``order_rules`` finds, with the sentences beside it that go on ordering. Beside an
order, little is needed to tell these ("Always say ..."); alone, they are what letters, exams and manuals are full of.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from core.types import Document
from ingest.clean import one_line
from ingest.hidden import SHOWN_CHARACTERS
from ingest.locate import locate
from ingest.order_rules import GOES_ON, LEADING, TASK, TOLD, Rule
from ingest.sentences import Span, sentence_spans

_STOP = re.compile(r"[.!?:;…。！？]\W*$")
_HANDS_OVER = re.compile(r"[:：]\W*$")
_ASKS = re.compile(r"[?？؟]\W*$")
_ITEM = re.compile(r"\s*(?:[-*+•‣◦▪–—>]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_CELL = re.compile(r" \| ")
_QUOTED = re.compile(r"[\"“„«]")

QUOTED_SENTENCES = 4
"""Sentences of a quotation that an order opens, up to the one that closes it: beyond, a mark was left out."""

_TURN = re.compile(
    r"(?i)(?:<\|(?:im_start|start_header_id|system|user|assistant)\|>|\[inst\]|<<sys>>|<start_of_turn>)"
    r"(?:(?!<\|im_start|\[inst\]|<start_of_turn>).){0,2000}?"
    r"(?:<\|(?:im_end|eot_id|end)\|>|\[/inst\]|<</sys>>|<end_of_turn>)",
    re.DOTALL,
)
"""A turn of a chat template, from its opening mark to its closing one: whatever it says is said to a model. Longer ones
are judged sentence by sentence."""


def gives_orders(sentence: str) -> bool:
    """Whether ``sentence`` tells a model what to do."""
    return _breaks(sentence, (*LEADING, *TOLD))


def find_orders(text: str) -> list[Span]:
    """The spans of the orders in ``text``, in order: neighbouring sentences that give them are one."""
    turns = [match.span() for match in _TURN.finditer(text)]
    # What follows a turn's end is no part of it: the marks would make one sentence of both.
    plain = _TURN.sub(lambda turn: "\n" * len(turn.group()), text)
    flat = _flat(plain)
    leading, told = ([rule for rule in rules if any(word in flat for word in rule[0])] for rules in (LEADING, TOLD))
    if not leading and not told:
        return turns
    sentences = _Sentences(plain)
    heads = sentences.that_break(leading)
    orders = heads | sentences.that_break(told)
    if heads:
        orders |= sentences.run_of(heads, orders)
    return sorted([*turns, *sentences.joined(orders)])


def with_order_warning(document: Document) -> Document:
    """The document with a warning that counts the orders in it, and quotes the first."""
    spans = find_orders(document.text)
    if not spans:
        return document
    place = locate(document.pages, document.text, spans[0][0]).label
    first = one_line(document.text[slice(*spans[0])], SHOWN_CHARACTERS)
    count = "1 passage gives" if len(spans) == 1 else f"{len(spans)} passages give"
    warning = (
        f"{count} orders to a model ({f'{place}: ' if place else ''}“{first}”). They are read as text, not followed."
    )
    return replace(document, warnings=(*document.warnings, warning))


class _Sentences:
    """The sentences of a text, each cell of a table's row one, known by their numbers."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans = [cell for span in sentence_spans(text) for cell in _cells(text, span)]

    def that_break(self, rules: Sequence[Rule]) -> set[int]:
        """Those in which a rule finds an order, alone or torn: a line's end in the middle of an order makes two
        sentences of it, of which neither says what both say."""
        if not rules:
            return set()
        last = len(self._spans) - 1
        found = {at for at in range(last + 1) if _breaks(self._said(at), rules)}
        for at in range(last):
            if not (at in found or at + 1 in found or _STOP.search(self._said(at))) and _breaks(
                self._with_next(at), rules
            ):
                found |= {at, at + 1}
        return found

    def run_of(self, heads: set[int], orders: set[int]) -> set[int]:
        """The sentences beside ``heads`` that belong to their orders, before and after."""
        run: set[int] = set()
        for head in sorted(heads):
            at = head
            while taken := self._after(at, orders):
                at += taken
                run |= set(range(head + 1, at + 1))
            at = head
            while at and at - 1 not in run and self._goes_on(at - 1, orders):
                at -= 1
                run.add(at)
        return run

    def joined(self, orders: set[int]) -> list[Span]:
        """The spans of the orders, neighbours as one."""
        spans: list[Span] = []
        for at in sorted(orders):
            start, end = self._spans[at]
            if spans and at - 1 in orders:
                start = spans.pop()[0]
            spans.append((start, end))
        return spans

    def _after(self, at: int, orders: set[int]) -> int:
        """How many of the sentences that follow belong to the order that ends with sentence ``at``."""
        if at + 1 >= len(self._spans):
            return 0
        if at + 1 in orders or self._goes_on(at + 1, orders):
            return 1
        if quoted := self._quotation(at):
            return quoted
        if _HANDS_OVER.search(self._said(at)):
            return self._items(at + 1) or 1
        on_line = "\n" not in self._between(at)
        if on_line and not _QUOTED.search(self._said(at)):
            if _ASKS.search(self._said(at + 1)) or _compiled(TASK).search(_flat(self._said(at + 1))):
                return 1
            # What stands between two orders is what they are about.
            if at + 2 in orders and "\n" not in self._between(at + 1):
                return 2
        return 0

    def _goes_on(self, at: int, orders: set[int]) -> bool:
        said = self._said(at)
        if not _STOP.search(said) and at + 1 < len(self._spans) and at + 1 not in orders:
            said = self._with_next(at)
        flat = _flat(said)
        return any(_compiled(rule).search(flat) for rule in GOES_ON)

    def _quotation(self, at: int) -> int:
        """How many further sentences a quotation goes on for that sentence ``at`` opens and does not close."""
        said = self._said(at)
        opened = said.count('"') % 2 or said.rfind("“") > said.rfind("”")
        if not opened:
            return 0
        for more in range(1, QUOTED_SENTENCES + 1):
            if at + more >= len(self._spans) or "\n\n" in self._between(at + more - 1):
                return 0
            if re.search('["”]', self._said(at + more)):
                return more
        return 0

    def _items(self, at: int) -> int:
        """How many of the sentences from ``at`` on are items of one list."""
        count = 0
        while at + count < len(self._spans) and _ITEM.match(self._said(at + count)):
            count += 1
        return count

    def _said(self, at: int) -> str:
        return self._text[slice(*self._spans[at])]

    def _with_next(self, at: int) -> str:
        """Sentence ``at`` and the one that follows as one, for those that a line or a list's item tore apart."""
        after = self._said(at + 1)
        mark = _ITEM.match(after)
        return f"{self._said(at)} {after[mark.end() :] if mark else after}"

    def _between(self, at: int) -> str:
        return self._text[self._spans[at][1] : self._spans[at + 1][0]]


def _cells(text: str, span: Span) -> list[Span]:
    """The parts of a sentence between the bars of a row."""
    start, end = span
    bars = [(start + bar.start(), start + bar.end()) for bar in _CELL.finditer(text[start:end])]
    firsts, lasts = [start, *(after for _, after in bars)], [*(before for before, _ in bars), end]
    return [(first, last) for first, last in zip(firsts, lasts, strict=True) if text[first:last].strip()]


def _breaks(sentence: str, rules: Sequence[Rule]) -> bool:
    flat = _flat(sentence)
    return any(_compiled(rule).search(flat) for words, rule in rules if any(word in flat for word in words))


def _flat(text: str) -> str:
    return " ".join(text.lower().split())


@cache
def _compiled(rule: str) -> re.Pattern[str]:
    return re.compile(rule)
