"""The words, numbers, names and negations of a text, as far as they can be told without a model of the language."""

import re

from index.words import FUNCTION_WORDS, words

Date = tuple[int, int, int]
"""Year, month, day; 0 where it is not said."""

_ABOUT_ANSWERS = """according based source sources document documents text states stated answer question yes
    further only just very more most also however therefore although though since until"""
EMPTY_WORDS = FUNCTION_WORDS | frozenset(_ABOUT_ANSWERS.split()) | frozenset(words(_ABOUT_ANSWERS))
"""Function words, the words of questions and of answers about sources, and their stems: they support nothing."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f]\d+)*")
_THOUSANDS = re.compile(r"[.,'’\u00a0\u202f](?=\d{3}(?!\d))")
_CODE = re.compile(r"\b(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"(?:\b(?P<before>\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?\s+)?"
    r"\b(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
    r"(?:\s+(?P<after>\d{1,2})(?:st|nd|rd|th)?\b(?!\d))?(?:,?\s+(?:of\s+)?(?P<year>\d{4})\b)?"
)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞΑ-ΩА-Я][^\W\d_]*(?:['’][^\W\d_]+)?")
_NEGATION = re.compile(r"(?i)\b(?:not|no|never|none|neither|nor|nobody|nothing|without|cannot|\w+n['’]t)\b")
_NUMERALS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
# "one" counts little more often than it points ("one of them").
_COUNTED = {word: str(n) for n, word in enumerate(_NUMERALS.split()) if n > 1}


def content_words(text: str) -> set[str]:
    """Stems of the words that say something, any script, as ``index.words`` cuts them."""
    return {word for word in words(text) if word not in EMPTY_WORDS and "_" not in word}


def numbers(text: str) -> set[str]:
    """Numbers in one spelling: "1,234.50", "1234.5" and "1’234.5" are one, and so are "four" and "4"."""
    found = {_plain(number) for number in _NUMBER.findall(text)}
    return found | {_COUNTED[word] for word in _WORD.findall(text.lower()) if word in _COUNTED}


def _plain(number: str) -> str:
    joined = _THOUSANDS.sub("", number) if not number.startswith("0") else number
    joined = joined.replace(",", ".")
    whole, point, rest = joined.partition(".")
    return f"{whole.lstrip('0') or '0'}{point}{rest}".rstrip("0").rstrip(".") if point else whole.lstrip("0") or "0"


def codes(text: str) -> set[str]:
    """Words that mix letters and figures, as parts and errors are called: "P3-E11", "KB-1047", "10-Q"."""
    return {code.lower() for code in _CODE.findall(text)}


def dates(text: str) -> set[Date]:
    """Dates by the month's name ("1 April 2036", "April 1, 2036", "April 2036", "1 April") and as 2036-04-01."""
    found = {(int(year), int(month), int(day)) for year, month, day in _ISO_DATE.findall(text)}
    for match in _DATE.finditer(text):
        day, year = match["before"] or match["after"], match["year"]
        if day or year:
            found.add((int(year or 0), _MONTHS.index(match["month"][:3].lower()) + 1, int(day or 0)))
    return found


def holds_date(given: set[Date], said: Date) -> bool:
    """Whether one of the ``given`` dates says all that ``said`` says."""
    return any(all(part in (0, other) for part, other in zip(said, date, strict=True)) for date in given)


def names(text: str) -> set[str]:
    """Stems of capitalised words: names, months, weekdays. The first word of a sentence tells nothing by its capital,
    unless a second capital follows or the sentence is no longer than a name."""
    written = [word for word in _WORD.findall(text) if not word.isdigit()]
    found: set[str] = set()
    for at, word in enumerate(written):
        if not _NAME.fullmatch(word) or word.lower() in EMPTY_WORDS:
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
            if word.lower() not in EMPTY_WORDS:
                found |= content_words(word)
                break
    return found
