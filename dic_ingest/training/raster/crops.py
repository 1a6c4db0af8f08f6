"""Batches of degraded crops, drawn on the device that trains: a pool of drawings in its memory, torch alone.

In: drawings as (picture, label bits, font size). Out: pictures (n, 3, side, side) in 0..1 and their maps
(n, channels, side, side). Degrades as scanners, screenshots and JPEG do; see `Degrade` for how often.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as fn

from dic_ingest.structure.raster_maps import CHANNELS, FONT
from dic_ingest.training.raster.jpeg import jpeg

THIN = [CHANNELS.index(n) for n in ("line", "outline", "frame", "rule")]
_ENDS_AND_LINES = 0b11111  # bits of line, arrow, triangle, diamond, mark


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


class Item(NamedTuple):
    """One drawing on the device."""

    picture: Tensor  # (3, h, w), uint8
    bits: Tensor  # (h, w), int16
    font: float
    spots: list[tuple[int, int]]  # some places (y, x) on its connectors


class Pool:
    """Drawings on the device. `add` replaces the oldest of those that come and go once `room` is full."""

    def __init__(self, device: torch.device, room: int = 6000) -> None:
        self.device, self.room, self._next = device, room, 0
        self.fixed: list[Item] = []
        self.fresh: list[Item] = []

    def _on_device(self, picture: NDArray[np.uint8], bits: NDArray[np.uint16], font: float) -> Item:
        pixels = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))).to(self.device)
        marked = np.argwhere(bits[::4, ::4] & _ENDS_AND_LINES) * 4
        spots = [(int(y), int(x)) for y, x in marked[:: max(1, len(marked) // 64)]]
        return Item(pixels, torch.from_numpy(bits.astype(np.int16)).to(self.device), font, spots)

    def keep(self, picture: NDArray[np.uint8], bits: NDArray[np.uint16], font: float) -> None:
        """Adds a drawing that stays."""
        self.fixed.append(self._on_device(picture, bits, font))

    def add(self, picture: NDArray[np.uint8], bits: NDArray[np.uint16], font: float) -> None:
        """Adds a drawing that is replaced in time."""
        item = self._on_device(picture, bits, font)
        if len(self.fresh) < self.room:
            self.fresh.append(item)
        else:
            self.fresh[self._next % self.room] = item
            self._next += 1

    def pick(self, rng: random.Random, fixed_share: float) -> Item:
        """One drawing; `fixed_share` of them from those that stay."""
        if self.fixed and (not self.fresh or rng.random() < fixed_share):
            return rng.choice(self.fixed)
        return rng.choice(self.fresh)


def batch(
    pool: Pool, rng: random.Random, size: int, side: int, fixed_share: float, degrade: Degrade
) -> tuple[Tensor, Tensor]:
    """`size` crops with their maps."""
    pictures, maps = [], []
    for _ in range(size):
        item = pool.pick(rng, fixed_share)
        scale = FONT * rng.choice([1.0, rng.uniform(0.72, 1.4)]) / item.font
        window, labels = _window(item, max(8, math.ceil(side / scale)), rng)
        pictures.append(_resized(window, side, scale))
        maps.append(_labels(labels, side, scale))
    x, y = torch.stack(pictures), torch.stack(maps)
    x = degraded(x, rng, degrade)
    x, y = _skewed(x, y, rng, degrade.skewed)
    mirrored = torch.rand(size, device=x.device) < 0.5
    return torch.where(mirrored[:, None, None, None], x.flip(3), x), torch.where(
        mirrored[:, None, None, None], y.flip(3), y
    )


def _window(item: Item, need: int, rng: random.Random) -> tuple[Tensor, Tensor]:
    """A square of the drawing, mostly with a connector in it; on more of its paper where it is too small."""
    picture, bits = item.picture, item.bits
    height, width = bits.shape
    up, left = max(0, need - height), max(0, need - width)
    y, x = rng.randint(0, max(0, height - need)), rng.randint(0, max(0, width - need))
    if item.spots and rng.random() < 0.7:
        cy, cx = rng.choice(item.spots)
        y = min(max(0, cy - rng.randint(0, need)), max(0, height - need))
        x = min(max(0, cx - rng.randint(0, need)), max(0, width - need))
    pixels, labels = picture[:, y : y + need, x : x + need], bits[y : y + need, x : x + need]
    if up or left:
        top, side = rng.randint(0, up), rng.randint(0, left)
        whole = picture[:, :1, :1].expand(3, need, need).clone()
        marked = torch.zeros((need, need), dtype=bits.dtype, device=bits.device)
        h, w = labels.shape
        whole[:, top : top + h, side : side + w] = pixels
        marked[top : top + h, side : side + w] = labels
        pixels, labels = whole, marked
    return pixels, labels


def _resized(picture: Tensor, side: int, scale: float) -> Tensor:
    x = picture[None].float() / 255
    if scale < 1:
        return fn.interpolate(x, (side, side), mode="area")[0]
    return fn.interpolate(x, (side, side), mode="bicubic", align_corners=False)[0].clamp(0, 1)


def _labels(bits: Tensor, side: int, scale: float) -> Tensor:
    shifts = torch.arange(len(CHANNELS), device=bits.device, dtype=bits.dtype)
    maps = ((bits[None] >> shifts[:, None, None]) & 1).float()[None]
    if scale < 0.75:  # thin lines would fade
        grow = math.ceil(1 / scale) | 1
        maps[:, THIN] = fn.max_pool2d(maps[:, THIN], grow, 1, grow // 2)
    if scale < 1:
        return fn.interpolate(maps, (side, side), mode="area")[0]
    return fn.interpolate(maps, (side, side), mode="bilinear", align_corners=False)[0]


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
