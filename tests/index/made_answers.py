"""An answer that quotes a document, for tests of what becomes of it."""

from core.types import Answer, AnswerSentence, Citation, Document, Passage, Timings, Usage
from ingest.locate import locate


def answer_from(document: Document) -> Answer:
    """An answer of one sentence that quotes all of ``document``."""
    text, place = document.text, locate(document.pages, document.text, 0)
    quote = Citation(document.id, document.name, place, text, 0, len(text), 1.0)
    passage = Passage(
        document.id, document.name, document.title, 0, len(text), text, place, (), 1.0, 1.0, 1.0, document.pages
    )
    return Answer(
        question="Where?",
        text=text,
        found=True,
        sentences=(AnswerSentence(text, (quote,)),),
        evidence=(quote,),
        passages=(passage,),
        steps=(),
        timings=Timings(),
        usage=Usage(),
        model="",
        mode="direct",
    )
