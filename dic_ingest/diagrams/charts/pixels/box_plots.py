"""Box plots in pixels: outlined boxes, the line across each, and the whiskers at the middle of its ends.

In: masks of the paints that outlines are drawn in. Out: boxes with median and whiskers, in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.charts.pixels.paints import Mask, Pixels
from dic_ingest.model.box import Box

LEAST = 0.5  # text heights of a box's sides
MOST_WIDE, MOST_OF_HEIGHT = 0.3, 0.7  # of the picture's width and height
RECTANGULAR = 0.9  # share of its bounds that the inside of a box fills
OFF = 45  # sum over three channels between the line across a box and its inside
ACROSS = 0.85  # share of the box's width that the line covers
LEAST_BOXES = 2
LONE = 0.3  # share of the row outside an end of a box that is ink: its whisker
BLEND = 3  # pixels of the outline's edge
BREAK = 0.5  # text heights between the dashes of a whisker
CAP = 0.3  # of the box's width: the stroke at a whisker's end is longer
MOST = 400  # boxes looked at


@dataclass(frozen=True, slots=True)
class BoxMark:
    """A box in pixels; `median` across it, `low` and `high` the ends of its whiskers, all along its axis."""

    box: Box
    median: float
    low: float
    high: float
    upright: bool


def box_marks_of(pixels: Pixels, outlines: Mask, em: float) -> list[BoxMark]:
    """The boxes whose outlines a mask holds, upright ones; if there are none, lying ones."""
    upright = _marks(pixels, outlines, em, True)
    if upright:
        return upright
    turned = np.ascontiguousarray(pixels.transpose(1, 0, 2))
    lying = _marks(turned, np.ascontiguousarray(outlines.T), em, False)
    return [BoxMark((m.box[1], m.box[0], m.box[3], m.box[2]), m.median, m.low, m.high, False) for m in lying]


def _marks(pixels: Pixels, outlines: Mask, em: float, upright: bool) -> list[BoxMark]:
    contours, levels = cv2.findContours(outlines, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if levels is None:
        return []
    holes = [c for c, level in zip(contours, levels[0], strict=True) if level[3] >= 0]
    found = []
    for hole in holes[:MOST]:
        x, y, w, h = cv2.boundingRect(hole)
        if min(w, h) < LEAST * em or w > MOST_WIDE * pixels.shape[1] or h > MOST_OF_HEIGHT * pixels.shape[0]:
            continue
        if cv2.contourArea(hole) < RECTANGULAR * (w - 1) * (h - 1):
            continue
        found.append((x, y, x + w, y + h))
    marks = [_mark(pixels, outlines, box, em, upright) for box in _whole(found, em)]
    kept = [m for m in marks if m is not None]
    return kept if len(kept) >= LEAST_BOXES else []


def _whole(holes: list[tuple[int, int, int, int]], em: float) -> list[tuple[int, int, int, int]]:
    """Holes one above the other with the same sides are one box: the line across has the outline's paint."""
    out: list[tuple[int, int, int, int]] = []
    for box in sorted(holes, key=lambda b: (b[0], b[1])):
        last = out[-1] if out else None
        if (
            last is not None
            and max(abs(last[0] - box[0]), abs(last[2] - box[2])) <= 2
            and 0 < box[1] - last[3] < 0.4 * em
        ):
            out[-1] = (last[0], last[1], last[2], box[3])
        else:
            out.append(box)
    return out


