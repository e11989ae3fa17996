"""Sets of questions whose answers are known: read from a folder, split in halves, sampled.

Three layouts are told apart by the files in the folder:

    passages  corpus.jsonl (_id, title, text), queries.jsonl (_id, text, answers) and qrels.tsv or qrels/test.tsv
              (query-id, corpus-id, score): the layout of BEIR (Thakur et al. 2021, arXiv:2104.08663)
    files     docs/ with files of any format and questions.jsonl (question, files, answer)
    spans     corpora/*.md and questions_df.csv (question, references, corpus_id), where references is JSON with
              content, start_index and end_index: the layout of brandonstarxel/chunking_evaluation
"""

import csv
import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from core.errors import UsageError
from core.types import Document, Page

Kind = Literal["passages", "files", "spans"]
Half = Literal["all", "tune", "report", "unseen"]
"""Which questions count: all; one half to tune on, the other to report; those on passages that the span reader
has not been trained on."""
Span = tuple[str, int, int]
"""A document's key (see EvalSet) and a stretch of its text: characters, end exclusive."""

LAYOUTS = (
    "It needs corpus.jsonl, queries.jsonl and qrels.tsv; or docs/ and questions.jsonl; or corpora/ and "
    "questions_df.csv (docs/evaluation.md describes them)."
)
BLOCK = 1 << 20
"""Bytes that are hashed at a time."""


class SetContents(Protocol):
    """What a set's library is made of, and kept by: ``documents`` as text, or else ``paths`` of files to read."""

    @property
    def name(self) -> str: ...
    @property
    def folder(self) -> Path: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def documents(self) -> tuple[Document, ...]: ...
    @property
    def paths(self) -> tuple[Path, ...]: ...
    @property
    def digest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class SetQuestion:
    """``relevant`` grades the documents that answer it, by their keys (see EvalSet); none where nothing does.

    ``answers`` holds every accepted answer. ``spans`` are the exact words that answer, where the set knows them.
    Questions of one ``group`` are about the same text and are drawn together where chance is estimated;
    ``topic`` (an article, or the group itself) falls into one half as a whole.
    """

    id: str
    text: str
    relevant: Mapping[str, int]
    answers: tuple[str, ...]
    group: str
    topic: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class EvalSet:
    """A set as it stands in its folder. ``documents`` are given as text, or else ``paths`` are to be read.

    The key of a document is its id where it is given as text, and the file's name where it is read.
    ``digest`` is the SHA-256 of all that a library is built from, ``question_digest`` that of the questions.
    """

    name: str
    folder: Path
    kind: Kind
    documents: tuple[Document, ...]
    paths: tuple[Path, ...]
    questions: tuple[SetQuestion, ...]
    digest: str
    question_digest: str

    def key(self, document: str, file: str) -> str:
        """The key of the document with this id and file name."""
        return document if self.documents else file


def load_set(folder: Path) -> EvalSet:
    """The set in ``folder``, named for it. Raises UsageError where it has none of the three layouts."""
    folder = find_folder(folder)
    if (folder / "corpus.jsonl").is_file():
        return _load_passages(folder)
    if (folder / "questions.jsonl").is_file():
        return _load_files(folder)
    if (folder / "questions_df.csv").is_file():
        return _load_spans(folder)
    raise UsageError(f"{folder} is not a set of questions.", LAYOUTS)


def find_folder(folder: Path) -> Path:
    """The folder of a set, in full. Raises UsageError where there is none."""
    folder = folder.expanduser()
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "Name the folder that holds the set's files.")
    return folder.resolve()


def read_corpus(path: Path) -> dict[str, Document]:
    """The passages of a corpus.jsonl as documents of their own, by their ids in the set. Raises UsageError."""
    rows = {str(_field(row, "_id", path)): row for row in read_jsonl(path)}
    return {
        passage: text_document(passage, str(row.get("title") or ""), str(_field(row, "text", path)))
        for passage, row in rows.items()
    }


