"""A question of a conversation -> what to search for: a follow-up is made standalone with the question before it.

By rule where that is sure: "And in August?" takes the place of what it contrasts with ("How many guests came in
April?"). Else it borrows the words of the question before, or a model that is good enough for it rewrites it.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from app.answer.rules.pronouns import PERSONS, POINTS_BACK
from app.answer.rules.text_features import content_words, names
from app.answer.writing import written
from core.protocols import ChatEngine
from core.types import Citation, Locator, Sampling
from index.analyzer import analyze
from prompts.fit import fit
from prompts.render import HERE, read_template

_GOES_ON = frozenset(("and", "but", "or", "so", "also", "then"))

# Words that look as if they pointed back, and do not: "is it allowed to", "how many are there", "this year".
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
"""A question of at most so many content words that points back says too little by itself."""

REWRITE_TOKENS = 60
"""Most tokens of a rewritten question."""


@dataclass(frozen=True, slots=True)
class Search:
    """What to search for, and one line that says so where it is not the question itself.

    ``sure`` is False where words were only borrowed: a model that rewrites well does better.
    """

    text: str
    note: str = ""
    sure: bool = True


def search_for(question: str, earlier: Sequence[str], answered: str = "") -> Search:
    """What to search for to answer ``question`` after the questions ``earlier``, oldest first.

    ``answered`` is the answer to the last of these: "she" may be somebody whom it names. The question before is itself
    taken as it was made standalone, so that a topic lasts over "And in May?", "And in June?", and no longer. Without a
    question before it, a question is searched as it is.
    """
    before = ""
    for one in earlier:
        before = _standalone(one, before).text
    return _standalone(question, before, answered)


def by_model(
    question: str,
    earlier: Sequence[str],
    answered: str,
    engine: ChatEngine,
    cancel: threading.Event | None = None,
) -> Search:
    """The question as the model rewrites it, given the question before it and its answer; local ones under a grammar.

    What the rule says where the model was stopped or wrote anything but one question. Raises what the engine raises.
    """
    if not earlier:
        return Search(question)
    if not engine.load(cancel):
        return search_for(question, earlier, answered)
    template = read_template(HERE / "standalone.yaml", "direct")
    past = f"Question: {search_for(earlier[-1], earlier[:-1]).text}\nAnswer: {answered or '-'}"
    source = Citation("", "", Locator(None, ""), past, 0, len(past), 1.0)
    fitted = fit(template, question, (source,), (), engine.window, REWRITE_TOKENS, engine)
    sampling = Sampling(max_tokens=fitted.tokens["answer"], grammar=template.grammar)
    text = written(engine, fitted.messages, sampling, cancel).strip()
    if not text.endswith(("?", "؟", "？")) or "\n" in text:
        return search_for(question, earlier, answered)
    return _search(question, text)


def _standalone(question: str, before: str, answered: str = "") -> Search:
    if not before or not _leans(question):
        return Search(question)
    if contrasted := _contrasted(question, before):
        return _search(question, contrasted)
    own = content_words(question)
    borrowed = [word for word in _written(before) if not content_words(word) <= own]
    if answered and PERSONS & _said(question):
        borrowed += [w for w in _written(answered) if names(w) and not content_words(w) <= own and w not in borrowed]
    if not borrowed:
        return Search(question)
    return Search(text := f"{question.strip()} ({' '.join(borrowed)})", f"Searched for: {text}", sure=False)


def _search(question: str, text: str) -> Search:
    return Search(text, f"Searched for: {text}") if text != question else Search(question)


def _contrasted(question: str, before: str) -> str:
    """The question before with the part replaced that "And in August?" contrasts with; "" where none surely is it.

    It is the same kind of thing (a code, a month, a year, a quarter), else what follows the same preposition.
    """
    match = _CONTRAST.match(question.strip())
    if not match or _QUESTION_WORD.search(match["new"]) or len(match["new"].split()) > 2 * FEW_WORDS:
        return ""
    new, preposition = match["new"].strip(), match["preposition"]
    for like in _LIKE:
        if like.fullmatch(re.sub(r"(?i)^the\s+", "", new)):
            found = list(like.finditer(before))
            return _replaced(before, found[0].span(), re.sub(r"(?i)^the\s+", "", new)) if len(found) == 1 else ""
    if preposition:
        phrase = re.compile(_PHRASE.format(preposition, _PREPOSITIONS), re.IGNORECASE)
        found = list(phrase.finditer(before.rstrip("?. ")))
        return _replaced(before, found[0].span("old"), new) if len(found) == 1 else ""
    return ""


def _replaced(text: str, span: tuple[int, int], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def _leans(question: str) -> bool:
    own = content_words(question)
    said = _said(_POINTS_NOWHERE.sub(" ", question))
    if not own or question.split()[0].lower().strip(",") in _GOES_ON:
        return True
    if re.match(r"(?i)(?:what|how) about\b", question.strip()):
        return True
    return len(own) <= FEW_WORDS and bool(said & POINTS_BACK)


def _said(question: str) -> set[str]:
    return {word.lower().strip("?!.,;:'\"") for word in question.split()}


def _written(question: str) -> list[str]:
    """The content words of a text as they were written, each once."""
    kept = dict.fromkeys(word.strip("?!.,;:'\"()") for word in question.split())
    return [word for word in kept if analyze(word) and content_words(word)]
