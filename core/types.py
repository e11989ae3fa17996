"""Every type that crosses an arrow of the line, as frozen dataclasses.

    file -> Document (pages) -> Chunk -> vector + words -> library
    question -> Passage (ranked) -> Evidence -> prompt -> tokens -> Answer (sentences, citations)

Positions are always characters of ``Document.text`` (Python ``str`` indices, end exclusive), so that
``document.text[start:end]`` is the quoted text, whatever the format was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self

from core.facets import DocumentChoice
from core.figures import Figures
from core.shapes import Shape
from core.table_results import TableResult
from core.tables import Table

PageKind = Literal["page", "slide", "sheet", "section", "lines"]
"""How readers of a format name a place: a PDF's page, a presentation's slide, a sheet's row, a heading, a line."""

Role = Literal["system", "user", "assistant"]
Mode = Literal["direct", "cot", "react"]
"""How a prompt asks: straight, thinking step by step first, or searching in steps."""

AnswerForm = Literal["plain", "yes_no", "why", "steps", "list", "differ"]
"""The form that a question asks its answer in: a sentence or two, yes or no first, a reason, steps in order, a list; or
what each of several documents says, where these differ."""

ExpansionKind = Literal["none", "queries", "hyde"]
"""What a chat model writes to search for beside a question: nothing, other wordings, a passage that could answer."""

Reads = Literal["sentences", "passages"]
"""What a model answers from."""

ReadsChoice = Literal["auto", "sentences", "passages"]
"""What a person has it answer from; auto: what its catalogue entry says it is good for."""

Strictness = Literal["lenient", "balanced", "strict"]
"""How sure the documents' answer must be before it is given as one."""

Readers = Literal["", "agree", "differ"]
"""Whether a model's answer says the words that the span reader points at; "" where they were not compared."""

AnswerBy = Literal["model", "words", "evidence"]
"""Who phrases an answer: the chat model, or nobody: the words that answer and their sentence, or the sentence alone."""

AnswerChoice = Literal["auto", "model", "words", "evidence"]
"""What a person chooses of these; "auto" is "model" where the model reads passages, else "words"."""


