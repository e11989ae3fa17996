"""Whatever comes, the prompt fits: the question whole, the system text there, the newest turns the last to go."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import WindowError
from core.types import Citation, Locator, Message
from prompts.fit import fit
from prompts.render import Example, PromptTemplate, load_prompt

TINY = PromptTemplate(
    mode="direct",
    context="C.",
    instructions="I.",
    task="{sources}\nQ: {question}",
    examples=(),
    output_format="O.",
)


class LetterEngine:
    """A token is a character; a message's template takes 4."""

    name = "letters"
    window = 400
    size = 1

    def count_tokens(self, text: str) -> int:
        return len(text)

    def count_prompt(self, messages: Sequence[Message]) -> int:
        return sum(len(m.content) + 4 for m in messages)

    def generate(self, *args, **kwargs):
        raise AssertionError("fit must not generate")


def source(quote: str, name: str = "a.txt") -> Citation:
    return Citation("d", name, Locator(None, "line 1"), quote, 100, 100 + len(quote), 0.5)


def turns(n: int, size: int) -> list[Message]:
    return [m for i in range(n) for m in (Message("user", f"{i:03}" + "q" * (size - 11)), Message("assistant", ""))]


def contents(fitted) -> list[str]:
    return [m.content for m in fitted.messages]


def test_all_fits_and_the_parts_add_up():
    history = [Message("user", "earlier?"), Message("assistant", "yes.")]
    fitted = fit(TINY, "why?", [source("Because.")], history, 400, 100, LetterEngine())
    assert contents(fitted) == [
        "C. I.\n\nO.",
        "earlier?",
        "yes.",
        "<source 1: a.txt, line 1>\nBecause.\n</source>\nQ: why?",
    ]
    assert fitted.dropped == ()
    assert sum(fitted.tokens.values()) == 400
    assert fitted.tokens["answer"] == 100
    assert fitted.tokens["history"] == len("earlier?yes.")


def test_weakest_source_goes_first_and_is_named():
    long = source("x" * 150 + ".", "weak.txt")
    fitted = fit(TINY, "why?", [source("Strong."), long], [], 300, 100, LetterEngine())
    assert [s.file for s in fitted.sources] == ["a.txt"]
    assert [(d.what, d.why) for d in fitted.dropped] == [("weak.txt, line 1", "does not fit into the window")]


def test_a_long_source_is_cut_at_the_end_of_a_sentence_with_its_exact_span():
    quote = "First one here. Second one is here. " + "z" * 500
    (cut,) = fit(TINY, "why?", [source(quote)], [], 300, 100, LetterEngine()).sources
    assert cut.quote == "First one here. Second one is here."
    assert (cut.start, cut.end) == (100, 100 + len(cut.quote))


def test_the_prompt_only_grows_and_old_turns_go_in_one_large_step():
    engine = LetterEngine()
    kept = []
    for n in range(1, 30):
        fitted = fit(TINY, "why?", [source("Because.")], turns(n, 40), 1000, 100, engine)
        first = int(fitted.messages[1].content[:3])
        kept.append((first, n - first))
    steps = [b[0] - a[0] for a, b in pairwise(kept) if b[0] != a[0]]
    assert steps, "thirty turns outgrow the window"
    assert min(steps) >= 5, "a step makes room for several turns"
    assert all(held >= 5 for first, held in kept if first)


def test_a_long_question_does_not_move_the_step_of_later_turns():
    engine = LetterEngine()
    before = fit(TINY, "why?", [], turns(12, 40), 1000, 100, engine).messages[1]
    fit(TINY, "w" * 700, [], turns(13, 40), 1000, 100, engine)
    after = fit(TINY, "why?", [], turns(13, 40), 1000, 100, engine).messages[1]
    assert before == after


def test_the_newest_turn_is_the_last_to_go():
    question = "w" * 700
    fitted = fit(TINY, question, [], turns(6, 40), 1000, 100, LetterEngine())
    assert fitted.messages[1].content.startswith("00")
    assert int(fitted.messages[-3].content[:3]) == 5
    assert fitted.messages[-1].content.endswith(question)
    assert "earlier turns" in fitted.dropped[0].what


