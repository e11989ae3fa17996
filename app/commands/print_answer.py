"""An answer in the terminal: evidence, the draft while it is written, the checked answer, its sources, what it cost."""

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.answer.citations import NumberedSources, claims, lines_of, number_sources
from app.answer.events import Answered, Event, EvidenceFound, Note, Piece, Progressed, Queued, Retrieved, StepTaken
from app.answer.point_table import PointTable, point_table
from app.commands.common import citation_text, errors, one_line, output, place, plain
from app.commands.links import LinkOf, no_link
from app.phrases import readers_agree, second_reading, stop_note
from core.messages import N_, _
from core.types import Answer, Step

STEP_WORDS = {
    "thought": N_("thinks"),
    "search": N_("searches"),
    "lookup": N_("looks up"),
    "found": N_("finds"),
    "finish": N_("has enough"),
}


def print_answer(events: Iterable[Event], *, with_model: bool = True, link_of: LinkOf = no_link) -> Answer:
    """Print the events as they come and return the final answer.

    Results go to standard output; progress, steps and notes to standard error. A terminal shows the model's draft, dim,
    while it grows; the same text, marked, takes its place. The draft of a model that the documents may overrule is not
    shown.
    Without a model the evidence is the answer: below it at most the answering words are printed. ``link_of`` gives the
    address that a place leads to.
    """
    out, err = output(), errors()
    draft, shown = "", False
    final: Answer | None = None
    with err.status(_("Searching…")) as waiting:
        for event in events:
            if isinstance(event, Retrieved):
                waiting.update(_("Looking for the sentences that answer…"))
            elif isinstance(event, EvidenceFound):
                waiting.stop()
                print_evidence(out, event, link_of)
                shown = True
                if with_model:
                    waiting.update(_("The model is reading…"))
                    waiting.start()
            elif isinstance(event, Progressed):
                said = _("{what}: {done} of {total}…", what=one_line(event.what), done=event.done, total=event.total)
                waiting.update(Text(said))
            elif isinstance(event, Queued):
                waiting.update(_("Waiting: {place} before this question…", place=event.place))
            elif isinstance(event, Note):
                err.print(plain(event.text), style="dim" if event.quiet else "yellow", markup=False)
            elif isinstance(event, StepTaken):
                print_step(err, event.step)
            elif isinstance(event, Piece) and event.stays:
                draft += event.text
                waiting.update(Text(plain(draft.strip()), style="dim"))
            elif isinstance(event, Answered):
                waiting.stop()
                final = event.answer
                print_proof(out, err, final, with_model=with_model or not shown, link_of=link_of)
    assert final is not None, "the events of an answer end with Answered"
    return final


def print_evidence(out: Console, found: EvidenceFound, link_of: LinkOf = no_link) -> None:
    """Print the evidence, which is found before the model has read anything."""
    if not found.evidence:
        title = Text(_("Nothing in your documents comes close."))
    elif not found.answers:
        title = Text(_("Nothing in your documents seems to answer this. The nearest sentences:"))
    elif found.words is None:
        title = Text(_("From your documents"))
    else:
        title = Text.assemble(_("From your documents"), ": ", (one_line(found.words.text), "underline"))
    title.stylize("bold")
    out.print(title)
    for citation in found.evidence:
        out.print(citation_text(citation, words=found.words, link=link_of(citation)))
    out.print()


def print_step(err: Console, step: Step) -> None:
    err.print(Text.assemble((f"{_(STEP_WORDS[step.kind])}: ", "bold"), one_line(step.text)), style="dim")


def print_proof(out: Console, err: Console, answer: Answer, *, with_model: bool, link_of: LinkOf = no_link) -> None:
    """Print the final answer, its sources, the sentences that nothing supports, and what it cost.

    A stopped answer is printed as it was written, without sources and with a line that says it was not checked.
    """
    numbered = number_sources(answer.sentences)
    whole = with_model or bool(answer.headings or answer.parts or answer.table)
    if answer.text.strip() and (whole or begins_with_words(answer)):
        if answer.doubt:
            out.print(answer.doubt, style="yellow", markup=False)
        text = answer_text(answer, numbered)
        if table := point_table(answer):
            out.print(points_text(table, answer))
        else:  # the sentence stands among the sources
            out.print(text if whole else text.split()[0], markup=False)
        if line := second_reading(answer):
            out.print(one_line(line), style="dim", markup=False)
        if not answer.cancelled:
            out.print()
    if answer.cancelled:
        (out if answer.text.strip() else err).print(stop_note(answer), style="yellow")
        if not answer.headings:
            err.print(cost(answer), style="dim", markup=False)
            return
    if numbered.sources and not quotes_itself(answer):
        out.print(_("Sources"), style="bold")
        for number, citation in enumerate(numbered.sources, 1):
            out.print(citation_text(citation, number, answer.words, link_of(citation)))
    for sentence, claimed in zip(answer.sentences, claims(answer), strict=True):
        if not sentence.supported and claimed:
            out.print(Text.assemble((_("Not in your documents") + ": ", "yellow"), one_line(sentence.text)))
    if with_model and not answer.found and answer.passages:
        out.print(_("The nearest passages"), style="bold")
        for passage in answer.passages:
            out.print(f"  {place(passage)}", markup=False)
    err.print(cost(answer), style="dim", markup=False)


