"""A contour in a picture as a `Shape`: which outline fits it, and the colours of its fill and stroke."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.drawing import Box, Color, Point
from dic_ingest.structure.raster_maps import Maps
from dic_ingest.structure.scene import Shape

Mask = NDArray[np.uint8]
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
            (box[2] - box[0]) / 2,
            (box[3] - box[1]) / 2,
        )
        polygon = tuple((float(cx + rx * np.cos(a)), float(cy + ry * np.sin(a))) for a in t)
    elif kind == "diamond":
        cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        polygon = ((cx, box[1]), (box[2], cy), (cx, box[3]), (box[0], cy))
    else:
        line = cv2.approxPolyDP(hull if full > 0.6 else c, 1.5, True).reshape(-1, 2)
        polygon = tuple((float(px), float(py)) for px, py in line)
    fill, stroke = _colors(maps, box, c)
    return Shape(box, polygon, kind, fill, stroke, score=round(score, 3))


def kind_of_outline(contour: NDArray[Any], full: float, box: Box) -> str:
    """rect, rounded, ellipse, circle, diamond, hexagon, parallelogram or other."""
    w, h = box[2] - box[0], box[3] - box[1]
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
    corners = len(cv2.approxPolyDP(cv2.convexHull(contour), 0.03 * cv2.arcLength(contour, True), True))
    if full > 0.8:
        return "hexagon" if corners == 6 else "rounded"
    return {4: "parallelogram", 6: "hexagon"}.get(corners, "other")


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
