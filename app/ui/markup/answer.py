"""An answer as HTML: its evidence, its sentences, its steps, and what it cost."""

from collections.abc import Sequence
from html import escape

from app.answer.citations import claims, lines_of, number_sources
from app.answer.point_table import PointTable, point_table
from app.commands.common import one_line, plain, split_quote
from app.phrases import count, readers_agree, second_reading, stop_note
from app.ui.markup.text import duration_text, mark_html, paragraphs_html, place_html
from core.messages import N_, _, ngettext
from core.types import Answer, AnswerPart, AnswerWords, Citation, Step

STEP_WORDS = {
    "thought": N_("Thinks"),
    "search": N_("Searches"),
    "lookup": N_("Looks up"),
    "found": N_("Finds"),
    "finish": N_("Has enough"),
}


def evidence_html(quotes: Sequence[Citation], words: AnswerWords | None = None, *, answers: bool = True) -> str:
    """The evidence: each quote with its place, ``words`` marked in it.

    ``answers`` is False where the quotes are only the nearest sentences and seem not to answer.
    """
    if not quotes:
        return ""
    items = "".join(
        f'<blockquote class="lc-quote{"" if answers else " lc-quiet"}" dir="auto">{columns_html(quote)}'
        f"<p>{marked_quote_html(quote, words)}</p><footer>{place_html(quote)}</footer></blockquote>"
        for quote in quotes
    )
    title = _("From your documents") if answers else _("Nothing seems to answer this. The nearest sentences")
    return f'<section class="lc-evidence"><h4>{escape(title)}</h4>{items}</section>'


def columns_html(quote: Citation) -> str:
    """The names of the table's columns, shown above a quoted row; "" for other quotes."""
    return f'<p class="lc-columns">{escape(one_line(quote.columns))}</p>' if quote.columns else ""


def marked_quote_html(quote: Citation, words: AnswerWords | None) -> str:
    """A quote on one line, ``words`` marked where they stand in it."""
    before, highlighted, after = map(escape, split_quote(quote, words))
    return f"{before}<mark>{highlighted}</mark>{after}" if highlighted else before


def steps_html(taken: Sequence[Step], *, going_on: bool = False) -> str:
    """The steps of a mode that searches in steps, collapsed; open with ``going_on``, while more steps may follow."""
    if not taken:
        return ""
    items = "".join(
        f'<li><b>{escape(_(STEP_WORDS[step.kind]))}</b> <span dir="auto">{escape(plain(step.text))}</span></li>'
        for step in taken
    )
    summary = f"<summary>{escape(count(len(taken), 'step'))}</summary>"
    return f'<details class="lc-steps"{" open" if going_on else ""}>{summary}<ol>{items}</ol></details>'


def answer_html(answer: Answer) -> str:
    """The answer's sentences, each with the numbers of its sources or marked as not in the documents.

    A stopped answer is shown as it was written, with a line that says so.
    """
    mark = f'<p class="lc-flag lc-stopped">{escape(stop_note(answer))}</p>' if answer.cancelled else ""
    if not answer.text.strip():
        return f'<div class="lc-answer">{mark}</div>' if mark else ""
    if answer.headings:
        return outline_html(answer) + mark
    if answer.cancelled:
        return f'<div class="lc-answer">{paragraphs_html(answer.text)}{mark}</div>'
    if not answer.found or not answer.sentences:
        kind = "" if answer.found else " lc-notfound"
        body = doubt_html(answer.doubt) + paragraphs_html(answer.text) + second_reading_html(answer)
        return f'<div class="lc-answer{kind}">{body}</div>'
    spans = sentence_spans_html(answer)
    heads = {part.start: part for part in answer.parts}
    sections: list[tuple[str, list[str], str]] = [(doubt_html(answer.doubt), [], second_reading_html(answer))]
    for line in lines_of(answer):
        if part := heads.get(line[0]):
            head = f'<h5 dir="auto">{escape(one_line(part.question))}</h5>'
            sections.append((head + doubt_html(part.doubt), [], second_reading_html(part)))
        sections[-1][1].append(" ".join(spans[number] for number in line))
    body = "".join(
        head + (f'<p dir="auto">{"<br>".join(lines)}</p>' if lines else "") + below for head, lines, below in sections
    )
    return f'<div class="lc-answer{" lc-outline" if heads else ""}">{body}</div>'


