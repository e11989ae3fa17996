"""Converts the bundled model to the format that this machine reads fastest without measurable loss.

llama.cpp has no packed kernel for Q4_1. Q8_0 holds the same weights in finer steps: twice the speed of reading, the
same of writing, and a perplexity that cannot be told from the original's. Q4_0 would read faster still, but rounds the
already rounded weights again: perplexity rises by a fifth. The numbers and the command are in docs/engine.md.
"""

import ctypes
import os
from pathlib import Path

from filelock import FileLock, Timeout
from llama_cpp import llama_cpp as native

FORMAT, FORMAT_NAME = native.LLAMA_FTYPE_MOSTLY_Q8_0, "Q8_0"

WAIT_S = 120.0
"""Most seconds to wait for another process that is converting; it takes one or two on an idle laptop."""


def fastest_copy(source: Path, folder: Path, *, threads: int) -> Path:
    """The copy of ``source`` in ``folder`` to load; made at first use, by one process.

    Where it cannot be made (no space, a folder that cannot be written), ``source`` itself: slower, but the same model.
    """
    try:
        stat = source.stat()
        target = folder / f"{_stem(source)}.{stat.st_size:x}-{stat.st_mtime_ns:x}.{FORMAT_NAME}.gguf"
        if target.is_file():
            return target
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "converting.lock", timeout=WAIT_S):
            if not target.is_file():
                for unfinished in folder.glob(f".{_stem(source)}.*.tmp"):  # of a process that was killed meanwhile
                    unfinished.unlink()
                convert(source, target, FORMAT, threads=threads)
                _remove_older(source, target)
    except (OSError, Timeout, NotImplementedError):  # the last of a file system without locks
        return source
    return target


def convert(source: Path, target: Path, file_type: int, *, threads: int) -> None:
    """Write ``source`` in another format (a llama_ftype) to ``target``, whole or not at all. Raises OSError."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    params = native.llama_model_quantize_default_params()
    params.ftype = file_type
    params.nthread = threads
    params.allow_requantize = True
    try:
        if native.llama_model_quantize(os.fsencode(source), os.fsencode(temporary), ctypes.byref(params)):
            raise OSError(f"llama.cpp could not convert {source}")
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _remove_older(source: Path, target: Path) -> None:
    """Remove copies of versions of ``source`` that are no longer installed."""
    for path in target.parent.glob(f"{_stem(source)}.*.{FORMAT_NAME}.gguf"):
        if path != target:
            path.unlink(missing_ok=True)


def _stem(source: Path) -> str:
    return source.stem.split(".")[0]
