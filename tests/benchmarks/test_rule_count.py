"""The count of hand-written rules."""

import ast

from benchmarks.rule_count import count_module, count_words_file


def counted(code: str) -> dict[str, int]:
    return {kind: number for kind, number in count_module(ast.parse(code)).items() if number}


def test_a_pattern_counts_with_the_words_that_it_spells():
    assert counted(r'import re; _A = re.compile(r"(?i)\b(?:how|why)\s+\w{2,3}[abc]")') == {"patterns": 1, "spelt": 2}
    assert counted('import re\ndef f(x): return re.sub("[0-9]+", "", x)') == {"patterns": 1}


def test_words_that_a_pattern_is_put_together_from_count_too():
    code = '_VERBS = r"(?:rose|fell)"\n_A = re.compile(rf"{_VERBS} by")'
    assert counted(code) == {"patterns": 1, "spelt": 3}


def test_lists_of_words_count_by_their_entries_and_texts_where_they_are_split():
    assert counted('W = frozenset(["it", "its", "they"])') == {"entries": 3}
    assert counted('W = "rent price fee".split()') == {"entries": 3}
    assert counted('W = """rent price fee"""\nX = stems(W)') == {"entries": 3}
    assert counted('LINE = "Nothing of this was found"') == {}
    assert counted('TYPES = (".docx", ".pdf", "text/html")') == {}


def test_thresholds_are_numbers_that_something_is_compared_with():
    assert counted("LEAST = 0.5\ndef f(x): return x >= LEAST or x > 3 or x == 0") == {"thresholds": 2}
    assert counted("SIZE = 512\ndef f(x): return x * SIZE") == {}


def test_files_of_words_count_by_patterns_and_entries():
    assert dict(count_words_file({"en": "who|what", "de": ["wer", "was"]})) == {"patterns": 1, "spelt": 2, "entries": 2}
