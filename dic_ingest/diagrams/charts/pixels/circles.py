"""Pies and donuts in pixels: circles, their rings walked once around, a sector for each run of one paint.

In: pixels, where words stand, the ground. Out: sectors as outlines about their centre. An ellipse is no
circle: shares of a pie in perspective are not measured.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.charts.pixels.paints import NEAR, Mask, Pixels, mask_of, runs_of
from dic_ingest.model.box import Point
from dic_ingest.model.drawing import Color

LEAST = 4.0  # text heights across a circle
OFF_GROUND = 30  # sum over three channels
EDGE = 0.3  # text heights of an edge between two sectors in the paint of the ground
ROUND, ON = 0.025, 0.85  # of the radius, and share of the outline that lies so near to the circle
ANGLES = 1440
RINGS = (0.3, 0.5, 0.7, 0.85, 0.93)  # of the way from the hole to the rim
HOLE, EMPTY = 0.15, 0.8  # of the radius; share of a ring of the ground that is in the hole
NARROW = 0.004  # of a turn: a run is no sector, but the edge of two
ARC = math.radians(6)  # between points of an outline
LEAST_ARC = 8  # points on a sector's rim
NO_COLOR = -1000.0  # where words hide a whole ray
MOST = 24  # sectors of one circle
Ring = Callable[[float], tuple[NDArray[np.intp], NDArray[np.intp]]]  # rows and columns at a radius


@dataclass(frozen=True, slots=True)
class Wheel:
    """A circle of sectors: outlines and paints; `centre` and `radius` in pixels."""

    centre: Point
    radius: float
    sectors: tuple[tuple[tuple[Point, ...], Color], ...]


def wheels_of(pixels: Pixels, ink: Mask, ground: Color, em: float) -> list[Wheel]:
    """The circles of at least two sectors; `ink` is 0 where words stand, `em` a text height in pixels."""
    flat = pixels.astype(np.int16)
    off = np.abs(flat - np.array(ground, np.int16)).sum(axis=2) > OFF_GROUND
    gap = 2 * round(EDGE * em / 2) + 1
    closed = cv2.morphologyEx(cv2.bitwise_and(mask_of(off), ink), cv2.MORPH_CLOSE, np.ones((gap, gap)))
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for contour in sorted(contours, key=len, reverse=True)[:MOST]:
        circle = _circle(contour.reshape(-1, 2).astype(np.float64), em)
        wheel = _wheel(pixels, ink, off, circle) if circle is not None else None
        if wheel is not None:
            found.append(wheel)
    return found


def _circle(outline: NDArray[np.float64], em: float) -> tuple[float, float, float] | None:
    """Centre and radius of an outline, if it is a circle."""
    wide, high = np.ptp(outline, axis=0)
    if min(wide, high) < LEAST * em or len(outline) < 16:
        return None
    near = outline
    x = y = r = 0.0
    for _ in range(3):  # words that stood at the rim have cut it: fitted again without what lies off
        system = np.column_stack((2 * near, np.ones(len(near))))
        (x, y, rest), *_ = np.linalg.lstsq(system, (near**2).sum(axis=1), rcond=None)
        r = math.sqrt(max(0.0, rest + x * x + y * y))
        away = np.abs(np.hypot(outline[:, 0] - x, outline[:, 1] - y) - r)
        if r < LEAST * em / 2 or r > max(wide, high) or (away < ROUND * r).mean() < ON / 2:
            return None
        near = outline[away < ROUND * r]
    return (float(x), float(y), r) if len(near) > ON * len(outline) else None


def _wheel(
    pixels: Pixels, ink: Mask, off: NDArray[np.bool_], circle: tuple[float, float, float]
) -> Wheel | None:
    x, y, r = circle
    angles = np.arange(ANGLES) * 2 * math.pi / ANGLES

    def ring(radius: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        rows = np.clip(np.rint(y + radius * np.sin(angles)), 0, pixels.shape[0] - 1).astype(np.intp)
        columns = np.clip(np.rint(x + radius * np.cos(angles)), 0, pixels.shape[1] - 1).astype(np.intp)
        return rows, columns

    empty = [k for k in range(1, 20) if (~off[ring(r * k / 20)]).mean() > EMPTY]
    hole = r * max(empty, default=0) / 20
    hole = hole if hole > HOLE * r and len(empty) >= max(empty) - 1 else 0.0
    places = [ring(hole + share * (r - hole)) for share in RINGS]
    seen = np.array([pixels[p] for p in places], np.float64)
    seen[np.array([ink[p] == 0 for p in places])] = np.nan
    usual = np.nan_to_num(_median(seen), nan=NO_COLOR)
    runs = _sectors(usual)
    if not 2 <= len(runs) <= MOST:
        return None
    inner = _hole_radius(off, ring, hole, r)
    return Wheel((x, y), r, tuple((_outline((x, y), r, inner, a, b), color) for a, b, color in runs))


def _median(seen: NDArray[np.float64]) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # words over a whole ray
        return np.asarray(np.nanmedian(seen, axis=0))


def _hole_radius(off: NDArray[np.bool_], ring: Ring, hole: float, r: float) -> float:
    """The radius at which half of the ring is of the ground."""
    if hole == 0.0:
        return 0.0
    steps = np.arange(hole, min(hole + 0.1 * r, r), 0.5)
    return float(next((s for s in steps if off[ring(s)].mean() > 0.5), hole))


def _sectors(usual: NDArray[np.float64]) -> list[tuple[float, float, Color]]:
    """Start and end (radians) and paint of each run of one paint; what lies between two is halved."""
    jump = np.abs(usual - np.roll(usual, 1, axis=0)).sum(axis=1) > NEAR / 2
    if not jump.any():
        return []
    start = int(np.flatnonzero(jump)[0])
    turned = np.roll(usual, -start, axis=0)
    even = np.roll(~jump, -start)
    runs = [(max(0, a - 1), b) for a, b in runs_of(even) if b - a > NARROW * ANGLES]
    joined: list[tuple[int, int, NDArray[np.float64]]] = []
    for a, b in runs:
        paint = np.median(turned[a:b], axis=0)
        if paint.min() < 0:
            continue
        if joined and np.abs(joined[-1][2] - paint).sum() < NEAR / 2:
            joined[-1] = (joined[-1][0], b, joined[-1][2])
        else:
            joined.append((a, b, paint))
    if len(joined) > 2 and np.abs(joined[-1][2] - joined[0][2]).sum() < NEAR / 2:
        joined[0] = (joined[-1][0] - ANGLES, joined[0][1], joined[0][2])
        joined.pop()
    out = []
    for k, (a, b, paint) in enumerate(joined):
        before = joined[k - 1][1] - (ANGLES if k == 0 else 0)
        after = joined[(k + 1) % len(joined)][0] + (ANGLES if k == len(joined) - 1 else 0)
        low, high = (before + a) / 2 + start, (after + b) / 2 + start
        color = (round(paint[0]), round(paint[1]), round(paint[2]))
        out.append((low * 2 * math.pi / ANGLES, high * 2 * math.pi / ANGLES, color))
    return out


def _outline(centre: Point, radius: float, hole: float, start: float, end: float) -> tuple[Point, ...]:
    count = max(LEAST_ARC, math.ceil((end - start) / ARC))
    turns = [start + (end - start) * i / count for i in range(count + 1)]

    def arc(r: float, angles: Sequence[float]) -> tuple[Point, ...]:
        return tuple((centre[0] + r * math.cos(t), centre[1] + r * math.sin(t)) for t in angles)

    return (*arc(radius, turns), *(arc(hole, turns[::-1]) if hole else (centre,)))


def covered(wheels: Sequence[Wheel], shape: tuple[int, int], grown: float) -> Mask:
    """255 where a circle stands, `grown` pixels wider."""
    mask = np.zeros(shape, np.uint8)
    for w in wheels:
        at = (round(w.centre[0]), round(w.centre[1]))
        cv2.circle(mask, at, round(w.radius + grown), (255,), -1)
    return mask
