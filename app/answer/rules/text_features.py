"""The words, numbers, codes and names of a text, found by patterns."""

import re
import unicodedata

from index.analyzer import FUNCTION_WORDS, analyze

_ABOUT_ANSWERS = """according based source sources document documents text states stated answer question yes
    further only just very more most also however therefore although though since until"""
EMPTY_WORDS = FUNCTION_WORDS | frozenset(_ABOUT_ANSWERS.split()) | frozenset(analyze(_ABOUT_ANSWERS))
"""Function words, and the words of questions and of answers about sources, with their stems."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f]\d+)*")
_DIGIT = re.compile(r"\d")
_SEPARATORS = {0x066B: ".", 0x066C: ","}
_THOUSANDS = re.compile(r"[.,'’\u00a0\u202f](?=\d{3}(?!\d))")
_CODE = re.compile(r"\b(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\b")
_COUNT = re.compile(r"(?i)\d+(?:st|nd|rd|th|s)|\d+-[a-z]{3,}(?:-[a-z]+)*")
_NUMERALS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
# "one" counts little more often than it points ("one of them").
_COUNTED = {word: n for n, word in enumerate(_NUMERALS.split()) if n > 1}
_TENFOLD = {word: 10 * n for n, word in enumerate(_TENS.split(), 2)}
_COMPOUND = re.compile(rf"\b({'|'.join(_TENFOLD)})(?:[-‐‑ ]({'|'.join(_NUMERALS.split()[1:10])}))?\b")


def content_words(text: str) -> set[str]:
    """Stems of all words in any script, as ``index.analyzer`` makes them, except EMPTY_WORDS."""
    return {word for word in analyze(text) if word not in EMPTY_WORDS and "_" not in word}


def numbers(text: str) -> set[str]:
    """The numbers of a text in one spelling: "1,234.50", "1234.5" and "1’234.5" are the same, and "four" and "4", and
    the digits of all scripts: "١٬٢٣٤٫٥" too."""
    text = _with_plain_digits(text)
    found = {_plain(number) for number in _NUMBER.findall(text)}
    lowered = text.lower()
    for tens in _COMPOUND.finditer(lowered):
        found.add(str(_TENFOLD[tens[1]] + (_COUNTED.get(tens[2], 1) if tens[2] else 0)))
    return found | {str(_COUNTED[word]) for word in _WORD.findall(_COMPOUND.sub(" ", lowered)) if word in _COUNTED}


def _with_plain_digits(text: str) -> str:
    """The text with the decimal digits 0 to 9, and the Arabic separators as "," and "."."""
    if text.isascii():
        return text
    return _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text.translate(_SEPARATORS))


def _plain(number: str) -> str:
    joined = _THOUSANDS.sub("", number) if not number.startswith("0") else number
    joined = joined.replace(",", ".")
    whole, point, rest = joined.partition(".")
    return f"{whole.lstrip('0') or '0'}{point}{rest}".rstrip("0").rstrip(".") if point else whole.lstrip("0") or "0"


def codes(text: str) -> set[str]:
    """Words of letters and digits, in small letters: "p3-e11", "kb-1047", "10-q"; not "19th", "1990s" or "20-year"."""
    return {code.lower() for code in _CODE.findall(text) if not _COUNT.fullmatch(code)}


def names(text: str) -> set[str]:
    """Stems of capitalised words: names, months, weekdays.

    The first word of the text only counts if the second one is capitalised too, or if the text has at most four words.
    """
    written = [word for word in _WORD.findall(text) if not word.isdigit()]
    found: set[str] = set()
    for at, word in enumerate(written):
        if not _is_capital(word) or word.lower() in EMPTY_WORDS:
            continue
        if at == 0 and len(written) > 4 and not _is_capital(written[1]):
            continue
        found |= content_words(word)
    return found


def _is_capital(word: str) -> bool:
    """Whether a word has a capital and no digit, in any script: "Łukasz", "NASA", "iPhone"; not "B52"."""
    return any(sign.isupper() for sign in word) and not any(sign.isdigit() for sign in word)
