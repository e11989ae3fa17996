"""An answer as HTML. Every word of a model, a document or a person goes through ``html.escape``: text stays text.

No link, no image and no script can come out of it, so that nothing on the page can call out or be clicked by mistake.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape

from app.answer.citations import SOURCE_NOTES, became_of, number_sources
from app.answer.window_budget import Budget
from app.chat.jobs import Snapshot
from app.chat.upload_queue import IngestState, Outcome
from app.commands.common import one_line, plain, split_quote
from app.phrases import count, facts_of, parts, quotes_in_words, stopped
from core.types import Answer, AnswerWords, Citation, Passage, Step
from index.search.explain import ChunkOutcome, Explanation
from index.store.chats import SourceState
from index.store.quotes import Quotes
from index.store.records import DocumentRecord

STEP_WORDS = {"thought": "Thinks", "search": "Searches", "found": "Finds", "finish": "Has enough"}

CONTEXT_CHARS = 400
"""Characters shown before and after a quote, each: five lines, so that the quote is in sight when a source opens."""

OPENING_CHARS = 120
"""Of a passage in the table of its ranks: enough to know it by."""

BUSY_AFTER_S = 20
"""Seconds without a step of an ingest after which the page says so."""

WARNINGS_SHOWN = 3
"""Of a document in the list; a scanned book has one for every page."""

MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^&@])")


def unmarked(text: str) -> str:
    """``text`` for a widget's label, which Streamlit reads as Markdown: every sign with a meaning escaped."""
    return MARKDOWN_SIGNS.sub(r"\\\1", one_line(text))


def words(text: str) -> str:
    """Running text, escaped, as paragraphs; line feeds inside a paragraph are kept by the style sheet."""
    paragraphs = [part for part in re.split(r"\n\s*\n", plain(text).strip()) if part.strip()]
    return "".join(f'<p dir="auto">{escape(part)}</p>' for part in paragraphs)


def question(text: str) -> str:
    return f'<div class="lc-question" dir="auto">{escape(plain(text.strip()))}</div>'


def where(source: Citation | Passage) -> str:
    """File and place: "lease.docx · p. 3"."""
    label = source.locator.label
    file = f"<b>{escape(one_line(source.file))}</b>"
    return f"{file} · {escape(one_line(label))}" if label else file


def evidence(quotes: Sequence[Citation], words: AnswerWords | None = None, *, answers: bool = True) -> str:
    """The sentences that answer best, the words in them that answer marked, each with the place where it stands.

    ``answers`` is False where they are only the nearest ones.
    """
    if not quotes:
        return ""
    items = "".join(
        f'<blockquote class="lc-quote{"" if answers else " lc-quiet"}" dir="auto">{columns(quote)}'
        f"<p>{marked(quote, words)}</p><footer>{where(quote)}</footer></blockquote>"
        for quote in quotes
    )
    title = "From your documents" if answers else "Nothing seems to answer this. The nearest sentences"
    return f'<section class="lc-evidence"><h4>{title}</h4>{items}</section>'


def columns(quote: Citation) -> str:
    """The names of a table's columns above a row of it."""
    return f'<p class="lc-columns">{escape(one_line(quote.columns))}</p>' if quote.columns else ""


def marked(quote: Citation, words: AnswerWords | None) -> str:
    """A quote in one line, with the words that answer marked where they stand in it."""
    before, answering, after = map(escape, split_quote(quote, words))
    return f"{before}<mark>{answering}</mark>{after}" if answering else before


def steps(taken: Sequence[Step], *, going_on: bool = False) -> str:
    """The steps of a mode that works in steps, apart from the answer; open while they are being taken."""
    if not taken:
        return ""
    items = "".join(
        f'<li><b>{STEP_WORDS[step.kind]}</b> <span dir="auto">{escape(plain(step.text))}</span></li>' for step in taken
    )
    count = f"{len(taken)} step" + ("s" if len(taken) != 1 else "")
    return (
        f'<details class="lc-steps"{" open" if going_on else ""}><summary>{count}</summary><ol>{items}</ol></details>'
    )