def test_a_question_that_cannot_fit_says_so_before_it_is_tokenised():
    class Slow(LetterEngine):
        def count_tokens(self, text: str) -> int:
            assert len(text) < 50_000, "tokenised a text that cannot fit"
            return len(text)

        def count_prompt(self, messages: Sequence[Message]) -> int:
            assert all(len(m.content) < 50_000 for m in messages), "tokenised a text that cannot fit"
            return super().count_prompt(messages)

    with pytest.raises(WindowError, match=r"100,000 characters.*document"):
        fit(TINY, "w" * 100_000, [source("S.")], [], 4096, 256, Slow())
    fitted = fit(TINY, "why?", [source("Z" * 1_000_000), source("Short.")], [], 4096, 256, Slow())
    assert [s.quote for s in fitted.sources] == ["Short."]


def test_a_question_somewhat_too_long_names_its_tokens():
    with pytest.raises(WindowError, match="350 tokens"):
        fit(TINY, "w" * 350, [], [], 400, 100, LetterEngine())


text = st.text(alphabet=st.sampled_from("ab .!?。\n<>{}/source"), max_size=300)
sources_ = st.lists(text.filter(str.strip).map(source), max_size=6)
history_ = st.lists(st.tuples(text, text), max_size=12).map(
    lambda pairs: [m for q, a in pairs for m in (Message("user", q), Message("assistant", a))]
)


@settings(max_examples=1000, deadline=None)
@given(text, sources_, history_, st.integers(60, 1500), st.integers(16, 600))
def test_no_conversation_is_ever_over_the_window(question, sources, history, window, answer_tokens):
    holds(LetterEngine(), question, sources, history, window, answer_tokens)


@settings(max_examples=40, deadline=None)
@given(text, sources_, history_, st.integers(60, 500), st.integers(16, 200))
def test_nor_in_the_tokens_of_the_real_model(engine, question, sources, history, window, answer_tokens):
    holds(engine, question, sources, history, window, answer_tokens)


def holds(engine, question, sources, history, window, answer_tokens):
    """Either the question alone is too long, or all of it is in a prompt that fits, with the newest turns."""
    try:
        fitted = fit(TINY, question, sources, history, window, answer_tokens, engine)
    except WindowError:
        least = [Message("system", TINY.system), Message("user", TINY.user_message(question, ()))]
        assert engine.count_prompt(least) + min(answer_tokens, window // 2) > window
        return
    assert engine.count_prompt(fitted.messages) + fitted.tokens["answer"] <= window
    assert fitted.messages[0].content == TINY.system
    assert fitted.messages[-1].content.endswith(question.strip() or "Q:")
    between = list(fitted.messages[1:-1])
    assert between == history[len(history) - len(between) :]
    assert all(any(given.quote.startswith(s.quote) for given in sources) for s in fitted.sources)
    assert sum(fitted.tokens.values()) == window


def test_the_strongest_source_is_read_first_and_the_weakest_goes_first():
    sources = [source(f"{name}.") for name in ("First", "Second", "Third", "Fourth", "Fifth")]
    fitted = fit(TINY, "why?", sources, [], 245, 16, LetterEngine())
    assert [s.quote for s in fitted.sources] == ["First.", "Second.", "Third.", "Fourth."]
    assert fitted.messages[-1].content.index("First.") < fitted.messages[-1].content.index("Second.")


def test_examples_have_a_part_of_their_own():
    shown = TINY.model_copy(update={"examples": (Example(source="S.", question="q?", answer="a."),)})
    bare, more = (fit(template, "why?", [], [], 400, 100, LetterEngine()) for template in (TINY, shown))
    assert more.tokens["system"] == bare.tokens["system"]
    assert (bare.tokens["examples"], more.tokens["examples"]) == (0, len(shown.system) - len(TINY.system))


def test_every_mode_leaves_most_of_a_small_window():
    for mode in ("direct", "cot", "react"):
        assert len(load_prompt(mode).system) < 800, "about 200 tokens, a second of reading"
