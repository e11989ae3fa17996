"""Statements beside sources that say them, contradict them, or say nothing of them: what `support.py` measures with."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from babel import Locale

from benchmarks.tables import side
from core.protocols import Embedder
from index.language import language_of
from ingest.read import read_file
from ingest.sentences import sentence_spans

Label = Literal["said", "contradicted", "not said"]
LABELS: dict[str, Label] = {
    "supported": "said",
    "refuted": "contradicted",
    "entailed": "said",
    "contradicted": "contradicted",
    "not mentioned": "not said",
}


@dataclass(frozen=True)
class Pair:
    """A ``statement`` beside a ``source`` of the document ``document``; ``kind`` is the line of the table."""

    kind: str
    label: Label
    source: str
    statement: str
    document: str

    @property
    def is_even(self) -> bool:
        return side(self.document) == "even"


def fever(folder: Path) -> Iterator[Pair]:
    """Sentences of an encyclopedia, each beside a statement that it supports and one that it refutes."""
    for row in _rows(folder / "pairs.jsonl"):
        yield Pair("fever-symmetric", LABELS[row["label"]], row["source"], row["statement"], row["source"])


def contracts(folder: Path, embedder: Embedder, documents: int) -> Iterator[Pair]:
    """Statements beside the words of a contract that say so or deny it; those it does not mention beside the sentence
    that is nearest. ``documents`` of them, by hash."""
    of: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(folder / "statements.jsonl"):
        of.setdefault(row["document"], []).append(row)
    for name in sorted(of, key=lambda name: hashlib.sha256(name.encode()).hexdigest())[:documents]:
        text = (folder / "docs" / name).read_text("utf-8")
        sentences = [text[start:end] for start, end in sentence_spans(text) if end - start > 40]
        vectors = embedder.embed_passages(sentences)
        for row in of[name]:
            spans = row["spans"][:2]
            source = " ".join(text[start:end] for start, end in spans)
            if not spans:
                source = sentences[int((vectors @ embedder.embed_passages([row["statement"]])[0]).argmax())]
            yield Pair("contracts", LABELS[row["label"]], source, row["statement"], name)


CHANGED_WORDS = {
    "de": (
        ("mindestens", "höchstens"),
        ("spätestens", "frühestens"),
        ("bis zu", "ab"),
        ("vor", "nach"),
        ("mit", "ohne"),
    ),
    "fr": (
        ("au moins", "au plus"),
        ("avant", "après"),
        ("minimum", "maximum"),
        ("jusqu'à", "à partir de"),
        ("avec", "sans"),
    ),
}
NEGATIONS = {
    "de": ((r"\bnicht ", ""), (r"\bkein(e[mnrs]?)?\b", r"ein\1")),
    "fr": ((r"\bn[e'’] ?(\w+) pas\b", r"\1"), (r"\baucune?\b", "un")),
}
DENIALS = {
    "de": (r"\b(ist|sind|wird|werden|hat|haben|darf|kann|muss)\b", r"\1 nicht"),
    "fr": (r"\b(est|sont|doit|doivent|peut|peuvent|a)\b", r"ne \1 pas"),
}


def changed(files: Sequence[Path]) -> Iterator[Pair]:
    """Sentences of German and French documents as they are, and with one thing in them changed by a program."""
    for file in files:
        text = read_file(file).text
        language = language_of(text[:2000])
        if language not in CHANGED_WORDS:
            continue
        sentences = [" ".join(text[start:end].split()) for start, end in sentence_spans(text)]
        sentences = [one for one in sentences if 6 <= len(one.split()) <= 40]
        names = sorted({word for one in sentences for word in re.findall(r"(?<=[a-zà-ÿ,] )[A-ZÀ-Ý][a-zà-ÿ]{3,}", one)})
        for sentence in sentences:
            yield Pair(f"as it is, {language}", "said", sentence, sentence, file.name)
            for kind, other in _changes(sentence, language, names):
                yield Pair(f"{kind}, {language}", "contradicted", sentence, other, file.name)


def _changes(sentence: str, language: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    number = re.search(r"\d+", sentence)
    if number:
        yield "number", f"{sentence[: number.start()]}{int(number[0]) + 7}{sentence[number.end() :]}"
    months = list(Locale(language).months["format"]["wide"].values())
    for at, month in enumerate(months):
        if month in sentence:
            yield "date", sentence.replace(month, months[(at + 5) % 12], 1)
            break
    inside = [name for name in names if re.search(rf"(?<=[a-zà-ÿ,] ){name}\b", sentence)]
    if inside:
        other = names[(names.index(inside[0]) + len(names) // 2) % len(names)]
        yield "name", sentence.replace(inside[0], other)
    for one, another in CHANGED_WORDS[language]:
        for old, new in ((one, another), (another, one)):
            if re.search(rf"\b{old}\b", sentence):
                yield "bound", re.sub(rf"\b{old}\b", new, sentence, count=1)
                return
    for pattern, without in NEGATIONS[language]:
        if re.search(pattern, sentence):
            yield "negation", re.sub(pattern, without, sentence, count=1)
            return
    pattern, denied = DENIALS[language]
    if re.search(pattern, sentence):
        yield "negation", re.sub(pattern, denied, sentence, count=1)


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
