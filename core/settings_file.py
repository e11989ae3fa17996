"""Writes single settings into HOME/settings.toml and leaves the rest of the file as it is."""

from pathlib import Path

from core.errors import UsageError
from core.files import write_atomically


def change_settings(home: Path, **values: object) -> None:
    """Set ``values`` in ``home``'s settings.toml, which is made if there is none.

    Raises UsageError where the file is not valid TOML.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = home / "settings.toml"
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.", "Mend or remove it.") from error
    document.update(values)
    write_atomically(path, tomlkit.dumps(document).encode())