def _mark(
    pixels: Pixels, outlines: Mask, inner: tuple[int, int, int, int], em: float, upright: bool
) -> BoxMark | None:
    x0, y0, x1, y1 = inner
    median = _median(pixels, inner)
    if median is None:
        return None
    line = outlines > 0
    top, bottom = _edge(line, x0, x1, y0, -1), _edge(line, x0, x1, y1 - 1, 1)
    if not _stands_alone(line, inner):
        return None
    left, right = _edge(line.T, y0, y1, x0, -1), _edge(line.T, y0, y1, x1 - 1, 1)
    if top is None or bottom is None or left is None or right is None:
        return None
    high = _whisker(line, (x0 + x1) // 2, int(top), -1, x1 - x0, em)
    low = _whisker(line, (x0 + x1) // 2, int(bottom), 1, x1 - x0, em)
    if high is None and low is None:
        return None
    ends = (bottom if low is None else low, top if high is None else high)
    return BoxMark((left, top, right, bottom), median, ends[0], ends[1], upright)


def _stands_alone(line: NDArray[np.bool_], inner: tuple[int, int, int, int]) -> bool:
    """Whether nothing but whiskers leaves a box: the lines of a grid go on at its corners."""
    x0, y0, x1, y1 = inner
    by = 2 * BLEND + 2
    rows = [line[max(0, y0 - by), x0:x1], line[min(len(line) - 1, y1 + by), x0:x1]]
    columns = [line[y0:y1, max(0, x0 - by)], line[y0:y1, min(line.shape[1] - 1, x1 + by)]]
    xs = (slice(max(0, x0 - by), x0), slice(x1, x1 + by))
    ys = (slice(max(0, y0 - by), y0), slice(y1, y1 + by))
    outside = [line[row, x] for row in (max(0, y0 - by), min(len(line) - 1, y1 + by)) for x in xs]
    outside += [line[y, c] for c in (max(0, x0 - by), min(line.shape[1] - 1, x1 + by)) for y in ys]
    return (
        all(r.mean() < LONE for r in rows)
        and all(c.mean() < LONE for c in columns)
        and not any(o.any() for o in outside)
    )


def _edge(line: NDArray[np.bool_], start: int, end: int, at: int, way: int) -> float | None:
    """The middle of the outline beside the inside of a box."""
    rows = []
    for step in range(8):
        row = at + way * step
        if not 0 <= row < len(line):
            break
        if line[row, start:end].mean() > 0.6:
            rows.append(row)
        elif rows:
            break
    return float(np.mean(rows)) + 0.5 if rows else None


def _median(pixels: Pixels, inner: tuple[int, int, int, int]) -> float | None:
    """The row of the line across the inside of a box that does not go on beyond it, as grid lines do."""
    x0, y0, x1, y1 = inner
    flat = pixels[y0:y1].astype(np.int16)
    inside = flat[:, x0 + 1 : x1 - 1]
    ground = np.median(inside.reshape(-1, 3), axis=0)
    off = np.abs(inside - ground).sum(axis=2) > OFF
    rows = np.flatnonzero(off.mean(axis=1) > ACROSS)
    rows = rows[(rows >= BLEND) & (rows < y1 - y0 - BLEND)]
    if not len(rows):
        return None
    groups = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    own = [g for g in groups if not _goes_on(flat, g, x0, x1)] or groups
    strength = [float(np.abs(inside[g] - ground).sum(axis=2).mean()) for g in own]
    best = own[int(np.argmax(strength))]
    return y0 + float(np.mean(best)) + 0.5


def _goes_on(flat: NDArray[np.int16], rows: NDArray[np.intp], x0: int, x1: int) -> bool:
    """Whether a line goes on left and right of the box."""
    middle = int(rows[len(rows) // 2])
    away = max(6, (x1 - x0) // 6)
    here = np.median(flat[middle, x0 + 1 : x1 - 1], axis=0)
    sides = [flat[middle, max(0, x0 - away)], flat[middle, min(flat.shape[1] - 1, x1 + away)]]
    return all(float(np.abs(s - here).sum()) < OFF for s in sides)


def _whisker(line: NDArray[np.bool_], x: int, start: int, way: int, wide: int, em: float) -> float | None:
    """Where the line that leaves the middle of a box ends: at its cap, or at its last pixel."""
    there: NDArray[np.bool_] = np.asarray(line[:, max(0, x - 1) : x + 2]).max(axis=1)
    allowed, at, last = max(2, int(BREAK * em)), start, start
    while 0 <= at < len(there) and abs(at - last) <= allowed:
        if there[at]:
            last = at
        at += way
    if abs(last - start) < max(3, 0.15 * em):
        return None
    arm = max(2, int(CAP * wide / 2))
    sides = line[:, max(0, x - arm)] & line[:, min(line.shape[1] - 1, x + arm)]
    caps = [row for row in range(last, start + 3 * way, -way) if sides[row]]
    if not caps:
        return last + 0.5
    first = [row for row in caps if abs(row - caps[0]) < 0.3 * em + 2]
    return float(np.mean(first)) + 0.5
