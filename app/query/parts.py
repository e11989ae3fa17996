"""Tells apart the questions of a turn that asks several things, and a question from the story around it.

Sentences that end in a question mark are questions by themselves, in any script. Inside a sentence a question begins
after "and" or a comma where the words after it begin one: the words for "and" are those of Unicode's CLDR, those that
begin questions stand in clauses.yaml. What is not clear stays one question.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import yaml
from pydantic import TypeAdapter

from app.answer.rules.text_features import content_words
from app.answer.writing import generate_text
from app.query.forms import form_of
from core.protocols import ChatEngine, Embedder
from core.types import Sampling
from index.language import language_of
from index.relatedness import relatedness
from ingest.sentences import sentence_spans
from prompts.expansion_prompt import load_parts_prompt

MOST_PARTS = 4
"""Most questions of a turn that are answered; each takes seconds."""

STORY = 300
"""Characters of statements from which they are a story: it is not searched for, only what of it the question needs."""

NEEDED = 0.4
"""How near, on the scale of `index.relatedness`, a sentence of the story must be to the question that needs it."""

MOST_NEEDED = 2
"""Sentences of a story that go with a question."""

LEAST_WORDS = 3
"""Fewest words of a question that is asked in one sentence with others."""

FEW_WORDS = 6
"""Most words of a question that may need those of the one before it: "Wann ist sie fällig?"."""

SPLIT_TOKENS = 100
"""Most tokens that a model writes for the questions of one sentence."""

CLAUSES = Path(__file__).with_name("clauses.yaml")

_END = re.compile(r"[?？؟\u037e]+[\"'”’»)\]]*(?=\s|$|[^\x00-\u02ff])")
_GREEK_END = re.compile(r"[;?\u037e]+(?=\s|$)")
_PAUSE = r"[,;，；،؛、]"
_OPENING = "¿¡\"'“«([ "


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question of a turn as it was asked, and the statements in ``before`` and ``after`` it that belong to it."""

    text: str
    before: str = ""
    after: str = ""

    @property
    def whole(self) -> str:
        """The question with its statements."""
        return " ".join(filter(None, (self.before, self.text, self.after)))


@dataclass(frozen=True, slots=True)
class ToldApart:
    """The questions of a turn, and the sentences of the story before them, () where there is none."""

    questions: tuple[AskedQuestion, ...]
    story: tuple[str, ...] = ()


def tell_apart(turn: str) -> ToldApart:
    """The questions of a turn; the turn itself as the only one where it is not clear that there are several."""
    text = turn.strip()
    unclear = ToldApart((AskedQuestion(text),))
    language = language_of(text)
    sentences = list(_sentences(text, language))
    asked = [at for at, (_, asks) in enumerate(sentences) if asks]
    if not asked:
        return ToldApart(_clauses(text, language)) if len(sentences) == 1 else unclear
    sentences = list(_once(sentences))
    asked = [at for at, (_, asks) in enumerate(sentences) if asks]
    story = _length(sentences[: asked[0]]) > STORY or _length(_statements(sentences[: asked[-1]])) > STORY
    if _length(sentences[asked[-1] + 1 :]) > STORY:
        return unclear
    if story:
        first = _last_run(asked)
        told, sentences = [one for one, _ in sentences[:first]], sentences[first:]
        return ToldApart(tuple(_questions(sentences, language)), tuple(told))
    questions = tuple(_questions(sentences, language))
    return ToldApart(questions) if len(questions) > 1 or len(sentences) == 1 else unclear


def needed_of(story: Sequence[str], question: str, embedder: Embedder) -> str:
    """The sentences of a story that are near the question, at most MOST_NEEDED, in their order; "" for none."""
    if not story:
        return ""
    vectors = embedder.embed_passages([question, *story])
    near = relatedness(vectors[1:] @ vectors[0], embedder, "passages")
    best = [int(at) for at in np.argsort(-near)[:MOST_NEEDED] if near[at] >= NEEDED]
    return " ".join(story[at] for at in sorted(best))


def may_lean(question: str) -> bool:
    """Whether a question after others may need their words where no rule can tell: a short one, not in English."""
    return language_of(question) != "en" and len(question.split()) <= FEW_WORDS


def may_hold_several(question: str) -> bool:
    """Whether a question that no rule tells apart lists three things: "the price, the hours and the address"."""
    pauses = len(re.findall(rf"(?<!\d){_PAUSE}|{_PAUSE}(?!\d)", question))
    joined = len(list(re.finditer(_and(language_of(question)), question.casefold())))
    return pauses + joined >= 2 and len(content_words(question)) > LEAST_WORDS


def split_by_model(question: str, engine: ChatEngine, cancel: threading.Event | None = None) -> tuple[str, ...]:
    """The questions of one sentence as the model tells them apart, in its words; () where it is one.

    Nothing may be new or lost: parts with other content words than the question's are not taken. Raises what the engine
    raises.
    """
    if not engine.load(cancel):
        return ()
    prompt = load_parts_prompt()
    sampling = Sampling(max_tokens=SPLIT_TOKENS, shape=prompt.shape)
    lines = generate_text(engine, prompt.messages(question), sampling, cancel).splitlines()
    parts = tuple(line.strip() for line in lines if line.strip())
    same = content_words(" ".join(parts)) == content_words(question)
    return parts if len(parts) > 1 and same and all(map(_END.search, parts)) else ()


