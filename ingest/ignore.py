"""Files below a folder that a person wants left out, by the rules of .lecternignore files, read as git's .gitignore."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FILE = ".lecternignore"
"""The file of rules; it may lie in any folder and holds for what is below it."""


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The rules of a folder: its own and those of the folders above it, the nearest last."""

    specs: tuple[tuple[Path, GitIgnoreSpec], ...] = ()

    def within(self, folder: Path) -> IgnoreRules:
        """These rules with those that ``folder`` has itself. Raises UsageError where its file cannot be read."""
        path = folder / FILE
        try:
            lines = path.read_text("utf-8-sig", errors="replace").splitlines()
        except FileNotFoundError:
            return self
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}.", "Check who may read it.") from error
        return IgnoreRules((*self.specs, (folder, _spec(lines))))

    def leaves_out(self, path: Path, *, is_folder: bool) -> bool:
        """Whether a file or folder is left out; the last rule that speaks of it decides, as in git."""
        for folder, spec in reversed(self.specs):
            name = path.relative_to(folder).as_posix()
            said = spec.check_file(f"{name}/" if is_folder else name).include
            if said is not None:
                return said
        return False


def is_left_out(path: Path, folder: Path) -> bool:
    """Whether the rules at and below ``folder`` leave out the file at ``path``, or one of the folders that it is in."""
    rules, place = IgnoreRules().within(folder), folder
    *folders, name = path.relative_to(folder).parts
    for step in folders:
        place /= step
        if rules.leaves_out(place, is_folder=True):
            return True
        rules = rules.within(place)
    return rules.leaves_out(place / name, is_folder=False)


def _spec(lines: list[str]) -> GitIgnoreSpec:
    """The rules of these lines; what is no pattern is passed over, as git does."""
    from pathspec import GitIgnoreSpec

    valid = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue
        valid.append(line)
    return GitIgnoreSpec.from_lines(valid)
