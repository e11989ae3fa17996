"""What the program itself says to a person, in the person's language by gettext.

Texts stand in plain English where they are said, inside ``_`` or ``ngettext``; ``make messages`` collects them into
``core/locale/lectern.pot``, the one file to translate. A translation of it is
``core/locale/LANGUAGE/LC_MESSAGES/lectern.po``, and beside it the ``lectern.mo`` that is read; the same command brings
both up to the template. Both are kept in the repository, so that an installation compiles nothing. The first of
LANGUAGE, LC_ALL, LC_MESSAGES and LANG that is set says which one is read, English where there is none.
A call of ``_`` stands in no f-string: what collects the texts does not look into one.
No rule may compare such a text: whether an answer was found or doubted is a state of the answer.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

DOMAIN = "lectern"
FOLDER = Path(__file__).with_name("locale")


def _(message: str, **values: object) -> str:
    """``message`` translated; ``values`` take the places of its ``{names}``. Without any it stays as it is."""
    text = _translation().gettext(message) if message else ""  # gettext keeps a file's header under ""
    return text.format(**values) if values else text


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    """``one`` or ``many``, as the language counts ``number`` things, translated.

    ``{count}`` is the number, "1,024"; ``values`` take the places of the other ``{names}``.
    """
    return _translation().ngettext(one, many, number).format(count=f"{number:,}", **values)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks the text of a constant for the template; whoever says it calls ``_``."""
    return message


@cache
def _translation() -> "NullTranslations":
    """The translation of this process, looked for when the first text is said."""
    import gettext

    return gettext.translation(DOMAIN, FOLDER, fallback=True)
