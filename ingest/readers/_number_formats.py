"""Numbers as a sheet shows them, by the number formats of spreadsheets (ECMA-376, part 1, 18.8.30)."""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from math import isfinite

BUILT_IN = {
    **{1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??"},
    **{14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM"},
    **{20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)"},
    **{39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)", 44: "0.00", 45: "mm:ss", 46: "[h]:mm:ss"},
    **{47: "mm:ss.0", 48: "##0.0E+0", 49: "@"},
}
"""Formats that have a number alone. 14 and 22 are shown as each machine writes its dates; ISO's order misleads none."""

_PIECE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|E[+-]|AM/PM|A/P|General|y+|m+|d+|h+|s+(?:\.0+)?|[#0?.,%/@]|.', re.I)
_DATE = re.compile(r"[ymdhs]", re.IGNORECASE)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_EPOCH = datetime(1899, 12, 30)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")

MOST_DIGITS = 15

_WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
"""Holds the digits of every finite number that a sheet can store, 309 before its point, and those behind it."""


def shown_number(value: float, form: str, *, from_1904: bool = False) -> str:
    """``value`` as the format ``form`` shows it. Dates count days from 1899-12-30 (or from 1904-01-01)."""
    section, magnitude, sign = _section(value, form)
    if section is None or not isfinite(value):
        return general(value)
    pieces = _pieces(section)
    if is_date(section):
        return _date(value + (1462 if from_1904 else 0), pieces)
    if any(piece.lower() in ("@", "general") for piece in pieces):
        plain = general(magnitude)
        return sign + "".join(plain if piece.lower() in ("@", "general") else _literal(piece) for piece in pieces)
    return _number(magnitude, pieces, sign)


@cache
def is_date(form: str) -> bool:
    """Whether a format shows a date, a time or a duration."""
    bare = [piece for piece in _pieces(form) if piece[0] not in '"\\_*' and piece.lower() != "general"]
    return any(
        re.fullmatch(r"\[[hms]+\]", piece, re.IGNORECASE) if piece[0] == "[" else _DATE.match(piece) for piece in bare
    )


def general(value: float) -> str:
    """A number without a format: 2 rather than 2.0, and what adding left behind the fifteenth digit cut off."""
    return format(value, f".{MOST_DIGITS}g")


@cache
def _pieces(form: str) -> tuple[str, ...]:
    return tuple(_PIECE.findall(form))


def _section(value: float, form: str) -> tuple[str | None, float, str]:
    """(the part of a format that applies, the number that it shows, "-" where that has to be written before it)."""
    parts = _sections(form)
    if not parts or not form.strip():
        return None, value, ""
    conditions = [_CONDITION.search(part) for part in parts]
    if any(conditions):
        for part, condition in zip(parts, conditions, strict=True):
            if condition is None or _holds(value, condition[1], float(condition[2])):
                return part, abs(value), "-" if value < 0 else ""
        return parts[-1], abs(value), "-" if value < 0 else ""
    if value < 0 and len(parts) > 1:
        return parts[1], -value, ""
    if value == 0 and len(parts) > 2:
        return parts[2], 0.0, ""
    return parts[0], abs(value), "-" if value < 0 else ""


@cache
def _sections(form: str) -> tuple[str, ...]:
    parts = [""]
    for piece in _pieces(form):
        if piece == ";":
            parts.append("")
        else:
            parts[-1] += piece
    return tuple(parts[:3])


def _holds(value: float, sign: str, limit: float) -> bool:
    return {
        "<": value < limit,
        ">": value > limit,
        "=": value == limit,
        "<=": value <= limit,
        ">=": value >= limit,
        "<>": value != limit,
    }[sign]


def _literal(piece: str) -> str:
    if piece[0] == '"':
        return piece[1:-1]
    if piece[0] == "\\":
        return piece[1:]
    if piece[0] in "_*":
        return " " if piece[0] == "_" else ""
    if piece[0] == "[":
        currency = _CURRENCY.match(piece)
        return currency[1] if currency else ""
    return piece


def _number(value: float, pieces: tuple[str, ...], sign: str) -> str:
    places = [at for at, piece in enumerate(pieces) if piece in "#0?" and len(piece) == 1]
    if not places:  # words alone
        return "".join(map(_literal, pieces)).strip()
    first, last = places[0], places[-1]
    body = "".join(piece for piece in pieces[first : last + 1] if piece in "#0?.,/" and len(piece) == 1)
    exponent = next((at for at, piece in enumerate(pieces) if piece.upper() in ("E+", "E-")), None)
    scaled = value * 100 ** sum(piece == "%" for piece in pieces)
    after = last + 1
    while after < len(pieces) and pieces[after] == ",":
        scaled, after = scaled / 1000, after + 1
    if "/" in body:
        written = _fraction(scaled, body)
    elif exponent is not None:
        written = _scientific(scaled, "".join(pieces[first:exponent]), "".join(pieces[exponent + 1 : last + 1]))
    elif any(piece not in "#0?.," or len(piece) > 1 for piece in pieces[first : last + 1]):
        written = _with_signs(scaled, pieces[first : last + 1])
    else:
        written = _decimal(scaled, body)
    head, tail = "".join(map(_literal, pieces[:first])), "".join(map(_literal, pieces[after:]))
    zero = not any(digit in "123456789" for digit in written)
    return " ".join(f"{'' if zero else sign}{head}{written}{tail}".split())


def _decimal(value: float, body: str) -> str:
    whole, _, decimals = body.partition(".")
    decimals = decimals.replace(",", "")
    rounded = Decimal(general(value)).quantize(Decimal(1).scaleb(-len(decimals)), context=_WIDE)
    number, _, rest = f"{rounded:f}".partition(".")
    least = sum(sign == "0" for sign in whole)
    number = number.lstrip("0").rjust(least, "0") if number.strip("0") or least else ""
    if "," in whole and number:
        number = f"{int(number):,}".rjust(len(number), "0")
    while rest and decimals[len(rest) - 1 : len(rest)] in ("#", "?") and rest.endswith("0"):
        rest = rest[:-1]
    return f"{number or ('0' if not rest else '')}.{rest}" if rest else number or "0"


def _with_signs(value: float, pieces: tuple[str, ...]) -> str:
    """Digits with other signs between them, as in telephone numbers: filled from the right."""
    digits = list(f"{Decimal(general(value)).quantize(Decimal(1), context=_WIDE):f}")
    parts: list[str] = []
    for piece in reversed(pieces):
        if piece in "0#?" and len(piece) == 1:
            parts.append(digits.pop() if digits else "0" if piece == "0" else "")
        elif piece not in ".,":
            parts.append(_literal(piece))
    return "".join([*digits, *reversed(parts)])


def _scientific(value: float, mantissa: str, exponent: str) -> str:
    places = len(mantissa.partition(".")[2])
    head, _, power = f"{value:.{places}E}".partition("E")
    return f"{head}E{power[0]}{power[1:].lstrip('0').rjust(max(1, exponent.count('0')), '0')}"


def _fraction(value: float, body: str) -> str:
    from fractions import Fraction

    above, _, below = body.rpartition("/")
    most = 10 ** max(1, len(below)) - 1
    found = Fraction(value).limit_denominator(int(below) if below.isdigit() and int(below) else most)
    whole, rest = divmod(found.numerator, found.denominator)
    if len(above) < 2:  # no place for a whole number
        return f"{found.numerator}/{found.denominator}"
    return f"{whole or ''} {rest}/{found.denominator}".strip() if rest else str(whole)


def _date(value: float, pieces: tuple[str, ...]) -> str:
    pieces = tuple(piece for piece in pieces if not re.match(r"\[\$-|\[(?!\$)(?![hms]+\])", piece, re.IGNORECASE))
    finest = _finest(pieces)
    seconds = round(value * 86400 * finest) / finest
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return general(value)
    half = any(piece.upper() in ("AM/PM", "A/P") for piece in pieces)
    parts = []
    for at, piece in enumerate(pieces):
        low = piece.lower()
        if low in ("am/pm", "a/p"):
            parts.append(("AM" if moment.hour < 12 else "PM")[: len(piece) // 2])
        elif piece[0] == "[" and low.strip("[]")[:1] in ("h", "m", "s") and len(low) > 2:
            unit = {"h": 3600, "m": 60, "s": 1}[low[1]]
            parts.append(str(int(abs(seconds) // unit)).rjust(len(low) - 2, "0"))
        elif low[0] == "m" and set(low) == {"m"} and _is_minute(pieces, at):
            parts.append(str(moment.minute).rjust(len(low), "0") if len(low) > 1 else str(moment.minute))
        elif _DATE.match(low):
            parts.append(_part(moment, low, half=half))
        else:
            parts.append(_literal(piece))
    return " ".join(f"{'-' if seconds < 0 else ''}{''.join(parts)}".split())


def _finest(pieces: tuple[str, ...]) -> float:
    """How many parts of a second a format tells apart."""
    return 10.0 ** max((len(piece.partition(".")[2]) for piece in pieces if piece[:1].lower() == "s"), default=0)


def _is_minute(pieces: tuple[str, ...], at: int) -> bool:
    """Whether an m at ``at`` is of minutes: after hours or before seconds."""
    units = [piece.lower().strip("[]")[0] for piece in pieces[:at] if re.match(r"\[?[ymdhs]+", piece, re.IGNORECASE)]
    after = [
        piece.lower().strip("[]")[0] for piece in pieces[at + 1 :] if re.match(r"\[?[ymdhs]+", piece, re.IGNORECASE)
    ]
    return units[-1:] == ["h"] or after[:1] == ["s"]


def _part(moment: datetime, piece: str, *, half: bool) -> str:
    match piece[0], len(piece):
        case "y", size:
            return f"{moment.year:04}" if size > 2 else f"{moment.year % 100:02}"
        case "m", 1:
            return str(moment.month)
        case "m", 2:
            return f"{moment.month:02}"
        case "m", size:
            name = _MONTHS[moment.month - 1]
            return name[:3] if size == 3 else name[0] if size == 5 else name
        case "d", 1:
            return str(moment.day)
        case "d", 2:
            return f"{moment.day:02}"
        case "d", size:
            return _DAYS[moment.weekday()][: 3 if size == 3 else None]
        case "h", size:
            hour = (moment.hour % 12 or 12) if half else moment.hour
            return str(hour).rjust(min(size, 2), "0")
        case _:
            decimals = len(piece.partition(".")[2])
            seconds = f"{moment.second + moment.microsecond / 1e6:.{decimals}f}"
            width = len(piece.partition(".")[0].rstrip("."))
            return seconds.rjust(min(width, 2) + (decimals + 1 if decimals else 0), "0")
