"""The process that fetches one file from the model hub: python -m generate.hub_child '{"repository": ..., ...}'.

It appends to the file ``part`` and writes "Progress DONE of ALL" lines. Address, sign-in, proxies, offline mode and
resume are huggingface_hub's, set as its documentation says (HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE).
"""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generate.download import PROXY_PASSWORD, REPORTED, rate_limited

if TYPE_CHECKING:
    from typing_extensions import Buffer

PIECE = 256 * 1024
"""Bytes written at a time. huggingface_hub takes 10 MB, and forgets what has come of them when a connection is cut."""


class Told(io.FileIO):
    """A file to append to that tells its size while it grows."""

    def __init__(self, path: Path, told: Callable[[int], None]) -> None:
        super().__init__(path, "ab")
        self.told = rate_limited(told)

    def write(self, data: "Buffer", /) -> int:
        written = super().write(data)
        self.told(self.tell())
        return written


def fetch(repository: str, revision: str, file: str, bytes: int, part: Path) -> None:
    """Append to ``part`` what it lacks of the file. Raises whatever huggingface_hub does."""
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented, not declared

    constants.DOWNLOAD_CHUNK_SIZE = PIECE
    url = hf_hub_url(repository, file, revision=revision)
    # Asked first, as it fails at once where there is no network, no such file or no right to it.
    size = get_hf_file_metadata(url).size
    if size is not None and size != bytes:
        report("wrong", f"it has a file of {size:,} bytes rather than {bytes:,}")
    # `hf_hub_download` begins anew after a kill; this is what it downloads with, told how much has come.
    with Told(part, lambda done: print(f"Progress {done} of {bytes}", flush=True)) as partial:
        http_get(url, partial, resume_size=partial.tell(), headers=build_hf_headers(), expected_size=bytes)


def report(kind: str, clause: str) -> None:
    print(REPORTED + json.dumps([kind, clause]), flush=True)
    raise SystemExit(1)


def explain(error: Exception) -> tuple[str, str]:
    """The kind of failure (as `generate.pull_hub` knows them) and a clause for the person."""
    import httpx2
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, OfflineModeIsEnabled

    status = error.response.status_code if isinstance(error, HfHubHTTPError) else 0
    if isinstance(error, OfflineModeIsEnabled):
        return "failed", "it is switched off (HF_HUB_OFFLINE)"
    if isinstance(error, httpx2.ProxyError) or status == 407:
        return "failed", proxy_trouble(str(error))
    if status in (408, 429) or status >= 500:
        return "busy", f"it is busy (HTTP {status})"
    if status == 416:
        return "wrong", "it has a shorter file"
    if isinstance(error, GatedRepoError) or status in (401, 403):
        return "failed", f"it asks to sign in for this model (HTTP {status}; HF_TOKEN)"
    if status:
        return "failed", f"it does not have the file (HTTP {status})"
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return "failed", "it cannot be reached (no network?)"
    if isinstance(error, httpx2.TransportError):
        return "busy", "the connection breaks off again and again"
    if isinstance(error, OSError) and error.errno is not None:
        return "failed", f"the file cannot be written: {error.strerror}"
    if isinstance(error, OSError):  # huggingface_hub's own, where the size is not the one expected
        return "wrong", "it sent a file of another size"
    return "failed", " ".join(str(error).split())[:200] or type(error).__name__


def proxy_trouble(message: str) -> str:
    if "407" in message or "authentication" in message.lower():
        return PROXY_PASSWORD
    return "the proxy does not let it through"


def main(arguments: list[str]) -> None:
    wanted: dict[str, Any] = json.loads(arguments[0])
    try:
        fetch(wanted["repository"], wanted["revision"], wanted["file"], wanted["bytes"], Path(wanted["part"]))
    except BrokenPipeError:
        raise  # whoever started this is gone
    except Exception as error:  # noqa: BLE001 - all of it becomes one line for whoever started this
        report(*explain(error))


if __name__ == "__main__":
    main(sys.argv[1:])
