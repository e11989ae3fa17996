"""What a difference weighs: whether it touches a figure, a unit, a date, a name or a small word that binds."""

from collections import Counter
from collections.abc import Iterable, Sequence

import regex

from app.compare.result import Tag, Weight
from app.compare.vocabulary import Vocabulary
from app.compare.words import Word

_CURRENCY = regex.compile(r"\p{Sc}|[%‰°℃℉]")
_DATE = regex.compile(r"\p{Nd}{1,4}([-/.])\p{Nd}{1,2}\1\p{Nd}{1,4}")

MOSTLY_SMALL = 0.5
"""Share of small words from which a change is of what binds ("may", "not", "at least"), not of wording."""

COMMONEST = 6
"""Small words that stand most often, "the" and "of", and tell little beside others."""


class Weigher:
    """Weighs differences of two documents: ``vocabulary`` is that of their languages, ``sentences`` are the words of
    all of theirs.

    A name is a word that is never written small in either of them.
    """

    def __init__(self, vocabulary: Vocabulary, sentences: Iterable[Sequence[Word]]) -> None:
        self._vocabulary = vocabulary
        said = list(sentences)
        every = [word for words in said for word in words]
        self._inside = {word.key for words in said for word in words[1:] if word.key[:1].isupper()}
        self._small = {word.key for word in every if word.key.islower()}
        counts = Counter(word.folded for word in every if word.folded in vocabulary.small)
        self._commonest = {folded for folded, _ in counts.most_common(COMMONEST)}

    def tags(self, old: Sequence[Word], new: Sequence[Word], *, opens: bool = False) -> tuple[Tag, ...]:
        """What the words that are not on both sides are; ``opens``: they begin a sentence."""
        counts_old = Counter(word.key for word in old)
        counts_new = Counter(word.key for word in new)
        own = [word for word in old if counts_old[word.key] != counts_new[word.key]]
        own += [word for word in new if counts_old[word.key] != counts_new[word.key]]
        firsts = {side[0].start for side in (old, new) if side and opens}
        found: dict[Tag, None] = {}
        for word in own:
            if tag := self._tag(word, opens=word.start in firsts):
                found[tag] = None
        plain = [word for word in own if not word.is_sign]
        small = [word for word in plain if word.folded in self._vocabulary.small and not self._tag(word, opens=False)]
        telling = [word for word in small if word.folded not in self._commonest]
        if len(small) >= MOSTLY_SMALL * len(plain) and (telling or len(small) == len(plain) <= 2) and small:
            found["small word"] = None
        return tuple(found)

    def _tag(self, word: Word, *, opens: bool) -> Tag | None:
        words = self._vocabulary
        if _DATE.fullmatch(word.key):
            return "date"
        if any(map(str.isnumeric, word.key)) or word.folded in words.numbers:
            return "number"
        if _CURRENCY.search(word.key):
            return "unit"
        if word.folded in words.dates and (word.key[:1].isupper() or word.folded not in words.small):
            return "date"
        if word.folded in words.units:
            return "unit"
        is_name = word.key[:1].isupper() and word.folded not in words.small and word.folded not in self._small
        return "name" if is_name and not (opens and word.key not in self._inside) else None


def weight_of(tags: Sequence[Tag], old: Sequence[Word], new: Sequence[Word], *, case: bool = False) -> Weight:
    """The weight of a change of words with these ``tags``; of signs and capitals alone it is the least."""
    if case or not any(not word.is_sign for word in (*old, *new)):
        return "layout"
    return "must" if tags else "wording"
