"""Files of weights are checked once, and again only when they changed."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.files import write_atomically


def check_once(home: Path, weights: Path, verify: Callable[[], None]) -> None:
    """Call ``verify``, which raises where the file is damaged, unless it was found whole before.

    What was found is remembered in ``home`` by the file's size and time.
    """
    remembered = home / "models" / "checked.json"
    stat = weights.stat()
    mark = f"{stat.st_size}:{stat.st_mtime_ns}"
    checked = _read(remembered)
    if checked.get(str(weights)) == mark:
        return
    verify()
    with suppress(OSError):  # no space, or a home that is only read: checked again next time
        write_atomically(remembered, json.dumps({**checked, str(weights): mark}, indent=1).encode())


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):  # missing or torn: check again
        return {}
    return found if isinstance(found, dict) else {}