def answer(given: Answer) -> str:
    """The answer, sentence by sentence: the numbers of what supports it, or a mark that nothing does.

    A stopped one stands as it was written, and says so.
    """
    mark = f'<p class="lc-flag lc-stopped">{stopped(given)}</p>' if given.cancelled else ""
    if not given.text.strip():
        return f'<div class="lc-answer">{mark}</div>' if mark else ""
    if given.headings:
        return outline(given) + mark
    if given.cancelled:
        return f'<div class="lc-answer">{words(given.text)}{mark}</div>'
    if not given.found or not given.sentences:
        return f'<div class="lc-answer{"" if given.found else " lc-notfound"}">{words(given.text)}</div>'
    parts = []
    for sentence, marks in zip(given.sentences, number_sources(given.sentences).marks, strict=True):
        text = escape(plain(sentence.text.strip()))
        if marks:
            sup = "".join(f"<sup>{number}</sup>" for number in marks)
            parts.append(f"<span>{text}{sup}</span>")
        else:
            parts.append(
                f'<span class="lc-unsupported">{text}</span><small class="lc-flag">not in your documents</small>'
            )
    return f'<div class="lc-answer"><p dir="auto">{" ".join(parts)}</p></div>'


def outline(given: Answer) -> str:
    """An answer about whole documents: its sentences with their places, below the headings of their parts."""
    headings, items = dict(given.headings), []
    for at, sentence in enumerate(given.sentences):
        if at in headings:
            items.append(f'<h5 dir="auto">{escape(one_line(headings[at]))}</h5>')
        places = "; ".join(dict.fromkeys(where(citation) for citation in sentence.citations))
        items.append(f'<p dir="auto">{escape(plain(sentence.text.strip()))} <small>{places}</small></p>')
    return f'<div class="lc-answer lc-outline">{"".join(items)}</div>'


def around(citation: Citation, passages: Sequence[Passage]) -> tuple[str, str]:
    """The text before and after the quote in the passage that holds it, cut at spaces; empty where none holds it."""
    start, end = citation.start, citation.end
    for passage in passages:
        if passage.document_id == citation.document_id and passage.start <= start <= end <= passage.end:
            before, after = passage.text[: start - passage.start], passage.text[end - passage.start :]
            if len(before) > CONTEXT_CHARS:
                before = "… " + before[-CONTEXT_CHARS:].partition(" ")[2]
            if len(after) > CONTEXT_CHARS:
                after = after[:CONTEXT_CHARS].rpartition(" ")[0] + " …"
            return before, after
    return "", ""


def sources(given: Answer, states: Mapping[str, SourceState]) -> str:
    """Every source under the answer: file, place, and the quote marked in the text around it.

    ``states`` maps the ids of the quoted documents to what became of them since.
    """
    # An outline names the place of every sentence itself, and there is no passage to open; what was stopped has none.
    cites = given.found and not given.headings and not given.cancelled
    numbered = number_sources(given.sentences).sources if cites else ()
    items = "".join(
        source(citation, given.passages, states[citation.document_id], number)
        for number, citation in enumerate(numbered, 1)
    )
    return f'<section class="lc-sources"><h4>Sources</h4>{items}</section>' if items else ""


def source(citation: Citation, passages: Sequence[Passage], state: SourceState, number: int) -> str:
    before, after = around(citation, passages)
    text = (
        f"{columns(citation)}{escape(plain(before))}<mark>{escape(plain(citation.quote))}</mark>{escape(plain(after))}"
    )
    note = f'<p class="lc-flag">{SOURCE_NOTES[state]}</p>' if SOURCE_NOTES[state] else ""
    return (
        f'<details class="lc-source"><summary><sup>{number}</sup> {where(citation)}'
        f'<q dir="auto">{escape(one_line(citation.quote))}</q></summary>'
        f'{note}<div class="lc-passage" dir="auto">{text}</div></details>'
    )


def since(given: Answer, states: Mapping[str, SourceState]) -> str:
    """What became of the documents that the answer quotes; "" where they are as they were."""
    lines = (escape(one_line(line)) for line in became_of(given, states))
    return "".join(f'<p class="lc-flag" dir="auto">{line}</p>' for line in lines)


def nearest(given: Answer) -> str:
    """What comes closest where the documents do not answer: the passages, to be read by the person."""
    if given.found or given.cancelled or not given.passages:
        return ""
    items = "".join(
        f'<details class="lc-source"><summary>{where(passage)}</summary>'
        f'<div class="lc-passage" dir="auto">{escape(plain(passage.text))}</div></details>'
        for passage in given.passages
    )
    return f'<section class="lc-sources"><h4>The nearest passages</h4>{items}</section>'


def notes(lines: Sequence[str]) -> str:
    return "".join(f'<p class="lc-note" dir="auto">{escape(plain(line))}</p>' for line in lines)


