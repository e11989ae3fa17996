"""Archives (ZIP): every file in them by its own reader, with its path in the archive as its place."""

import zipfile
from pathlib import Path, PurePath, PurePosixPath

from core.errors import DamagedFile, EncryptedFile
from ingest.clean import one_line
from ingest.document_builder import DocumentBuilder

MOST_RATIO = 200
"""Of a member's unpacked to its packed size: texts reach 20, what deflate packs better than 200 to 1 is a bomb."""

RATIO_BYTES = 2**20
"""Members that unpack to less than this are not asked for their ratio."""

_CLUTTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_ENCRYPTED = 0x1


def read(path: Path, builder: DocumentBuilder) -> None:
    """The list of what is in it, then each file; those that may be bombs are named. Raises EncryptedFile, DamagedFile
    for an archive that is empty or nothing but a bomb."""
    builder.media_type = "application/zip"
    builder.title = PurePath(builder.name).stem
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if not info.is_dir() and not _is_clutter(info.filename)]
    if members and all(info.flag_bits & _ENCRYPTED for info in members):
        raise EncryptedFile(f"{builder.name} needs a password.", "Unpack it first, then add the files in it.")
    if not members:
        raise DamagedFile(f"{builder.name} is an archive without files.", "Was it saved or copied to the end?")
    if all(map(_may_be_bomb, members)):
        raise DamagedFile(
            f"{builder.name} holds a file that {_unpacks_to(members[0])}.",
            "It may be a zip bomb. If it is not, unpack it first and add the files in it.",
        )
    names = [one_line(info.filename) for info in members]
    builder.page("section", "\n".join(f"File: {name}" for name in names), label="list of files")
    for info, name in zip(members, names, strict=True):
        if info.flag_bits & _ENCRYPTED:
            builder.warnings.append(f"Not read: {name} (needs a password).")
        else:
            builder.embed(PurePosixPath(name).name, lambda info=info: _member(path, info), place=name)  # type: ignore[misc]


def _is_clutter(name: str) -> bool:
    return any(part in _CLUTTER or part.startswith("._") for part in PurePosixPath(name).parts)


def _may_be_bomb(info: zipfile.ZipInfo) -> bool:
    return info.file_size > RATIO_BYTES and info.file_size > MOST_RATIO * max(1, info.compress_size)


def _unpacks_to(info: zipfile.ZipInfo) -> str:
    return f"unpacks to {info.file_size / max(1, info.compress_size):,.0f} times its size"


def _member(path: Path, info: zipfile.ZipInfo) -> bytes:
    """A member's bytes; never more than it declares.

    Raises DamagedFile for one that may be a bomb, and what zipfile and its codecs raise for a damaged one.
    """
    if _may_be_bomb(info):
        raise DamagedFile(f"{one_line(info.filename)} {_unpacks_to(info)}, as a zip bomb does.", "Unpack it first.")
    with zipfile.ZipFile(path) as archive, archive.open(info) as member:
        return member.read(info.file_size)
