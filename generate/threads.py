"""How many threads llama.cpp uses, and how they wait for each other."""

import os
from pathlib import Path

WAITING = {"GOMP_SPINCOUNT": "1000"}
"""Environment under which the threads spin a fraction of a millisecond at a barrier and then sleep; read by OpenMP when
it is loaded. There are some thousand barriers a token: sleeping at once at each loses a quarter to three fifths of the
speed on idle cores, and spinning on for long makes each thread wait, beside other work, for a neighbour that is not
running (docs/engine.md)."""

CPUS = Path("/sys/devices/system/cpu")


def physical_cores() -> int:
    """Physical cores among the processors this process may run on; half-cores (hyper-threads) only slow llama.cpp down.

    Where the system does not say which processors share a core, every processor counts.
    """
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    siblings = {_siblings(cpu) for cpu in usable}
    return max(1, len(siblings))


def _siblings(cpu: int) -> str:
    try:
        return (CPUS / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text().strip()
    except OSError:
        return str(cpu)
