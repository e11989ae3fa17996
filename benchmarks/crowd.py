"""Many clients on one library at once: is each answered, are none mixed up, is every wait told, what does it hold?

    python benchmarks/crowd.py [--clients 20] [--seconds 180] [--seed 1]

Each client is a thread that does what a tab of the page does, with the page's own objects and the bundled models: it
asks, stops, adds, deletes, begins and deletes conversations at random, and now and then runs `lectern ask --json`
beside. A third of the clients share a conversation with another. What a client's documents say only they say ("The code
of client 7's locker is 4711-7-3."), so that an answer from another's documents is seen. It is asked again alone at the
end: what comes out the same is a weakness of search and model, counted apart, not a mix-up.

Everything happens in a home of its own that is deleted at the end. Exit code 1 where a rule was broken; the rules are
the rows that begin with "broken".
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # ahead of what stands beside this file

from benchmarks.crowd_checks import ask_again, check_end, check_left, settled  # noqa: E402
from benchmarks.crowd_client import END_S, Chat, Client, Crowd  # noqa: E402
from benchmarks.crowd_notes import Notes, report  # noqa: E402
from benchmarks.crowd_watch import Watch, memory  # noqa: E402


def run(clients: int, seconds: float, seed: int, home: Path) -> tuple[Notes, dict[str, str]]:
    """Let them loose on a new library in that home, and see what they leave; what is told of memory besides."""
    from app.ui.shared import SharedState
    from core.settings import load_settings

    state = SharedState(load_settings())
    state.warm_up()
    threads = set(threading.enumerate())
    workspace = state.workspace(state.settings.library)
    crowd = Crowd(workspace, home, 0.0)
    watch = Watch(crowd)
    watch.start()
    pairs = clients // 6
    chats = [Chat(workspace) for _ in range(clients - pairs)]
    # The first two clients share a conversation, and so do the next two, as far as the pairs go.
    own = [chats[number // 2 if number < 2 * pairs else number - pairs] for number in range(clients)]
    everyone = [Client(crowd, number, chat, seed) for number, chat in enumerate(own, 1)]
    first = [fact for client in everyone for fact in client.facts(2)]
    for fact in first:
        crowd.documents.give(fact)
    workspace.jobs.add([(fact.name, fact.content) for fact in first])
    settled(crowd)
    before = memory()
    crowd.until = time.monotonic() + seconds
    for client in everyone:
        client.start()
    for client in everyone:
        client.join(max(0.0, crowd.until + 2 * END_S - time.monotonic()))
        if client.is_alive():
            crowd.notes.breaks("questions never answered", f"{client.name} never came back")
    settled(crowd)
    watch.over.set()
    watch.join()
    after = memory()
    check_end(crowd, chats)
    ask_again(crowd)
    state.close()
    check_left(crowd, threads)
    told = {name: f"{before[name]} / {watch.peak[name]} / {after[name]}" for name in before}
    return crowd.notes, {f"MiB resident, before / peak / end: {name}": value for name, value in told.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lectern-crowd-") as home:
        os.environ |= {"LECTERN_HOME": home, "PYTHONPATH": str(ROOT)}  # also for the processes that it starts
        notes, memory_told = run(options.clients, options.seconds, options.seed, Path(home))
    report(notes, memory_told)
    return int(bool(notes.broken))


if __name__ == "__main__":
    sys.exit(main())
