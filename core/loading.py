"""While a model is loaded: seconds in which a program cannot be asked to stop, and has nothing to lose."""

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_lock = threading.Lock()
_running = 0
_collects = True


@contextmanager
def loading() -> Iterator[None]:
    """Around the imports and the weights of a model; also a decorator.

    Garbage is not collected meanwhile: looking through the hundreds of thousands of objects that torch brings costs
    one second in ten, and holds the interpreter for up to 0.4 s at a time.
    """
    global _running, _collects
    with _lock:
        if not _running:
            _collects = gc.isenabled()
            gc.disable()
        _running += 1
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if not _running and _collects:
                gc.enable()


def is_loading() -> bool:
    """Whether any thread of this process is loading a model."""
    return _running > 0


def map_library(package: str, file: str) -> None:
    """Load a package's shared library ahead of the package, so that the import finds it in memory.

    An import holds the interpreter while the system reads the file, a call through ctypes does not: until a library
    of 400 MB is in memory no other thread could act, on a busy machine for seconds. Where there is no such file it is
    the import that finds another.
    """
    import ctypes
    from importlib.util import find_spec

    spec = find_spec(package)
    path = Path(spec.origin).parent / file if spec and spec.origin else None
    if path and path.is_file():
        ctypes.CDLL(None).dlopen(os.fsencode(path), os.RTLD_NOW)
