"""A document that is kept open: seconds to read it, to take it up from the disk, and to the first word of a question.

    python benchmarks/open_document.py FILE --question TEXT... [--model NAME] [--threads N]

Prints the table of docs/engine.md. Everything happens in a temporary home; run it on an idle machine.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.answer.whole_documents import whole_sources
from benchmarks.engine import bench
from core.settings import Settings
from core.state_files import state_files
from core.types import Message, Sampling
from generate.client import EngineClient
from generate.openings import OpeningState
from ingest.child import ReaderPool
from prompts.forms import form_template
from prompts.opening import Opening

POLL_S = 0.02
ANSWER_TOKENS = 40


def until(client: EngineClient, key: str, *, kept: bool = False) -> OpeningState:
    """Wait until the opening is read, with ``kept`` until it is on disk too."""
    while not (state := client.opening(key)) or not (state.kept if kept else state.ready):
        if state and state.problem:
            sys.exit(state.problem)
        time.sleep(POLL_S)
    return state


def measure(settings: Settings, opening: Opening, questions: list[str]) -> Table:
    """Read, keep, take up and ask, with the model loaded before each; seconds, and those of processor time."""
    folder = settings.home / "open"
    table = Table("measure", "s", "processor, s", "")
    with EngineClient(settings) as client:
        watch = Watch(client)
        key = client.open(opening.prompt, opening.documents, folder)
        state = until(client, key)
        table.add_row(f"read, {state.tokens:,} tokens", *watch.lap())
        until(client, key, kept=True)
        (file,) = state_files(folder)
        table.add_row("then kept on disk", *watch.lap(), f"{file.stat().st_size / 1e6:.0f} MB")
    with EngineClient(settings) as client:
        watch = Watch(client)
        until(client, client.open(opening.prompt, opening.documents, folder))
        table.add_row("taken up from the disk by a fresh process", *watch.lap())
        for number, question in enumerate(questions):
            asked = Message("user", form_template("plain").user_message(question, ()))
            sampling = Sampling(max_tokens=ANSWER_TOKENS, repeat_penalty=1.0)
            writing = client.generate([*opening.prompt, asked], sampling, conversation=f"talk-{number}")
            pieces = iter(writing)
            said = next(pieces, "")
            laps = watch.lap()
            answer = said + "".join(pieces)
            table.add_row(f"first word, {writing.usage.read} tokens read", *laps, answer)
            table.add_row("the rest of the answer", *watch.lap(), f"{writing.usage.answer} tokens")
    return table


class Watch:
    """Seconds, and those of processor time of the model's process, since it was made or the last lap."""

    def __init__(self, client: EngineClient) -> None:
        self._stat = Path(f"/proc/{client.running().pid}/stat")
        self._last = self._now()

    def lap(self) -> tuple[str, str]:
        last, self._last = self._last, self._now()
        return f"{self._last[0] - last[0]:.2f}", f"{self._last[1] - last[1]:.2f}"

    def _now(self) -> tuple[float, float]:
        user, system = self._stat.read_text().rpartition(")")[2].split()[11:13]
        return time.perf_counter(), (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--question", action="append", default=[])
    parser.add_argument("--window", type=int, default=4096)
    with bench(parser) as (given, settings):
        with ReaderPool(settings) as pool:
            document = pool.read(given.file)
        settings = settings.model_copy(update={"context_tokens": given.window})
        Console(width=140).print(measure(settings, Opening(whole_sources([document])), given.question))


if __name__ == "__main__":
    main()
