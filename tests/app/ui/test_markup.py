"""An answer as HTML: what is marked, what is escaped, and what became of its sources."""

import re
from dataclasses import replace

from app.chat.jobs import JobSnapshot
from app.export.as_html import fragment
from app.export.as_markdown import as_markdown
from app.ui.markup.answer import answer_html, cost_html
from app.ui.markup.copying import as_text, copied
from app.ui.markup.sources import CONTEXT_CHARS, quote_context
from app.ui.markup.text import escape_markdown, failure_html
from app.ui.markup.turn import finished_turn_html, question_html, waiting_turn_html
from core.types import Answer, AnswerPart, AnswerSentence, AnswerWords, Citation, Locator, Passage, Timings, Usage

TEXT = "All diving is planned. Divers surface with 50 bar. The leader logs it."
QUOTE = "Divers surface with 50 bar."
START = TEXT.index(QUOTE)

UNCHECKED = "Stopped here, and not checked against your documents."


def cite(quote: str = QUOTE, file: str = "handbook.pdf") -> Citation:
    return Citation("d1", file, Locator(3, "p. 3"), quote, START, START + len(quote), 0.9)


PASSAGE = Passage("d1", "handbook.pdf", "Handbook", 0, len(TEXT), TEXT, Locator(3, "p. 3"), (), 0.9, 0.8, 2.0)


def give(*sentences: AnswerSentence, **given: object) -> Answer:
    values: dict[str, object] = {
        "question": "How much air?",
        "text": " ".join(sentence.text for sentence in sentences),
        "found": True,
        "sentences": sentences,
        "evidence": (cite(),),
        "passages": (PASSAGE,),
        "steps": (),
        "timings": Timings(20, 180, 1400, 2600),
        "usage": Usage(312, 210, 38, 1200, 2400, "end"),
        "model": "SmolLM2",
        "mode": "direct",
    }
    return Answer(**values | given)  # type: ignore[arg-type]


def test_the_quote_is_marked_in_the_text_around_it():
    shown = finished_turn_html(give(AnswerSentence("Keep 50 bar.", (cite(),))), {"d1": "same"})
    assert f"All diving is planned. <mark>{QUOTE}</mark> The leader logs it." in shown
    assert re.search(r"<span>Keep 50 bar\.</span> <button [^>]*>\[1 handbook p\. 3\]</button>", shown)


def test_one_quote_has_one_number_however_often_it_is_used():
    answer = give(AnswerSentence("Keep 50 bar.", (cite(),)), AnswerSentence("That is 50.", (cite(),)))
    shown = finished_turn_html(answer, {"d1": "same"})
    assert shown.count(">[1 handbook p. 3]</button>") == 1
    assert shown.count(">[1]</button>") == 1  # named already
    assert "[2" not in shown


def test_a_chip_says_what_it_opens_and_a_file_name_stays_text():
    name = '"><img src=x>.pdf'
    shown = answer_html(give(AnswerSentence("Keep 50 bar.", (replace(cite(), file=name),))))
    assert f'data-document="d1" data-start="{START}" data-end="{START + len(QUOTE)}"' in shown
    assert "<img" not in shown


def test_an_answer_is_copied_with_its_sources_as_text_and_as_html():
    answer = give(AnswerSentence("Keep <50> bar.", (cite(),)))
    assert as_text(copied(answer)) == f"Keep <50> bar. [1]\n\n[1] handbook.pdf, p. 3: “{QUOTE}”"
    assert fragment(copied(answer)).startswith('<p dir="auto">Keep &lt;50&gt; bar. <sup>[1]</sup></p>')
    assert as_markdown(copied(answer)).startswith("Keep \\<50\\> bar.[^1]")


def test_what_was_said_of_an_answer_is_pressed():
    shown = finished_turn_html(give(AnswerSentence("Keep 50 bar.", (cite(),))), {"d1": "same"}, verdict="useful")
    assert 'data-lc="useful" data-turn="0" aria-pressed="true"' in shown
    assert 'data-lc="useless" data-turn="0" aria-pressed="false"' in shown


def test_a_sentence_that_nothing_supports_is_marked():
    shown = answer_html(give(AnswerSentence("Keep 50 bar.", (cite(),)), AnswerSentence("Wave at the boat.", ())))
    assert '<span class="lc-unsupported">Wave at the boat.</span>' in shown
    assert shown.count("not in your documents") == 1


def test_an_answer_that_is_not_found_shows_the_nearest_passages():
    shown = finished_turn_html(give(text="Not found in your documents.", found=False), {})
    assert "The nearest passages" in shown
    assert "All diving is planned." in shown


