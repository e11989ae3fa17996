"""The analyzer of the BM25 index: text or question -> terms, in any script.

Text is cut into words before SQLite's FTS5 sees it, because FTS5's own tokenizers do not cut Chinese or Japanese, cut
Hindi at its vowel signs, and know no codes. Words are folded (case, width, accents) and stemmed after Snowball; text of
scripts without spaces becomes single characters and pairs of them; a code such as KB-1047, 10-Q or 12.3 is kept both
whole (kb_1047) and in parts.

These terms depend on a word's letters alone. The stems of the text's language (``second_forms``) are indexed and
searched beside them: where the language is mistaken, the same words find each other all the same.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import regex
import snowballstemmer

PAIRED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
"""Scripts that write without spaces, and Hangul, whose particles hang on to the word."""

_WORD = regex.compile(rf"(?:{PAIRED}\p{{M}}*)+|(?:[\p{{L}}\p{{M}}](?<!{PAIRED}))+|\p{{N}}+")
_STARTS_PAIRED = regex.compile(PAIRED)
_CLUSTER = regex.compile(r"\p{L}\p{M}*")
_THOUSANDS = regex.compile(r"(?<![\d.,])\p{Nd}{1,3}(?:,\p{Nd}{3})+(?![\d,])")
_JOINS = regex.compile(r"[-‐‑–./_:@#&+]|")
_ACCENTS = regex.compile(r"(?<=[\p{Latin}\p{Greek}\p{Cyrillic}]\p{M}*)\p{M}+")
_ARABIC_SIGNS = regex.compile(r"[\u0640\u064b-\u065f\u0670]")
_ARABIC_FORMS = str.maketrans("أإآٱىی", "ااااي" + "ي")
_ARABIC_AND = regex.compile(r"^[وفبك](?=ال\w{3})")
_ARABIC_FEMININE = regex.compile(r"(?<=\w{3})ه$")
_POSSESSIVE = regex.compile(r"(?<=\p{L})['’]s\b")

_MOST_PARTS = 5
"""Parts of a code kept whole; longer chains are addresses and paths, found by their parts."""

_STEMMERS = {"LATIN": "english", "ARABIC": "arabic", "DEVANAGARI": "hindi", "CYRILLIC": "russian", "GREEK": "greek"}
"""Snowball's stemmer of the terms that every text has, by the script of the word."""

STEMMED = {
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
"""Snowball's stemmer of second forms, by language (ISO 639-1): those whose script does not tell their stemmer, and
Russian, whose accents it reads. English, Arabic, Hindi and Greek are stemmed by their script."""


def analyze(text: str) -> list[str]:
    """The terms of ``text`` in order, as they are indexed and searched; no term holds white space or a quote."""
    found: list[str] = []
    run: list[str] = []  # parts of a code so far: words that touch, or are joined by one sign
    end = -1
    text = _without_accents(_fold(text))
    for match in _WORD.finditer(text):
        word = match.group()
        if _STARTS_PAIRED.match(word):
            found += _close(run)
            found += _pairs(word)
            end = -1
            continue
        if not (run and match.start() - end <= 1 and _JOINS.fullmatch(text[end : match.start()])):
            found += _close(run)
        run.append(word)
        found.append(_stem(word))
        end = match.end()
    return found + list(_close(run))


def written(text: str) -> dict[str, str]:
    """The terms of ``text`` that are stems, not whole words, each with the word that it is of, folded like a term."""
    words = (match.group() for match in _WORD.finditer(_without_accents(_fold(text))))
    stems = {_stem(word): word for word in words if not _STARTS_PAIRED.match(word)}
    return {stem: word for stem, word in stems.items() if stem != word}


def _close(run: list[str]) -> Iterator[str]:
    """Yield the whole code that ``run`` holds the parts of, if it is one, and empty ``run``."""
    if 1 < len(run) <= _MOST_PARTS:
        yield "_".join(run)
    run.clear()


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _POSSESSIVE.sub("", text)
    return str(_THOUSANDS.sub(lambda match: match.group().replace(",", ""), text))


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    text = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    text = _ARABIC_SIGNS.sub("", unicodedata.normalize("NFC", text))
    return text.translate(_ARABIC_FORMS)


def _pairs(word: str) -> Iterator[str]:
    """Characters, with the marks they carry, and pairs of neighbours."""
    clusters = _CLUSTER.findall(word)
    yield from clusters
    for first, second in pairwise(clusters):
        yield first + second


@lru_cache(maxsize=2**17)
def _stem(word: str) -> str:
    script = unicodedata.name(word[0], "").partition(" ")[0]
    language = _STEMMERS.get(script)
    if language == "arabic":  # what Snowball leaves: "and the", and the ending that is written with or without dots
        word = _ARABIC_FEMININE.sub("ة", _ARABIC_AND.sub("", word))
    return str(_stemmer(language).stemWord(word)) or word if language else word


@lru_cache
def _stemmer(language: str) -> "snowballstemmer.stemmer":
    return snowballstemmer.stemmer(language)


def second_forms(text: str, language: str) -> dict[str, str]:
    """The stems that the words of ``text`` have in ``language`` (ISO 639-1), by their terms; {} for one not in STEMMED.

    A stem is left out where it is the term itself.
    """
    stemmer = STEMMED.get(language)
    if stemmer is None:
        return {}
    forms = (_both_forms(word, stemmer) for word in _WORD.findall(_fold(text)) if not _STARTS_PAIRED.match(word))
    return {term: stem for term, stem in forms if stem != term}


@lru_cache(maxsize=2**17)
def _both_forms(word: str, stemmer: str) -> tuple[str, str]:
    """The term of a word that still has its accents, and its stem, from which they are then taken too."""
    term = _stem(_without_accents(word))
    return term, _without_accents(str(_stemmer(stemmer).stemWord(word))) or term


def index_text(text: str, language: str) -> str:
    """The terms of ``text`` joined by spaces, as they are stored in the FTS5 index: behind them, where they do not part
    neighbours, the stems that its words have in ``language``, as often as the words stand there."""
    terms = analyze(text)
    forms = second_forms(text, language)
    return " ".join([*terms, *(forms[term] for term in terms if term in forms)])


_FUNCTION = """a an the this that these those it its they them their he him his she her hers we us our you your i me my
    of in on at to for from by with about into onto over under between among through during before after as than
    and or but nor so if then because while such again else
    is are was were be been being am do does did done has have had having will would shall should can could might
    must not no never none neither there here what which who whom whose when where why how many much long often
    any some all each every both other another same own"""
FUNCTION_WORDS = frozenset(_FUNCTION.split()) | frozenset(analyze(_FUNCTION))
"""English function words and question words, and their stems: two texts that share them share nothing yet."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""What English names of months begin with, in order."""
