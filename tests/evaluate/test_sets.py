"""Sets as they are read, split and sampled, and what is said about folders that are none."""

import json
from pathlib import Path

import pytest

from core.errors import UsageError
from evaluate.sets import SetQuestion, choose, document_id, half_of, load_set


def test_a_set_of_passages_keeps_titles_answers_and_grades(passage_set: Path) -> None:
    data = load_set(passage_set)
    assert (data.name, data.kind, len(data.documents), len(data.questions)) == ("station", "passages", 6, 7)
    first = data.questions[0]
    assert first.answers == ("Ada Marsh",)
    assert first.relevant == {document_id("boat#0"): 1}
    assert (first.group, first.topic) == ("boat#0", "Boathouse")
    assert data.documents[0].id == document_id("boat#0")
    assert data.questions[6].relevant == {}


def test_passages_have_no_file_name_whose_words_could_help(passage_set: Path) -> None:
    assert {document.name for document in load_set(passage_set).documents} == {""}


def test_beirs_own_place_for_grades_is_found_too(passage_set: Path) -> None:
    (passage_set / "qrels").mkdir()
    (passage_set / "qrels.tsv").rename(passage_set / "qrels" / "test.tsv")
    assert load_set(passage_set).questions[0].relevant


def test_a_folder_of_files_names_the_files_that_answer(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "lease.txt").write_text("Signed by Ada Marsh.")
    (tmp_path / "questions.jsonl").write_text('{"question": "Who?", "files": ["lease.txt"], "answer": "Ada Marsh"}\n')
    data = load_set(tmp_path)
    assert (data.kind, [path.name for path in data.paths]) == ("files", ["lease.txt"])
    assert (data.questions[0].relevant, data.questions[0].answers) == ({"lease.txt": 1}, ("Ada Marsh",))


def test_spans_are_those_of_the_text_as_it_is_indexed(span_set: Path) -> None:
    data = load_set(span_set)
    key, start, end = data.questions[0].spans[0]
    assert key == data.documents[0].id
    assert data.documents[0].text[start:end] == "signed by Ada Marsh"


def test_changed_data_has_another_digest(passage_set: Path) -> None:
    before = load_set(passage_set)
    (passage_set / "corpus.jsonl").write_text((passage_set / "corpus.jsonl").read_text().replace("420", "430"))
    after = load_set(passage_set)
    assert before.digest != after.digest
    assert before.question_digest == after.question_digest


def test_a_balanced_sample_has_as_many_of_both_kinds(passage_set: Path) -> None:
    questions = load_set(passage_set).questions
    drawn = choose(questions, sample=2, seed=1, balanced=True)
    assert [bool(question.relevant) for question in drawn] == [True, False]
    assert drawn == choose(questions, sample=2, seed=1, balanced=True)
    assert len({choose(questions, sample=2, seed=seed, balanced=True)[0].id for seed in range(10)}) > 1
    assert len(choose(questions, balanced=True)) == 2, "no more than the set has of the rarer kind"


def test_a_smaller_balanced_sample_is_part_of_a_larger_one() -> None:
    questions = tuple(SetQuestion(str(n), "?", {"p": 1} if n % 3 else {}, (), str(n), str(n)) for n in range(300))
    small, large = ({q.id for q in choose(questions, sample=size, seed=5, balanced=True)} for size in (20, 120))
    assert (len(small), len(large)) == (20, 120)
    assert small < large


def test_the_halves_share_no_article_and_leave_out_nothing(passage_set: Path) -> None:
    questions = load_set(passage_set).questions
    tune, report = choose(questions, half="tune"), choose(questions, half="report")
    assert len(tune) + len(report) == len(questions)
    assert not {question.topic for question in tune} & {question.topic for question in report}
    assert {half_of(question.topic) for question in tune} <= {"tune"}


def test_a_sample_is_the_same_for_a_seed_and_another_for_another(passage_set: Path) -> None:
    questions = load_set(passage_set).questions
    samples = {seed: choose(questions, sample=3, seed=seed) for seed in range(10)}
    assert samples[1] == choose(questions, sample=3, seed=1)
    assert all(len(sample) == 3 for sample in samples.values())
    assert len({tuple(question.id for question in sample) for sample in samples.values()}) > 1


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("queries.jsonl", '{"_id": "q0", "text": "Who?"\n', "line 1: not JSON"),
        ("queries.jsonl", '["q0"]\n', "not a JSON object"),
        ("corpus.jsonl", '{"title": "no id"}\n', "without '_id'"),
        ("qrels.tsv", "q0 boat#0 1\n", "line 1: not query-id"),
        ("qrels.tsv", "q0\tnowhere\t1\n", "not in corpus.jsonl, such as nowhere"),
    ],
)
def test_damaged_data_is_named_by_file_and_line(passage_set: Path, file: str, content: str, says: str) -> None:
    (passage_set / file).write_text(content)
    with pytest.raises(UsageError, match=says):
        load_set(passage_set)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "questions.jsonl").write_text(json.dumps({"question": "Who?", "files": ["gone.pdf"]}) + "\n")
    with pytest.raises(UsageError, match=r"gone\.pdf"):
        load_set(tmp_path)