def test_nothing_that_was_read_or_written_becomes_markup():
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>![i](http://x/y.png)"
    answer = give(AnswerSentence(evil, (cite(evil, evil),)), evidence=(cite(evil, evil),), notes=(evil,), model=evil)
    shown = question_html(evil) + finished_turn_html(answer, {"d1": "gone"}) + failure_html(evil)
    for tag in ("<script", "<img", "<a ", "<iframe"):
        assert tag not in shown
    assert "&lt;script&gt;" in shown


def test_a_label_cannot_hold_markdown():
    assert escape_markdown("*a* [b](http://c) :red[d]") == r"\*a\* \[b\]\(http\://c\) \:red\[d\]"


def test_a_stopped_answer_says_so():
    shown = finished_turn_html(give(text="", cancelled=True, found=False), {})
    assert "Stopped before anything was written." in shown
    assert "stopped · " in shown


def test_a_stopped_answer_stands_as_it_was_written_marked_and_below_the_evidence_as_it_was_shown():
    given = give(AnswerSentence("Keep 50 bar.", (cite(),)), AnswerSentence("Wave at", ()), cancelled=True)
    for found in (True, False):
        shown = finished_turn_html(replace(given, found=found), {"d1": "same"})
        assert "From your documents" in shown
        assert "Nothing seems to answer this" not in shown
        assert f'<p dir="auto">Keep 50 bar. Wave at</p><p class="lc-flag lc-stopped">{UNCHECKED}</p>' in shown
        assert "<sup>" not in shown
        assert "lc-sources" not in shown


def test_a_stopped_summary_says_that_it_is_not_complete():
    given = give(AnswerSentence("Keep 50 bar.", (cite(),)), cancelled=True, headings=((0, "Air"),))
    shown = answer_html(given)
    assert "handbook.pdf" in shown
    assert "Stopped before it was complete." in shown
    assert UNCHECKED not in shown


def test_a_question_that_waits_says_so_and_so_does_one_that_was_stopped_while_it_did():
    assert "Waiting for the answer above" in waiting_turn_html(JobSnapshot("How much?"))
    stopped = waiting_turn_html(JobSnapshot("How much?", stopping=True))
    assert "Stopped before anything was written." in stopped
    assert "Waiting" not in stopped


def test_what_was_read_and_what_was_reused_are_told_apart():
    assert "102 tokens read, 210 reused · 38 written" in cost_html(give())
    assert "312 tokens read · 38 written" in cost_html(give(usage=Usage(312, 0, 38, 1200, 2400, "end")))


def test_the_text_around_a_quote_is_cut_between_words():
    text = "word " * 200 + QUOTE + " word" * 200
    start = text.index(QUOTE)
    quoted = Citation("d1", "f", Locator(1, "p. 1"), QUOTE, start, start + len(QUOTE), 0.9)
    before, after = quote_context(
        quoted, [Passage("d1", "f", "", 0, len(text), text, quoted.locator, (), 0.9, 0.8, 2.0)]
    )
    assert before.startswith("… word word")
    assert after.endswith("word word …")
    assert len(before) <= CONTEXT_CHARS + 2


def test_each_part_of_an_answer_stands_below_its_own_question():
    sentences = AnswerSentence("Keep 50 bar.", (cite(),)), AnswerSentence("Your documents do not seem to say this.", ())
    parts = (
        AnswerPart("How much <air>?", "How much air?", "Keep 50 bar.", 0, True),
        AnswerPart("Who dives?", "Who dives?", "Your documents do not seem to say this.", 1, False),
    )
    text = "How much <air>?\nKeep 50 bar.\n\nWho dives?\nYour documents do not seem to say this."
    shown = answer_html(give(*sentences, text=text, parts=parts))
    heads = [shown.index('<h5 dir="auto">How much &lt;air&gt;?</h5>'), shown.index('<h5 dir="auto">Who dives?</h5>')]
    assert heads[0] < shown.index("<span>Keep 50 bar.</span>") < heads[1] < shown.index("do not seem to say")
    assert "not in your documents" not in shown, "what is said to be missing claims nothing"


WORDS = AnswerWords("d1", "handbook.pdf", Locator(3, "p. 3"), "50 bar", START, START + 6, 1.0)
SECOND = "Read a second way, the documents say “50 bar” (handbook.pdf, p. 3)."


def test_what_was_read_a_second_way_stands_below_the_answer_and_agreement_in_the_small_print():
    said = AnswerSentence("Keep 60 bar.", (cite(),))
    differs = give(said, words=WORDS, readers="differ")
    assert answer_html(differs).index("60 bar") < answer_html(differs).index(SECOND)
    assert "read twice" not in cost_html(differs)
    agrees = give(said, words=WORDS, readers="agree")
    assert "second way" not in answer_html(agrees)
    assert "read twice, with the same result" in cost_html(agrees)
    assert "read twice" not in cost_html(give(said, words=WORDS))
    assert SECOND in answer_html(give(said, words=WORDS, readers="differ", found=False))


def test_each_part_has_its_own_second_reading():
    told = (AnswerSentence("Keep 60 bar.", (cite(),)), AnswerSentence("Anna logs it.", ()))
    parts = (
        AnswerPart("How much air?", "", "Keep 60 bar.", 0, True, "", WORDS, "differ"),
        AnswerPart("Who logs it?", "", "Anna logs it.", 1, True, "", None, ""),
    )
    shown = answer_html(give(*told, parts=parts, text="How much air?\nKeep 60 bar.\n\nWho logs it?\nAnna logs it."))
    assert shown.index(SECOND) < shown.index("Who logs it?")
