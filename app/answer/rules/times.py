"""Questions of when: a place or a duration is no answer to them."""

import re

from app.answer.rules.base import ENGLISH, Rule, objection
from app.answer.rules.cases import WordsCase
from app.answer.rules.text_features import dates

_ASKS_WHEN = re.compile(
    r"(?i)^\W*(?:and |but |so )?(?:(?:since|until|from|by) )?when\b|\bon (?:which|what) (?:day|date)\b"
)
_CLOCK = re.compile(
    r"(?i)\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} ?(?:[ap]\.?m\b|o['’]clock)|\b(?:1[0-9]|20)\d\d\b|\b\d+(?:st|nd|rd|th)\b"
)
_TIMES = re.compile(
    r"(?i)\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september"
    r"|october|november|december|spring|summer|autumn|fall|winter|easter|christmas|morning|noon|afternoon|evening|night"
    r"|midnight|dawn|dusk|sunrise|sunset|today|tomorrow|yesterday|now|then|always|never|once|twice|daily|weekly|monthly"
    r"|yearly|annually|days?|weeks?|weekends?|months?|quarters?|years?|decade|century|centuries|era|age|period"
    r"|before|after|during|when|while|as soon as|until|till|since|every|each|last|next|ago|later|earlier|immediately)\b"
)


def tells_no_time(case: WordsCase) -> bool:
    """Whether the words hold no date, time of day, season or event: "between the second and the third floor"."""
    words = case.words.text
    return not (dates(words) or _CLOCK.search(words) or _TIMES.search(words))


TELLS_NO_TIME = Rule[WordsCase, bool](
    "tells_no_time",
    ENGLISH,
    lambda case: bool(_ASKS_WHEN.search(case.question)),
    objection(tells_no_time),
    "The question asks when, and the words tell no time.",
)
