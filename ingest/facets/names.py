"""Whose a document is: organisations by their legal form, and parties by the names that it defines for them.

A company's name ends with its legal form ("Apple Inc.", "Halvard Brygga GmbH & Co. KG"; the forms of all countries are
cleanco's). It is one of the document's own where it stands in a line of its own, or where the document defines another
name for it. Other parties are told by the definition alone: 'Mrs Philippa Dunmarrow (called "the Landlord")'.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import regex

from core.facets import Facet, FacetKind
from ingest.facets.words import AND, BETWEEN, CALLED, INDEFINITE, SYMBOL, THIS, TITLES, WITHIN_NAMES, either, small

OPENING = 4000
"""Characters of a document in which it says whose it is."""

LEAST_SHARE = 0.1
"""An organisation that a document names less often than this, of its most frequent one, is not whose it is."""

PARTIES = 400
"""Characters after "between" in which parties are named."""

MOST = 8
"""Names of a document that are kept."""

_QUOTED = r"[„“\"”«‹'‘’]\s?(?P<alias>[\p{L}\p{N}][^„“\"”«»‹›‘\n]{0,40}?)\s?[”“\"»›'’]"
_WORD = r"(?<![\p{L}\p{N}])(?:\p{Lu}\.|\p{L}{1,3}\.(?=\s\p{Lu})|\p{Lu}[\p{L}\p{M}\p{N}&'’-]*(?:\.[\p{L}\p{N}]+)*)"
_TOKEN = rf"(?:{_WORD}|&|[„“\"«][^„“”\"«»\n]{1, 40}[“”\"»])"
_IN_QUOTES = regex.compile(r"[„“\"«]([^„“”\"«»]{3,40})[“”\"»]")
_ARTICLE = regex.compile(r"(?i)^(?:the|der|die|das|le|la|les|l['’]|el|los|las|il|lo|de|het|o|a)\s+")
_DOMAIN = regex.compile(r"\.[a-z]{2,4}$", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Name:
    """``text[start:end]`` is a name; ``alone`` where a line begins with it and nothing of a sentence follows.

    ``base`` is where a company's legal form begins, ``end`` for other names.
    """

    start: int
    end: int
    base: int
    alone: bool
    aliases: tuple[str, ...] = ()

    @property
    def company(self) -> bool:
        return self.base < self.end


def read_names(text: str) -> tuple[Facet, ...]:
    """The organisations and persons that a document is of, each with what else it is called."""
    opening = text[:OPENING]
    names = list(_companies(opening))
    for start, end, alias in _definitions(opening):
        names = _with_definition(opening, names, start, end, alias)
    names += [
        pair for pair in _pair(opening) if not any(pair.start < name.end and name.start < pair.end for name in names)
    ]
    names = [name for name in names if _has_word(opening[name.start : name.base])]
    own = [name for name in names if name.alone or name.aliases or not name.company]
    facets = _merged(text, own)
    lowered = small(text)
    counts = {
        facet: max(lowered.count(small(alias)) for alias in (facet.aliases[:1] or (facet.value,))) for facet in facets
    }
    least = LEAST_SHARE * max(counts.values(), default=0)
    return tuple(facet for facet in facets if facet.role == "party" or counts[facet] >= least)[:MOST]


def _has_word(base: str) -> bool:
    """Whether a name without its legal form is more than function words: "The Company" is none."""
    words = (small(word).strip(".,") for word in base.split())
    return any(len(word) > 1 and word not in (*WITHIN_NAMES, *THIS, *INDEFINITE) for word in words)


def without_form(name: str) -> str:
    """A company's name without its legal form: "Apple" of "Apple Inc."."""
    form = next((form for form in _forms().finditer(name) if form.end() == len(name)), None)
    return name if form is None else name[: form.start()].rstrip(" ,")


def short_names(base: str) -> tuple[str, ...]:
    """What a company is called beside its full name, by that without the legal form.

    Without the ending of a domain, by what stands in quotation marks, and by its initials.
    """
    plain = _DOMAIN.sub("", base)
    words = [word for word in plain.split() if word[:1].isupper()]
    initials = "".join(word[0] for word in words) if len(words) > 2 and words == plain.split() else ""
    return tuple(dict.fromkeys(found for found in (plain, base, *_IN_QUOTES.findall(base), initials) if len(found) > 1))