def files_in(docs: Path) -> tuple[Path, ...]:
    """All files of a set's folder of documents, in order."""
    return tuple(sorted(path for path in docs.rglob("*") if path.is_file()))


def choose(
    questions: tuple[SetQuestion, ...],
    *,
    half: Half = "all",
    unseen: frozenset[str] = frozenset(),
    sample: int = 0,
    seed: int = 0,
    balanced: bool = False,
) -> tuple[SetQuestion, ...]:
    """The questions of one half, or a sample of ``sample`` of them (0: all), always the same for a seed.

    ``unseen`` names the groups that count for the half of that name. ``balanced``: as many questions that the set
    answers as others, half of the sample each; fewer where the set has fewer of one kind. A smaller balanced sample is
    part of a larger one.
    """
    chosen = [question for question in questions if half == "all" or _belongs(question, half, unseen)]
    if not balanced:
        return _in_order(chosen, _draw(len(chosen), sample, seed))
    kinds = [[q for q in chosen if q.relevant], [q for q in chosen if not q.relevant]]
    each = min(*map(len, kinds), sample // 2 if sample else len(chosen))
    kept = {q.id for kind in kinds for q in _in_order(kind, _draw(len(kind), len(kind), seed)[:each])}
    return tuple(question for question in chosen if question.id in kept)


def _draw(number: int, sample: int, seed: int) -> list[int]:
    """``sample`` of the places 0 to ``number`` as they were drawn; all for 0 or where there are no more."""
    return random.Random(seed).sample(range(number), min(sample or number, number))  # noqa: S311 - no secret


def _in_order(questions: Sequence[SetQuestion], places: Sequence[int]) -> tuple[SetQuestion, ...]:
    return tuple(questions[place] for place in sorted(places))


def half_of(topic: str) -> Literal["tune", "report"]:
    """The half of an article or passage: by its MD5 as a number, odd is for the report."""
    return "report" if int(hashlib.md5(topic.encode(), usedforsecurity=False).hexdigest(), 16) % 2 else "tune"


def _belongs(question: SetQuestion, half: Half, unseen: frozenset[str]) -> bool:
    return question.group in unseen if half == "unseen" else half_of(question.topic) == half


def document_id(name: str) -> str:
    """The id under which a set's text stands in a library: 16 hex digits of the SHA-256 of its name in the set."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def text_document(name: str, title: str, text: str, file: str = "") -> Document:
    """A document made of plain text, as if it had been read from a file.

    ``name`` is the set's own for it. Without a ``file`` it has no file name: the numbers and letters that sets name
    passages by must neither help nor hinder to find them.
    """
    pages = (Page(kind="section", number=1, label="", start=0, end=len(text)),)
    return Document(id=document_id(name), name=file, media_type="text/plain", title=title, text=text, pages=pages)


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file. Raises UsageError naming the line that is not one."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _object(line, f"{path}, line {number}")
    except FileNotFoundError as error:
        raise UsageError(f"There is no {path}.", LAYOUTS) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text: {error.reason}.", "Save it as UTF-8.") from error


def digest_of(*paths: Path) -> str:
    """SHA-256 over the names and contents of files, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0")
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    return digest.hexdigest()


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{place}: not JSON ({error}).", "Mend or remove the line.") from error
    if not isinstance(value, dict):
        raise UsageError(f"{place}: not a JSON object.", "Each line is one object: {...}.")
    return value


def _field(row: Mapping[str, Any], name: str, path: Path) -> Any:
    if name not in row:
        raise UsageError(f"{path}: an object without '{name}'.", LAYOUTS)
    return row[name]


def _load_passages(folder: Path) -> EvalSet:
    corpus, queries = folder / "corpus.jsonl", folder / "queries.jsonl"
    qrels = next((path for path in (folder / "qrels.tsv", folder / "qrels" / "test.tsv") if path.is_file()), None)
    if qrels is None:
        raise UsageError(f"{folder} has no qrels.tsv.", LAYOUTS)
    documents = read_corpus(corpus)
    titles = {passage: document.title for passage, document in documents.items()}
    relevant = _read_qrels(qrels)
    unknown = {passage for grades in relevant.values() for passage in grades} - documents.keys()
    if unknown:
        raise UsageError(f"{qrels} names {len(unknown)} passages that are not in corpus.jsonl, such as {min(unknown)}.")
    questions = []
    for row in read_jsonl(queries):
        query = str(_field(row, "_id", queries))
        grades = relevant.get(query, {})
        group = next(iter(grades), str(row.get("passage") or query))
        questions.append(
            SetQuestion(
                id=query,
                text=str(_field(row, "text", queries)),
                relevant={document_id(passage): grade for passage, grade in grades.items()},
                answers=tuple(dict.fromkeys(map(str, row.get("answers") or ()))),
                group=group,
                topic=titles.get(group) or group,
            )
        )
    digests = digest_of(corpus), digest_of(queries, qrels)
    return EvalSet(folder.name, folder, "passages", tuple(documents.values()), (), tuple(questions), *digests)


def _read_qrels(path: Path) -> dict[str, dict[str, int]]:
    relevant: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            cells = line.rstrip("\r\n").split("\t")
            if number == 1 and cells[-1] == "score":
                continue
            try:
                query, passage, grade = cells[0], cells[-2], int(float(cells[-1]))
            except (IndexError, ValueError) as error:
                raise UsageError(
                    f"{path}, line {number}: not query-id, corpus-id and score between tabs.", LAYOUTS
                ) from error
            if grade > 0:
                relevant.setdefault(query, {})[passage] = grade
    return relevant


def _load_files(folder: Path) -> EvalSet:
    docs, source = folder / "docs", folder / "questions.jsonl"
    if not docs.is_dir():
        raise UsageError(f"{folder} has questions.jsonl but no folder docs.", LAYOUTS)
    paths = files_in(docs)
    known = {path.name for path in paths}
    questions = []
    for number, row in enumerate(read_jsonl(source)):
        text, files = str(_field(row, "question", source)), list(map(str, _field(row, "files", source)))
        if missing := sorted(set(files) - known):
            raise UsageError(f"{source} names {missing[0]}, which is not in {docs}.", "Add the file or mend the name.")
        answer = row.get("answer")
        accepted = tuple(map(str, answer)) if isinstance(answer, list) else (str(answer),) if answer else ()
        questions.append(SetQuestion(str(row.get("_id", number)), text, dict.fromkeys(files, 1), accepted, text, text))
    return EvalSet(folder.name, folder, "files", (), paths, tuple(questions), digest_of(*paths), digest_of(source))


def _load_spans(folder: Path) -> EvalSet:
    source = folder / "questions_df.csv"
    paths = tuple(sorted((folder / "corpora").glob("*.md")))
    # newline="" keeps the characters that the spans were counted in.
    texts = {path.stem: path.open(encoding="utf-8", newline="").read() for path in paths}
    questions = []
    with source.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines)):
            corpus = row.get("corpus_id", "")
            spans = tuple(
                (document_id(corpus), int(reference["start_index"]), int(reference["end_index"]))
                for reference in json.loads(_field(row, "references", source))
            )
            if corpus not in texts or not spans:
                raise UsageError(f"{source}: question {number + 1} has no text '{corpus}' or no span.", LAYOUTS)
            quotes = tuple(texts[corpus][start:end] for _, start, end in spans)
            text = str(_field(row, "question", source))
            questions.append(
                SetQuestion(str(number), text, {document_id(corpus): 1}, quotes, f"{corpus}/{text}", text, spans)
            )
    documents = tuple(text_document(name, "", text, f"{name}.md") for name, text in texts.items())
    return EvalSet(
        folder.name, folder, "spans", documents, paths, tuple(questions), digest_of(*paths), digest_of(source)
    )
