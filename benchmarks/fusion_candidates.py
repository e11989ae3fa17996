"""What both sides of the search find for a question, and what the whole search returns: kept on disk."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import log
from pathlib import Path

import regex
from fusion_sets import Sought, SoughtSet

from core.settings import Settings
from core.types import Passage
from evaluate.runs import program_digest
from evaluate.set_library import library_settings, open_set_library
from index.analyzer import analyze
from index.embed import SentenceEmbedder
from index.search.bm25 import find_document_fields, find_lexical
from index.search.dense import familiar_share, find_dense, standing_out
from index.search.fusion import add_document_fields
from index.search.parameters import DEFAULTS
from index.search.query import Query
from index.search.query_terms import QueryTerms
from index.search.retriever import Retriever
from index.store.library import Library

FIRST_PASSAGES = 4
"""Passages among which the very quote is looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A question's candidates, in parallel lists: the document's number, both sides' scores in 0..1 as they are fused,
    whether the document is a right one, and whether the chunk holds the quote (without quotes: is of a right document).

    ``known`` is how much of the embedder's scores counts in the question's language. ``passages`` says whether a right
    document is among what the search returned, and the quote among the first FIRST_PASSAGES.
    """

    half: str
    kind: str
    known: float
    documents: list[int]
    near: list[float]
    words: list[float]
    right: list[bool]
    quoted: list[bool]
    passages: tuple[bool, bool]

    @property
    def targets(self) -> list[bool]:
        return self.quoted if any(self.quoted) else self.right


def find_all(
    sought: SoughtSet, embedder: SentenceEmbedder, settings: Settings, cache: Path, *, reworded: bool = False
) -> list[Found]:
    """What was found for each question of a set, from ``cache`` where it is there for this program.

    ``reworded``: of the terms that the right chunks hold, a half to all are taken from the question's, as if it said
    the same in words that no text of the library has. What is searched by meaning stays as it is.
    """
    inside = library_settings(sought.contents, settings)
    made_by = program_digest(("index/search",))[:8]
    name = f"{inside.library}-{sought.name}-{len(sought.questions)}-{made_by}{'-reworded' if reworded else ''}.json"
    file = cache / name
    if not file.exists():
        with open_set_library(sought.contents, inside, embedder, lambda _done, _total: None, print) as library:
            found = _find_all(sought.questions, library, embedder, settings, reworded)
        file.write_text(json.dumps([asdict(each) for each in found]))
    return [Found(**row) for row in json.loads(file.read_text())]


def _find_all(
    questions: Sequence[Sought], library: Library, embedder: SentenceEmbedder, settings: Settings, reworded: bool
) -> list[Found]:
    retriever = Retriever(library, embedder, settings)
    with library.database.reading() as db:
        chunks = {
            int(row["id"]): (str(row["document_id"]), str(row["text"])) for row in db.execute("SELECT * FROM chunks")
        }
    plain = {key: _plain(text) for key, (_, text) in chunks.items()}
    numbers = {document: number for number, (document, _) in enumerate(chunks.values())}
    found = []
    for question in questions:
        query = retriever._query(question.text, settings.passages, None)
        quotes = [_plain(quote) for quote in question.quotes]
        right = {key for key, (document, _) in chunks.items() if document in question.documents}
        quoted = {key for key in right if not quotes or any(quote in plain[key] for quote in quotes)}
        passages: Sequence[Passage] = ()
        if reworded:
            _reword(query, " ".join(chunks[key][1] for key in sorted(quoted or right)[:4]))
        else:
            passages = retriever.search(question.text).passages
        lexical = find_lexical(query)
        dense = find_dense(query, also=lexical)
        keys = sorted(dense.keys() | lexical)
        fields, length = find_document_fields(query, dict.fromkeys(keys, 0.0))
        words = add_document_fields(lexical, fields, DEFAULTS.about_weight * length)
        near = standing_out(query, dense)
        first = [_plain(each.text) for each in passages[:FIRST_PASSAGES] if each.document_id in question.documents]
        found.append(
            Found(
                half=question.half,
                kind=question.kind,
                known=familiar_share(query),
                documents=[numbers[chunks[key][0]] for key in keys],
                near=[near.get(key, 0.0) for key in keys],
                words=[words.get(key, 0.0) / max(1.0, *words.values(), 1.0) for key in keys],
                right=[key in right for key in keys],
                quoted=[key in quoted for key in keys],
                passages=(
                    any(passage.document_id in question.documents for passage in passages),
                    any(not quotes or any(quote in text for quote in quotes) for text in first),
                ),
            )
        )
    return found


def _reword(query: Query, text: str) -> None:
    """Take terms of ``text`` from the question's, each replaced by one that no chunk holds; always the same ones."""
    draw = random.Random(query.question)
    with query.library.database.reading() as db:
        terms = query.terms(db)
        rows = int(db.execute("SELECT count(*) FROM chunks").fetchone()[0])
    share, shared = draw.choice((0.5, 0.8, 1.0)), set(analyze(text))
    lost = {term for term in terms.weights if term in shared and draw.random() < share}
    query.term_cache[query.question] = QueryTerms(
        order=[term for term in terms.order if term not in lost],
        weights={term: weight for term, weight in terms.weights.items() if term not in lost},
        unknown=terms.unknown + len(lost) * log((rows + 0.5) / 0.5),
        needed=sum(term not in lost for term in list(terms.weights)[: terms.needed]),
    )


def _plain(text: str) -> str:
    """Text as quotes are compared: in small letters, without marks of cells and line breaks."""
    return " ".join(regex.sub(r"[\s>|]+", " ", text).casefold().split())