def quotes_itself(answer: Answer) -> bool:
    """Whether the answer consists of its sources' own words, so that listing the sources would repeat it."""
    return bool(answer.headings) and not answer.model


def begins_with_words(answer: Answer) -> bool:
    """Whether the answer is the words in the documents before their sentence, which is among the sources."""
    return answer.words is not None and answer.text.startswith(f"{' '.join(answer.words.text.split())}\n")


def answer_text(answer: Answer, numbered: NumberedSources) -> Text:
    """The answer's text, each sentence with the numbers of its sources: "The rent is 640 euros. [1]"."""
    if answer.headings:
        return outline_text(answer, numbered)
    if not answer.found or answer.cancelled or not answer.sentences:
        return Text(plain(answer.text.strip()), style="" if answer.found or answer.cancelled else "bold")
    marked = [
        " ".join([one_line(sentence.text), *(f"[{number}]" for number in marks)])
        for sentence, marks in zip(answer.sentences, numbered.marks, strict=True)
    ]
    heads = {part.start: part for part in answer.parts}
    starts = [*(part.start for part in answer.parts), len(marked)]
    ends = {end - 1: part for part, end in zip(answer.parts, starts[1:], strict=False)}
    text = Text()
    for line in lines_of(answer):
        if part := heads.get(line[0]):
            text.append(("\n" if line[0] else "") + one_line(part.question) + "\n", style="bold")
            text.append(f"{part.doubt}\n" if part.doubt else "", style="yellow")
        text.append(" ".join(marked[number] for number in line) + "\n")
        if line[-1] in ends and (told := second_reading(ends[line[-1]])):
            text.append(f"{one_line(told)}\n", style="dim")
    text.rstrip()
    return text


def points_text(table: PointTable, answer: Answer) -> Table:
    """What several documents say on each point, a column a document, each cell with its place."""
    shown = Table("", box=box.SIMPLE_HEAD, show_lines=True)
    for name in table.documents:
        shown.add_column(Text(one_line(name)))
    for heading, cells in table.rows:
        told = [Text(one_line(cell.text)) for cell in cells]
        for text, cell in zip(told, cells, strict=True):
            for quote in answer.sentences[cell.sentence].citations:
                text.append(f" ({quote.locator.label})" if quote.locator.page else "", style="dim")
        shown.add_row(Text(one_line(heading), style="bold"), *told)
    return shown


def outline_text(answer: Answer, numbered: NumberedSources) -> Text:
    """An answer about whole documents: below the headings of its sections, one sentence a line with its place."""
    headings = dict(answer.headings)
    several = len({source.document_id for source in numbered.sources}) > 1
    text = Text()
    for at, sentence in enumerate(answer.sentences):
        if at in headings:
            text.append(("\n" if at else "") + one_line(headings[at]) + "\n", style="bold")
        places = dict.fromkeys(place(c) if several else c.locator.label for c in sentence.citations)
        text.append(f"- {one_line(sentence.text)} ")
        text.append(f"{'; '.join(places)}\n", style="dim")
    return text


def cost(answer: Answer) -> str:
    """One line of what the answer cost: "SmolLM2 · 182 tokens read, 230 reused, 61 written · 2.1 s"."""
    usage, seconds = answer.usage, answer.timings.total / 1000
    if answer.headings and not usage.prompt:
        return _("{seconds} s", seconds=f"{seconds:.1f}")
    if not usage.prompt:
        return _("{seconds} s to the evidence", seconds=f"{answer.timings.first_evidence / 1000:.1f}")
    tokens = {"read": usage.read, "reused": usage.reused, "written": usage.answer}
    read = _("{read} tokens read, {reused} reused, {written} written", **tokens)
    read = read if usage.reused else _("{read} tokens read, {written} written", **tokens)
    agree = [_("read twice, with the same result")] if readers_agree(answer) else []
    return " · ".join([answer.model, read, f"{seconds:.1f} s", *agree])
