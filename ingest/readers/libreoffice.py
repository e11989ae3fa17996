"""Office files of before 2007 (DOC, PPT) by LibreOffice where it is installed: converted, then read.

The conversion runs in a process of its own with a profile of its own, so that an open LibreOffice is left alone; it
ends with its reader.
"""

import importlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from core.errors import DamagedFile, EncryptedFile, UnsupportedFile
from ingest.document_builder import DocumentBuilder

PROGRAMS = ("soffice", "libreoffice")
SECONDS = 100
"""Less than a reader has, so that its own message is shown."""

_KINDS = (
    ("PowerPoint Document", "pptx", "PowerPoint 97-2003 (.ppt)"),
    ("WordDocument", "docx", "Word 97-2003 (.doc)"),
)


def read(path: Path, builder: DocumentBuilder) -> None:
    """Raises UnsupportedFile where LibreOffice is not installed, DamagedFile where it cannot open the file."""
    content = path.read_bytes()
    target, what = next((target, what) for sign, target, what in _KINDS if sign.encode("utf-16-le") in content)
    if target == "docx" and _is_locked(content):
        raise EncryptedFile(
            f"{builder.name} needs a password.", "Open it in its program and save it without a password."
        )
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise UnsupportedFile(
            f"{builder.name} is {what}, which is read with LibreOffice, and that is not installed.",
            f"Install LibreOffice and add the file again, or save it as .{target} first.",
        )
    with tempfile.TemporaryDirectory() as folder:
        converted = _convert(program, content, target, Path(folder))
        if converted is None:
            raise DamagedFile(
                f"{builder.name} is damaged: LibreOffice cannot open it.", f"Open it and save it as .{target}."
            )
        importlib.import_module(f"ingest.readers.{target}").read(converted, builder)


def _convert(program: str, content: bytes, target: str, folder: Path) -> Path | None:
    """The converted file in ``folder``; None where LibreOffice made none."""
    source = folder / "source"
    source.write_bytes(content)
    out = folder / "out"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    options = ["--headless", "--norestore", "--nolockcheck", "--convert-to", target, "--outdir", str(out), str(source)]
    try:
        subprocess.run(
            [program, profile, *options],
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(folder)},
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    return next(out.glob(f"*.{target}"), None) if out.is_dir() else None


def _is_locked(content: bytes) -> bool:
    """Whether Word's own header (MS-DOC 2.5.2, FibBase) says that the text is encrypted."""
    at = content.find(b"\xec\xa5")
    return at >= 0 and bool(int.from_bytes(content[at + 10 : at + 12], "little") & 0x0100)
