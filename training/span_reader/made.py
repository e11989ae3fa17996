"""Plain passages -> questions made by rule, with the spans that answer them; no labels are needed.

recurring   a span that stands in two sentences is hidden in one of them, which is the question; the passage holds the
            other (recurring span selection, Ram et al. 2021, with the whole sentence for its question token)
rules       a name, a number or a year is taken out of its own sentence, and a question word stands in its place before
            what is left of the words around it (the noisy cloze of Lewis et al. 2019)
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.analyzer import FUNCTION_WORDS
from ingest.sentences import sentence_spans

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_NAME = re.compile(r"[A-Z][^\W_]*(?:['’-][^\W_]+)*(?: (?:of |the |de |von )?[A-Z][^\W_]*(?:['’-][^\W_]+)*)*")
_YEAR = re.compile(r"\b1\d{3}\b|\b20\d{2}\b")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_PLACE = re.compile(r"\b(?:in|at|near|from|to|of)(?: the)?$")
LONGEST = 4
"""Words of a recurring span."""
SHORTEST_LETTERS = 4
"""Letters of a recurring word that is neither a name nor a number: shorter ones recur without meaning anything."""
AROUND = 14
"""Words of the sentence on either side of what is hidden that stay in the question."""
DROPPED_FUNCTION, DROPPED_CONTENT = 0.5, 0.2
"""Shares of a rule's question that are left out, so that it is no copy of its sentence."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Made:
    """A question, its passage, and the characters in it that answer (none: it does not)."""

    question: str
    text: str
    spans: tuple[Span, ...]


def recurring_questions(passages: Mapping[str, str], draw: random.Random) -> Iterator[Made]:
    """At most one question a sentence. ``passages`` by id; those of one article share the id before a "#"."""
    articles: dict[str, list[str]] = defaultdict(list)
    for key, text in passages.items():
        articles[key.split("#")[0]].append(text)
    for texts in articles.values():
        sentences = [(number, text[a:b]) for number, text in enumerate(texts) for a, b in sentence_spans(text)]
        phrases = [_phrases(sentence) for _, sentence in sentences]
        holders: dict[str, list[int]] = defaultdict(list)
        for place, held in enumerate(phrases):
            for phrase in held:
                holders[phrase].append(place)
        for place, (number, sentence) in enumerate(sentences):
            shared = [phrase for phrase in phrases[place] if 2 <= len(holders[phrase]) <= 2 * LONGEST]
            if shared:
                phrase = _most_telling(shared, draw)
                others = {sentences[other][0] for other in holders[phrase] if other != place}
                target = texts[draw.choice(sorted(others))]
                if texts[number] is target:
                    target = target.replace(sentence, " ")
                made = _hidden(sentence, phrase, target)
                if made is not None:
                    yield made


def _phrases(sentence: str) -> set[str]:
    """Runs of one to LONGEST words that begin and end with one that means something."""
    words = list(_WORD.finditer(sentence))
    found = set()
    for first in range(len(words)):
        for last in range(first, min(first + LONGEST, len(words))):
            a, b = words[first], words[last]
            if _means(a[0]) and _means(b[0]) and _in_one_breath(sentence[a.start() : b.end()]):
                found.add(sentence[a.start() : b.end()])
    return found


def _means(word: str) -> bool:
    if word.lower() in FUNCTION_WORDS:
        return False
    return word[0].isupper() or word[0].isdigit() or len(word) >= SHORTEST_LETTERS


def _in_one_breath(run: str) -> bool:
    return not re.search(r"[,;:()\"\n]", run)


def _most_telling(phrases: Sequence[str], draw: random.Random) -> str:
    """One of the longest: those that are part of no other."""
    whole = [phrase for phrase in phrases if not any(phrase != other and phrase in other for other in phrases)]
    named = [phrase for phrase in whole if phrase[0].isupper() or phrase[0].isdigit()]
    return draw.choice(sorted(named or whole))


def _hidden(sentence: str, phrase: str, target: str) -> Made | None:
    pattern = re.compile(rf"\b{re.escape(phrase)}\b")
    match = pattern.search(sentence)
    spans = tuple(found.span() for found in pattern.finditer(target))
    if match is None or not spans:
        return None
    before, after = sentence[: match.start()].split(), pattern.sub("it", sentence[match.end() :]).split()
    return Made(" ".join([*before[-AROUND:], "what", *after[:AROUND]]), target, spans)


def rule_questions(passages: Mapping[str, str], draw: random.Random) -> Iterator[Made]:
    """One question a sentence that holds a name inside it, a number or a year."""
    for text in passages.values():
        for start, end in sentence_spans(text):
            found = _candidates(text[start:end])
            if not found:
                continue
            (a, b), question_word = draw.choice(found)
            sentence, answer = text[start:end], text[start + a : start + b]
            before, after = sentence[:a].split()[-AROUND:], sentence[b:].split()[:AROUND]
            left = [word for word in before + after if answer not in word and draw.random() > _dropped(word)]
            if len(left) > 2:
                spans = tuple(m.span() for m in re.finditer(rf"\b{re.escape(answer)}\b", text[start:end]))
                yield Made(f"{question_word} {' '.join(left)}", text, tuple((x + start, y + start) for x, y in spans))


def _candidates(sentence: str) -> list[tuple[Span, str]]:
    found = [(match.span(), "when") for match in _YEAR.finditer(sentence)]
    taken = {span for span, _ in found}
    found += [(match.span(), "how many") for match in _NUMBER.finditer(sentence) if match.span() not in taken]
    for match in _NAME.finditer(sentence):
        if match.start() and match[0].lower() not in FUNCTION_WORDS:
            found.append((match.span(), _question_word(sentence, match)))
    return found


def _question_word(sentence: str, match: re.Match[str]) -> str:
    """Place names follow a preposition of place, persons "by" or have two names; the rest is "what"."""
    before = sentence[: match.start()].rstrip()
    if before.endswith(" by"):
        return "who"
    if _PLACE.search(before):
        return "where" if before.endswith((" in", " at", " near")) else "what"
    return "who" if " " in match[0] else "what"


def _dropped(word: str) -> float:
    return DROPPED_FUNCTION if word.lower().strip(".,;()") in FUNCTION_WORDS else DROPPED_CONTENT
