"""Wording metrics: SQuAD's normalization, every script, the libraries' own numbers."""

import pytest

from evaluate import wording
from evaluate.wording import NAMES, score_wording


def scored(answer: str, *references: str) -> dict[str, float]:
    return dict(zip(NAMES, score_wording(answer, references), strict=True))


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The Cat,  sat!", "cat sat"),
        ("an apple-pie", "applepie"),
        ("«Über» – größer", "über größer"),
        ("Theatre", "theatre"),
    ],
)
def test_normalization_is_squads(text: str, normal: str) -> None:
    assert wording.normalize(text) == normal


def test_f1_is_that_of_the_words_in_common() -> None:
    # 2 words in common of 3 and 4.
    assert wording.f1("in October 1973", "October of 1973 maybe") == pytest.approx(2 * 2 / 7)
    assert wording.f1("", "") == 1.0
    assert wording.f1("", "October") == 0.0


def test_the_best_of_the_references_counts() -> None:
    found = scored("the year 1973", "October", "1973")
    assert found["em"] == 0.0
    assert found["contains"] == found["words_recalled"] == 1.0
    assert found["f1"] == pytest.approx(2 / 3)


def test_contains_looks_for_whole_words() -> None:
    assert scored("in 19734", "1973")["contains"] == 0.0


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("丹佛野马队", "丹佛野马队"),
        ("كان ذلك عام 1973", "كان ذلك عام 1973"),
        ("डेनवर ब्रोंकोस की टीम", "डेनवर ब्रोंकोस की टीम"),
    ],
)
def test_every_script_reaches_full_marks_where_the_words_are_the_same(answer: str, reference: str) -> None:
    assert scored(answer, reference) == pytest.approx(dict.fromkeys(NAMES, 1.0))


def test_chinese_is_compared_sign_by_sign() -> None:
    assert wording.f1("丹佛队", "丹佛野马队") == pytest.approx(2 * 3 / 8)


def test_rouge_and_bleu_are_the_libraries_own() -> None:
    from rouge_score.rouge_scorer import RougeScorer
    from sacrebleu.metrics import BLEU

    answer, reference = "oil rose to twelve dollars per barrel", "oil prices rose to nearly twelve dollars globally"
    found, rouge = scored(answer, reference), RougeScorer(["rouge1", "rouge2", "rougeL"]).score(reference, answer)
    for name in ("rouge1", "rouge2", "rougeL"):
        assert found[name] == pytest.approx(rouge[name].fmeasure)
    assert found["bleu"] == pytest.approx(BLEU(effective_order=True).sentence_score(answer, [reference]).score / 100)
    assert 0 < found["rouge2"] < found["rouge1"] < 1
