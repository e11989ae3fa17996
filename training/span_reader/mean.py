"""States of trainings from one start -> their mean: ``python -m training.span_reader.mean --out FILE STATE...``.

Trainings that begin alike and see other questions in another order end in one basin, where the mean of the weights
does what an ensemble of them would, at the price of one (Wortsman et al. 2022, "Model soups").
"""

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from core.errors import LecternError, UsageError
from core.files import write_atomically
from training.span_reader.publish import read_state


def mean_state(states: Sequence[Path]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The mean of the parameters of ``states`` (of a checkpoint its average), and what they were trained from.

    What they have in common stands in "before", the rest of each under "mean" in "config". Raises UsageError where one
    is missing or they are of different data, base or shape.
    """
    read = [read_state(path) for path in states]
    first, identity = read[0]
    for path, (parameters, other) in zip(states, read, strict=True):
        shapes = {name: each.shape for name, each in parameters.items()}
        alike = shapes == {name: each.shape for name, each in first.items()}
        if not alike or any(identity[name] != other[name] for name in ("data", "base")):
            raise UsageError(f"{path} cannot be averaged with {states[0]}.", "Both must be of one data and one base.")
    mean = {name: torch.stack([parameters[name] for parameters, _ in read]).mean(dim=0) for name in first}
    chains = [[*json.loads(each["before"]), each["config"]] for _, each in read]
    common = [each[0] for each in takewhile(lambda each: len(set(each)) == 1, zip(*chains, strict=False))]
    apart = [[json.loads(config) for config in chain[len(common) :]] for chain in chains]
    return mean, {
        **{name: identity[name] for name in ("data", "base", "code")},
        "before": json.dumps(common),
        "config": json.dumps({"mean": apart}, sort_keys=True),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("states", type=Path, nargs="+", help="best.safetensors or checkpoints that train kept")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    args = parser.parse_args()
    try:
        parameters, identity = mean_state(args.states)
    except LecternError as error:
        sys.exit(str(error))
    write_atomically(args.out, save(parameters, identity), private=False)


if __name__ == "__main__":
    main()
