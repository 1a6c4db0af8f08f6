"""Marks that touch become pieces; pieces between the same walls of text become regions.

In: `Mark`s and boxes of one page. Out: groups of them, found on a small bitmap of the page, so that cost and
memory are bounded by the page's size and not by what is drawn on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.drawing import Box, area, inside, union
from dic_ingest.figures.marks import Mark

PIXELS = 1100  # longer side of the bitmap
Bitmap = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Piece:
    """Marks that touch one another, or stand in a frame among them."""

    bbox: Box
    marks: tuple[Mark, ...]


class Canvas:
    """A bitmap of a page to draw boxes and paths on; x and y in points."""

    def __init__(self, width: float, height: float) -> None:
        self.scale = min(max(PIXELS / max(width, height, 1.0), 0.05), 2.0)
        self.shape = max(2, round(height * self.scale) + 2), max(2, round(width * self.scale) + 2)
        self.bits: Bitmap = np.zeros(self.shape, np.uint8)

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        h, w = self.shape
        return min(max(round(x * self.scale), 0), w - 1), min(max(round(y * self.scale), 0), h - 1)

    def box(self, box: Box, value: int = 255) -> None:
        """Fill a box."""
        cv2.rectangle(self.bits, self._pixel(box[0], box[1]), self._pixel(box[2], box[3]), value, -1)

    def mark(self, mark: Mark) -> None:
        """Draw a mark as it shows: outlines as lines, paint as areas."""
        if mark.path is None or mark.path.clip is not None:
            self.box(mark.bbox)
            return
        for sub in mark.path.subpaths:
            points = np.array([self._pixel(x, y) for x, y in sub.points], np.int32).reshape(-1, 1, 2)
            if mark.path.fill is not None:
                cv2.fillPoly(self.bits, [points], 255)
            cv2.polylines(self.bits, [points], sub.closed, 255, 1)

    def grown(self, gap: float) -> Bitmap:
        """The bitmap with everything `gap` points apart or less joined."""
        size = max(1, round(gap * self.scale / 2)) * 2 + 1
        return cv2.dilate(self.bits, np.ones((size, size), np.uint8)).astype(np.uint8)

    def at(self, labels: NDArray[np.int32], mark: Mark) -> int:
        """Label under a mark; 0 where nothing is."""
        x, y = self._pixel((mark.bbox[0] + mark.bbox[2]) / 2, (mark.bbox[1] + mark.bbox[3]) / 2)
        if mark.path is not None and mark.path.clip is None:
            x, y = self._pixel(*mark.path.subpaths[0].points[0])
        return int(labels[y, x])


def components(bits: Bitmap) -> NDArray[np.int32]:
    """Connected areas numbered from 1."""
    return cv2.connectedComponents(bits, connectivity=8)[1].astype(np.int32)


def pieces_of(marks: Sequence[Mark], width: float, height: float, gap: float) -> tuple[Piece, ...]:
    """Pieces: marks within `gap` points of one another, and what stands inside their frames."""
    if not marks:
        return ()
    canvas = Canvas(width, height)
    for mark in marks:
        canvas.mark(mark)
    labels = components(canvas.grown(gap))
    groups: dict[int, list[Mark]] = {}
    for mark in marks:
        groups.setdefault(canvas.at(labels, mark), []).append(mark)
    parts = [Piece(union(m.bbox for m in g), tuple(g)) for g in groups.values()]
    return _enclosed(parts, width * height)


def _enclosed(parts: list[Piece], page: float) -> tuple[Piece, ...]:
    """Pieces that stand in a frame of another one become part of it."""
    frames = [
        (m.bbox, i)
        for i, p in enumerate(parts)
        for m in p.marks
        if m.frame and area(m.bbox) < 0.8 * page and area(m.bbox) > 400
    ]
    joined = Union(len(parts))
    for box, owner in frames:
        for i, part in enumerate(parts):
            if i != owner and area(part.bbox) < area(box) and inside(part.bbox, box, 0.9):
                joined.join(owner, i)
    return tuple(
        Piece(union(parts[i].bbox for i in g), tuple(m for i in g for m in parts[i].marks))
        for g in joined.groups()
    )


class Union:
    """Sets of numbers that are joined pair by pair."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def find(self, i: int) -> int:
        """The set that `i` is in."""
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, a: int, b: int) -> None:
        """Make one set of two."""
        self.parent[self.find(a)] = self.find(b)

    def groups(self) -> list[list[int]]:
        """Every set, its members in ascending order."""
        out: dict[int, list[int]] = {}
        for i in range(len(self.parent)):
            out.setdefault(self.find(i), []).append(i)
        return list(out.values())
