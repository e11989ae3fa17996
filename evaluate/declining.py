"""Whether what a model wrote, unjudged, says that there is no answer."""

import re

_DECLINES = re.compile(
    r"(?i)\W*(?:(?:the )?(?:answer|information|question)s? (?:is|was|are|were|could|can)(?: ?not|n['’]t) (?:be )?"
    r"|(?:the |these |this |your )?(?:sources?|documents?|texts?|passages?|contexts?) (?:do|does|did)(?: not|n['’]t)\b"
    r"|(?:there is )?no (?:answer|information)\b(?! from)|i (?:cannot|can['’]t|could not) (?:answer|find)"
    r"|i (?:do not|don['’]t) know|not found(?:\W|$)|it (?:is|was) not (?:found|mentioned|stated|said) in )"
)
"""The beginning of a text that says there is no answer: "The sources do not say ...", "I don't know"."""


def declines(text: str) -> bool:
    """Whether a text says that there is no answer, or is empty."""
    return not text.strip() or _DECLINES.match(text) is not None
