"""Torch as the embedders, the span reader and the reranker want it."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from core.loading import map_library

if TYPE_CHECKING:
    import torch


def prepare_torch(folder: str, threads: int) -> torch.dtype:
    """Prepare torch and transformers to load the model in ``folder`` (or of that name); the dtype for its weights.

    Nothing is fetched. ``threads`` 0 leaves torch's own number, the physical cores.
    """
    if not Path(folder).is_dir():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    dtype = torch_alone(threads)
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return dtype


def torch_alone(threads: int) -> torch.dtype:
    """Load torch, without transformers, which takes as long again; the dtype for weights."""
    # Read when torch is loaded: its threads sleep while they wait for each other instead of spinning. As fast on
    # idle cores, and beside other work 33 texts/s instead of 17.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    map_library("torch", "lib/libtorch_cpu.so")
    import torch

    if threads:
        torch.set_num_threads(threads)
    return torch.bfloat16 if has_bfloat16() else torch.float32


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself: 1.7 times the speed of float32, cosine at least .9999 to it."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    import torch

    return bool(torch.cpu._is_avx512_bf16_supported())
