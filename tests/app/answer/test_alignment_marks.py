"""A number, a name or a date that stands in no source is marked always, however alike sentence and source are."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.answer.alignment import align
from app.answer.rules.text_features import EMPTY_WORDS, OPENERS, content_words, numbers
from core.types import Citation, Locator

_NUMERALS = "two seven eleven seventeen twenty thirty-one forty-two ninety-nine third twelfth million dozen"
NUMERALS = _NUMERALS.split()
FUNCTION_NAMES = ["US", "WHO", "IT"]

SOURCE = "{name} of Bergen paid {number} crowns for the northern boathouse on {date}. The rent was never raised."
STATEMENTS = [
    "{name} of Bergen paid {number} crowns for the northern boathouse on {date}.",
    "{name} paid {number} crowns for the northern boathouse on {date}.",
    "On {date}, {name} of Bergen paid {number} crowns for the northern boathouse.",
    "The northern boathouse was paid {number} crowns for by {name} on {date}.",
    "{number} crowns were paid for the northern boathouse by {name} of Bergen on {date}.",
    "{name} paid for the northern boathouse of Bergen.",
    "The northern boathouse cost {number} crowns.",
    "For the northern boathouse of Bergen crowns were paid on {date}.",
]


class Alike:
    """An embedder to which all texts mean the same: nothing is marked for its meaning."""

    name = "alike"

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        return np.ones((len(texts), 1), dtype=np.float32)


letters = st.sampled_from("abdegiklmnoprstuvzæøłšéçñабгдклмнопр")
capitals = st.sampled_from("ABDEGKLMNOPRSTVZÆØŁŠÉÇÑАБГДКЛМНОПР")
plain_names = st.builds(lambda first, rest: first + "".join(rest), capitals, st.lists(letters, min_size=3, max_size=9))
inner_names = plain_names.map(lambda name: f"{name[1]}{name[0]}{name[2:]}")
names = st.one_of(plain_names, inner_names, st.sampled_from(FUNCTION_NAMES), plain_names.map(str.upper))
figures = st.one_of(
    st.integers(2, 10**7).map(str),
    st.integers(1000, 10**7).map("{:,}".format),
    st.decimals(0, 10**4, places=2).map(str),
    st.sampled_from(NUMERALS),
)
days = st.dates(date(1700, 1, 1), date(2099, 12, 31))
written_days = st.tuples(
    days, st.sampled_from(["%-d %B %Y", "%B %-d, %Y", "%Y-%m-%d", "%d/%m/%Y", "%-d.%-m.%Y", "%B %Y", "%-d %b %Y"])
).map(lambda day: day[0].strftime(day[1]))
facts = st.fixed_dictionaries({"name": plain_names, "number": st.integers(2, 10**7).map("{:,}".format), "date": days})


def supported(statement: str, source: str) -> bool:
    cited = Citation("d1", "book.txt", Locator(1, "p. 1"), source, 0, len(source), 1.0)
    return any(sentence.supported for sentence in align(statement, [cited], Alike()))


@pytest.mark.parametrize("statement", STATEMENTS)
@given(fact=facts)
@settings(max_examples=15, deadline=None)
def test_what_the_source_says_is_supported(statement, fact):
    assume(is_name(fact["name"]) and fact["number"] not in {"2", "20"})
    fact = fact | {"date": fact["date"].strftime("%-d %B %Y")}
    assert supported(statement.format(**fact), SOURCE.format(**fact))


@pytest.mark.parametrize("statement", STATEMENTS)
@given(fact=facts, other=st.one_of(names, figures, written_days))
@settings(max_examples=60, deadline=None)
def test_what_no_source_holds_is_marked(statement, fact, other):
    fact = fact | {"date": fact["date"].strftime("%-d %B %Y")}
    source = SOURCE.format(**fact)
    for part in ("name", "number", "date"):
        if f"{{{part}}}" not in statement:
            continue
        assume(not (numbers(other) & numbers(source)) and not (content_words(other) & content_words(source)))
        assume(any(sign.isdigit() for sign in other) or other in NUMERALS or is_name(other))
        assert not supported(statement.format(**fact | {part: other}), source), (part, other)


def is_name(word: str) -> bool:
    """Whether the text could be a name at all: no word that says nothing, none that only begins a sentence."""
    known = {*EMPTY_WORDS, *OPENERS, *NUMERALS}
    return word in FUNCTION_NAMES or (word.lower() not in known and bool(content_words(word)))
