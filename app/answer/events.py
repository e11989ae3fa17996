"""What happens while a question is answered, in the order in which a person may be told.

    Retrieved, EvidenceFound, [Note...], [PromptFitted], [Queued...], [StepTaken...], Piece..., Answered
    Progressed..., [Note...], [Queued...], Answered        where it is about whole documents

Only ``Answered`` always comes, and it comes last; a LecternError that is raised instead ends the events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.types import Answer, AnswerWords, Citation, Passage, Step

if TYPE_CHECKING:
    from prompts.fit import Fitted


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages found, best first; ``milliseconds`` is how long the search took."""

    passages: tuple[Passage, ...]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """The sentences that answer best, best first, before the model has read anything.

    ``milliseconds`` is counted from when the question was asked. ``words`` are the words in the first sentence that
    answer. ``answers`` is False if the sentences are too weak for an answer and are shown as the nearest ones.
    """

    evidence: tuple[Citation, ...]
    milliseconds: float
    words: AnswerWords | None = None
    answers: bool = True


@dataclass(frozen=True, slots=True)
class Note:
    """One line that a person should know: what was searched instead, what was left out. Also in ``Answer.notes``.

    ``quiet``: nothing is amiss, it is only said.
    """

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class PromptFitted:
    """The prompt as the model is about to read it; in a mode that works in steps, once a step."""

    fitted: Fitted


@dataclass(frozen=True, slots=True)
class Queued:
    """Others are before this question: ``place`` 1 is the next to be answered."""

    place: int


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step of a mode that works in steps: a thought, a search, what it found. Shown apart from the answer."""

    step: Step


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the answer's text as it is written.

    It stays: ``Answered`` marks it and adds to it. ``stays`` is False for a model that only phrases, which the
    documents may overrule: what it writes is not shown before it was judged.
    """

    text: str
    stays: bool = True


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far the work on whole documents is: ``done`` of ``total`` sentences or parts; ``what`` is being done."""

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The whole answer with its proof."""

    answer: Answer


Event = Retrieved | EvidenceFound | Note | PromptFitted | Queued | StepTaken | Piece | Progressed | Answered
