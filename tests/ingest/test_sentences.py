"""Sentences are exact spans, in any script; lines that were only wrapped belong together."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sentences import LONGEST, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["a. ", "Dr. No ", "B!", "\n", "\n\n", "- x", "1. ", "他走。", "é 👩‍🔬", " | ", "\t", "w" * 700]
        )
        | st.text(max_size=5)
    ).map("".join)
)
def test_spans_are_exact_ordered_trimmed_and_complete(text: str) -> None:
    end = 0
    for start, after in sentence_spans(text):
        assert not text[end:start].strip()
        assert text[start:after] == text[start:after].strip() != ""
        assert after - start <= LONGEST
        end = after
    assert not text[end:].strip()


def test_abbreviations_and_figures_do_not_end_a_sentence() -> None:
    assert sentences("Dr. Maren Oyelaran paid $3.50 on 3 Feb. 2026. Then she left.") == [
        "Dr. Maren Oyelaran paid $3.50 on 3 Feb. 2026.",
        "Then she left.",
    ]


def test_wrapped_lines_are_one_sentence() -> None:
    text = (
        "The regional council bought the lighthouse keeper's house for\n"
        "her in 1969, and it has been the main building of the station\nSkerry ever since. Next."
    )
    assert sentences(text) == [text[:-6], "Next."]


def test_headings_items_and_rows_stand_for_themselves() -> None:
    text = (
        "# Costs of travelling to the station in the summer of this year\nDogs pay nothing\n"
        "- a bed and a lamp, which are handed out on arrival\n- a key\nFull | 38\nHalf | 19"
    )
    assert sentences(text) == text.split("\n")


def test_rows_of_figures_are_not_run_together() -> None:
    text = (
        "Foreign exchange contracts $ 66,054 $ 102,670\nInterest rate contracts $ 20,125 $ 20,125\n"
        "Total other income, net $ (393) $ (247)\nNote 5"
    )
    assert sentences(text) == text.split("\n")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("他走了。他回来了吗？是的！", ["他走了。", "他回来了吗？", "是的！"]),
        ("यह है। वह नहीं है।", ["यह है।", "वह नहीं है।"]),
        ("هل هذا صحيح؟ نعم.", ["هل هذا صحيح؟", "نعم."]),
        ("Это так. 😀 А это нет.", ["Это так.", "😀 А это нет."]),
    ],
)
def test_other_scripts(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_a_sentence_without_end_is_cut_where_it_breathes() -> None:
    parts = sentences("one two three, " * 100)
    assert all(part.endswith(",") for part in parts)
    assert all(LONGEST / 2 <= len(part) <= LONGEST for part in parts[:-1])


def test_two_hundred_kilobytes_take_well_under_a_second() -> None:
    text = "The quick brown fox saw Mr. Smith, who paid $3.50.\nIt was late 😀. " * 3000
    began = time.monotonic()
    spans = sentence_spans(text)
    assert time.monotonic() - began < 1
    assert len(spans) >= 6000


def test_a_day_and_its_month_are_not_cut_apart():
    text = (
        "Der Verein wurde am 3. Mai 1904 gegründet. Bis zum 30. September wird gekündigt. Den 1. januar var det koldt."
    )
    assert [text[start:end] for start, end in sentence_spans(text)] == [
        "Der Verein wurde am 3. Mai 1904 gegründet.",
        "Bis zum 30. September wird gekündigt.",
        "Den 1. januar var det koldt.",
    ]
    apart = "See section 3. The rest follows in 1904. April was warm."
    assert len(sentence_spans(apart)) == 3


def test_a_stop_inside_a_path_or_a_file_name_ends_no_sentence():
    for text in ("If it hangs, call `./unlock` and try again.", "See notes.txt and www.example.org for more."):
        assert sentences(text) == [text]
    assert sentences("The pump was cut.It was mended. 今天。明天。") == [
        "The pump was cut.",
        "It was mended.",
        "今天。",
        "明天。",
    ]
