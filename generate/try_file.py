"""Whether llama.cpp knows the architecture of a GGUF file: python -m generate.try_file PATH.

It reads the file's vocabulary alone, in a process of its own, for a crash in llama.cpp ends the whole process.
"""

import json
import subprocess
import sys
from pathlib import Path

from core.errors import ModelDamaged
from generate.links import start_python

SECONDS = 60.0
"""A file that takes longer to open is left to the loading itself, which says what is wrong with it."""


def check_loads(path: Path) -> None:
    """Raises ModelDamaged where llama.cpp says that it cannot load the file; where it is silent, nothing is known."""
    process = start_python(
        ("-m", "generate.try_file", str(path)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        said, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return
    finally:
        process.kill()
        process.wait()
    if said:
        raise ModelDamaged(*json.loads(said))


def main(path: Path) -> None:
    from generate import native

    native.start()
    try:
        native.Model(path, vocabulary_only=True)
    except ModelDamaged as error:
        print(json.dumps([error.message, error.hint]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
