"""Finds passages of a text that give orders to a model. Documents are data: their orders are never followed.

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
"""Most sentences of a quotation that an order opens; if it is not closed by then, the closing mark is missing."""

_TEMPLATE_MESSAGE = re.compile(
    r"(?i)(?:<\|(?:im_start|start_header_id|system|user|assistant)\|>|\[inst\]|<<sys>>|<start_of_turn>)"
    r"(?:(?!<\|im_start|\[inst\]|<start_of_turn>).){0,2000}?"
    r"(?:<\|(?:im_end|eot_id|end)\|>|\[/inst\]|<</sys>>|<end_of_turn>)",
    re.DOTALL,
)
"""A chat template's message, from its opening to its closing mark; whatever it says is addressed to a model. Longer
ones are judged sentence by sentence."""


def gives_orders(sentence: str) -> bool:
    """Whether ``sentence`` tells a model what to do."""
    return _breaks(sentence, (*LEADING, *TOLD))


def find_orders(text: str) -> list[Span]:
    """The (start, end) spans of the orders in ``text``, in order; neighbouring sentences are joined."""
    messages = [match.span() for match in _TEMPLATE_MESSAGE.finditer(text)]
    # Blank lines in place of a message keep the text before and after it apart, and all offsets as they are.
    plain = _TEMPLATE_MESSAGE.sub(lambda message: "\n" * len(message.group()), text)
    flat = _flat(plain)
    leading, told = ([rule for rule in rules if any(word in flat for word in rule[0])] for rules in (LEADING, TOLD))
    if not leading and not told:
        return messages
    sentences = _Sentences(plain)
    heads = sentences.that_break(leading)
    orders = heads | sentences.that_break(told)
    if heads:
        orders |= sentences.run_of(heads, orders)
    return sorted([*messages, *sentences.joined(orders)])


def with_order_warning(document: Document) -> Document:
    """The document with a warning added that counts its orders and quotes the first; unchanged if it has none."""
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
    """The numbered sentences of a text; each cell of a table's row is one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans = [cell for span in sentence_spans(text) for cell in _cells(text, span)]

    def that_break(self, rules: Sequence[Rule]) -> set[int]:
        """Numbers of the sentences that match a rule, by themselves or joined with the next: the end of a line in the
        middle of an order splits it into two sentences, neither of which need match."""
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
        """Numbers of the sentences before and after ``heads`` that belong to the same orders."""
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
        """The spans of the orders, with neighbours joined."""
        spans: list[Span] = []
        for at in sorted(orders):
            start, end = self._spans[at]
            if spans and at - 1 in orders:
                start = spans.pop()[0]
            spans.append((start, end))
        return spans

    def _after(self, at: int, orders: set[int]) -> int:
        """How many of the following sentences belong to the order that ends with sentence ``at``."""
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
        """How many more sentences the quotation has that sentence ``at`` opens and does not close; 0 for none."""
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
        """Sentence ``at`` joined with the next, which the end of a line or a list's bullet may have split off."""
        after = self._said(at + 1)
        mark = _ITEM.match(after)
        return f"{self._said(at)} {after[mark.end() :] if mark else after}"

    def _between(self, at: int) -> str:
        return self._text[self._spans[at][1] : self._spans[at + 1][0]]


def _cells(text: str, span: Span) -> list[Span]:
    """The cells of a table's row, or the sentence itself."""
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