def cost(given: Answer) -> str:
    """Tokens and time in one small line."""
    usage, timings = given.usage, given.timings
    parts = [f"evidence after {seconds(timings.first_evidence)}"] if given.evidence else []
    if usage.prompt:
        reused = f", {usage.reused} reused" if usage.reused else ""
        parts += [f"{usage.read} tokens read{reused}", f"{usage.answer} written"]
    if timings.first_token:
        parts.append(f"first word after {seconds(timings.first_token)}")
    if timings.total:
        parts.append(f"{seconds(timings.total)} in all")
    if given.model:
        parts.append(one_line(given.model))
    if given.cancelled:
        parts.insert(0, "stopped")
    return f'<p class="lc-cost">{escape(" · ".join(parts))}</p>'


def seconds(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def status(now: Snapshot) -> str:
    """What the person is waiting for, in a few words."""
    if now.stopping:
        text = "Stopping"
    elif now.stage == "working":
        text = escape(now.progress)
    elif now.stage == "waiting":
        text = f"Waiting: {now.place} before you" if now.place > 1 else "Waiting: you are next"
    else:
        text = {
            "behind": "Getting ready",
            "loading": "Getting ready",
            "searching": "Looking for the sentences that answer",
            "reading": "The model is reading",
            "writing": "Writing",
        }.get(now.stage, "")
    return f'<p class="lc-status" role="status">{text}<i></i></p>' if text else ""


def finished(given: Answer, states: Mapping[str, SourceState], budget: Budget | None = None) -> str:
    """A whole turn after its question, as it stays on the page."""
    # Only what was shown as answering was being answered from when it was stopped.
    found = evidence(given.evidence, given.words, answers=given.found or given.cancelled)
    proof = sources(given, states) + nearest(given)
    return (
        found
        + steps(given.steps)
        + answer(given)
        + since(given, states)
        + proof
        + notes(given.notes)
        + cost(given)
        + meter(budget)
    )


def meter(budget: Budget | None) -> str:
    """What of the model's window went where: one bar; opened, a line for each part, and what was left out and why."""
    if budget is None:
        return ""
    taken = [part for part in budget.parts if part.tokens and part.key != "free"]
    bar = "".join(f'<i class="lc-part-{part.key}" style="width: {part.share:.2%}"></i>' for part in taken)
    rows = "".join(
        f'<li><i class="lc-part-{part.key}"></i>{escape(part.name)}: {part.tokens:,} tokens</li>' for part in taken
    )
    rows += "".join(f'<li dir="auto">Left out: {escape(one_line(f"{d.what} ({d.why})"))}</li>' for d in budget.left_out)
    summary = f"{budget.used:.0%} of the model's {budget.window:,} tokens" + (
        f" · {count(len(budget.left_out), 'thing')} left out" if budget.left_out else ""
    )
    return (
        f'<details class="lc-meter"><summary><span class="lc-bar">{bar}</span> {summary}</summary>'
        f"<ul>{rows}</ul></details>"
    )


def explanation(told: Explanation) -> str:
    """Where passages stood at each stage of the search, and what became of them, as a table."""
    head = "".join(f"<th>{escape(stage)}<small>of {places}</small></th>" for stage, places in told.stages)
    rows = "".join(outcome_rows(one, len(told.stages)) for one in told.outcomes)
    more = f'<p class="lc-foot">{count(told.more, "further passage")} got less far.</p>' if told.more else ""
    return (
        f'<div class="lc-scroll"><table class="lc-table"><thead><tr><th>Passage</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{more}"
    )


def outcome_rows(one: ChunkOutcome, stages: int) -> str:
    """A passage's ranks, and below them its beginning and what became of it."""
    label = escape(one_line(one.locator.label))
    ranks = "".join(f"<td>{stage.rank or '–'}</td>" for stage in one.ranks)
    state = "" if one.ended else ' class="lc-kept"'
    text = escape(one_line(one.text)[:OPENING_CHARS])
    why = f'<br><span class="lc-why">{escape(one_line(one.why))}</span>' if one.why else ""
    return (
        f"<tr{state}><td><b>{escape(one_line(one.file))}</b> {label}</td>{ranks}</tr>"
        f'<tr class="lc-opening"><td colspan="{stages + 1}" dir="auto">“{text}…”{why}</td></tr>'
    )


def unfinished(now: Snapshot) -> str:
    """A turn while it is being answered: evidence first, then the words as they come, not yet checked."""
    written = f'<div class="lc-answer lc-writing">{words(now.text)}</div>' if now.text.strip() else ""
    found = evidence(now.evidence, now.words, answers=now.answers)
    return found + notes(now.notes) + steps(now.steps, going_on=not now.text) + written + status(now)


def waiting(now: Snapshot) -> str:
    """A question that is answered after those above it, or that was stopped before."""
    if now.stopping:
        state = '<p class="lc-status" role="status">Stopped before anything was written.</p>'
    else:
        state = '<p class="lc-status" role="status">Waiting for the answer above<i></i></p>'
    return question(now.question) + state


def failure(message: str) -> str:
    return f'<p class="lc-failure" role="alert" dir="auto">{escape(plain(message))}</p>'


def upload_line(state: IngestState) -> str:
    """ "report.pdf · 2 of 5 files · 12 s left"."""
    if state.stopping:
        return "Stopping"
    busy = f" · the machine is busy, {state.quiet_s} s without a step" if state.quiet_s >= BUSY_AFTER_S else ""
    if state.waiting:
        return "Waits while an answer is written" + busy
    if state.files_done >= state.files and not state.file and state.files:
        return "Finishing" + busy
    parts = [state.file or "Starting"]
    if state.files > 1:
        parts.append(f"{min(state.files_done + 1, state.files)} of {state.files} files")
    if state.seconds_left is not None:
        parts.append(f"{max(1, round(state.seconds_left))} s left")
    return " · ".join(parts) + busy


def upload_report(state: IngestState) -> str:
    """What a person has to know of the uploads: files that failed, and parts that could not be read."""
    lines = [f'<p class="lc-foot">{escape(state.note)}</p>'] if state.note else []
    lines += [report_line(outcome) for outcome in state.outcomes if outcome.failed or outcome.problems or outcome.note]
    added = sum(not outcome.failed for outcome in state.outcomes)
    if added:
        lines.append(f'<p class="lc-foot">{count(added, "file")} added.</p>')
    if state.error:
        lines.append(failure(state.error))
    return "".join(lines)


def report_line(outcome: Outcome) -> str:
    said = ("Not added: " if outcome.failed else "") + " ".join(outcome.problems)
    text = " ".join(filter(None, (outcome.note[:1].upper() + outcome.note[1:], said)))
    return (
        f'<p class="lc-doc" dir="auto"><b>{escape(one_line(outcome.name))}</b>'
        f'<small class="lc-flag">{escape(one_line(text))}</small></p>'
    )


def document(record: DocumentRecord) -> str:
    """A document in the list: its name, its size in pages and passages, and what could not be read of it."""
    size = f"{parts(record.pages, record.media_type)} · {count(record.chunks, 'passage')}"
    facts = facts_of(record)
    shown, more = facts[:WARNINGS_SHOWN], len(facts) - WARNINGS_SHOWN
    lines = [*shown, f"and {more} more"] if more > 0 else shown
    warnings = "".join(f'<small class="lc-flag">{escape(one_line(line))}</small>' for line in lines)
    if record.tags:
        size += " · " + escape(one_line(", ".join(record.tags)))
    name = escape(one_line(record.name))
    return f'<div class="lc-doc" dir="auto"><b>{name}</b><small>{size}</small>{warnings}</div>'


def removal(name: str, quotes: Quotes) -> str:
    """What is said before a document goes whose words are held elsewhere."""
    return (
        f'<p dir="auto"><b>{escape(one_line(name))}</b> leaves the library; your own file stays. '
        f"{escape(quotes_in_words(quotes))} words of it.</p>"
    )


def welcome(documents: int) -> str:
    """What the page says before the first question."""
    if documents:
        return (
            '<div class="lc-welcome"><h1>What would you like to know?</h1><p>Ask about the '
            f"{count(documents, 'document')} in this library. You see the sentences that answer first, then an "
            "answer in which every sentence names its page.</p></div>"
        )
    return (
        '<div class="lc-welcome"><h1>Start with your documents</h1><p>Drop files into the box on the left, or run '
        "<code>lectern ingest PATH</code> in a terminal. Then ask: you see the sentences that answer, quoted with file "
        'and page, and an answer tied to them.</p><p class="lc-quiet">Everything is read, kept and answered on this '
        "machine. Nothing is sent anywhere.</p></div>"
    )


def footer(model: str, *, remote: bool, ready: bool, failure: str) -> str:
    """Which model answers, whether it is ready, and what to do where it is not."""
    if failure:
        return f'<p class="lc-doc"><small class="lc-flag">{escape(one_line(failure))}</small></p>'
    state = "" if ready else "<br>Loading the models…"
    place = "Your questions and the sources are sent to it" if remote else "Nothing leaves this machine"
    return f'<p class="lc-foot">Model: {escape(one_line(model))}. {place}.{state}</p>'
