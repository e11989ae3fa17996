"""Documents that say different things of what was asked: all of them are told, or the one that is meant or in force.

Two documents differ if one of the best sentences of each says the same of the question's words, is nearly the same
otherwise, and has another figure or other words in one place. Code decides that, no model. Then, in this order,

- a document whose name holds names or figures of the question that the others' lack is the one that is meant,
- so is one that alone has them anywhere in it; a question that has some of each compares, and no document differs,
- of a year that was asked for, the newest document that is not younger speaks,
- an older version that a newer one mentions is replaced by it, and only named,
- else all are told, the newest first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from app.answer.citations import overlap
from app.answer.document_dates import HEAD, date_of, dates_in
from app.answer.evidence import Evidence, holds_words
from app.answer.question import Question
from app.answer.retrieval import RetrievedPassages
from app.answer.rules.text_features import content_words, names, numbers
from app.answer.statements import Differing, Statement
from core.protocols import Embedder
from core.types import Citation, Document
from index.relatedness import relatedness
from index.search.figure_rows import row_label

NEARLY_AS_GOOD = 0.75
"""Share of the best sentence's score that another document's must have."""

LOOKED_AT = 3
"""Sentences of each document that are compared with the best one."""

SAME_WORDS = 0.4
"""Least share of their words, figures and names apart, that two sentences on the same thing have in common."""

SAME_MEANING = 0.6
"""Least closeness of two such sentences, on the scale of `index.relatedness`."""

MOST_DOCUMENTS = 4
"""Documents that are told."""


def with_differing(
    question: Question, evidence: Evidence, retrieved: RetrievedPassages, embedder: Embedder
) -> Evidence:
    """The evidence with what documents say differently first, the newest first, and without what is not meant."""
    found = find_differing(question.search_text, evidence.ranked, retrieved.documents, embedder)
    if found is None:
        return evidence
    first = tuple(statement.citation for statement in found.told)
    kept = (
        quote
        for quote in evidence.sentences
        if quote.document_id not in found.set_aside and not any(overlap(quote, other) for other in first)
    )
    sentences = (*first, *kept)[: max(len(first), len(evidence.sentences))]
    words = evidence.words if evidence.words and holds_words(sentences[0], evidence.words) else None
    ranked = tuple(quote for quote in evidence.ranked if quote.document_id not in found.set_aside)
    return replace(evidence, sentences=sentences, words=words, ranked=ranked, differing=found)


def told_by_several(evidence: Evidence) -> Differing | None:
    """What several documents say differently, None where one speaks."""
    found = evidence.differing
    return found if found is not None and len(found.told) > 1 else None


def find_differing(
    question: str, ranked: Sequence[Citation], documents: Mapping[str, Document], embedder: Embedder
) -> Differing | None:
    """What the documents of the best sentences say differently; None where they do not differ, or only one speaks."""
    statements = [
        Statement(citation, date_of(documents[citation.document_id]))
        for citation in _group(question, ranked, embedder)
        if citation.document_id in documents
    ]
    if len(statements) < 2:
        return None
    statements.sort(key=lambda statement: statement.date, reverse=True)
    meant = _meant(question, statements, documents)
    if not meant:
        return None
    in_force = [
        one for at, one in enumerate(meant) if not any(_replaces(documents, newer, one) for newer in meant[:at])
    ]
    told = in_force[:MOST_DOCUMENTS]
    return Differing(tuple(told), tuple(one for one in statements if one not in told))


def _group(question: str, ranked: Sequence[Citation], embedder: Embedder) -> list[Citation]:
    """One of the best sentences, and the sentence of each other document that differs from it; [] for none."""
    good = [one for one in ranked if one.score >= NEARLY_AS_GOOD * ranked[0].score and row_label(one.quote) is None]
    for best in good[:LOOKED_AT]:
        taken = Counter[str]()
        candidates = []
        for one in good:
            taken[one.document_id] += 1
            if taken[one.document_id] <= LOOKED_AT and one.document_id != best.document_id:
                candidates.append(one)
        candidates = [one for one in candidates if _differ(question, best.quote, one.quote)]
        if not candidates:
            continue
        vectors = embedder.embed_passages([best.quote, *(one.quote for one in candidates)])
        near = relatedness(vectors[1:] @ vectors[0], embedder, "passages")
        found = {best.document_id: best}
        for one, closeness in zip(candidates, near, strict=True):
            if closeness >= SAME_MEANING:
                found.setdefault(one.document_id, one)
        if len(found) > 1:
            return list(found.values())
    return []


def _differ(question: str, one: str, other: str) -> bool:
    """Whether two sentences say the same thing of the question's words with other figures or names."""
    asked, words, others = content_words(question), content_words(one), content_words(other)
    if asked & words != asked & others:
        return False
    figures = numbers(one), numbers(other)
    frames = [_frame(text) for text in (one, other)]
    common, all_words = frames[0] & frames[1], frames[0] | frames[1]
    if not common or len(common) < SAME_WORDS * len(all_words):
        return False
    if all(figures):
        return bool(figures[0] - figures[1]) and bool(figures[1] - figures[0])
    return bool(words - others) and bool(others - words)