def doubt_html(doubt: str) -> str:
    return f'<p class="lc-flag lc-doubt">{escape(doubt)}</p>' if doubt else ""


def second_reading_html(answer: Answer | AnswerPart) -> str:
    line = second_reading(answer)
    return f'<p class="lc-second" dir="auto">{escape(plain(line))}</p>' if line else ""


def sentence_spans_html(answer: Answer) -> list[str]:
    """Each sentence with the numbers of its sources, or marked where it claims what no source says."""
    spans: list[str] = []
    numbered = number_sources(answer.sentences)
    named: set[int] = set()
    for sentence, marks, claimed in zip(answer.sentences, numbered.marks, claims(answer), strict=True):
        text = escape(plain(sentence.text.strip()))
        if marks or not claimed:
            chips = (mark_html(numbered.sources[number - 1], number, named=number in named) for number in marks)
            spans.append(" ".join((f"<span>{text}</span>", *chips)))
            named.update(marks)
        else:
            flag = escape(_("not in your documents"))
            spans.append(f'<span class="lc-unsupported">{text}</span><small class="lc-flag">{flag}</small>')
    return spans


def outline_html(answer: Answer) -> str:
    """An answer about whole documents: sentences with their places, below the headings of their sections."""
    if table := point_table(answer):
        return _points_html(table, answer)
    headings, items = dict(answer.headings), []
    for at, sentence in enumerate(answer.sentences):
        if at in headings:
            items.append(f'<h5 dir="auto">{escape(one_line(headings[at]))}</h5>')
        places = "; ".join(dict.fromkeys(place_html(citation) for citation in sentence.citations))
        items.append(f'<p dir="auto">{escape(plain(sentence.text.strip()))} <small>{places}</small></p>')
    return f'<div class="lc-answer lc-outline">{"".join(items)}</div>'


def _points_html(table: PointTable, answer: Answer) -> str:
    """What several documents say on each point, a column a document."""
    heads = "".join(f'<th scope="col" dir="auto">{escape(one_line(name))}</th>' for name in table.documents)
    rows = []
    for heading, cells in table.rows:
        shown = []
        for cell in cells:
            places = "; ".join(map(place_html, answer.sentences[cell.sentence].citations))
            shown.append(f'<td dir="auto">{escape(plain(cell.text))} <small>{places}</small></td>')
        rows.append(f'<tr><th scope="row" dir="auto">{escape(one_line(heading))}</th>{"".join(shown)}</tr>')
    body = f"<table><thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<div class="lc-answer lc-outline lc-points">{body}</div>'


def cost_html(answer: Answer) -> str:
    """One small line with the tokens read and written, the times and the model."""
    usage, timings = answer.usage, answer.timings
    facts = [_("evidence after {time}", time=duration_text(timings.first_evidence))] if answer.evidence else []
    if usage.prompt:
        facts.append(ngettext("{count} token read", "{count} tokens read", usage.read))
        if usage.reused:
            facts[-1] += _(", {reused} reused", reused=f"{usage.reused:,}")
        facts.append(_("{written} written", written=usage.answer))
    if timings.first_token:
        facts.append(_("first word after {time}", time=duration_text(timings.first_token)))
    if timings.total:
        facts.append(_("{time} in all", time=duration_text(timings.total)))
    if answer.model:
        facts.append(one_line(answer.model))
    if readers_agree(answer):
        facts.append(_("read twice, with the same result"))
    if answer.cancelled:
        facts.insert(0, _("stopped"))
    return f'<p class="lc-cost">{escape(" · ".join(facts))}</p>'
