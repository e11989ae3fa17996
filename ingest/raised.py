"""Raised and lowered letters, as their own characters: 10⁶ is no 106, and a note's mark is no digit of its figure."""

_RAISED = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyz",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
        strict=True,
    )
)
_LOWERED = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
_PASSES = " ,*†‡§¶#/⁄"
"""Signs between notes' marks, which stay as they are: "¹,²", "*"."""


def raised(text: str, before: str) -> str:
    """``text`` that stands raised after the text ``before``.

    Figures and single letters get the characters that are raised by themselves, what has none ("¹⁄₂ᵠ") a sign before
    it ("x^(y/2)"); longer words, as in "4th" and "Mme", mean the same on the line.
    """
    bare = text.strip()
    if not bare or not before.strip():
        return text
    letters = sum(map(str.isalpha, bare))
    if letters > 1 or (letters == len(bare) and _in_word(before)):
        return text if letters == len(bare) or not before[-1:].isalnum() else _marked("^", text, bare)
    if all(sign in _RAISED or sign in _PASSES for sign in bare):
        return "".join(_RAISED.get(sign, sign) for sign in text)
    return _marked("^", text, bare) if before[-1:].isalnum() and bare[:1].isalnum() else text


def lowered(text: str, before: str) -> str:
    """``text`` that stands lowered after the text ``before``: "1010₂", but "CO2", as it is written also."""
    bare = text.strip()
    if not bare or not any(map(str.isdigit, bare)) or not before[-1:]:
        return text
    figure = before[-1].isdigit() or before[-1] in "/⁄"
    if figure and all(sign in _LOWERED or sign in _PASSES for sign in bare):
        return "".join(_LOWERED.get(sign, sign) for sign in text)
    return _marked("_", text, bare) if figure else text


def mark(text: str) -> str:
    """A note's mark, all of it raised: "¹", "ⁱᵛ"."""
    return "".join(_RAISED.get(sign, sign) for sign in text)


def _in_word(before: str) -> bool:
    return before[-2:].isalpha() and len(before) > 1


def _marked(sign: str, text: str, bare: str) -> str:
    return text.replace(bare, sign + (bare if bare.isalnum() else f"({bare})"), 1)
