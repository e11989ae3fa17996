"""Link targets: an address that a click would show and the words do not stands behind them in brackets."""

import re
from urllib.parse import unquote

MOST_CHARACTERS = 300
"""Of an address: longer ones are trackers' or data themselves."""

_SHOWN = ("http://", "https://", "mailto:", "tel:", "ftp://")
_SPACE = re.compile(r"\s+")


def with_target(text: str, target: str) -> str:
    """``text`` with the address that it links to, unless it says the address itself, or none can be followed."""
    target = target.strip()
    if not text.strip() or not target.lower().startswith(_SHOWN) or len(target) > MOST_CHARACTERS:
        return text
    address = target.partition("?")[0] if target.lower().startswith("mailto:") else target
    address = _SPACE.sub("%20", re.sub(r"^(?:mailto|tel):", "", address, flags=re.IGNORECASE))
    if not address or _bare(address) in _bare(text) or _bare(text) in (_bare(address), _bare(unquote(address))):
        return text
    stripped = text.rstrip()
    return f"{stripped} ({address}){text[len(stripped) :]}"


def _bare(address: str) -> str:
    """An address or a text without what two ways of writing one address differ in."""
    plain = re.sub(r"^(?:https?://)?(?:www\.)?", "", address.strip().lower())
    return re.sub(r"[\s/]+", "", plain).rstrip(".")
