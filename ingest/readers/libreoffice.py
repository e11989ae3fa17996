"""Office files of before 2007 (DOC, PPT) by LibreOffice where it is installed: converted, then read.

The conversion runs in processes of its own with a profile of its own, so that an open LibreOffice is left alone, and
that profile fetches nothing a document links to. It ends with its reader, however that ends.
"""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from core.errors import DamagedFile, EncryptedFile, ReaderKilled, UnsupportedFile
from ingest.document_builder import DocumentBuilder

PROGRAMS = ("soffice", "libreoffice")
SECONDS = 100
"""Less than a reader has, so that its own message is shown."""

MEGABYTES = 4096
"""Most address space of LibreOffice in MiB: it maps much more than it uses, and more than a reader has."""

_KINDS = (
    ("PowerPoint Document", "pptx", "PowerPoint 97-2003 (.ppt)"),
    ("WordDocument", "docx", "Word 97-2003 (.doc)"),
)

_SCRIPTING = "Office.Common/Security/Scripting"
_INET = "Inet/Settings"
_SETTINGS = (
    (_SCRIPTING, "BlockUntrustedRefererLinks", "true"),  # linked pictures and frames, of the net and of the disk
    (_SCRIPTING, "DisableActiveContent", "true"),
    (_SCRIPTING, "DisableMacrosExecution", "true"),
    (_SCRIPTING, "MacroSecurityLevel", "3"),
    ("Office.Writer/Content/Update", "Link", "2"),  # never
    ("Office.Calc/Content/Update", "Link", "2"),
    # A proxy that nobody runs (port 9, discard), for all hosts: what asks for the net nevertheless gets nothing.
    (_INET, "ooInetProxyType", "2"),
    (_INET, "ooInetNoProxy", ""),
    *(
        (_INET, f"ooInet{scheme}Proxy{part}", value)
        for scheme in ("HTTP", "HTTPS", "FTP")
        for part, value in (("Name", "127.0.0.1"), ("Port", "9"))
    ),
)

_WATCHED = """
ulimit -S -v "$1" 2>/dev/null
folder=$2
shift 2
exec 3<&0 </dev/null
{ read -r _ <&3 || rm -rf -- "$folder"; kill -9 0; } &
exec "$@" 3<&-
"""
"""Runs a program beside a watcher of standard input, in a process group of both and of what the program starts.

A line there, or its end, ends the whole group, also after the program itself has ended; at the end without a line, the
reader was killed, and the folder of the conversion is deleted too.
"""


def read(path: Path, builder: DocumentBuilder) -> None:
    """Raises UnsupportedFile where LibreOffice is not installed, DamagedFile where it cannot open the file, and
    ReaderKilled where it takes too long."""
    content = path.read_bytes()
    target, what = next((target, what) for sign, target, what in _KINDS if sign.encode("utf-16-le") in content)
    if _is_locked(content):
        raise EncryptedFile(
            f"{builder.name} needs a password.", "Open it in its program and save it without a password."
        )
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise UnsupportedFile(
            f"{builder.name} is {what}, which is read with LibreOffice, and that is not installed.",
            f"Install LibreOffice and add the file again, or save it as .{target} first.",
        )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            converted = _convert(program, content, target, Path(folder))
        except subprocess.TimeoutExpired as error:
            raise ReaderKilled(
                f"{builder.name} took longer than {SECONDS} s to convert.",
                f"Add it again when the machine is less busy, or save it as .{target} first.",
            ) from error
        if converted is None:
            raise DamagedFile(
                f"{builder.name} is damaged: LibreOffice cannot open it.", f"Open it and save it as .{target}."
            )
        importlib.import_module(f"ingest.readers.{target}").read(converted, builder)


def _convert(program: str, content: bytes, target: str, folder: Path) -> Path | None:
    """The converted file in ``folder``; None where LibreOffice made none. Raises TimeoutExpired."""
    source, out, profile = folder / "source", folder / "out", folder / "profile"
    source.write_bytes(content)
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_registry(), "utf-8")
    options = ["--headless", "--norestore", "--nolockcheck", "--convert-to", target, "--outdir", str(out), str(source)]
    command = [program, f"-env:UserInstallation={profile.as_uri()}", *options]
    process = subprocess.Popen(
        ["/bin/sh", "-c", _WATCHED, "sh", str(_kilobytes()), str(folder), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(folder),
        process_group=0,
    )
    assert process.stdin
    try:
        process.wait(SECONDS)
    finally:
        with suppress(OSError):  # nobody is left to be ended
            process.stdin.write(b"\n")
            process.stdin.close()
        process.wait()
    return next(out.glob(f"*.{target}"), None) if out.is_dir() else None


def _registry() -> str:
    """The settings of LibreOffice's profile, in its own format."""
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop>'
        "</item>\n"
        for path, name, value in _SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        f"{items}</oor:items>\n"
    )


def _environment(folder: Path) -> dict[str, str]:
    """The environment without proxies, and without the reader's own places of modules."""
    kept = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    kept.pop("PYTHONPATH", None)
    return {**kept, "HOME": str(folder)}


def _kilobytes() -> int:
    """LibreOffice's limit on address space in KiB: never less than the reader's own."""
    import resource

    own = resource.getrlimit(resource.RLIMIT_AS)[0] if sys.platform == "linux" else 0
    return max(MEGABYTES * 1024, own // 1024)


def _is_locked(content: bytes) -> bool:
    """Whether a file's own header says that its text is encrypted.

    That is fEncrypted of Word's FibBase (MS-DOC 2.5.2), the headerToken of PowerPoint's CurrentUserAtom (MS-PPT 2.3.2).
    """
    import olefile

    try:
        with olefile.OleFileIO(content) as file:
            word = file.openstream("WordDocument").read(12) if file.exists("WordDocument") else b""
            slides = file.openstream("Current User").read(16) if file.exists("Current User") else b""
    except Exception:  # noqa: BLE001  (the library lets whatever went wrong inside it pass through)
        return False
    return (word[:2] == b"\xec\xa5" and bool(word[11:] and word[11] & 1)) or slides[12:] == b"\xdf\xc4\xd1\xf3"
