"""The engine by itself: formats of the bundled model, blocks of reading, the client beside a bare loop of llama.cpp.

    python benchmarks/engine.py [formats | blocks | client | memory] [--threads N] [--model FILE]

Prints tables for docs/engine.md. Everything happens in a temporary home; run it on an idle machine.
"""

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.settings import Settings
from core.types import Message, Sampling, Usage
from generate.catalogue import find
from generate.client import EngineClient
from generate.running import stop_shared
from generate.threads import WAITING, physical_cores
from prompts.render import load_prompt

PROMPT_TOKENS = 300
ANSWER_TOKENS = 48
WINDOW = 8192
"""Tokens of the window with which memory is measured."""

WARM_S = 4.0
"""Seconds that a person types, in which the system text is read."""

ROUNDS = 9
"""Rounds of client and bare loop, short and taken in turn so that a busy moment hits both; the median counts."""


def formats(source: Path, folder: Path, threads: int) -> Table:
    """Perplexity, its difference to the original token by token, and speed, for each format."""
    import numpy as np
    from llama_cpp import llama_cpp as native

    from generate.perplexity import PerplexityResult, read
    from generate.requantize import convert

    files = {"Q4_1 (original)": source}
    for name, kind in (("Q8_0", native.LLAMA_FTYPE_MOSTLY_Q8_0), ("Q4_0", native.LLAMA_FTYPE_MOSTLY_Q4_0)):
        files[name] = folder / f"{name}.gguf"
        convert(source, files[name], kind, threads=threads)
    table = Table("format", "flash", "MB", "perplexity", "nats a token, to the original", "read/s", "write/s")
    originals: dict[bool, PerplexityResult] = {}
    for name, path in files.items():
        for flash in (False, True):
            scored = read(path, threads=threads, flash_attention=flash)
            speed = max(read(path, threads=threads, flash_attention=flash, scored=False).speed for _ in range(2))
            original = originals.setdefault(flash, scored)
            gap = np.array(scored.losses) - np.array(original.losses)
            error = float(gap.std(ddof=1) / np.sqrt(len(gap)))
            table.add_row(
                name,
                "yes" if flash else "no",
                f"{path.stat().st_size / 1e6:.0f}",
                f"{scored.perplexity:.2f}",
                f"{gap.mean():+.4f} ± {error:.4f}",
                f"{speed:.0f}",
                f"{Bare(path, threads, flash).write(ANSWER_TOKENS):.0f}",
            )
    return table


class Bare:
    """llama_decode and a greedy pick over ctypes, and nothing else."""

    def __init__(self, path: Path, threads: int, flash: bool = True) -> None:
        from llama_cpp import llama_cpp as native

        from generate.native import Model

        self.native = native
        self.model = Model(path)
        params = native.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = 4096, 512, 512
        params.n_threads = params.n_threads_batch = threads
        params.flash_attn_type = int(flash)
        self.context = native.llama_init_from_model(self.model.handle, params)
        self.sampler = native.llama_sampler_init_greedy()

    def write(self, count: int, prompt: list[int] | None = None) -> float:
        """Read ``prompt`` and write ``count`` tokens; returns tokens a second, from the first token on."""
        native = self.native
        native.llama_memory_clear(native.llama_get_memory(self.context), False)
        tokens = prompt or self.model.tokenize("The harbour lay still, and ")
        array = (native.llama_token * len(tokens))(*tokens)
        native.llama_decode(self.context, native.llama_batch_get_one(array, len(tokens)))
        one = (native.llama_token * 1)()
        one[0] = self.pick()
        start = time.perf_counter()
        for _ in range(count - 1):
            native.llama_decode(self.context, native.llama_batch_get_one(one, 1))
            one[0] = self.pick()
        return (count - 1) / (time.perf_counter() - start)

    def read(self, tokens: list[int], block: int, known: int = 0) -> float:
        """Read ``tokens`` in blocks, behind the first ``known`` that were read before; returns processor seconds."""
        native = self.native
        native.llama_memory_seq_rm(native.llama_get_memory(self.context), 0, known, -1)
        start = time.process_time()
        for place in range(known, len(tokens), block):
            part = tokens[place : place + block]
            array = (native.llama_token * len(part))(*part)
            if native.llama_decode(self.context, native.llama_batch_get_one(array, len(part))):
                raise RuntimeError("llama.cpp could not read on")
        native.llama_synchronize(self.context)
        return time.process_time() - start

    def pick(self) -> int:
        """The likeliest token: the cheapest way over ctypes is llama.cpp's own greedy sampler."""
        return int(self.native.llama_sampler_sample(self.sampler, self.context, ctypes.c_int32(-1)))


