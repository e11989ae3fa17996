"""Ways to cut text into words for BM25, side by side: FTS5's own tokenizers, and ours with and without its parts.

    python benchmarks/words.py FOLDER [FOLDER ...] [--sample 600]

Each FOLDER is a set in BEIR layout; whole passages are searched for any word of a question, without vectors. "asking"
leaves out the words that only ask; "both forms" is that and the stems of the language of passage and question.
"""

import argparse
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np

from evaluate.ranking import metric_names, score_rankings
from evaluate.sets import EvalSet, choose, load_set
from index import analyzer
from index.analyzer import analyze, index_text, second_forms
from index.language import language_of
from index.search.question_words import without_question_words

OURS = "ascii tokenchars '_'"

Cut = Callable[[str], Sequence[str]]


def own_words(tokenizer: str) -> Cut:
    """The words into which FTS5's ``tokenizer`` cuts a text: those that a question is then searched for."""
    db = sqlite3.connect(":memory:")
    db.execute(f'CREATE VIRTUAL TABLE one USING fts5 (text, tokenize = "{tokenizer}")')
    db.execute("CREATE VIRTUAL TABLE found USING fts5vocab (one, row)")

    def cut(text: str) -> list[str]:
        db.execute("DELETE FROM one")
        db.execute("INSERT INTO one VALUES (?)", (text,))
        return [str(row[0]) for row in db.execute("SELECT term FROM found")]

    return cut


def unstemmed(text: str) -> list[str]:
    with patch.object(analyzer, "_stem", lambda word: word):
        return analyze(text)


def question_terms(question: str) -> list[str]:
    return analyze(without_question_words(question)) or analyze(question)


def indexed(text: str) -> list[str]:
    return index_text(text, language_of(text)).split()


def in_both_forms(question: str) -> list[str]:
    """Every word twice: as it stands, and as its stem where that is another."""
    stems = second_forms(without_question_words(question), language_of(question))
    return [form for word in dict.fromkeys(question_terms(question)) for form in (word, stems.get(word, word))]


def once(cut: Cut) -> Cut:
    return lambda text: list(dict.fromkeys(cut(text)))


def by_fts5(text: str) -> list[str]:
    return [text]


def score(data: EvalSet, sample: int, tokenizer: str, of_text: Cut, of_question: Cut) -> tuple[float, float]:
    """hit@5 and nDCG@10 of BM25 over the passages of a set, for ``sample`` of its questions."""
    db = sqlite3.connect(":memory:")
    db.execute(f'CREATE VIRTUAL TABLE passages USING fts5 (text, tokenize = "{tokenizer}")')
    texts = [" ".join(of_text(f"{document.title}\n{document.text}")) for document in data.documents]
    db.executemany("INSERT INTO passages VALUES (?)", ((text,) for text in texts))
    questions = choose(tuple(question for question in data.questions if question.relevant), sample=sample)
    rankings = {}
    for question in questions:
        terms = [term.replace('"', '""') for term in of_question(question.text)]
        query = " OR ".join(f'"{term}"' for term in terms) or '""'
        rows = db.execute(
            "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY bm25(passages), rowid LIMIT 10", (query,)
        )
        rankings[question.id] = [data.documents[row[0] - 1].id for row in rows]
    names = metric_names()
    means = np.mean(score_rankings(rankings, {q.id: q.relevant for q in questions}), axis=0)
    return float(means[names.index("hit@5")]), float(means[names.index("ndcg@10")])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--sample", type=int, default=100_000, help="questions of a set (default: all)")
    given = parser.parse_args()
    sets = [load_set(folder) for folder in given.folders]
    marks = "unicode61 categories 'L* N* Co Mn Mc'"
    ways: dict[str, tuple[str, Cut, Cut]] = {
        "unicode61": ("unicode61", by_fts5, own_words("unicode61")),
        "unicode61, marks kept": (marks, by_fts5, own_words(marks)),
        "porter": ("porter unicode61", by_fts5, own_words("porter unicode61")),
        "trigram": ("trigram", by_fts5, own_words("trigram")),
        "ours, unstemmed": (OURS, unstemmed, unstemmed),
        "ours": (OURS, analyze, analyze),
        "ours, asking": (OURS, analyze, question_terms),
    }
    ways = {name: (tokenizer, text, once(question)) for name, (tokenizer, text, question) in ways.items()}
    ways["ours, asking, both forms"] = (OURS, indexed, in_both_forms)
    print("hit@5 / nDCG@10\n")
    print("| words | " + " | ".join(data.name for data in sets) + " |\n|" + "---|" * (len(sets) + 1))
    for name, (tokenizer, of_text, of_question) in ways.items():
        cells = ("{:.3f} / {:.3f}".format(*score(data, given.sample, tokenizer, of_text, of_question)) for data in sets)
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