def _sentences(text: str, language: str) -> Iterator[tuple[str, bool]]:
    """The sentences of a text in order, each with whether it ends in a question mark."""
    ends = [match.end() for match in (_GREEK_END if language == "el" else _END).finditer(text)]
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        piece = text[start:end].strip()
        spans = sentence_spans(piece)
        for number, (first, last) in enumerate(spans, 1):
            yield piece[first:last], end in ends and number == len(spans)


def _once(sentences: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """The sentences without questions that were asked before in the same words: pasted twice, or urged."""
    seen: set[str] = set()
    for text, asks in sentences:
        words = text.casefold()
        if not asks or words not in seen:
            yield text, asks
        seen.add(words)


def _questions(sentences: Sequence[tuple[str, bool]], language: str) -> Iterator[AskedQuestion]:
    """The questions of sentences that hold one at least; statements go with the question after them, else before."""
    asked = [text for text, asks in sentences if asks]
    all_short = all(len(text.split()) < LEAST_WORDS for text in asked)
    found: list[AskedQuestion] = []
    before: list[str] = []
    for text, asks in sentences:
        if not asks or (_is_short(text) and not all_short):
            before.append(text)
            continue
        found += _clauses(text, language, " ".join(before))
        before = []
    yield from found[:-1]
    if found:
        yield AskedQuestion(found[-1].text, found[-1].before, " ".join(before))


def _is_short(text: str) -> bool:
    """Whether a question says nothing by itself: "Really?", "Yes or no?"."""
    spaced = len(text.split()) < LEAST_WORDS and len(text) < 6 * LEAST_WORDS and text.isascii()
    return spaced or not content_words(text)


def _clauses(sentence: str, language: str, before: str = "") -> tuple[AskedQuestion, ...]:
    """The questions of one sentence; the sentence itself where it is one."""
    one = (AskedQuestion(sentence, before),)
    opening = _openings().get(language)
    lowered = sentence.lower()
    if opening is None or len(lowered) != len(sentence):
        return one
    begins = re.compile(rf"(?:{opening})(?!\w)")
    joints = _joints(lowered, begins, language)
    preface, start = "", len(sentence) - len(sentence.lstrip(_OPENING))
    first = lowered[start : joints[0].start] if joints else ""
    if not begins.match(first) and form_of(f"{first}?") != "yes_no":
        if not joints or not re.match(_PAUSE, lowered[joints[0].start :]):
            return one
        preface, start, joints = f"{sentence[: joints[0].start].strip()}.", joints[0].end, joints[1:]
    cuts = [start, *(joint.end for joint in joints)]
    ends = [*(joint.start for joint in joints), len(sentence)]
    parts = [sentence[first:last].strip().rstrip(".?!;,").strip() for first, last in zip(cuts, ends, strict=True)]
    if len(parts) < 2 or not all(_is_whole(part, begins) for part in parts):
        return one
    context = " ".join(filter(None, (before, preface)))
    return tuple(AskedQuestion(f"{part[:1].upper()}{part[1:]}?", context) for part in parts)


@dataclass(frozen=True, slots=True)
class _Joint:
    """Characters ``start`` to ``end`` between two questions: a pause, the word for "and", or both.

    ``is_clear`` is False for a comma, after which a relative clause may stand.
    """

    start: int
    end: int
    is_clear: bool


def _joints(lowered: str, begins: re.Pattern[str], language: str) -> list[_Joint]:
    """Where questions of a sentence meet; commas count only before an "and" that joins questions, as in a list."""
    found = []
    for match in re.finditer(rf"(?:{_PAUSE}\s*|\s+)(?P<and>{_and(language)})?(?<=\s)", lowered):
        pause = match.group().strip()
        if pause and begins.match(lowered, match.end()):
            found.append(_Joint(match.start(), match.end(), bool(match["and"]) or pause in (";", "；", "؛")))
    last = max((at for at, joint in enumerate(found) if joint.is_clear), default=-1)
    return found[: last + 1]


def _is_whole(clause: str, begins: re.Pattern[str]) -> bool:
    """Whether a clause asks something by itself; "when" alone does not."""
    asks = begins.match(clause.lower())
    rest = clause[asks.end() :] if asks else clause
    return len(clause.split()) >= LEAST_WORDS or bool(content_words(rest))


def _length(sentences: Sequence[tuple[str, bool]]) -> int:
    return sum(len(text) for text, _ in sentences)


def _statements(sentences: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    return [one for one in sentences if not one[1]]


def _last_run(asked: Sequence[int]) -> int:
    """The first of the last questions that stand together: those inside a story are told, not asked."""
    first = asked[-1]
    for at in reversed(asked[:-1]):
        if at != first - 1:
            break
        first = at
    return first


@cache
def _openings() -> dict[str, str]:
    return TypeAdapter(dict[str, str]).validate_python(yaml.safe_load(CLAUSES.read_text("utf-8")))


@cache
def _and(language: str) -> str:
    """The word for "and" of a language as a regular expression with the space after it, after CLDR's lists of two."""
    from babel import Locale, UnknownLocaleError

    try:
        pattern = Locale.parse(language).list_patterns["standard"]["2"]
    except (UnknownLocaleError, ValueError, KeyError):  # no text in a language, or one without lists
        return r"and\s+"
    word = str(pattern).replace("{0}", "").replace("{1}", "").strip()
    spaced = rf"(?<!\w){re.escape(word)}\s+"
    # "e" and "y" have another form before a vowel that the lists do not name.
    return {"es": r"(?<!\w)[ye]\s+", "it": r"(?<!\w)ed?\s+"}.get(language, spaced)