def blocks(path: Path, threads: int) -> Table:
    """What the size of the cache's blocks costs, in processor time, which other programs change little."""
    from generate.perplexity import calibration_text

    bare = Bare(path, threads)
    tokens = bare.model.tokenize(calibration_text() * 2)[:3000]
    table = Table(
        "block", "1,000 tokens, read/s", "3,000 tokens, read/s", "half a block at 2,560, ms", "a whole one, ms"
    )
    for block in (32, 64, 128, 256, 512):
        short, long = (min(bare.read(tokens[:n], block) for _ in range(2)) for n in (1000, 3000))
        known = 2560
        again = [min(bare.read(tokens[: known + n], block, known) for _ in range(2)) for n in (block // 2, block)]
        table.add_row(str(block), f"{1000 / short:.0f}", f"{3000 / long:.0f}", *(f"{1000 * s:.0f}" for s in again))
    return table


def client(settings: Settings) -> Table:
    """Load, first token, speed beside the bare loop, follow-up, stop."""
    table = Table("measure", "value")
    start = time.perf_counter()
    with EngineClient(settings) as engine:
        engine.load()
        table.add_row("first load, with the conversion", f"{time.perf_counter() - start:.2f} s")
    with EngineClient(settings) as engine:
        start = time.perf_counter()
        engine.load()
        table.add_row("load", f"{time.perf_counter() - start:.2f} s")
        messages = prompt_of(engine, PROMPT_TOKENS)
        speeds(engine, settings, messages, table)
        follow_up(engine, messages, table)
        stops(engine, table)
    return table


def prompt_of(engine: EngineClient, tokens: int) -> list[Message]:
    from generate.perplexity import calibration_text

    words = calibration_text().split() * 4
    count = 1
    while engine.count_prompt(ask(words[: count + 5])) <= tokens:
        count += 5
    return ask(words[:count])


def ask(words: list[str]) -> list[Message]:
    return [Message("system", "You are helpful."), Message("user", " ".join(words) + "\nTell a long story about it.")]


def speeds(engine: EngineClient, settings: Settings, messages: list[Message], table: Table) -> None:
    from generate import native
    from generate.template import ChatTemplate

    native.start()
    assert engine.card.path
    bare = Bare(bundled_copy(settings, engine.card.path), threads_of(settings))
    tokens = ChatTemplate(bare.model).tokens(messages)
    firsts, clients, bares = [], [], []
    # The same work on both sides: a plain greedy pick, and no end before the last token.
    sampling = Sampling(max_tokens=ANSWER_TOKENS, repeat_penalty=1.0)
    for _ in range(ROUNDS):
        engine.forget()
        writing = engine.generate(messages, sampling, conversation="speed")
        "".join(writing)
        usage = writing.usage
        firsts.append(usage.first_token_ms)
        clients.append((usage.answer - 1) / (usage.total_ms - usage.first_token_ms) * 1000)
        bares.append(bare.write(usage.answer, tokens))
    table.add_row(f"first token, {len(tokens)} tokens of prompt read cold", f"{statistics.median(firsts):.0f} ms")
    table.add_row("client writes", f"{statistics.median(clients):.1f} tokens/s")
    table.add_row("bare loop writes", f"{statistics.median(bares):.1f} tokens/s")
    shares = [mine / plain for mine, plain in zip(clients, bares, strict=True)]
    table.add_row("share (median of rounds)", f"{statistics.median(shares):.3f}")


def follow_up(engine: EngineClient, messages: list[Message], table: Table) -> None:
    """A follow-up in a long conversation beside the same prompt read cold, and two long conversations in turn."""
    few = Sampling(max_tokens=16)
    long = prompt_of(engine, min(3000, engine.window - 400))
    "".join(engine.generate(messages, few, conversation="warm-up"))

    def asked(prompt: list[Message], conversation: str) -> tuple[list[Message], Usage]:
        """The prompt with its answer and a follow-up, and what it cost."""
        writing = engine.generate(prompt, few, conversation=conversation)
        answer = "".join(writing)
        return [*prompt, Message("assistant", answer), Message("user", "And then?")], writing.usage

    more, _ = asked(long, "a")
    _, warm = asked(more, "a")
    engine.forget()
    _, cold = asked(more, "a")
    share = warm.first_token_ms / cold.first_token_ms
    table.add_row(f"first token, {cold.prompt} tokens of prompt read cold", f"{cold.first_token_ms:.0f} ms")
    table.add_row(f"as a follow-up ({warm.reused} of them reused)", f"{warm.first_token_ms:.0f} ms")
    table.add_row("share (at most .25 is wanted)", f"{share:.3f}")

    talks = {"a": long, "b": [long[0], Message("user", long[1].content[::-1][:6000])]}
    spent: list[Usage] = []
    for turn in range(3):
        for name, prompt in talks.items():
            talks[name], usage = asked(prompt, name)
            spent += [usage] if turn else []
    worst = min(spent, key=lambda usage: usage.reused / usage.prompt)
    table.add_row(
        "two such conversations in turn, the least reused of 4 follow-ups",
        f"{worst.reused} of {worst.prompt} tokens; first token at most {max(u.first_token_ms for u in spent):.0f} ms",
    )


def stops(engine: EngineClient, table: Table) -> None:
    """How long the model goes on after Stop: in a long prompt, in an answer, and before it is loaded."""
    long, short = prompt_of(engine, engine.window - 400), prompt_of(engine, 100)
    reading = [stopped(engine, long, after) for after in (0.3, 0.6, 0.9, 1.2)]
    table.add_row("stop while reading (worst of 4)", f"{max(reading):.0f} ms")
    writing = [stopped(engine, short, 0.0, pieces) for pieces in (3, 6, 9, 12)]
    table.add_row("stop while writing (worst of 4)", f"{max(writing):.0f} ms")
    engine.close()
    table.add_row("stop while the model is loaded", f"{stopped(engine, short, 0.05):.0f} ms")


def stopped(engine: EngineClient, messages: list[Message], after: float, pieces: int = 0) -> float:
    """Milliseconds from Stop, pressed ``after`` seconds or on so many ``pieces``, to the end of the answer."""
    engine.forget()
    cancel, pressed = threading.Event(), [0.0]

    def press() -> None:
        pressed[0] = time.perf_counter()
        cancel.set()

    if after:
        threading.Timer(after, press).start()
    writing = engine.generate(messages, Sampling(), conversation="stop", cancel=cancel)
    for number, _ in enumerate(writing, 1):
        if number == pieces:
            press()
    assert writing.usage.stopped == "cancelled"
    return (time.perf_counter() - pressed[0]) * 1000


def memory(settings: Settings) -> Table:
    """Memory of all processes together while `lectern ask` answers, and what a second one waits for."""
    table = Table("measure", "value")
    root = Path(__file__).resolve().parent.parent
    runtime = settings.home / "run"
    runtime.mkdir(mode=0o700)
    os.environ |= {
        "LECTERN_HOME": str(settings.home),
        "LECTERN_MODEL": str(settings.model),
        "LECTERN_CONTEXT_TOKENS": str(WINDOW),
        "XDG_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": str(root),
    }
    lectern = [sys.executable, "-m", "app.cli"]
    subprocess.run([*lectern, "ingest", str(root / "examples")], check=True, capture_output=True)
    try:
        for name in ("first", "second"):
            began, most = time.perf_counter(), {"ask": 0.0}
            question = [*lectern, "ask", "--answer", "model", "What is the rent of the boathouse?"]
            with subprocess.Popen(question, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
                while program.poll() is None:
                    now = {"ask": megabytes(program.pid)} | shared(runtime)
                    most = max(most, now, key=lambda sizes: sum(sizes.values()))
                    time.sleep(0.1)
            sizes = ", ".join(f"{size:,.0f} {part}" for part, size in most.items())
            table.add_row(
                f"{name} ask, most memory of all its processes together", f"{sum(most.values()):,.0f} MB ({sizes})"
            )
            table.add_row(f"{name} ask, whole", f"{time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        subprocess.run([*question, "--no-llm"], check=True, capture_output=True)
        table.add_row("ask --no-llm after that, whole", f"{time.perf_counter() - began:.1f} s")
        with EngineClient(settings.model_copy(update={"context_tokens": WINDOW}), shared=True) as one:
            began = time.perf_counter()
            one.load()
            table.add_row("another program has the loaded model after", f"{time.perf_counter() - began:.2f} s")
            system = Message("system", load_prompt("direct").system)
            messages = [system, *prompt_of(one, 260 - one.count_tokens(system.content))[1:]]
            one.warm(system.content)
            time.sleep(WARM_S)
            writing = one.generate(messages, Sampling(max_tokens=32))
            "".join(writing)
            usage = writing.usage
            first = f"{usage.prompt} tokens, {usage.reused} of them read before"
            table.add_row(f"first token, {first}", f"{usage.first_token_ms:,.0f} ms")
    finally:
        stop_shared()
    return table


def shared(runtime: Path) -> dict[str, float]:
    """Megabytes of the shared processes that were started in that folder, by their models' names."""
    found = {}
    for file in runtime.glob("lectern/*.json"):
        with suppress(OSError, ValueError):  # it has just ended
            about = json.loads(file.read_bytes())
            found[str(about["model"])] = megabytes(about["pid"])
    return found


def megabytes(process: int) -> float:
    """Memory of a process in MB, what it shares with others by its share (PSS); 0.0 where it has ended."""
    with suppress(OSError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6
    return 0.0


@contextmanager
def bench(parser: argparse.ArgumentParser) -> Iterator[tuple[argparse.Namespace, Settings]]:
    """The arguments, with --threads and --model, and settings in a home of their own; threads wait as the program's."""
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--model", default="bundled")
    given = parser.parse_args()
    for name, value in WAITING.items():
        os.environ.setdefault(name, value)
    with tempfile.TemporaryDirectory() as home:
        yield given, Settings(home=Path(home), model=given.model, threads=given.threads)


def bundled_copy(settings: Settings, path: Path) -> Path:
    """The file that is loaded for the model at ``path``."""
    from generate.requantize import fastest_copy

    return fastest_copy(path, settings.own_models_dir / "converted", threads=2) if find(settings).bundled else path


def threads_of(settings: Settings) -> int:
    return settings.threads or physical_cores()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=["formats", "blocks", "client", "memory"])
    with bench(parser) as (given, settings):
        console = Console(width=110)
        if given.part == "memory":
            console.print(memory(settings))
            return
        if given.part != "client":
            from generate import native

            native.start()
            path = find(settings).path
            assert path
            if given.part != "blocks":
                console.print(formats(path, settings.home, threads_of(settings)))
            if given.part != "formats":
                console.print(blocks(bundled_copy(settings, path), threads_of(settings)))
        if given.part in ("client", None):
            console.print(client(settings))


if __name__ == "__main__":
    main()