def _companies(opening: str) -> Iterator[_Name]:
    """The names with a legal form, in order."""
    for form in _forms().finditer(opening):
        written = form["form"]
        if written.islower() and "." not in written:
            continue
        if len(written.rstrip(".")) <= 2 and not (written.isupper() or "." in written):
            continue
        line_start = opening.rfind("\n", 0, form.start()) + 1
        before = opening[max(line_start, form.start() - 100) : form.start()]
        match = _name_before().search(before)
        if match is None or not any(map(str.isalpha, match[0])):
            continue
        start, end = form.start() - len(before) + match.start(), form.end()
        if _indefinite().search(before[: match.start()]):
            continue  # "a Delaware corporation" is no name
        rest = opening[end : end + 80].partition("\n")[0]
        alone = not opening[line_start:start].strip("#*_| \t") and (not rest.strip() or rest.lstrip()[:1] in ",-–—|(·:")
        yield _Name(start, end, form.start(), alone)


def _definitions(opening: str) -> Iterator[tuple[int, int, str]]:
    """Where other names are defined: the stretch before the definition, and the other name."""
    for match in _definition().finditer(opening):
        before = opening[max(0, match.start() - 220) : match.start()]
        cut = [found.end() for found in _clause_start().finditer(before)]
        yield match.start() - len(before) + (cut[-1] if cut else 0), match.start(), match["alias"].strip(" ,.")


def _pair(opening: str) -> Iterator[_Name]:
    """The two parties of "this lease is made between Quayside Holdings and Orla Fenwick"."""
    for match in _parties().finditer(opening):
        for group in ("one", "other"):
            if len(match[group].split()) > 1:
                yield _Name(match.start(group), match.end(group), match.end(group), False)
        return


def _with_definition(opening: str, names: list[_Name], start: int, end: int, alias: str) -> list[_Name]:
    """The names with another one for the company in a stretch, else for the first name in it."""
    within = [name for name in names if start <= name.start and name.end <= end + 1]
    if within:
        known = within[0] if len(within) == 1 else within[-1]
        return [replace(name, aliases=(*name.aliases, alias)) if name is known else name for name in names]
    match = _first_name().search(opening[start:end])
    if not _between().search(opening[max(0, start - PARTIES) : start]):
        return names  # a word of its own for something, and no party
    if match is None or small(_without_article(alias)) in small(match[0]):
        return names  # 'This Agreement (the "Agreement")' is about no party
    at, words = start + match.start(), match[0].split()
    if len(words) < 2 or small(words[0]) in (*THIS, "the"):
        return names
    return [*names, _Name(at, at + len(match[0]), at + len(match[0]), False, (alias,))]


def _merged(text: str, names: list[_Name]) -> list[Facet]:
    """A facet for each name, the same name in other letters once."""
    found: dict[str, Facet] = {}
    for name in sorted(names, key=lambda one: one.start):
        value = " ".join(text[name.start : name.end].split())
        base = " ".join(text[name.start : name.base].split()).rstrip(" ,")
        role = "party" if name.aliases or not name.company else ""
        if (key := small(base)) in found:
            first = found[key]
            aliases = tuple(dict.fromkeys((*first.aliases, *name.aliases)))
            found[key] = replace(first, aliases=aliases, role=first.role or role)
        elif name.company:
            known = (*short_names(base), *name.aliases, *_called_in_short(text, base), *_symbols(text[:OPENING], base))
            aliases = tuple(dict.fromkeys(alias for alias in known if alias != value))
            found[key] = Facet("organisation", value, name.start, name.end, aliases, role)
        else:
            kind: FacetKind = "person" if _is_person(value) else "organisation"
            found[key] = Facet(kind, value, name.start, name.end, name.aliases, role)
    return list(found.values())


def _is_person(name: str) -> bool:
    """By a title, or as two words that begin with capitals."""
    words = name.split()
    if small(words[0]).rstrip(".") in TITLES:
        return True
    return len(words) == 2 and all(word.istitle() and len(word) > 1 for word in words)


