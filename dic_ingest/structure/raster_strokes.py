"""Which pixels are strokes of connectors, and which are lifelines and rules; straight lines made straight.

The network at times takes a long straight connector for a frame's side or a rule: what bounds no shape that
was found is a stroke all the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.drawing import Point
from dic_ingest.structure.raster_maps import Maps
from dic_ingest.structure.raster_paths import Trail
from dic_ingest.structure.scene import Shape

_SURE = 0.45


def stroke_mask(
    maps: Maps, shapes: Sequence[Shape], leaves: Sequence[Shape], rest: NDArray[np.bool_], em: float
) -> NDArray[np.bool_]:
    """Pixels of connectors; `rest` are rule pixels that belong to no straight rule."""
    near = np.zeros(maps["line"].shape, np.uint8)
    for s in shapes:
        outline = np.rint(np.array(s.polygon)).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(near, [outline], True, 1, max(7, round(0.9 * em)))
    core = np.zeros_like(near)
    for s in leaves:
        if s.kind == "icon" or s.score >= 0.68:  # the network sees the inside of a node there
            cv2.fillPoly(core, [np.rint(np.array(s.polygon)).astype(np.int32).reshape(-1, 1, 2)], 1)
    core = np.asarray(cv2.erode(core, np.ones((7, 7), np.uint8)), dtype=np.uint8)
    walls = np.maximum(maps["outline"], maps["frame"]) > 0.5
    line = maps["line"] > _SURE
    return np.asarray((line | rest | (walls & (near == 0))) & (core == 0), dtype=bool)


def find_rules(maps: Maps, em: float) -> tuple[list[Trail], NDArray[np.bool_]]:
    """Straight upright and level rules as trails, and the rule pixels that are left."""
    mask = ((maps["rule"] > _SURE) & (maps["rule"] > maps["line"])).astype(np.uint8)
    covered = np.zeros_like(mask)
    heads = _middles(maps["arrow"] > 0.5, 0.12 * em * em)
    found: list[Trail] = []
    for upright in (True, False):
        size = max(3, round((2.0 if upright else 1.5) * em)) | 1  # odd: an even kernel shifts what it opens
        kernel = np.ones((size, 1) if upright else (1, size), np.uint8)
        gap = np.ones((2 * size + 1, 1) if upright else (1, size), np.uint8)
        whole = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, gap)
        whole[maps["outline"] >= 0.5] = 0  # no rule leaves its table
        runs = cv2.morphologyEx(whole, cv2.MORPH_OPEN, kernel)
        count, label, stats, _ = cv2.connectedComponentsWithStats(runs)
        seen = np.bincount(label[mask > 0], minlength=count)
        kept = [
            k
            for k in range(1, count)
            if seen[k] > 0.3 * max(stats[k][2:4])
            and not _is_connector(tuple(float(v) for v in stats[k][:4]), heads, upright, em)
        ]
        runs = np.isin(label, kept).astype(np.uint8)
        covered |= np.asarray(cv2.dilate(runs, np.ones((3, 3), np.uint8)), dtype=np.uint8)
        boxes = [[float(v) for v in stats[k][:4]] for k in kept]
        if not upright:
            boxes = [[y, x, h, w] for x, y, w, h in boxes]
        spans = [(x + w / 2 - 0.5, y, y + h) for x, y, w, h in boxes]
        inner = [_in_node(maps["inside"] if upright else maps["inside"].T, s) for s in spans]
        for within in (False, True):  # lifelines are drawn in pieces, the columns of two tables are not one
            part = [s for s, i in zip(spans, inner, strict=True) if i == within]
            for at, low, high in _merged(part, em, (8.0 if upright and not within else 1.0) * em):
                points = _steps(at, low, high)
                found.append(Trail(points if upright else [(y, x) for x, y in points]))
    return found, (mask > 0) & (covered == 0)


def _in_node(inside: NDArray[np.float32], span: tuple[float, float, float]) -> bool:
    """Whether an upright rule runs through the inside of a node on both its sides."""
    at, low, high = round(span[0]), round(span[1]), round(span[2])
    sides = [inside[low:high, max(0, at - 5) : max(0, at - 3)], inside[low:high, at + 4 : at + 6]]
    return all(s.size > 0 and float((s > 0.5).mean()) > 0.6 for s in sides)


def _is_connector(run: tuple[float, ...], heads: list[tuple[float, float]], upright: bool, em: float) -> bool:
    """Whether arrowheads sit on a run, pointing along it; those that point at a lifeline stand beside it."""
    x, y, w, h = run
    if not upright:
        x, y, w, h = y, x, h, w
        heads = [(b, a) for a, b in heads]
    near = [abs(a - x - w / 2) for a, b in heads if y - em < b < y + h + em and abs(a - x - w / 2) < em]
    centred = sum(d < 0.16 * em for d in near)
    return centred > 0 and 2 * centred >= len(near)


def _middles(mask: NDArray[np.bool_], least: float) -> list[tuple[float, float]]:
    """Centres of the blobs of a mask that have at least that many pixels."""
    count, _, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    big = [k for k in range(1, count) if stats[k][cv2.CC_STAT_AREA] >= least]
    return [(float(centres[k][0]), float(centres[k][1])) for k in big]


def _steps(at: float, low: float, high: float) -> list[Point]:
    return [(at, float(v)) for v in np.linspace(low, high, max(2, int(high - low)))]


def _merged(
    spans: list[tuple[float, float, float]], em: float, gap: float
) -> list[tuple[float, float, float]]:
    out: list[tuple[float, float, float]] = []
    for at, low, high in sorted(spans, key=lambda s: (round(s[0] / (0.4 * em)), s[1])):
        if out and abs(out[-1][0] - at) < 0.35 * em and low - out[-1][2] < gap:
            weight = (out[-1][2] - out[-1][1], high - low)
            middle = (out[-1][0] * weight[0] + at * weight[1]) / max(1e-6, sum(weight))
            out[-1] = (middle, out[-1][1], max(high, out[-1][2]))
        else:
            out.append((at, low, high))
    return out


def straightened(points: Sequence[Point], em: float) -> tuple[Point, ...]:
    """The polyline with its long, nearly level or upright pieces made exactly so."""
    out = [list(p) for p in points]
    for k in range(len(out) - 1):
        a, b = out[k], out[k + 1]
        for axis in (0, 1):
            drift, run = abs(a[axis] - b[axis]), abs(a[1 - axis] - b[1 - axis])
            if run > 1.2 * em and drift <= max(1.6, 0.012 * run):
                a[axis] = b[axis] = (a[axis] + b[axis]) / 2
    return tuple((float(x), float(y)) for x, y in out)
