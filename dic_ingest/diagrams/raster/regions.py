"""Regions of one colour that an edge all round sets apart, the outline that fits each, and block arrows
among them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.scene import Shape
from dic_ingest.model.box import Box, Point, center, height_of, size_of, width_of
from dic_ingest.model.drawing import Color
from dic_ingest.vision.line_segmentation import Maps

# Regions of one colour that an edge all round sets apart: the outlines of clean drawings, to the pixel.


Mask = NDArray[np.uint8]


@dataclass(frozen=True)
class Region:
    """A closed region: its outer contour (n, 2), its box, and what the network says of it."""

    contour: NDArray[np.int32]
    box: Box
    full: float  # share of the box that it fills
    inner: float  # mean probability of lying inside a node
    step: float  # colour difference to what lies around, 0..255
    walls: float  # mean probability of node outline or frame along the contour
    lines: float  # the same for connectors
    rules: float  # and for inner rules

    @property
    def shown(self) -> bool:
        """Whether an outline or a change of colour is to be seen."""
        return self.step > 6 or self.walls > 0.45


def find_regions(maps: Maps, em: float, across: bool) -> list[Region]:
    """All regions large enough for a node; `across`: connectors do not bound them."""
    space = np.pad(1 - _edges(maps, across), 1, constant_values=1).astype(np.uint8)
    count, label, stats, _ = cv2.connectedComponentsWithStats(space, connectivity=4)
    border = {int(v) for v in (*label[0], *label[-1], *label[:, 0], *label[:, -1])}
    found = []
    for k in range(1, count):
        x, y, w, h, size = (int(v) for v in stats[k])
        low, high = min(w, h), max(w, h)
        if k in border or low < 0.4 * em or (low < 0.9 * em and high < 2.2 * em) or size < 0.12 * w * h:
            continue
        part = (label[y : y + h, x : x + w] == k).astype(np.uint8)
        contours, _ = cv2.findContours(np.pad(part, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        contour = max(contours, key=cv2.contourArea).reshape(-1, 2) + np.array([x - 2, y - 2])
        found.append(judged(contour.astype(np.int32), maps))
    return found


def _edges(maps: Maps, across: bool) -> Mask:
    """Where neighbouring pixels differ; `across` takes connectors out: they cut no region in two."""
    picture = maps.pixels
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    noise = float(np.percentile(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), 60))  # most of a drawing is flat
    limit = 4.0 + 2.5 * min(noise, 10.0)
    edges = _differs(picture, limit)
    if not across:
        return edges
    walls = np.maximum(maps["outline"], maps["frame"])
    line = ((np.maximum(maps["line"], maps["rule"]) > 0.5) & (walls < 0.35)).astype(np.uint8)
    line = np.asarray(cv2.dilate(line, np.ones((5, 5), np.uint8)), dtype=np.uint8)
    keep = np.asarray(cv2.dilate((walls > 0.35).astype(np.uint8), np.ones((3, 3), np.uint8)), dtype=np.uint8)
    # a thin stroke vanishes under the median; where an edge stays, two areas meet
    blurred = np.asarray(cv2.medianBlur(picture, 9), dtype=np.uint8)
    keep |= np.asarray(cv2.dilate(_differs(blurred, limit), np.ones((3, 3), np.uint8)), dtype=np.uint8)
    return np.asarray(edges & ~(line & ~keep), dtype=np.uint8)


def _differs(picture: Mask, limit: float) -> Mask:
    kernel = np.ones((3, 3), np.uint8)
    spread = cv2.dilate(picture, kernel).astype(np.int16) - cv2.erode(picture, kernel).astype(np.int16)
    return np.asarray((spread.max(axis=2) > limit).astype(np.uint8))


def judged(contour: NDArray[np.int32], maps: Maps) -> Region:
    """A contour with all that tells whether it is drawn."""
    height, width = maps["inside"].shape
    x, y, w, h = cv2.boundingRect(contour)
    x0, y0, x1, y1 = max(0, x), max(0, y), min(width, x + w), min(height, y + h)
    filled = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillPoly(filled, [(contour - np.array([x0, y0])).reshape(-1, 1, 2)], 1)
    inner = maps["inside"][y0:y1, x0:x1][filled > 0]
    xs, ys = np.clip(contour[:, 0], 0, width - 1), np.clip(contour[:, 1], 0, height - 1)
    return Region(
        contour,
        (float(x), float(y), float(x + w), float(y + h)),
        float(filled.sum()) / max(1.0, float(w * h)),
        float(inner.mean()) if len(inner) else 0.0,
        _step(maps, filled, (x0, y0)),
        _along(np.maximum(maps["outline"], maps["frame"]), xs, ys),
        _along(maps["line"], xs, ys),
        _along(maps["rule"], xs, ys),
    )


def _along(values: NDArray[np.float32], xs: NDArray[np.int32], ys: NDArray[np.int32]) -> float:
    """Mean along a contour of the highest value within two pixels."""
    y0, x0 = max(0, int(ys.min()) - 3), max(0, int(xs.min()) - 3)
    near = cv2.dilate(values[y0 : int(ys.max()) + 4, x0 : int(xs.max()) + 4], np.ones((5, 5), np.uint8))
    return float(near[ys - y0, xs - x0].mean())


def _step(maps: Maps, filled: Mask, at: tuple[int, int]) -> float:
    """Colour difference between the area and a ring well outside it, medians of both."""
    rim = 9
    wide = np.pad(filled, rim)
    x0, y0 = at[0] - rim, at[1] - rim
    height, width = maps["inside"].shape
    cut = (slice(max(0, -y0), height - y0), slice(max(0, -x0), width - x0))
    around = maps.pixels[max(0, y0) : y0 + wide.shape[0], max(0, x0) : x0 + wide.shape[1]]
    far = np.asarray(cv2.dilate(wide, np.ones((17, 17), np.uint8)), dtype=np.uint8)
    ring = far & (1 - np.asarray(cv2.dilate(wide, np.ones((9, 9), np.uint8)), dtype=np.uint8))
    core = cv2.erode(wide, np.ones((3, 3), np.uint8))
    inner, outer = around[core[cut] > 0], around[ring[cut] > 0]
    if not len(inner) or not len(outer):
        return 0.0
    return float(np.abs(np.median(inner, axis=0) - np.median(outer, axis=0)).max())


# A contour in a picture as a `Shape`: which outline fits it, and the colours of its fill and stroke.


_OFF_MIDDLE = 0.2  # of its side by which a corner of a diamond may lie beside the middle
_SMALL = 34  # pixels


def corners(box: Box) -> tuple[Point, ...]:
    """A box as an outline."""
    x0, y0, x1, y1 = box
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def fitted(contour: NDArray[Any], maps: Maps, by: float, score: float) -> Shape:
    """The shape of a contour of the inside, `by` pixels wider all round: to the middle of its outline."""
    c = contour.astype(np.int32)
    x, y, w, h = cv2.boundingRect(c)
    box = (x - by, y - by, x + w + by, y + h + by)
    hull = cv2.convexHull(c)
    full = cv2.contourArea(c) / max(1.0, float((w - 1) * (h - 1)))
    kind = kind_of_outline(c, full, box)
    if kind in ("rect", "rounded", "cylinder"):
        polygon = corners(box)
    elif kind in ("ellipse", "circle"):
        t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        cx, cy, rx, ry = (
            (box[0] + box[2]) / 2,
            (box[1] + box[3]) / 2,
            width_of(box) / 2,
            height_of(box) / 2,
        )
        polygon = tuple((float(cx + rx * np.cos(a)), float(cy + ry * np.sin(a))) for a in t)
    elif kind == "diamond":
        cx, cy = center(box)
        polygon = ((cx, box[1]), (box[2], cy), (cx, box[3]), (box[0], cy))
    else:
        line = cv2.approxPolyDP(hull if full > 0.6 else c, 1.5, True).reshape(-1, 2)
        polygon = tuple((float(px), float(py)) for px, py in line)
    fill, stroke = _colors(maps, box, c)
    return Shape(box, polygon, kind, fill, stroke, score=round(score, 3))


def kind_of_outline(contour: NDArray[Any], full: float, box: Box) -> str:
    """rect, rounded, ellipse, circle, diamond, hexagon, parallelogram or other."""
    w, h = size_of(box)
    if full > 0.97:
        return "rect"
    if max(w, h) < _SMALL and 0.6 < w / h < 1.7:  # too few pixels for more than the share of the box
        return (
            "diamond"
            if full < 0.68
            else ("circle" if 0.8 < w / h < 1.25 else "ellipse")
            if full < 0.88
            else "rounded"
        )
    mask = np.zeros((int(h) + 2, int(w) + 2), np.uint8)
    shifted = contour - np.array([int(box[0]), int(box[1])])
    cv2.fillPoly(mask, [shifted.reshape(-1, 1, 2)], 1)
    fits = {"ellipse": _fit(mask, "ellipse"), "diamond": _fit(mask, "diamond")}
    best = max(fits, key=lambda k: fits[k])
    if fits[best] > 0.9:
        return "circle" if best == "ellipse" and 0.9 < w / h < 1.1 else best
    if full > 0.9:
        return "rounded"
    polygon = cv2.approxPolyDP(cv2.convexHull(contour), 0.03 * cv2.arcLength(contour, True), True)
    corners = len(polygon)
    if full > 0.8:
        return "hexagon" if corners == 6 else "rounded"
    if corners == 4 and _stands_on_corners(polygon.reshape(-1, 2), box):
        return "diamond"
    return {4: "parallelogram", 6: "hexagon"}.get(corners, "other")


def _stands_on_corners(polygon: NDArray[Any], box: Box) -> bool:
    """Whether every side of the box is touched by one corner near its middle, as a decision does."""
    places = (polygon - np.array(box[:2])) / np.array([width_of(box), height_of(box)])
    middles = np.array([(0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)])
    apart = np.abs(places[None] - middles[:, None]).max(axis=2)
    return bool((apart.min(axis=1) < _OFF_MIDDLE).all())


def _fit(mask: Mask, kind: str) -> float:
    model = np.zeros_like(mask)
    h, w = mask.shape
    if kind == "ellipse":
        cv2.ellipse(model, (w // 2, h // 2), (w // 2 - 1, h // 2 - 1), 0, 0, 360, 1, -1)
    else:
        points = np.array([[w // 2, 0], [w - 1, h // 2], [w // 2, h - 1], [0, h // 2]], np.int32)
        cv2.fillPoly(model, [points.reshape(-1, 1, 2)], 1)
    return float((mask & model).sum()) / max(1.0, float((mask | model).sum()))


def _colors(maps: Maps, box: Box, contour: NDArray[Any]) -> tuple[Color | None, Color | None]:
    """Median colour inside, and of the outline where it differs from both sides."""
    height, width = maps.pixels.shape[:2]
    x0, y0, x1, y1 = (round(v) for v in box)
    part = maps.pixels[max(0, y0 + 3) : max(0, y1 - 3), max(0, x0 + 3) : max(0, x1 - 3)].reshape(-1, 3)
    fill = _color(part) if len(part) else None
    xs, ys = np.clip(contour[:, 0], 2, width - 3), np.clip(contour[:, 1], 2, height - 3)
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    away = np.stack([xs, ys], axis=1) - middle
    away = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1)
    rings = []
    for by in (-2.0, 0.5, 1.5, 2.5, 5.0):
        p = np.rint(np.stack([xs, ys], axis=1) + away * by).astype(int)
        rings.append(maps.pixels[np.clip(p[:, 1], 0, height - 1), np.clip(p[:, 0], 0, width - 1)].astype(int))
    inner, outer = rings[0], rings[-1]
    odd = [np.minimum(np.abs(r - inner).max(axis=1), np.abs(r - outer).max(axis=1)) for r in rings[1:-1]]
    best = int(np.argmax([np.median(o) for o in odd]))
    alike = float(np.median(np.abs(inner - outer).max(axis=1))) < 12  # then only an outline tells them apart
    stroke = _color(rings[1 + best].astype(np.uint8)) if alike or np.median(odd[best]) > 18 else None
    return fill, stroke


def _color(pixels: NDArray[np.uint8]) -> Color:
    r, g, b = (int(v) for v in np.median(pixels, axis=0))
    return r, g, b


# Block arrows among the regions of a picture: thick arrows with a shaft and one head or two.


_LIKE = 0.84  # how much of the ideal arrow and the region must be common to both
_WINGS = 1.25  # a head is at least this much wider than the shaft
_SHAFT = 0.35  # of a letter's height: thinner shafts are lines with a head, and traced
_MOST = 400.0  # pixels of the longer side that are looked at


def block_arrow(contour: NDArray[Any], em: float) -> tuple[Point, ...] | None:
    """Seven corners of an arrow, tip first, or ten of one with two heads; at any angle."""
    _, _, w, h = cv2.boundingRect(contour.astype(np.int32))
    if min(w, h) < 0.8 * em or max(w, h) < 1.2 * em:
        return None
    by = min(1.0, _MOST / max(w, h))
    # an arrow is mirrored about its shaft, so its moments' axes are the shaft and what is upright to it
    moments = cv2.moments(contour.astype(np.float32))
    angle = 0.5 * math.atan2(2 * moments["mu11"], moments["mu20"] - moments["mu02"])
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    level = contour @ turn.T * by
    corner = level.min(axis=0)
    across, along = (level.max(axis=0) - corner).round().astype(int)[::-1] + 1
    mask = np.zeros((across, along), np.uint8)
    cv2.fillPoly(mask, [(level - corner).round().astype(np.int32).reshape(-1, 1, 2)], 1)
    if not 0.3 < mask.mean() < 0.9:
        return None
    for turns in range(4):  # until it points to the right
        found = _pointing_right(np.ascontiguousarray(np.rot90(mask, turns)), _SHAFT * em * by)
        if found is not None:
            size = (along, across) if turns % 2 == 0 else (across, along)
            back = np.array([_turned_back(p, turns, size) for p in found])
            return tuple((float(x), float(y)) for x, y in ((back + corner) / by) @ turn)
    return None


def _pointing_right(mask: NDArray[np.uint8], least: float) -> list[Point] | None:
    """The ideal arrow that a mask fills, its tip at the right; `least` is that of its shaft, pixels."""
    height, length = mask.shape
    widths = mask.sum(axis=0).astype(float)
    wing = int(np.flatnonzero(widths >= 0.9 * widths.max()).max())
    head = length - wing
    shaft = widths[round(0.45 * (length - head)) : round(0.8 * (length - head))]
    neck = float(np.median(shaft)) if len(shaft) else 0.0
    if not 0.25 * height < head < min(0.85 * length, 1.6 * height) or neck < least or height < _WINGS * neck:
        return None
    if np.percentile(np.abs(shaft - neck), 80) > 0.12 * neck + 1:
        return None  # a diamond narrows all the way
    middle, half, wings = height / 2, neck / 2, float(length - head)
    tail = [(0.0, middle + half), (0.0, middle - half)]
    if widths[: length // 2].max() > 0.8 * height:
        if length < 1.4 * height:
            return None  # a cross or a diamond with notches
        tail = [(float(head), middle + half), (float(head), float(height)), (0.0, middle),
                (float(head), 0.0), (float(head), middle - half)]  # fmt: skip
    ideal = [(float(length), middle), (wings, float(height)), (wings, middle + half), *tail,
             (wings, middle - half), (wings, 0.0)]  # fmt: skip
    drawn = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(drawn, [np.array(ideal).round().astype(np.int32).reshape(-1, 1, 2)], 1)
    common, either = int((mask & drawn).sum()), int((mask | drawn).sum())
    return ideal if common > _LIKE * either else None


def _turned_back(p: Point, turns: int, size: tuple[int, int]) -> Point:
    """A point of a picture that `np.rot90` has turned, where it was before; `size` is that of the turned."""
    x, y = p
    width, height = size
    for _ in range(turns):
        x, y = height - y, x
        width, height = height, width
    return x, y
