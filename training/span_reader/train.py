"""Examples -> a trained network: ``python -m training.span_reader.train --examples DIR --out DIR``.

Killed at any moment, the same command goes on from the last checkpoint. The best state on the development slice is
kept in best.safetensors; log.jsonl holds every figure.
"""

import argparse
import ctypes
import hashlib
import json
import os
import random
import sys
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.digests import sha256_of
from core.errors import LecternError, UsageError
from index.reader import network as network_module
from training.span_reader import batches as batches_module
from training.span_reader import changed as changed_module
from training.span_reader import made as made_module
from training.span_reader import model as model_module
from training.span_reader import plan as plan_module
from training.span_reader.batches import Batch, Material
from training.span_reader.crew import Crew, crew_of
from training.span_reader.measure import Measured, measure
from training.span_reader.model import base_folder, span_loss, trainable_network
from training.span_reader.plan import PLAN, Config, planned_batches

RATE, HEAD_RATE = 1.2e-4, 1e-3
"""Peak learning rates of the encoder, and of the head, which starts from nothing."""
WARM_UP = 0.05
"""Share of the training over which the rates rise."""
AVERAGED = 0.998
"""Decay a step of the moving average of the weights, which is what is measured and published."""
M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -3, -1
"""glibc's mallopt: memory of this many bytes is kept for the next batch instead of going back to the kernel."""
KEPT_BYTES = 1 << 30


