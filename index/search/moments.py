"""Days and hours as terms: the same however they are written."""

import re
from datetime import date

_MOMENT = re.compile(r"\d[.:-]\d|\d\s?(?:[ap]\.?m|uhr|h)\b", re.IGNORECASE)
_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)(?=\b|T)")
_DOTTED = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)\b")
_CLOCK = re.compile(r"(?:\b|T)([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?\b(?!\s?[ap]\.?m)", re.IGNORECASE)
_SPOKEN = re.compile(r"\b([01]?\d|2[0-3])(?:[:.]([0-5]\d))?\s?([ap]\.?m|uhr)\b", re.IGNORECASE)


def day_term(day: date) -> str:
    return f"day:{day.isoformat()}"


def moments(text: str) -> frozenset[str]:
    """The days and hours that a text names, each as one term however it is written: "9 Feb 2024, 2 pm" and
    "2024-02-09T14:00:00" hold the same."""
    if not _MOMENT.search(text):
        return frozenset()
    found = {f"day:{match[1]}-{match[2]}-{match[3]}" for match in _ISO.finditer(text)}
    found |= {f"day:{match[3]}-{int(match[2]):02}-{int(match[1]):02}" for match in _DOTTED.finditer(text)}
    for hour, minutes in _CLOCK.findall(text):
        found.add(f"hour:{int(hour):02}:{minutes}")
    for hour, minutes, half in _SPOKEN.findall(text):
        afternoon = half.lower().startswith("p")
        found.add(f"hour:{int(hour) % 12 + 12 if afternoon else int(hour):02}:{minutes or '00'}")
    return frozenset(found)
