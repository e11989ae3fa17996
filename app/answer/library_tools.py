"""What a model that works in steps may do: search in the library, and look words up in the documents found so far."""

import re
import threading
import time
from collections.abc import Iterator, Sequence

from app.answer.citations import place_of
from app.answer.draft import DraftRequest
from app.answer.evidence import find_evidence
from app.answer.excerpts import excerpts
from app.answer.page_layout import documents_of, without_furniture
from app.answer.reading import sources_for
from app.answer.rules.text_features import content_words
from app.answer.services import Services
from app.answer.untrusted import without_orders
from core.messages import _
from core.types import Citation, Document, Heading, Passage
from index.page_spans import clip
from ingest.document_builder import extend_path
from ingest.locate import locate
from ingest.sentences import sentence_spans

MOST_STEPS = 4
"""Steps of one answer, the last of which must finish."""

MOST_SECONDS = 60.0
"""Seconds of one answer after which the next step must finish."""

STEP_TOKENS = 160
"""Tokens of a step: a thought of at most 160 characters and an action of at most 240, whatever the answer may take."""

PLACES = 3
"""Most places that words are looked up at."""

AROUND = 400
"""Characters before and after words that were looked up, of which the sentences around them are read."""

LOOKUP_TOKENS = 240
"""Most tokens of what is read around words that were looked up."""


class LibraryTools:
    """The tools over one library for one question; safe to use from several threads.

    ``sources`` are all that has been read, in order. Each tool returns what it adds to them, () where the same was
    asked for before or nothing new was found. Then, and after MOST_SECONDS, ``may_go_on`` is False: the next step must
    be the answer.
    """

    def __init__(self, request: DraftRequest, services: Services) -> None:
        self.sources: list[Citation] = list(request.reading.sources)
        self._request = request
        self._services = services
        self._searched = [content_words(request.question.prompt_text)]
        self._looked_up: set[str] = set()
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._went_round = False

    @property
    def may_go_on(self) -> bool:
        return not self._went_round and time.monotonic() - self._started < MOST_SECONDS

    def search(self, words: str) -> tuple[Citation, ...]:
        """The sources that a search for ``words`` adds. Raises what the retriever raises."""
        with self._lock:
            terms = content_words(words)
            known = not terms or terms in self._searched
            self._searched.append(terms)
            return self._fresh(() if known else self._found(words))

    def look_up(self, words: str) -> tuple[Citation, ...]:
        """The sources that the places where ``words`` stand add, case and line ends apart, in the documents read."""
        with self._lock:
            phrase = " ".join(words.split()).casefold()
            known = not phrase or phrase in self._looked_up
            self._looked_up.add(phrase)
            return self._fresh(() if known else self._holding(phrase))

    def _found(self, words: str) -> Sequence[Citation]:
        """What a model reads of what a search finds."""
        question, services = self._request.question, self._services
        retrieval = services.retriever.search(words, within=question.within, cancel=question.cancel)
        passages = without_orders(retrieval.passages)
        searched = f"{question.prompt_text} {words}"
        evidence = find_evidence(searched, passages, services.embedder, rules=services.rules)
        return sources_for(self._request.engine, self._request.settings, evidence, passages)

    def _holding(self, phrase: str) -> Sequence[Citation]:
        """What stands around the first places of a phrase in the documents read, where it was not read."""
        documents = documents_of(self.sources, self._services.library)
        pattern = re.compile(r"\s+".join(map(re.escape, phrase.split())), re.IGNORECASE)
        places = [place for document in documents.values() for place in self._places(document, pattern)][:PLACES]
        texts = {key: document.text for key, document in documents.items()}
        passages = without_furniture(without_orders([passage for passage, _ in places], texts), documents)
        sentences = [sentence for _, sentence in places]
        return excerpts(sentences, passages, LOOKUP_TOKENS, self._request.engine.count_tokens)

    def _places(self, document: Document, pattern: re.Pattern[str]) -> Iterator[tuple[Passage, Citation]]:
        """Where a pattern matches what was not read yet: the text around it, and the sentence that it begins in."""
        for match in pattern.finditer(document.text):
            if not any(_holds(source, document.id, *match.span()) for source in self.sources):
                yield _around(document, *match.span())

    def _fresh(self, sources: Sequence[Citation]) -> tuple[Citation, ...]:
        fresh = tuple(
            source
            for source in sources
            if not any(_holds(known, source.document_id, source.start, source.end) for known in self.sources)
        )
        self.sources += fresh
        self._went_round = not fresh
        return fresh


def found_text(sources: Sequence[Citation]) -> str:
    """The places of what was found, as a step is shown to the person."""
    if not sources:
        return _("nothing new")
    return ", ".join(dict.fromkeys(map(place_of, sources)))


def _holds(source: Citation, document_id: str, start: int, end: int) -> bool:
    return source.document_id == document_id and source.start <= start and end <= source.end


def _around(document: Document, start: int, end: int) -> tuple[Passage, Citation]:
    """The text around characters ``start`` to ``end`` of a document as a passage, and the sentence that holds them."""
    first, last = max(0, start - AROUND), min(len(document.text), end + AROUND)
    while first > 0 and not document.text[first - 1].isspace():
        first -= 1
    while last < len(document.text) and not document.text[last].isspace():
        last += 1
    text = document.text[first:last]
    pages = clip(document.pages, document.text, first, last)
    headings = _headings(document, start)
    place = locate(document.pages, document.text, start)
    passage = Passage(
        document.id, document.name, document.title, first, last, text, place, headings, 1.0, None, None, pages
    )
    spans = [(first + one, first + other) for one, other in sentence_spans(text)]
    begin, stop = next(((one, other) for one, other in spans if one <= start < other), (start, end))
    quote = document.text[begin:stop]
    return passage, Citation(document.id, document.name, place, quote, begin, stop, 1.0)


def _headings(document: Document, at: int) -> tuple[str, ...]:
    """The headings in force at a character, outermost first."""
    path: tuple[Heading, ...] = ()
    for heading in document.headings:
        if heading.start > at:
            break
        path = extend_path(path, heading)
    return tuple(heading.text for heading in path)