class Training:
    """The network, its average, its optimizer and the place in the plan; saved and loaded as safetensors."""

    def __init__(self, config: Config, out: Path, identity: dict[str, str]) -> None:
        torch.manual_seed(config.seed)
        self.config, self.out, self.identity = config, out, identity
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = trainable_network(query_head=config.query_head, match=config.match, layers=config.layers).to(
            self.device
        )
        self.parameters = {name: each for name, each in self.network.named_parameters() if each.requires_grad}
        if config.start:
            with safe_open(config.start, "pt") as file:
                prefix = "average." if any(name.startswith("average.") for name in file.keys()) else ""  # noqa: SIM118
                self._lay({name: file.get_tensor(prefix + name) for name in self.parameters})
        head = [each for name, each in self.parameters.items() if not name.startswith("encoder.")]
        body = [each for name, each in self.parameters.items() if name.startswith("encoder.")]
        self.optimizer = torch.optim.AdamW(
            [{"params": body, "peak": RATE}, {"params": head, "peak": HEAD_RATE}], lr=RATE, weight_decay=0.01
        )
        self.average = {name: each.detach().clone() for name, each in self.parameters.items()}
        self.step, self.best = 0, -1.0

    def learn(self, batch: Batch, done: float, crew: Crew = Crew(), weight: float = 1.0) -> float:  # noqa: B008
        """One step. ``done`` is the share of the training behind it, ``weight`` that of the loss in the crew's."""
        rate = min(1.0, done / WARM_UP, (1 - done) / max(self.config.cool_down, 1e-9))
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * max(rate, 0.01)
        ids, segments, mask, spans = (
            each.to(self.device) for each in (batch.ids, batch.segments, batch.mask, batch.spans)
        )
        with model_module.half_precision(self.device):
            start, end = self.network(ids, segments, mask)
        loss = span_loss(start, end, spans, batch.group)
        self.optimizer.zero_grad(set_to_none=True)
        (loss * weight).backward()  # type: ignore[no-untyped-call]
        crew.average(list(self.parameters.values()))
        torch.nn.utils.clip_grad_norm_(list(self.parameters.values()), 1.0)
        self.optimizer.step()
        self.step += 1
        decay = min(AVERAGED, (1 + self.step) / (10 + self.step))
        names = list(self.parameters)
        torch._foreach_lerp_(
            [self.average[name] for name in names], [self.parameters[name].detach() for name in names], 1 - decay
        )
        return float(loss.detach())

    def measured(self, material: Material) -> Measured:
        """The average's figures on the development slice; the weights go on as they were."""
        draw = random.Random(1)  # noqa: S311
        dev = [example for example in material.examples if example.side == "dev"]
        examples = draw.sample(dev, min(self.config.slice, len(dev)))
        kept = {name: each.detach().clone() for name, each in self.parameters.items()}
        self._lay(self.average)
        result = measure(self.network, material, examples)
        self._lay(kept)
        return result

    def _lay(self, values: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, each in self.parameters.items():
                each.copy_(values[name])

    def save(self) -> None:
        """All that is needed to go on, in one step: a killed process leaves the last file whole."""
        tensors: dict[str, Tensor] = {}
        for name, each in self.parameters.items():
            tensors[f"now.{name}"], tensors[f"average.{name}"] = each.detach(), self.average[name]
            state = self.optimizer.state.get(each)
            if state:
                tensors[f"first.{name}"], tensors[f"second.{name}"] = state["exp_avg"], state["exp_avg_sq"]
        written = self.out / "checkpoint.part"
        save_file(tensors, written, {**self.identity, "step": str(self.step), "best": str(self.best)})
        written.replace(self.out / "checkpoint.safetensors")

    def save_best(self) -> None:
        written = self.out / "best.part"
        save_file(self.average, written, {**self.identity, "step": str(self.step), "f1": str(self.best)})
        written.replace(self.out / "best.safetensors")

    def resume(self) -> bool:
        """Go on from the checkpoint, where there is one. Raises UsageError where it belongs to another training."""
        path = self.out / "checkpoint.safetensors"
        if not path.exists():
            return False
        with safe_open(path, "pt") as file:
            metadata = file.metadata()
            if any(metadata.get(name) != value for name, value in self.identity.items()):
                raise UsageError(f"{path} is of another training.", "Name another --out, or remove it.")
            self.step, self.best = int(metadata["step"]), float(metadata["best"])
            self._lay({name: file.get_tensor(f"now.{name}") for name in self.parameters})
            for name, each in self.parameters.items():
                self.average[name].copy_(file.get_tensor(f"average.{name}"))
                if self.step:
                    self.optimizer.state[each] = {
                        "step": torch.tensor(float(self.step)),
                        "exp_avg": file.get_tensor(f"first.{name}").to(self.device),
                        "exp_avg_sq": file.get_tensor(f"second.{name}").to(self.device),
                    }
        return True


def identity_of(config: Config, examples: Path) -> dict[str, str]:
    """Hashes of data, base model and code, and the configurations up to here: what a checkpoint belongs to."""
    code = hashlib.sha256()
    modules = (batches_module, changed_module, made_module, model_module, plan_module, network_module)
    for module in (*modules, sys.modules[__name__]):
        code.update(Path(module.__file__ or "").read_bytes())
    before: list[str] = []
    if config.start:
        with safe_open(config.start, "pt") as file:
            metadata = file.metadata()
        before = [*json.loads(metadata.get("before", "[]")), metadata["config"]]
        config = replace(config, start=f"sha256 {sha256_of(Path(config.start))[:16]}")
    return {
        "before": json.dumps(before),
        "config": json.dumps(asdict(config), sort_keys=True),
        "data": sha256_of(examples / "examples.jsonl"),
        "base": sha256_of(base_folder() / "model.safetensors"),
        "code": code.hexdigest(),
    }


def train(examples: Path, out: Path, config: Config, crew: Crew = Crew()) -> Measured | None:  # noqa: B008
    """Train to the end of the plan; the figures of the best state on the development slice go to log.jsonl.

    All but the first of a crew of processes return None.
    """
    _keep_memory()
    out.mkdir(parents=True, exist_ok=True)
    material = Material(examples)
    batches = list(planned_batches(material, config))
    if config.steps:
        batches = batches[: config.steps]
    costs = [len(groups) * size * max(row.length for rows in groups for row in rows) for groups, size in batches]
    total, behind = sum(costs), 0
    identity = identity_of(config, examples)
    training = Training(config, out, identity)
    resumed = training.resume()
    if crew.rank == 0:
        print(
            f"{len(batches)} steps, {total:,} tokens, on {training.device}{', resumed' if resumed else ''}", flush=True
        )
    begun, since, seen, losses = time.monotonic(), 0, 0, 0.0
    last: Measured | None = None
    for number, (groups, size) in enumerate(batches):
        if number >= training.step:
            own, weight = crew.share(groups)
            batch = material.batch([row for rows in own for row in rows], size)
            losses += training.learn(batch, behind / total, crew, weight)
            since, seen = since + costs[number], seen + len(groups)
            if crew.rank == 0 and training.step % 20 == 0:
                spent = time.monotonic() - begun
                left = (total - behind - costs[number]) * spent / since
                report = f"step {training.step}/{len(batches)}, loss {losses / 20:.3f}, {seen / spent:.1f} examples/s"
                print(f"{report}, {since / spent:,.0f} tokens/s, {left / 60:.0f} min left", flush=True)
                losses = 0.0
            if crew.rank == 0 and (training.step % config.measure_every == 0 or training.step == len(batches)):
                last = _keep_best(training, material)
            if crew.rank == 0 and (training.step % config.save_every == 0 or training.step == len(batches)):
                training.save()
        behind += costs[number]
    if crew.rank:
        return None
    return last or training.measured(material)


def _keep_best(training: Training, material: Material) -> Measured:
    figures = training.measured(material)
    score = (figures.f1 + figures.company_f1) / 2
    print(f"step {training.step}: {figures.line()}", flush=True)
    with (training.out / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"step": training.step, **asdict(figures)}) + "\n")
    if score > training.best:
        training.best = score
        training.save_best()
    return figures


