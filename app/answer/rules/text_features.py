"""The words, numbers, dates, names and negations of a text, found by patterns."""

import re

from index.analyzer import FUNCTION_WORDS, MONTHS, analyze

Date = tuple[int, int, int]
"""Year, month, day; 0 for what is not stated."""

_ABOUT_ANSWERS = """according based source sources document documents text states stated answer question yes
    further only just very more most also however therefore although though since until"""
EMPTY_WORDS = FUNCTION_WORDS | frozenset(_ABOUT_ANSWERS.split()) | frozenset(analyze(_ABOUT_ANSWERS))
"""Function words, and the words of questions and of answers about sources, with their stems."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f]\d+)*")
_THOUSANDS = re.compile(r"[.,'’\u00a0\u202f](?=\d{3}(?!\d))")
_CODE = re.compile(r"\b(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\b")
_COUNT = re.compile(r"(?i)\d+(?:st|nd|rd|th|s)|\d+-[a-z]{3,}(?:-[a-z]+)*")
_DATE = re.compile(
    r"(?:\b(?P<before>\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?\s+)?"
    r"\b(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
    r"(?:\s+(?P<after>\d{1,2})(?:st|nd|rd|th)?\b(?!\d))?(?:,?\s+(?:of\s+)?(?P<year>\d{4})\b)?"
)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_NEGATION = re.compile(r"(?i)\b(?:not|no|never|none|neither|nor|nobody|nothing|without|cannot|\w+n['’]t)\b")
_NUMERALS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
# "one" counts little more often than it points ("one of them").
_COUNTED = {word: n for n, word in enumerate(_NUMERALS.split()) if n > 1}
_TENFOLD = {word: 10 * n for n, word in enumerate(_TENS.split(), 2)}
_COMPOUND = re.compile(rf"\b({'|'.join(_TENFOLD)})(?:[-‐‑ ]({'|'.join(_NUMERALS.split()[1:10])}))?\b")
_SCALES = "hundred thousand million billion trillion dozen"
_ORDINALS = "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_NUMBER_WORDS = frozenset(f"{_SCALES} {_ORDINALS}".split())
_NUMERIC_DATE = re.compile(r"(?<![\d/.-])\d{1,4}([/.-])\d{1,2}\1\d{1,4}(?![\d/-])")
_OPENERS = """about across additionally almost along amid among approximately around besides beyond consequently
    currently despite eventually finally following furthermore generally hence hereby historically
    including indeed initially inside instead later meanwhile moreover nearly nevertheless often
    originally outside overall previously regarding roughly similarly sometimes specifically throughout
    thus today typically ultimately unlike usually within"""
OPENERS = frozenset(_OPENERS.split())
"""First words of sentences that are no names, although they have a capital: "Today", "Overall"."""


def content_words(text: str) -> set[str]:
    """Stems of all words in any script, as ``index.analyzer`` makes them, except EMPTY_WORDS."""
    return {word for word in analyze(text) if word not in EMPTY_WORDS and "_" not in word}


def numbers(text: str) -> set[str]:
    """The numbers of a text in one spelling: "1,234.50", "1234.5" and "1’234.5" are the same, and "four" and "4"."""
    found = {_plain(number) for number in _NUMBER.findall(text)}
    lowered = text.lower()
    for tens in _COMPOUND.finditer(lowered):
        found.add(str(_TENFOLD[tens[1]] + (_COUNTED.get(tens[2], 1) if tens[2] else 0)))
    return found | {str(_COUNTED[word]) for word in _WORD.findall(_COMPOUND.sub(" ", lowered)) if word in _COUNTED}


def _plain(number: str) -> str:
    joined = _THOUSANDS.sub("", number) if not number.startswith("0") else number
    joined = joined.replace(",", ".")
    whole, point, rest = joined.partition(".")
    return f"{whole.lstrip('0') or '0'}{point}{rest}".rstrip("0").rstrip(".") if point else whole.lstrip("0") or "0"


def codes(text: str) -> set[str]:
    """Words of letters and digits, in small letters: "p3-e11", "kb-1047", "10-q"; not "19th", "1990s" or "20-year"."""
    return {code.lower() for code in _CODE.findall(text) if not _COUNT.fullmatch(code)}


def dates(text: str) -> set[Date]:
    """Dates with the name of the month ("1 April 2036", "April 1, 2036", "April 2036", "1 April") or as 2036-04-01."""
    found = {(int(year), int(month), int(day)) for year, month, day in _ISO_DATE.findall(text)}
    for match in _DATE.finditer(text):
        day, year = match["before"] or match["after"], match["year"]
        if day or year:
            found.add((int(year or 0), MONTHS.index(match["month"][:3].lower()) + 1, int(day or 0)))
    return found


def holds_date(held: set[Date], said: Date) -> bool:
    """Whether one of the dates ``held`` has the year, month and day of ``said``; a 0 in ``said`` matches any."""
    return any(all(part in (0, other) for part, other in zip(said, date, strict=True)) for date in held)


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


def checkable_tokens(text: str, question: str = "") -> set[str]:
    """What of a sentence must be in a source, or it was made up: numbers, number words, dates in figures, names.

    {"brandt", "5", "million", "US"} for "Brandt paid five million to the US". Unlike in ``names``, the first word is
    a name, except if it is one of OPENERS or ``question`` has it in small letters; and capitalised function words
    ("US", or "Will" inside the sentence) count as they are spelled.
    """
    written = [word for word in _WORD.findall(text) if not word.isdigit()]
    found = numbers(text) | names(text) | _numeric_dates(text)
    found |= {word for word in map(str.lower, written) if word in _NUMBER_WORDS}
    found |= {word for word in written[1:] if len(word) > 1 and _is_capital(word) and word.lower() in EMPTY_WORDS}
    first = written[0] if written else ""
    if _is_capital(first) and first.lower() not in {*OPENERS, *_WORD.findall(question)} and not numbers(first):
        found |= content_words(first)
    if first.isupper() and len(first) > 1 and first.lower() in EMPTY_WORDS:
        found.add(first)
    return found


def source_tokens(text: str) -> set[str]:
    """All tokens of a source that can match ``checkable_tokens``: numbers, stems, dates in figures, and the words.

    Words are there as they are spelled and in small letters: "The US" gives "The", "US", "the", "us".
    """
    written = _WORD.findall(text)
    return numbers(text) | content_words(text) | _numeric_dates(text) | {*written, *map(str.lower, written)}


def _numeric_dates(text: str) -> set[str]:
    """Dates in figures, as they are spelled: 3/4/2021 and 4/3/2021 are different."""
    return {match.group() for match in _NUMERIC_DATE.finditer(text)}


def _is_capital(word: str) -> bool:
    """Whether a word has a capital and no digit, in any script: "Łukasz", "NASA", "iPhone"; not "B52"."""
    return any(sign.isupper() for sign in word) and not any(sign.isdigit() for sign in word)


def negated(text: str) -> set[str]:
    """Stems of the first content word after each negation: {"sign"} for "was not signed"."""
    found: set[str] = set()
    for negation in _NEGATION.finditer(text):
        for word in _WORD.findall(text[negation.end() : negation.end() + 60]):
            if word.lower() not in EMPTY_WORDS:
                found |= content_words(word)
                break
    return found