RecognitionChoice = Literal["auto", "rapidocr", "tesseract", "off"]
"""What a person chooses of the engines that recognize text; "auto" is all that are installed."""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a document that its readers can name. A document's pages cover its text in order.

    ``number`` counts from 1 within the document. ``label`` is what the reader sees: a PDF's printed
    page label ("iv"), a sheet's name, a heading path ("Costs › Travel"), "" where the number says it all.
    ``first`` is the number of the first line (kind "lines") or row (kind "sheet"), from 1; else 1.
    ``note`` says why a page has no text ("no text: scanned?"); "" where it was read.
    ``flag`` says what of it the file's own readers do not see ("hidden sheet"); "" where they see all of it.
    ``how`` says how its text was read where that is not from the file's own characters alone: "recognized by rapidocr
    3.10.0, certainty 0.98", "form".
    """

    kind: PageKind
    number: int
    label: str
    start: int
    end: int
    first: int = 1
    note: str = ""
    flag: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in force from character ``start`` until the next one of its level or above. ``level`` counts from 1.

    A heading's own words may stand in the text (a report's chapter) or not (a table's column names).
    """

    start: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Locator:
    """Where a quote stands, as its reader would look it up.

    ``page`` is the page or slide number, from 1, or None for formats without pages.
    ``label`` is ready to show: "p. 12", "p. 4 (iv)", "slide 3", "Sheet1, row 14", "Costs › Travel", "line 120".
    """

    page: int | None
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """One file as it was read. ``id`` is the SHA-256 of the file's bytes, in hex: content, not name."""

    id: str
    name: str
    media_type: str
    title: str
    text: str
    pages: tuple[Page, ...]
    headings: tuple[Heading, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document small enough for the embedder's window; ``text == document.text[start:end]``.

    ``headings`` travel with it (outermost first); ``tokens`` counts the embedder's own tokens of ``text``.
    """

    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    tokens: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved stretch of a document, best first in a ranking; ``text == document.text[start:end]``.

    ``score`` is the fused score in 0..1, higher is better. ``dense`` is the cosine similarity to the
    question (-1..1) and ``words`` the share of its words (0 and up), None where that side did not find it.
    ``pages`` are those it lies on, counted from its own first character, so that
    ``locate(passage.pages, passage.text, i)`` says where ``passage.text[i]`` stands in the document.
    """

    document_id: str
    file: str
    title: str
    start: int
    end: int
    text: str
    locator: Locator
    headings: tuple[str, ...]
    score: float
    dense: float | None
    words: float | None
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and the place where it stands; ``quote == document.text[start:end]``.

    ``document_id`` fixes the version that was quoted: the same file changed later has another id.
    ``score`` is in 0..1, higher is better: how well it answers (evidence) or supports (answer).
    ``columns`` are the names of a table's columns where the quote is a row of it, "" elsewhere. ``heading`` is what it
    stands under, "Lease › Rent", where a model is to read it with that.
    """

    document_id: str
    file: str
    locator: Locator
    quote: str
    start: int
    end: int
    score: float
    columns: str = ""
    heading: str = ""


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """The words of a document that answer a question: ``text == document.text[start:end]``, never a part of a word.

    ``score`` is the logarithm of how much more likely they are than "not in this passage": 0 is even.
    """

    document_id: str
    file: str
    locator: Locator
    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation as a chat model reads it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn. ``temperature`` 0 is greedy; a ``seed`` makes a draw repeatable.

    ``grammar`` is GBNF text that every token must obey, "" for none. ``shape`` asks for the same as a pydantic model,
    for engines that know JSON schemas; where it is set and no grammar is, the grammar is the shape's.

    With ``options`` nothing is drawn: the model reads the prompt, and `Usage.logits` tells of each option how its first
    token stands. The text is the option that stands best. Engines that cannot tell leave the logits out.
    """

    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.1
    max_tokens: int = 256
    seed: int = 0
    stop: tuple[str, ...] = ()
    grammar: str = ""
    shape: type[Shape] | None = None
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.shape and not self.grammar:
            object.__setattr__(self, "grammar", self.shape.grammar())

    def plain(self) -> dict[str, object]:
        """The fields as JSON can hold them, for another process: all but ``shape``, of which the grammar says all."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "shape"}


@dataclass(frozen=True, slots=True)
class Usage:
    """What a generation cost. Counts are tokens of the chat model; ``reused`` of ``prompt`` came from the cache.

    ``logits`` are those of `Sampling.options`, natural logarithms up to a constant; () where none were asked for.
    """

    prompt: int = 0
    reused: int = 0
    answer: int = 0
    first_token_ms: float = 0.0
    total_ms: float = 0.0
    stopped: Literal["end", "length", "stop", "cancelled", ""] = ""
    logits: tuple[float, ...] = ()

    @classmethod
    def from_plain(cls, fields: Mapping[str, Any]) -> Self:
        """The usage whose fields came as JSON."""
        return cls(**{**fields, "logits": tuple(fields.get("logits", ()))})

    @property
    def read(self) -> int:
        """Tokens of the prompt that were not in the cache."""
        return self.prompt - self.reused


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a mode that works in steps, shown apart from the answer: a thought, a search, a result."""

    kind: Literal["thought", "search", "lookup", "found", "finish"]
    text: str


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of an answer and what supports it; without citations it is unsupported."""

    text: str
    citations: tuple[Citation, ...]

    @property
    def supported(self) -> bool:
        return bool(self.citations)


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """The part of an answer that one of several questions got.

    ``question`` is as it was asked, ``searched`` what was searched for. ``text`` is the part's own, and its sentences
    begin with number ``start``, from 0, of the answer's. The others are as in `Answer`; ``words`` are there where the
    readers were compared.
    """

    question: str
    searched: str
    text: str
    start: int
    found: bool
    doubt: str = ""
    words: AnswerWords | None = None
    readers: Readers = ""


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds since the question was asked; ``retrieve`` is how long the search itself took."""

    retrieve: float = 0.0
    first_evidence: float = 0.0
    first_token: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person reads. ``found`` is False where nothing in the documents supports an answer.

    ``words`` stand inside the first of ``evidence``; None where no words answer by themselves. ``answerable`` is the
    probability, 0..1, that the documents answer the question; None where it was not read. ``headings`` stand before the
    sentence of that number, from 0, in an answer about whole documents. ``searched`` is what was searched for: the
    question, or a follow-up made standalone. ``doubt`` is a line to be shown before an answer that is not certain, ""
    for none; ``certainty`` is the probability, 0..1, that the documents answer, as far as all signs together tell, None
    where it was not asked. ``readers`` tells whether what a model wrote says the ``words``. ``parts`` are those of an
    answer to several questions, in order, () where one was asked: ``text`` then holds each below its question, and
    ``found`` is True where it is for one of them. ``figures`` are the cells that an answer in figures rests on, and
    what was computed over them; ``table`` is the result of a query over a whole table. ``choice`` are the documents
    that the question asked about, by its names and periods; None where it named none. ``compared`` are the names of
    documents that are told of point by point, () for any other answer: below each heading stands a sentence for each.
    """

    question: str
    text: str
    found: bool
    sentences: tuple[AnswerSentence, ...]
    evidence: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    steps: tuple[Step, ...]
    timings: Timings
    usage: Usage
    model: str
    mode: Mode
    cancelled: bool = False
    notes: tuple[str, ...] = ()
    headings: tuple[tuple[int, str], ...] = ()
    words: AnswerWords | None = None
    answerable: float | None = None
    searched: str = ""
    doubt: str = ""
    certainty: float | None = None
    readers: Readers = ""
    parts: tuple[AnswerPart, ...] = ()
    figures: Figures | None = None
    table: TableResult | None = None
    choice: DocumentChoice | None = None
    compared: tuple[str, ...] = ()

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Those of the sentences, in order, each once."""
        return tuple(dict.fromkeys(citation for sentence in self.sentences for citation in sentence.citations))
