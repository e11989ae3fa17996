"""Rewrites a follow-up question so that it can be searched for without the conversation before it.

By rule the words of the question before are added; a model that is good enough rewrites the question instead.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from app.answer.rules.pronouns import PERSONS, POINTS_BACK
from app.answer.rules.text_features import content_words, names
from app.answer.writing import generate_text
from core.messages import _
from core.protocols import ChatEngine
from core.types import Citation, Locator, Sampling
from index.analyzer import analyze
from prompts.fit import fit
from prompts.render import HERE, read_template

_GOES_ON = frozenset(("and", "but", "or", "so", "also", "then"))

_FRAGMENT = re.compile(
    r"(?i)(?:in|on|at|for|from|to|per|after|before|during|since|until)(?:\s+(?!wh|how)[^\s?:,]+){1,3}\s*[?.]*"
)
"""What alone follows a question and goes on with it: "in March", "for children"."""

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


def _is_follow_up(question: str) -> bool:
    """Whether a question needs the one before it: "And in August?", "What about P3?", "Who wrote it?"."""
    own = content_words(question)
    if not own or question.split()[0].lower().strip(",") in _GOES_ON:
        return True
    if question.casefold().split()[1:2] == ["about"]:
        return True
    if _FRAGMENT.fullmatch(question.strip()):
        return True
    return len(own) <= FEW_WORDS and bool(_lower_words(question) & POINTS_BACK)


def _lower_words(question: str) -> set[str]:
    return {word.lower().strip("?!.,;:'\"") for word in question.split()}


def _spelled_content_words(question: str) -> list[str]:
    """The content words of a text, each once, in their own spelling and order."""
    kept = dict.fromkeys(word.strip("?!.,;:'\"()") for word in question.split())
    return [word for word in kept if analyze(word) and content_words(word)]
