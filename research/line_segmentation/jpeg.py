"""What JPEG does to pictures, in torch: YCbCr with halved chroma, 8 x 8 cosine blocks, quantised and back.

In and out: (n, 3, h, w) in 0..1, sides multiples of 8. Tables: ITU-T T.81, annex K; quality as in libjpeg.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as fn

_LUMA = (16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
         14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
         49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99)  # fmt: skip
_CHROMA = (17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
           47, 66, 99, 99, 99, 99, 99, 99, *(99,) * 32)  # fmt: skip
_TO_YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))


@lru_cache(maxsize=4)
def _cosines(device: torch.device) -> Tensor:
    rows = [
        [math.cos((2 * x + 1) * u * math.pi / 16) * (math.sqrt(0.125) if u == 0 else 0.5) for x in range(8)]
        for u in range(8)
    ]
    return torch.tensor(rows, device=device)


def jpeg(x: Tensor, quality: int) -> Tensor:
    """The pictures after one JPEG of that quality (1..100)."""
    h, w = x.shape[2:]
    if h % 8 or w % 8:
        raise ValueError(f"sides must be multiples of 8, got {h} x {w}")
    factor = 50 / quality if quality < 50 else 2 - quality / 50
    turn = torch.tensor(_TO_YCC, device=x.device)
    ycc = torch.einsum("ij,njhw->nihw", turn, x) * 255
    luma = _blocks(ycc[:, :1] - 128, _LUMA, factor) + 128
    small = fn.avg_pool2d(ycc[:, 1:], 2)
    high, wide = small.shape[2:]
    padded = fn.pad(small, (0, -wide % 8, 0, -high % 8), mode="replicate")
    chroma = _blocks(padded, _CHROMA, factor)[:, :, :high, :wide]
    chroma = fn.interpolate(chroma, (h, w), mode="bilinear", align_corners=False)
    back = torch.linalg.inv(turn)
    return (torch.einsum("ij,njhw->nihw", back, torch.cat([luma, chroma], dim=1)) / 255).clamp(0, 1)


def _blocks(x: Tensor, table: tuple[int, ...], factor: float) -> Tensor:
    n, c, h, w = x.shape
    cosines = _cosines(x.device)
    steps = (torch.tensor(table, device=x.device, dtype=x.dtype).reshape(8, 8) * factor).round().clamp(1, 255)
    blocks = x.reshape(n, c, h // 8, 8, w // 8, 8).permute(0, 1, 2, 4, 3, 5)
    waves = cosines @ blocks @ cosines.T
    waves = (waves / steps).round() * steps
    return (cosines.T @ waves @ cosines).permute(0, 1, 2, 4, 3, 5).reshape(n, c, h, w)
