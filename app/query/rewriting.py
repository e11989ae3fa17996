"""Rewrites a follow-up question so that it can be searched for without the conversation before it.

If a rule is sure, it decides: "And in August?" after "How many guests came in April?" becomes "How many guests came in
August?". Otherwise the words of the question before are added, or a model that is good enough rewrites the question.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from app.answer.rules.text_features import content_words, names
from app.answer.writing import generate_text
from core.messages import _
from core.protocols import ChatEngine
from core.types import Citation, Locator, Sampling
from index.analyzer import analyze
from prompts.fit import fit
from prompts.render import HERE, read_template

PERSONS = frozenset(("he", "him", "his", "she", "her", "hers", "they", "them", "their"))
"""Words for persons who were mentioned before."""

POINTS_BACK = PERSONS | {"it", "its", "this", "that", "these", "those", "there", "one", "ones"}
"""Words of a question that refer to the question or answer before it."""

_GOES_ON = frozenset(("and", "but", "or", "so", "also", "then"))

# Words that look as if they referred back, but do not: "is it allowed to", "how many are there", "this year".
_POINTS_NOWHERE = re.compile(
    r"(?i)\b(?:is|was|will|would)\s+it\s+(?:allowed|possible|necessary|permitted|required|safe|true|better)\b"
    r"|\b(?:does|did|will|would)\s+it\s+(?:cost|take|need|help|hurt|matter)\s+(?:\w+\s+)?to\b"
    r"|\b(?:is|are|was|were|be)\s+there\b|\bthere\s+(?:is|are|was|were)\b|\bno\s+one\b"
    r"|\bthis\s+(?:year|month|week|quarter|time|summer|winter|spring|autumn)\b"
)
_CONTRAST = re.compile(
    r"(?i)^(?:and|but|or|so|what about|how about|and what about|and how about)\s+"
    r"(?P<preposition>in|on|at|for|of|from|to|with|by|per|after|before|during|since|until)?\s*(?P<new>[^?]+?)\s*\?*$"
)
_PHRASE = r"(?P<preposition>\b{0}\s+)(?P<old>(?:(?:the|a|an|its|our|this)\s+)?[\w'’.-]+(?:\s+(?!{1})[\w'’.-]+)*)"
_PREPOSITIONS = (
    r"(?:in|on|at|for|of|from|to|with|by|per|after|before|during|since|until|and|or|is|are|was|were|does|did)\b"
)
_MONTH = r"January|February|March|April|May|June|July|August|September|October|November|December"
_LIKE = (
    re.compile(r"\b[A-Z]{1,4}\d*-?[A-Z]*\d+\b"),  # codes: P3-E02, P3
    re.compile(rf"\b(?:{_MONTH})\b"),
    re.compile(r"\b(?:1[5-9]|20)\d\d\b"),
    re.compile(r"(?i)\b(?:first|second|third|fourth|last)\s+(?:quarter|half|year|month|week)\b"),
)
_QUESTION_WORD = re.compile(r"(?i)\b(?:who|whom|whose|what|which|when|where|why|how)\b")

FEW_WORDS = 3
"""Most content words of a question that refers back and cannot be searched for by itself."""

REWRITE_TOKENS = 60
"""Most tokens that the model writes for a question."""


@dataclass(frozen=True, slots=True)
class Rewriting:
    """The text to search for, and a note that says so, "" if it is the question itself.

    ``sure`` is False if words of the question before were merely added: a model that rewrites well does better.
    """

    text: str
    note: str = ""
    sure: bool = True


def rewrite_by_rule(question: str, earlier: Sequence[str], answered: str = "") -> Rewriting:
    """``question`` rewritten by rule, after the questions ``earlier``, oldest first.

    ``answered`` is the answer to the last of these; names in it are added for "she" or "they". The question before is
    used in its own rewritten form, so that a topic lasts over "And in May?", "And in June?", and no longer. The first
    question of a conversation is not changed.
    """
    before = ""
    for one in earlier:
        before = _after(one, before).text
    return _after(question, before, answered)


def rewrite_by_model(
    question: str,
    earlier: Sequence[str],
    answered: str,
    engine: ChatEngine,
    cancel: threading.Event | None = None,
) -> Rewriting:
    """``question`` rewritten by the model, which reads the question before it and its answer.

    The model is held to one question. If it was stopped, or wrote anything but one question, the result is that of
    ``rewrite_by_rule``. Raises what the engine raises.
    """
    if not earlier:
        return Rewriting(question)
    if not engine.load(cancel):
        return rewrite_by_rule(question, earlier, answered)
    template = read_template(HERE / "standalone.yaml", "direct")
    past = f"Question: {rewrite_by_rule(earlier[-1], earlier[:-1]).text}\nAnswer: {answered or '-'}"
    source = Citation("", "", Locator(None, ""), past, 0, len(past), 1.0)
    fitted = fit(template, question, (source,), (), engine.window, REWRITE_TOKENS, engine)
    sampling = Sampling(max_tokens=fitted.tokens["answer"], shape=template.shape)
    text = generate_text(engine, fitted.messages, sampling, cancel).strip()
    if not text.endswith(("?", "؟", "？")) or "\n" in text:
        return rewrite_by_rule(question, earlier, answered)
    return _noted(question, text)


def _after(question: str, before: str, answered: str = "") -> Rewriting:
    """``question`` rewritten by rule after the question ``before`` ("" for none) and its answer."""
    if not before or not _is_follow_up(question):
        return Rewriting(question)
    if contrasted := _replace_contrast(question, before):
        return _noted(question, contrasted)
    own = content_words(question)
    borrowed = [word for word in _spelled_content_words(before) if not content_words(word) <= own]
    if answered and PERSONS & _lower_words(question):
        borrowed += [
            w
            for w in _spelled_content_words(answered)
            if names(w) and not content_words(w) <= own and w not in borrowed
        ]
    if not borrowed:
        return Rewriting(question)
    text = f"{question.strip()} ({' '.join(borrowed)})"
    return Rewriting(text, _("Searched for: {text}", text=text), sure=False)


def _noted(question: str, text: str) -> Rewriting:
    return Rewriting(text, _("Searched for: {text}", text=text)) if text != question else Rewriting(question)


def _replace_contrast(question: str, before: str) -> str:
    """The question before with the phrase replaced that "And in August?" contrasts with; "" if it is not clear which.

    The phrase is of the same kind (a code, a month, a year, a quarter), or else follows the same preposition.
    """
    match = _CONTRAST.match(question.strip())
    if not match or _QUESTION_WORD.search(match["new"]) or len(match["new"].split()) > 2 * FEW_WORDS:
        return ""
    new, preposition = match["new"].strip(), match["preposition"]
    for like in _LIKE:
        if like.fullmatch(re.sub(r"(?i)^the\s+", "", new)):
            found = list(like.finditer(before))
            return _splice(before, found[0].span(), re.sub(r"(?i)^the\s+", "", new)) if len(found) == 1 else ""
    if preposition:
        phrase = re.compile(_PHRASE.format(preposition, _PREPOSITIONS), re.IGNORECASE)
        found = list(phrase.finditer(before.rstrip("?. ")))
        return _splice(before, found[0].span("old"), new) if len(found) == 1 else ""
    return ""


def _splice(text: str, span: tuple[int, int], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def _is_follow_up(question: str) -> bool:
    """Whether a question needs the one before it: "And in August?", "What about P3?", "Who wrote it?"."""
    own = content_words(question)
    said = _lower_words(_POINTS_NOWHERE.sub(" ", question))
    if not own or question.split()[0].lower().strip(",") in _GOES_ON:
        return True
    if re.match(r"(?i)(?:what|how) about\b", question.strip()):
        return True
    return len(own) <= FEW_WORDS and bool(said & POINTS_BACK)


def _lower_words(question: str) -> set[str]:
    return {word.lower().strip("?!.,;:'\"") for word in question.split()}


def _spelled_content_words(question: str) -> list[str]:
    """The content words of a text, each once, in their own spelling and order."""
    kept = dict.fromkeys(word.strip("?!.,;:'\"()") for word in question.split())
    return [word for word in kept if analyze(word) and content_words(word)]
