"""Batches of degraded crops, made on the device that trains, with torch alone.

In: a pool of drawings. Out: pictures (n, 3, side, side) in 0..1 and their maps (n, channels, side, side).
Degrades as scanners, screenshots and JPEG do; see `Degrade` for how often.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as fn

from dic_ingest.vision.line_segmentation import FONT
from research.line_segmentation.jpeg import jpeg
from research.line_segmentation.pool import Pool


@dataclass(frozen=True)
class Degrade:
    """Chances of each fault of a picture."""

    lost: float = 0.4  # seen once at a lower resolution
    jpeg: float = 0.3
    blur: float = 0.12
    noise: float = 0.12
    tint: float = 0.3
    moire: float = 0.05
    negative: float = 0.1
    swapped: float = 0.25  # colour channels
    grey: float = 0.1
    skewed: float = 0.12


def batch(
    pool: Pool, rng: random.Random, size: int, side: int, fixed_share: float, degrade: Degrade
) -> tuple[Tensor, Tensor]:
    """`size` crops with their maps."""
    x, y = pool.crops(rng, size, side, fixed_share)
    x = degraded(x, rng, degrade)
    x, y = _skewed(x, y, rng, degrade.skewed)
    mirrored = torch.rand(size, device=x.device) < 0.5
    return torch.where(mirrored[:, None, None, None], x.flip(3), x), torch.where(
        mirrored[:, None, None, None], y.flip(3), y
    )


def degraded(x: Tensor, rng: random.Random, d: Degrade) -> Tensor:
    """The pictures with random faults."""
    n = len(x)
    order = torch.randperm(n, device=x.device)
    lost = order[: round(n * d.lost)]
    for part in lost.chunk(3):  # three resolutions a batch
        if len(part):
            x[part] = _lost(x[part], rng)
    x = _chosen(x, d.blur, _blurred)
    x = _chosen(x, d.noise, lambda v: v + torch.randn_like(v[:, :1]) * _each(v, 2 / 255, 14 / 255))
    x = _chosen(x, d.tint, lambda v: v * _each(v, 0.75, 1.1) * _each(v, 0.93, 1.04, 3) + _each(v, -0.06, 0.1))
    x = _chosen(x, d.moire, _moire)
    x = _chosen(x, d.negative, lambda v: 1 - v)
    x = _chosen(x, d.swapped, lambda v: v[:, torch.randperm(3, device=v.device)])
    x = _chosen(x, d.grey, lambda v: v.mean(dim=1, keepdim=True).expand(-1, 3, -1, -1))
    x = x.clamp(0, 1)
    return _chosen(x, d.jpeg, lambda v: jpeg(v, rng.randint(30, 95)))


def _each(like: Tensor, low: float, high: float, channels: int = 1) -> Tensor:
    """One random number per picture (and channel)."""
    return torch.rand((len(like), channels, 1, 1), device=like.device) * (high - low) + low


def _chosen(x: Tensor, chance: float, change) -> Tensor:  # type: ignore[no-untyped-def]
    some = torch.rand(len(x)) < chance  # on the CPU: no waiting for the device
    where = some.nonzero()[:, 0].to(x.device, non_blocking=True)
    if len(where):
        x = x.clone()
        x[where] = change(x[where])
    return x


def _lost(x: Tensor, rng: random.Random) -> Tensor:
    side = x.shape[-1]
    small = max(32, round(side * min(1.0, rng.uniform(7.5, 14) / FONT) / 8) * 8)
    y = fn.interpolate(x, (small, small), mode="area")
    if rng.random() < 0.6:
        y = jpeg(y.clamp(0, 1), rng.randint(30, 95))
    mode = rng.choice(["bilinear", "bicubic"])
    return fn.interpolate(y, (side, side), mode=mode, align_corners=False).clamp(0, 1)


def _blurred(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    sigma = torch.rand(n, device=x.device) * 0.9 + 0.4
    at = torch.arange(-3, 4, device=x.device, dtype=x.dtype)
    line = torch.exp(-(at[None] ** 2) / (2 * sigma[:, None] ** 2))
    line = line / line.sum(dim=1, keepdim=True)
    kernel = (line[:, :, None] * line[:, None, :]).repeat_interleave(c, 0)[:, None]
    padded = fn.pad(x.reshape(1, n * c, h, w), (3, 3, 3, 3), mode="replicate")
    return fn.conv2d(padded, kernel, groups=n * c).reshape(n, c, h, w)


def _moire(x: Tensor) -> Tensor:
    side = x.shape[-1]
    at = torch.arange(side, device=x.device, dtype=x.dtype)
    angle, period = _each(x, 0, math.pi), _each(x, 2.2, 7)
    phase = (at[None, None, None, :] * torch.cos(angle) + at[None, None, :, None] * torch.sin(angle)) / period
    return x + torch.sin(phase * 2 * math.pi) * _each(x, 3 / 255, 12 / 255)


def _skewed(x: Tensor, y: Tensor, rng: random.Random, chance: float) -> tuple[Tensor, Tensor]:
    some = [k for k in range(len(x)) if rng.random() < chance]
    if not some:
        return x, y
    turns = [math.radians(rng.uniform(-2.5, 2.5)) for _ in some]
    rows = [[[math.cos(a), -math.sin(a), 0.0], [math.sin(a), math.cos(a), 0.0]] for a in turns]
    theta = torch.tensor(rows, device=x.device)
    grid = fn.affine_grid(theta, [len(some), 3, *x.shape[2:]], align_corners=False)
    x, y = x.clone(), y.clone()
    x[some] = fn.grid_sample(x[some], grid, padding_mode="border", align_corners=False)
    y[some] = fn.grid_sample(y[some], grid, align_corners=False)
    return x, y
