"""How well quoted words match the accepted answers, and how well a probability tells: plain functions of numbers."""

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised_words(text: str) -> list[str]:
    """Lower case, without punctuation and articles, as SQuAD's own evaluation does it (Rajpurkar et al. 2016)."""
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def exact_match(prediction: str, answers: Sequence[str]) -> float:
    """1.0 where the words are those of an accepted answer. Without answers, 1.0 for an empty prediction."""
    words = normalised_words(prediction)
    return float(any(words == normalised_words(answer) for answer in answers or ("",)))


def word_f1(prediction: str, answers: Sequence[str]) -> float:
    """The best F1 of words shared with an accepted answer, 0..1. Without answers, 1.0 for an empty prediction."""
    return max(_f1(normalised_words(prediction), normalised_words(answer)) for answer in answers or ("",))


def word_recall(prediction: str, answers: Sequence[str]) -> float:
    """The best share of an accepted answer's words that the prediction holds, 0..1."""
    words = Counter(normalised_words(prediction))
    shares = [
        sum((words & Counter(expected)).values()) / len(expected)
        for expected in map(normalised_words, answers)
        if expected
    ]
    return max(shares, default=0.0)


def find_answers(text: str, answers: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Where the accepted answers stand in ``text`` as whole words, the case ignored."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text
    spans: dict[tuple[int, int], None] = {}
    for answer in answers:
        needle = answer.strip().lower()
        start = lowered.find(needle) if needle else -1
        while start >= 0:
            end = start + len(needle)
            if _is_whole(text, start, end):
                spans[start, end] = None
            start = lowered.find(needle, start + 1)
    return tuple(spans)


def _is_whole(text: str, start: int, end: int) -> bool:
    left = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    right = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return not left and not right


def _f1(words: list[str], expected: list[str]) -> float:
    if not words or not expected:
        return float(words == expected)
    common = sum((Counter(words) & Counter(expected)).values())
    return 2 * common / (len(words) + len(expected))


def declined_at(answerable: NDArray[np.float64], others: NDArray[np.float64], answered: float) -> float:
    """The share of ``others`` below the score above which a share ``answered`` of ``answerable`` lies."""
    threshold = np.quantile(answerable, 1 - answered)
    return float((others < threshold).mean())


def calibration_error(probabilities: NDArray[np.float64], truth: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over bins of equal width (Guo et al. 2017), 0..1, lower is better."""
    error = 0.0
    for low, high in pairwise(np.linspace(0.0, 1.0, bins + 1)):
        inside = (probabilities >= low) & ((probabilities < high) | (high == 1.0))
        if inside.any():
            error += inside.mean() * abs(probabilities[inside].mean() - truth[inside].mean())
    return float(error)


def bootstrap(
    values: NDArray[np.float64], statistic: Callable[[NDArray[np.float64]], float] = np.mean, draws: int = 1000
) -> tuple[float, float]:
    """The 95 % interval of a statistic by the percentile bootstrap, the same for the same values."""
    draw = np.random.default_rng(0)
    results = [statistic(values[draw.integers(0, len(values), len(values))]) for _ in range(draws)]
    low, high = np.quantile(results, (0.025, 0.975))
    return float(low), float(high)