def _called_in_short(text: str, base: str) -> tuple[str, ...]:
    """The first word of a name, where the document mostly uses that alone: "Brackwater" of "Brackwater Instruments"."""
    words = base.split()
    if len(words) < 2 or len(words[0]) < 4 or not words[0].isalpha():
        return ()
    word, following = regex.escape(words[0].title()), regex.escape(words[1])
    alone = len(regex.findall(rf"\b{word}\b(?!\s+(?i:{following}))", text))
    joined = len(regex.findall(rf"(?i)\b{word}\s+{following}", text))
    in_prose = len(regex.findall(rf"\b{regex.escape(small(words[0]))}\b", text))
    return (words[0].title(),) if alone > max(2, joined) and 4 * in_prose <= alone else ()


def _symbols(opening: str, name: str) -> tuple[str, ...]:
    """The symbol under which a company's shares are traded, where the opening has a column or a line for it."""
    for match in _symbol().finditer(opening):
        for found in regex.findall(r"\b\p{Lu}{2,5}\b", opening[match.end() : match.end() + 250]):
            if found[0] == name[0].upper() and found not in name:
                return (found,)
    return ()


def _without_article(alias: str) -> str:
    return str(_ARTICLE.sub("", alias))


@cache
def _forms() -> regex.Pattern[str]:
    """A legal form after a name."""
    from cleanco.clean import prepare_default_terms

    written = set()
    for _, parts in prepare_default_terms():
        if all(part.isprintable() for part in parts) and len("".join(parts)) > 1:
            written.add(r"[ ]?".join(_form(part) for part in parts) if len(parts) > 1 else _form(parts[0]))
    either_form = "|".join(sorted(written, key=len, reverse=True))
    return regex.compile(
        rf"(?<=[\p{{L}}\p{{N}}”“\"»'’.)&],?[ ])(?P<form>{either_form})(?![\p{{L}}\p{{N}}])", regex.IGNORECASE
    )


def _form(part: str) -> str:
    """ "ev" is written "e.V." and "e. V." too."""
    if len(part) <= 4 and part.isalpha():
        dotted = r"\.[ ]".join(part)
        return "(?:" + r"\.?".join(part) + rf"\.?|{dotted}\.)"
    return f"{regex.escape(part)}\\.?"


@cache
def _name_before() -> regex.Pattern[str]:
    joined = rf"(?:\s(?:(?:{either(WITHIN_NAMES)})\s){{0,2}}{_TOKEN})*"
    return regex.compile(rf"{_TOKEN}{joined},?\s?$")


@cache
def _first_name() -> regex.Pattern[str]:
    joined = rf"(?:\s(?:(?:{either(WITHIN_NAMES)})\s){{0,2}}{_TOKEN})*"
    return regex.compile(rf"{_WORD}{joined}")


@cache
def _indefinite() -> regex.Pattern[str]:
    return regex.compile(rf"\b{either(INDEFINITE)}\s$")


@cache
def _between() -> regex.Pattern[str]:
    return regex.compile(rf"(?i)\b{either(BETWEEN)}\b")


@cache
def _parties() -> regex.Pattern[str]:
    name = _first_name().pattern
    told = rf"(?i:\b{either(THIS)})\s[^.\n]{{0,80}}?\b(?i:{either(BETWEEN)})"
    return regex.compile(rf"{told}\s+(?P<one>{name})(?:,[^.;]{{0,120}}?)?,?\s+{either(AND)}\s+(?P<other>{name})")


@cache
def _definition() -> regex.Pattern[str]:
    in_brackets = rf"\(\s*(?:[^()„“\"”«‹\n]{{0,40}}?){_QUOTED}[^()\n]{{0,80}}\)"
    called = rf"[,–-]?\s*\b(?i:{either(CALLED)})\s+(?:\p{{L}}+\s+){{0,3}}?{_QUOTED}"
    return regex.compile(rf"{in_brackets}|{called}")


@cache
def _clause_start() -> regex.Pattern[str]:
    return regex.compile(
        rf"(?:[):;]|\n\s*\n|(?<=[:;.–-])\n)\s*(?:[–-]?\s*{either(AND)}\s+)?|\b(?i:{either(BETWEEN)})\s+|\b{either(AND)}\s+(?=\p{{Lu}})"
    )


@cache
def _symbol() -> regex.Pattern[str]:
    return regex.compile(rf"(?i)\b{either(SYMBOL)}\w*")
