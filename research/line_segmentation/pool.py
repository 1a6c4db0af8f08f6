"""Drawings in the memory of the device that trains, and crops of them cut many at a time.

In: drawings as (picture, label bits, font size), see `packs.py`. Out: crops (n, 3, side, side) in 0..1 and
their maps (n, channels, side, side). All drawings lie one after another in one long row of pixels, so that a
whole batch is one gather: cutting crop by crop costs more time in launching work than in doing it.
"""

from __future__ import annotations

import random
from collections import deque
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dic_ingest.vision.line_segmentation import CHANNELS, FONT
from research.line_segmentation.packs import Drawing, thickened

_ENDS_AND_LINES = 0b11111  # bits of line, arrow, triangle, diamond, mark
_TAPS = 2  # samples a side of an output pixel


class Item(NamedTuple):
    """Where one drawing lies in the row of pixels."""

    first: int
    height: int
    width: int
    font: float
    spots: list[tuple[int, int]]  # some places (y, x) on its connectors


class Prepared(NamedTuple):
    """A drawing ready to be copied: pixels (n, 3), bits (n,) with the thickened ones above, its measures."""

    pixels: NDArray[np.uint8]
    bits: NDArray[np.int32]
    item: Item


def prepared(drawing: Drawing) -> Prepared:
    """The costly part of adding a drawing; done where the drawing is made."""
    picture, bits, font = drawing
    both = bits.astype(np.int32) | thickened(bits).astype(np.int32) << 16
    marked = np.argwhere(bits[::4, ::4] & _ENDS_AND_LINES) * 4
    spots = [(int(y), int(x)) for y, x in marked[:: max(1, len(marked) // 64)]]
    height, width = bits.shape
    return Prepared(
        np.ascontiguousarray(picture).reshape(-1, 3), both.reshape(-1), Item(0, height, width, font, spots)
    )


class Pool:
    """Drawings on the device: those that stay, and `room` pixels for those that come and go."""

    def __init__(self, device: torch.device, stay: list[Prepared], room: int = 0) -> None:
        self.device, self._start = device, sum(len(p.bits) for p in stay)
        total = self._start + room
        self.pixels = torch.empty((total, 3), dtype=torch.uint8, device=device)
        self.bits = torch.empty(total, dtype=torch.int32, device=device)
        self.fixed: list[Item] = []
        self.fresh: deque[Item] = deque()
        self._next = 0
        for p in stay:
            self.fixed.append(self._put(p))
        self._next = self._start

    def _put(self, p: Prepared) -> Item:
        end = self._next + len(p.bits)
        self.pixels[self._next : end] = torch.from_numpy(p.pixels).to(self.device)
        self.bits[self._next : end] = torch.from_numpy(p.bits).to(self.device)
        item = p.item._replace(first=self._next)
        self._next = end
        return item

    def add(self, p: Prepared) -> None:
        """Adds a drawing over the oldest of those that come and go."""
        if len(p.bits) > len(self.bits) - self._start:
            raise ValueError(f"a drawing of {len(p.bits)} pixels in a pool of {len(self.bits) - self._start}")
        if self._next + len(p.bits) > len(self.bits):
            while self.fresh and self.fresh[0].first >= self._next:  # what lies behind the cursor is oldest
                self.fresh.popleft()
            self._next = self._start
        end = self._next + len(p.bits)
        while self.fresh and self._next <= self.fresh[0].first < end:
            self.fresh.popleft()
        self.fresh.append(self._put(p))

    def crops(self, rng: random.Random, size: int, side: int, fixed_share: float) -> tuple[Tensor, Tensor]:
        """`size` crops with their maps."""
        rows = [self._window(rng, side, fixed_share) for _ in range(size)]
        told = torch.tensor(rows, dtype=torch.float64).to(self.device)
        first, height, width, y0, x0, scale = told.T
        where = (first.long(), height.long(), width.long())
        y0, x0, scale = y0.float(), x0.float(), scale.float()
        picture = torch.zeros((size, side, side, 3), device=self.device)
        maps = torch.zeros((size, len(CHANNELS), side, side), dtype=torch.uint8, device=self.device)
        thick = (scale < 0.75).int()[:, None, None] * 16  # thin lines would fade
        for a in range(_TAPS):
            ys = _along(y0, scale, side, a)
            for b in range(_TAPS):
                xs = _along(x0, scale, side, b)
                picture += self._colours(ys, xs, where)
                near = self._at(ys.round().long(), xs.round().long(), where)
                bits = torch.where(near[1], self.bits[near[0]] >> thick, 0)
                for k in range(len(CHANNELS)):
                    maps[:, k] += (bits >> k & 1).to(torch.uint8)
        taps = _TAPS * _TAPS
        return picture.permute(0, 3, 1, 2).contiguous() / (255 * taps), maps.float() / taps

    def _window(self, rng: random.Random, side: int, fixed_share: float) -> tuple[float, ...]:
        """Which drawing, from where, at which scale: mostly with a connector in view."""
        stays = self.fixed and (not self.fresh or rng.random() < fixed_share)
        item = rng.choice(self.fixed if stays else self.fresh)
        scale = FONT * rng.choice([1.0, rng.uniform(0.72, 1.4)]) / item.font
        need = side / scale
        spot = rng.choice(item.spots) if item.spots and rng.random() < 0.7 else None
        y0, x0 = (_start(rng, need, length, spot[k] if spot else None)
                  for k, length in enumerate((item.height, item.width)))  # fmt: skip
        return item.first, item.height, item.width, y0, x0, scale

    @staticmethod
    def _at(y: Tensor, x: Tensor, where: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Places in the row for rows y (n, side) and columns x (n, side), and whether the drawing has them.

        Where it has not, the place is that of its first pixel, which is paper.
        """
        first, height, width = where
        ok = ((y >= 0) & (y < height[:, None]))[:, :, None] & ((x >= 0) & (x < width[:, None]))[:, None, :]
        place = (first[:, None] + y * width[:, None])[:, :, None] + x[:, None, :]
        return torch.where(ok, place, first[:, None, None]), ok

    def _colours(self, y: Tensor, x: Tensor, where: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Bilinear samples (n, side, side, 3)."""
        top, left = y.floor(), x.floor()
        down, right = (y - top)[:, :, None, None], (x - left)[:, None, :, None]
        out = torch.zeros((), device=self.device)
        for dy, part_y in ((0, 1 - down), (1, down)):
            for dx, part_x in ((0, 1 - right), (1, right)):
                place, _ = self._at(top.long() + dy, left.long() + dx, where)
                out = out + self.pixels[place] * (part_y * part_x)
        return out


def _start(rng: random.Random, need: float, length: int, spot: int | None) -> float:
    """Where a window begins along one side; before the drawing where that is smaller than the window."""
    if need >= length:
        return -rng.uniform(0, need - length)
    if spot is None:
        return rng.uniform(0, length - need)
    return min(max(0.0, spot - rng.uniform(0, need)), length - need)


def _along(start: Tensor, scale: Tensor, side: int, tap: int) -> Tensor:
    """Source coordinates (n, side) of one sample in every output pixel; whole numbers are pixels' middles."""
    steps = torch.arange(side, device=start.device) + (tap + 0.5) / _TAPS
    return start[:, None] + steps[None] / scale[:, None] - 0.5
