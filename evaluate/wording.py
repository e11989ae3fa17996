"""How close an answer's words are to a reference's: exact match, F1, ROUGE and BLEU.

Texts are compared as SQuAD's program compares them (Rajpurkar et al. 2016, arXiv:1606.05250): lower case, without
punctuation and English articles. For scripts without spaces between words every character is a word, and punctuation
is what Unicode calls so, as MLQA does it (Lewis et al. 2020, arXiv:1910.07475); English texts score as SQuAD scores
them but for dashes and quotation marks outside ASCII, which it keeps.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from evaluate.extra import need

NAMES = ("em", "f1", "contains", "words_recalled", "rouge1", "rouge2", "rougeL", "bleu")

ARTICLES = re.compile(r"\b(a|an|the)\b")
UNSPACED = re.compile(
    r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f])"
)
"""Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, Japanese and Chinese."""
ROUGE_TYPES = ("rouge1", "rouge2", "rougeL")


def normalize(text: str) -> str:
    """Lower case, no punctuation, no English articles, single spaces."""
    kept = "".join(sign for sign in text.lower() if not _is_punctuation(sign))
    return " ".join(ARTICLES.sub(" ", kept).split())


def words(text: str) -> list[str]:
    """The words of a normalized text; each character one where a script sets no spaces."""
    return UNSPACED.sub(r" \1 ", normalize(text)).split()


def score_wording(answer: str, references: Sequence[str]) -> tuple[float, ...]:
    """The metrics of NAMES, each 0..1 and the best over the references.

    contains: a reference stands in the answer, word for word; words_recalled: share of a reference's words in it.
    ROUGE is the F-measure (Lin 2004), BLEU that of one sentence with exponential smoothing (Post 2018).
    Raises ValueError where there is no reference.
    """
    scorers: tuple[Callable[[str, str], float], ...] = (exact, f1, contains, words_recalled)
    simple = tuple(max(score(answer, reference) for reference in references) for score in scorers)
    rouges = [_rouge().score(reference, answer) for reference in references]
    return (
        *simple,
        *(max(float(rouge[name].fmeasure) for rouge in rouges) for name in ROUGE_TYPES),
        max(_bleu(answer, reference) for reference in references),
    )


def exact(answer: str, reference: str) -> float:
    """1 where the two are the same after normalization."""
    return float(normalize(answer) == normalize(reference))


def f1(answer: str, reference: str) -> float:
    """Harmonic mean of the shares of words that one has of the other; 1 where neither has any."""
    mine, theirs = words(answer), words(reference)
    if not mine or not theirs:
        return float(mine == theirs)
    common = sum((Counter(mine) & Counter(theirs)).values())
    return 2 * common / (len(mine) + len(theirs))


def contains(answer: str, reference: str) -> float:
    """1 where the words of the reference stand together in the answer."""
    return float(f" {' '.join(words(reference))} " in f" {' '.join(words(answer))} ")


def words_recalled(answer: str, reference: str) -> float:
    """The share of the reference's words that the answer has."""
    wanted = Counter(words(reference))
    if not wanted:
        return 1.0
    return sum((Counter(words(answer)) & wanted).values()) / wanted.total()


class _Words:
    """ROUGE's tokens: its own drop every letter outside a to z, and with them whole languages."""

    def tokenize(self, text: str) -> list[str]:
        return words(text)


@cache
def _rouge() -> Any:
    return need("rouge_score.rouge_scorer").RougeScorer(ROUGE_TYPES, tokenizer=_Words())


@cache
def _bleu_metric() -> Any:
    # tokenize="none": the words are already set apart, in the same way for all scripts.
    return need("sacrebleu.metrics").BLEU(tokenize="none", effective_order=True)


def _bleu(answer: str, reference: str) -> float:
    return float(_bleu_metric().sentence_score(" ".join(words(answer)), [" ".join(words(reference))]).score) / 100


@cache
def _is_punctuation(sign: str) -> bool:
    return sign in string.punctuation or unicodedata.category(sign).startswith("P")
