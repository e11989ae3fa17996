"""An answer from documents that differ: each is read, told and cited by its name."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath

from app.answer.differing import told_by_several
from app.answer.evidence import Evidence
from app.answer.statements import Differing, Statement
from app.answer.verdict import Verdict
from core.messages import N_, _
from core.types import AnswerSentence

DIFFER = N_("Your documents differ on this: {sources}.")
ELSEWHERE = N_("Not told above: {source} says “{quote}”")


def from_documents(found: Differing) -> Verdict:
    """The statements themselves, each after its document's name."""
    sentences = tuple(_as_sentence(statement) for statement in found.told)
    return Verdict("\n".join(sentence.text for sentence in sentences), sentences, found=True)


def with_every_document(verdict: Verdict, found: Differing) -> Verdict:
    """The verdict on a draft about ``found``, where the statement of each document that no sentence cites is added.

    A sentence that names one of the documents and rests on another one is not supported; one that names none gets the
    name of the document that it rests on.
    """
    if not verdict.found:
        return verdict
    sentences = []
    text, place = "", 0
    for sentence in verdict.sentences:
        named = _named(_rightly_cited(sentence, found), found)
        start = verdict.text.find(sentence.text, place)
        if start >= 0:
            text += verdict.text[place:start] + named.text
            place = start + len(sentence.text)
        sentences.append(named)
    text += verdict.text[place:]
    cited = {quote.document_id for sentence in sentences for quote in sentence.citations}
    missing = [_as_sentence(one) for one in found.told if one.citation.document_id not in cited]
    text = "\n".join([text, *(sentence.text for sentence in missing)])
    return replace(verdict, text=text, sentences=(*sentences, *missing))


def differing_notes(evidence: Evidence) -> tuple[str, ...]:
    """Lines that say which documents differ, and what those say that were left out."""
    if evidence.differing is None:
        return ()
    several = told_by_several(evidence)
    lines = [_(DIFFER, sources=", ".join(one.source for one in several.told))] if several else []
    lines += [
        _(ELSEWHERE, source=one.source, quote=" ".join(one.citation.quote.split())) for one in evidence.differing.others
    ]
    return tuple(lines)


def _rightly_cited(sentence: AnswerSentence, found: Differing) -> AnswerSentence:
    """The sentence with citations of the documents that it names, if it names any of them."""
    named = {one.citation.document_id for one in found.told if _names(sentence.text, one.citation.file)}
    if not named:
        return sentence
    return replace(sentence, citations=tuple(quote for quote in sentence.citations if quote.document_id in named))


def _named(sentence: AnswerSentence, found: Differing) -> AnswerSentence:
    """The sentence with the name of the document that it rests on behind it, where it names none of them."""
    if not sentence.citations or any(_names(sentence.text, one.citation.file) for one in found.told):
        return sentence
    return replace(sentence, text=f"{sentence.text} ({sentence.citations[0].file})")


def _names(text: str, file: str) -> bool:
    """Whether a text names a file, with or without its ending; by a figure alone ("5.md") only with it."""
    stem = PurePath(file).stem
    name = stem if any(map(str.isalpha, stem)) else file
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _as_sentence(statement: Statement) -> AnswerSentence:
    quote = statement.citation
    return AnswerSentence(f"{statement.source}: {' '.join(quote.quote.split())}", (quote,))
