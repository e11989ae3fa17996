"""The words, numbers, names and negations of a text, as far as they can be told without a model of the language."""

import re

from index.words import words

_FUNCTION = """a an the this that these those it its they them their he him his she her hers we us our you your i me my
    of in on at to for from by with about into onto over under between among through during before after as than
    and or but nor so if then because while although though however therefore also only just very more most such
    is are was were be been being am do does did done has have had having will would shall should can could might
    must not no never none neither nor there here what which who whom whose when where why how many much long often
    any some all each every both other another same own according based source sources document documents
    text states stated answer question yes"""
FUNCTION_WORDS = frozenset(_FUNCTION.split()) | frozenset(words(_FUNCTION))
"""Function words, the words of questions, and their stems: they support nothing."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f]\d+)*")
_THOUSANDS = re.compile(r"[.,'’\u00a0\u202f](?=\d{3}(?!\d))")
_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞΑ-ΩА-Я][^\W\d_]*(?:['’][^\W\d_]+)?")
_NEGATION = re.compile(r"(?i)\b(?:not|no|never|none|neither|nor|nobody|nothing|without|cannot|\w+n['’]t)\b")
_NUMERALS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
# "one" counts little more often than it points ("one of them").
_COUNTED = {word: str(n) for n, word in enumerate(_NUMERALS.split()) if n > 1}


def content_words(text: str) -> set[str]:
    """Stems of the words that say something, any script, as ``index.words`` cuts them."""
    return {word for word in words(text) if word not in FUNCTION_WORDS and "_" not in word}


def numbers(text: str) -> set[str]:
    """Numbers in one spelling: "1,234.50", "1234.5" and "1’234.5" are one, and so are "four" and "4"."""
    found = {_plain(number) for number in _NUMBER.findall(text)}
    return found | {_COUNTED[word] for word in _WORD.findall(text.lower()) if word in _COUNTED}


def _plain(number: str) -> str:
    joined = _THOUSANDS.sub("", number) if not number.startswith("0") else number
    joined = joined.replace(",", ".")
    whole, point, rest = joined.partition(".")
    return f"{whole.lstrip('0') or '0'}{point}{rest}".rstrip("0").rstrip(".") if point else whole.lstrip("0") or "0"


def names(text: str) -> set[str]:
    """Stems of capitalised words: names, months, weekdays. The first word of a sentence tells nothing by its capital,
    unless a second capital follows or the sentence is no longer than a name."""
    written = [word for word in _WORD.findall(text) if not word.isdigit()]
    found: set[str] = set()
    for at, word in enumerate(written):
        if not _NAME.fullmatch(word) or word.lower() in FUNCTION_WORDS:
            continue
        if at == 0 and len(written) > 4 and not _NAME.fullmatch(written[1]):
            continue
        found |= content_words(word)
    return found


def negated(text: str) -> set[str]:
    """Stems of the first content word after each negation: "was not signed" gives "sign"."""
    found: set[str] = set()
    for negation in _NEGATION.finditer(text):
        for word in _WORD.findall(text[negation.end() : negation.end() + 60]):
            if word.lower() not in FUNCTION_WORDS:
                found |= content_words(word)
                break
    return found
