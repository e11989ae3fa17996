"""Matrix products in int8 with float32 on both sides, for processors that multiply int8 in one step and bfloat16 not.

The weights have a scale a row. What goes in is rounded to eight bits in each call, with one scale for all of it or,
where tokens differ widely, with one a token. Dettmers et al. 2022, https://arxiv.org/abs/2208.07339, sections 2 and 3.
"""

from __future__ import annotations

import platform

import torch
from torch import Tensor

_ROWS = 3072
"""Rows of a usual product, for which the weights are laid out."""


def is_fast() -> bool:
    """Whether the processor multiplies int8 in one step (AVX-512 VNNI), and torch has the product that uses it."""
    if platform.machine() not in ("x86_64", "AMD64") or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    return bool(torch.cpu._is_vnni_supported()) and hasattr(torch.ops.onednn, "qlinear_pointwise")


class Int8Linear:
    """A linear layer, (n, width) -> (n, rows of ``weight``), both float32; ``bias`` has a value a row."""

    def __init__(self, weight: Tensor, bias: Tensor, *, by_token: bool = False) -> None:
        """``by_token`` rounds each row of the input with a scale of its own, which costs two more passes over it."""
        self._scales = weight.abs().amax(1).clamp_min_(1e-12).div_(127)
        rounded = (weight / self._scales[:, None]).round_().to(torch.int8)
        self._weight = torch.ops.onednn.qlinear_prepack(rounded, [_ROWS, weight.shape[1]])
        self._zeros = torch.zeros(len(weight), dtype=torch.int64)
        self._bias = bias
        self._by_token = by_token

    def __call__(self, states: Tensor) -> Tensor:
        return self._each_token(states) if self._by_token else self._all_tokens(states)

    def _all_tokens(self, states: Tensor) -> Tensor:
        least, most = (float(end) for end in torch.aminmax(states))
        least, most = min(least, 0.0), max(most, 0.0)
        scale = (most - least) / 255 or 1.0
        zero = round(-least / scale)
        rounded = (states * (1 / scale)).add_(zero + 0.5).clamp_(0, 255).to(torch.uint8)
        return self._product(rounded, scale, zero, self._bias)

    def _each_token(self, states: Tensor) -> Tensor:
        scales = states.abs().amax(1, keepdim=True).clamp_min_(1e-12).div_(127)
        rounded = (states / scales).add_(128.5).to(torch.uint8)
        return torch.addcmul(self._bias, self._product(rounded, 1.0, 128, None), scales)

    def _product(self, rounded: Tensor, scale: float, zero: int, bias: Tensor | None) -> Tensor:
        found: Tensor = torch.ops.onednn.qlinear_pointwise(
            rounded, scale, zero, self._weight, self._scales, self._zeros, bias, 1.0, 0, torch.float32, "none", [], ""
        )
        return found