def _keep_memory() -> None:
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            libc = ctypes.CDLL("libc.so.6")
            libc.mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
            libc.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=Path, required=True, help="folder that prepare wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints and of the best state")
    parser.add_argument("--plan", default=PLAN, help="what is passed over how often, in order (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=0, help="stop after this many steps; 0: the whole plan")
    parser.add_argument("--start", default="", help="a best or checkpoint of another training to start from")
    parser.add_argument(
        "--cool-down",
        type=float,
        default=0.3,
        help="share of the training, at its end, over which the rates fall to zero",
    )
    parser.add_argument("--group", type=int, default=4, help="passages of a question in a group")
    parser.add_argument(
        "--changed", type=float, default=0.12, help="share of questions changed by rule so that nothing answers them"
    )
    parser.add_argument("--masked", type=float, default=0.0, help="share of tokens hidden, in place of dropout")
    parser.add_argument("--nq", type=int, default=1, help="times that nq-oracle's questions are passed over in a pass")
    parser.add_argument("--rows", type=int, default=64, help="most passages in a batch (default: %(default)s)")
    parser.add_argument("--slice", type=int, default=240, help="development questions measured (default: %(default)s)")
    parser.add_argument("--measure-every", type=int, default=400, help="steps between measurements")
    parser.add_argument("--save-every", type=int, default=50, help="steps between checkpoints")
    parser.add_argument("--no-query-head", dest="query_head", action="store_false", help="two linear scores alone")
    parser.add_argument("--no-match", dest="match", action="store_false", help="without the mark of shared tokens")
    parser.add_argument("--layers", type=int, default=0, help="the first layers of MiniLM alone; 0: all six")
    parser.add_argument(
        "--processes", type=int, default=0, help="of one thread each; 0: one a core, or one where there is a CUDA GPU"
    )
    args = vars(parser.parse_args())
    examples, out, processes = args.pop("examples"), args.pop("out"), args.pop("processes")
    if processes == 0:
        processes = 1 if torch.cuda.is_available() else os.cpu_count() or 1
    if processes > 1:
        torch.set_num_threads(1)
    try:
        config = Config(**args)
        with crew_of(processes, train, examples, out, config) as crew:
            result = train(examples, out, config, crew)
        if result:
            print(result.line())
    except LecternError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
