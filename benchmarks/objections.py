"""How often the rules of `app.answer.rules.quantities` and `app.answer.rules.conditions` turn away what answers;
questions have known answers, and no model is loaded.

python benchmarks/objections.py ../shared/data/squad2-dev [--questions 1500] [--show 10]
"""

import argparse
import random
from pathlib import Path

from app.answer.rules.base import first_ruling
from app.answer.rules.cases import WordsCase
from app.answer.rules.conditions import special_case
from app.answer.rules.quantities import can_answer
from app.answer.rules.rulebook import RULES
from core.types import AnswerWords, Citation, Locator
from evaluate.sets import load_set
from ingest.sentences import sentence_spans


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a set in BEIR layout, queries with answers")
    parser.add_argument("--questions", type=int, default=1500, help="answerable ones (default: %(default)s)")
    parser.add_argument("--show", type=int, default=0, help="print so many of those turned away")
    given = parser.parse_args()
    data = load_set(given.folder)
    texts = {document.id: document.text for document in data.documents}
    questions = [question for question in data.questions if question.answers]
    random.Random(1).shuffle(questions)
    count = dict.fromkeys(("questions", "sentence turned away", "words turned away", "special case"), 0)
    for question in questions[: given.questions]:
        text, answer = texts[next(iter(question.relevant))], question.answers[0]
        at = text.find(answer)
        start, end = next(((a, b) for a, b in sentence_spans(text) if a <= at < b), (0, 0))
        if start == end:
            continue
        place = Locator(None, "")
        quote = Citation("", "", place, text[start:end], start, end, 1.0)
        words = AnswerWords("", "", place, answer, at, at + len(answer), 1.0)
        away = not can_answer(question.text, quote.quote)
        objected = not away and first_ruling(RULES.words_objections, WordsCase(question.text, quote, words)) is not None
        count["questions"] += 1
        count["sentence turned away"] += away
        count["words turned away"] += objected
        count["special case"] += special_case(question.text, quote.quote)
        if (away or objected) and given.show:
            given.show -= 1
            print(f"{question.text}\n    {answer}: {' '.join(quote.quote.split())}")
    print(", ".join(f"{name}: {number:,}" for name, number in count.items()))


if __name__ == "__main__":
    main()