def _frame(text: str) -> set[str]:
    """The content words of a sentence but for figures and for names, which are what may differ; all if no other is."""
    words = {word for word in content_words(text) if not numbers(word) and not any(map(str.isdigit, word))}
    return words - names(text) or words


def _meant(question: str, statements: Sequence[Statement], documents: Mapping[str, Document]) -> Sequence[Statement]:
    """The statements of the documents that the question means; all where it does not tell them apart.

    () where it names several of them, each by something that only that one has: then it compares them.
    """
    special = names(question) | numbers(question)
    held = [special & _tokens(f"{_name(document)} {document.text}") for document in _of(statements, documents)]
    if sum(bool(own - frozenset[str]().union(*held[:at], *held[at + 1 :])) for at, own in enumerate(held)) > 1:
        return ()
    named = [len(special & _tokens(_name(document))) for document in _of(statements, documents)]
    told = _best(statements, named)
    if len(told) == len(statements):
        told = _best(statements, [len(own) for own in held])
    years = [date[0] for date in dates_in(question)]
    if len(told) == len(statements) and years:
        known = [one.date[0] if one.date[0] <= max(years) else 0 for one in statements]
        told = _best(statements, known) if any(known) else told
    return told


def _of(statements: Sequence[Statement], documents: Mapping[str, Document]) -> list[Document]:
    return [documents[one.citation.document_id] for one in statements]


def _name(document: Document) -> str:
    """The words of a document's file name and title."""
    return f"{re.sub(r'[-_.]', ' ', PurePath(document.name).stem)} {document.title}"


def _tokens(text: str) -> set[str]:
    return content_words(text) | numbers(text)


def _best(statements: Sequence[Statement], values: Sequence[int]) -> Sequence[Statement]:
    return [one for one, value in zip(statements, values, strict=True) if value == max(values)]


def _replaces(documents: Mapping[str, Document], newer: Statement, older: Statement) -> bool:
    """Whether the newer document is a later version of the older one: it is named alike, and mentions its year."""
    one, other = documents[newer.citation.document_id], documents[older.citation.document_id]
    alike = {*_plain_names(one)} & {*_plain_names(other)}
    mentioned = {date[0] for date in dates_in(one.text[:HEAD])}
    return bool(alike) and 0 < older.date[0] < newer.date[0] and older.date[0] in mentioned


def _plain_names(document: Document) -> Iterator[str]:
    """The document's name and title without figures and the signs between them; "" is none."""
    for name in (PurePath(document.name).stem, document.title):
        if plain := re.sub(r"[\W\d_]+", " ", name).strip().casefold():
            yield plain
