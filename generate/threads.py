"""How many threads llama.cpp uses, and how they wait for each other."""

import os
from pathlib import Path

WAITING = {"OMP_WAIT_POLICY": "passive"}
"""Environment under which the threads sleep at a barrier rather than spin; read by OpenMP when it is loaded. Spinning
gains nothing measurable on idle cores, and beside other work it makes each wait for a neighbour that is not running:
on two busy cores, writing fell to 1 token/s, against 17 for threads that sleep (docs/engine.md)."""

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
