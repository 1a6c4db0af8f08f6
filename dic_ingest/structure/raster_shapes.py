"""Closed outlines of a picture: regions that node or frame outlines enclose, filled areas, icons.

In: `Maps`. Out: `Shape`s in the maps' pixels, fitted to rectangle, ellipse, diamond where they are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.drawing import Box, Color, Point, area, iou, overlap
from dic_ingest.structure.raster_maps import Maps
from dic_ingest.structure.raster_regions import Region, find_regions
from dic_ingest.structure.scene import Shape

Mask = NDArray[np.uint8]
_SURE = 0.5


def find_shapes(maps: Maps, words: Sequence[Box], em: float) -> list[Shape]:
    """Shapes, large ones first in painting order: regions of the picture itself, then what the maps add."""
    outline, frame = maps["outline"] > _SURE, maps["frame"] > _SURE
    regions = [r for r in find_regions(maps, em) if _is_shape(r, words, em)]
    sure = [_fitted(r.contour, maps, 2.0, 0.5 + 0.5 * r.inner) for r in regions]
    leaves = [r.box for r in regions if r.inner > 0.35]
    walls = _with_bridges((outline | frame).astype(np.uint8), em)
    added: list[Shape] = []
    for group in (_enclosed(walls, maps, em), _filled(maps, em), _solid(outline.astype(np.uint8), maps, em)):
        known = [*sure, *added]
        new = [s for s in group if not any(_twins(s.bbox, t.bbox) for t in known) and not _is_word(s.bbox, words)]
        added += [s for s in new if not any(overlap(s.bbox, b) > 0.7 * area(s.bbox) for b in leaves)]
    icons = _icons(maps, em)
    found = _without_twins(_with_lids(sure + added, em))
    found = [s for s in found if not any(_in_icon(s.bbox, i.bbox) for i in icons)] + icons
    return sorted(found, key=lambda s: -area(s.bbox))


def _is_word(box: Box, words: Sequence[Box]) -> bool:
    """A letter or a word that was taken for an outline."""
    return sum(overlap(box, w) for w in words) > 0.75 * area(box)


def _compact(contour: NDArray[np.int_]) -> bool:
    hull = cv2.contourArea(cv2.convexHull(contour.astype(np.int32)))
    return cv2.contourArea(contour.astype(np.int32)) > 0.86 * hull


def _is_shape(region: Region, words: Sequence[Box], em: float) -> bool:
    """Whether a region is a drawn outline and no face between connectors, letter or ground of a label."""
    x0, y0, x1, y1 = region.box
    on_words = sum(overlap(region.box, w) for w in words) / max(1.0, area(region.box))
    narrow = min(x1 - x0, y1 - y0) < 0.9 * em
    if narrow and (region.full < 0.85 or on_words > 0.3):
        return False
    between = region.step < 6 and region.lines > max(0.35, region.walls)
    if between or (region.inner < 0.3 and on_words > 0.45 and region.walls < 0.5):
        return False
    if region.inner > 0.5 or region.walls > 0.7 and region.inner > 0.15:
        return True
    tidy = region.full > 0.93 or _kind(region.contour, region.full, region.box) in ("circle", "ellipse", "diamond")
    return tidy and (region.step > 6 or region.walls > 0.45)


def _twins(a: Box, b: Box) -> bool:
    return iou(a, b) > 0.72


def _in_icon(box: Box, icon: Box) -> bool:
    return overlap(box, icon) > 0.7 * area(box)


def _without_twins(shapes: list[Shape]) -> list[Shape]:
    kept: list[Shape] = []
    for s in sorted(shapes, key=lambda s: -s.score):
        if not any(_twins(s.bbox, k.bbox) for k in kept):
            kept.append(s)
    return kept


def _with_bridges(walls: Mask, em: float) -> Mask:
    """The walls, with straight upright or level gaps closed: dashes, crossings, words in a frame's side."""
    out = walls.copy()
    reach, need = max(3, round(1.6 * em)), max(3, round(1.2 * em))
    for flat in (True, False):
        run = (need, 1) if flat else (1, need)
        gap = (reach, 1) if flat else (1, reach)
        straight = cv2.morphologyEx(walls, cv2.MORPH_OPEN, np.ones(run[::-1], np.uint8))
        out |= cv2.morphologyEx(
            cv2.copyMakeBorder(straight, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0),
            cv2.MORPH_CLOSE,
            np.ones(gap[::-1], np.uint8),
        )[reach:-reach, reach:-reach]
    return np.asarray(out, dtype=np.uint8)


def _enclosed(walls: Mask, maps: Maps, em: float) -> list[Shape]:
    """Regions that walls close in, each with everything inside it."""
    space = np.pad(1 - walls, 1, constant_values=1).astype(np.uint8)
    count, label, stats, _ = cv2.connectedComponentsWithStats(space, connectivity=4)
    border = {int(v) for v in (*label[0], *label[-1], *label[:, 0], *label[:, -1])}
    found = []
    for k in range(1, count):
        x, y, w, h, size = (int(v) for v in stats[k])
        if k in border or size < (0.6 * em) ** 2 or min(w, h) < 0.35 * em:
            continue
        region = (label[y : y + h, x : x + w] == k).astype(np.uint8)
        shape = _shape_of(region, (x - 1, y - 1), maps, em)
        if shape is not None:
            found.append(shape)
    return found


def _shape_of(region: Mask, at: tuple[int, int], maps: Maps, em: float) -> Shape | None:
    contours, _ = cv2.findContours(np.pad(region, 3), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    contour = max(contours, key=cv2.contourArea).reshape(-1, 2) - 3 + np.array(at)
    height, width = maps["inside"].shape
    xs, ys = np.clip(contour[:, 0], 0, width - 1), np.clip(contour[:, 1], 0, height - 1)
    wall = np.maximum(maps["outline"], maps["frame"])
    near = cv2.dilate(wall[max(0, ys.min() - 3) : ys.max() + 4, max(0, xs.min() - 3) : xs.max() + 4], np.ones((5, 5)))
    support = float((near[ys - max(0, ys.min() - 3), xs - max(0, xs.min() - 3)] > 0.4).mean())
    y0, x0 = max(0, at[1]), max(0, at[0])
    part = maps["inside"][y0 : y0 + region.shape[0], x0 : x0 + region.shape[1]]
    cut = region[y0 - at[1] :, x0 - at[0] :][: part.shape[0], : part.shape[1]] > 0
    inner = float(part[cut].mean()) if cut.any() else 0.0
    framed = float((maps["frame"][ys, xs] > maps["outline"][ys, xs]).mean())
    if support < 0.6 or inner < 0.35 and framed < 0.4 and support < 0.85:
        return None
    if inner < 0.2 and min(region.shape) < 1.2 * em or not _compact(contour):
        return None
    return _fitted(contour, maps, 1.5, max(inner, support * 0.9))


def _solid(outline: Mask, maps: Maps, em: float) -> list[Shape]:
    """Dots and small rings: outlines so small that nothing is left between them."""
    found = []
    contours, _ = cv2.findContours(outline, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        x, y, w, h = cv2.boundingRect(contour)
        size = cv2.contourArea(contour)
        if not (0.5 * em < min(w, h) and max(w, h) < 3 * em) or size < 0.6 * w * h:
            continue
        if float(outline[y : y + h, x : x + w].sum()) > 0.55 * size:
            found.append(_fitted(contour.reshape(-1, 2), maps, 0.0, 0.6))
    return found


def _with_lids(shapes: list[Shape], em: float) -> list[Shape]:
    """Cylinders whole: the body and the flat region that closes it above."""
    gone: set[int] = set()
    out: list[Shape] = []
    for i, body in enumerate(shapes):
        x0, y0, x1, y1 = body.bbox
        for k, lid in enumerate(shapes):
            a0, b0, a1, b1 = lid.bbox
            flat = b1 - b0 < 0.6 * (y1 - y0) and b1 - b0 < 2.5 * em and lid.kind not in ("rect", "diamond")
            if k != i and flat and abs(a0 - x0) + abs(a1 - x1) < 0.15 * (x1 - x0) + 4 and b0 < y0 < b1 + 3 < y1:
                gone |= {i, k}
                box = (min(x0, a0), b0, max(x1, a1), y1)
                out.append(replace(body, bbox=box, polygon=_corners(box), kind="cylinder"))
                break
    return [s for i, s in enumerate(shapes) if i not in gone] + out


def _filled(maps: Maps, em: float) -> list[Shape]:
    """Areas that the network sees as the inside of a node, where no wall closes them in."""
    solid = ((maps["inside"] > _SURE) & (maps["icon"] < _SURE)).astype(np.uint8)
    solid = np.asarray(cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), dtype=np.uint8)
    return _blobs(solid, maps, em, "")


def _icons(maps: Maps, em: float) -> list[Shape]:
    solid = (maps["icon"] > _SURE).astype(np.uint8)
    solid = np.asarray(cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), dtype=np.uint8)
    return _blobs(solid, maps, em, "icon")


def _blobs(solid: Mask, maps: Maps, em: float, kind: str) -> list[Shape]:
    found = []
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        x, y, w, h = cv2.boundingRect(contour)
        if min(w, h) < (1.2 if kind else 0.6) * em or cv2.contourArea(contour) < 0.8 * em * em:
            continue
        if not kind and not _compact(contour):
            continue
        points = contour.reshape(-1, 2)
        if kind:
            box = (float(x), float(y), float(x + w), float(y + h))
            found.append(Shape(box, _corners(box), kind, score=0.8))
        else:
            found.append(_fitted(points, maps, 1.5, 0.7))
    return found


def _corners(box: Box) -> tuple[Point, ...]:
    x0, y0, x1, y1 = box
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _fitted(contour: NDArray[np.int_], maps: Maps, by: float, score: float) -> Shape:
    """The shape of a contour of the inside, `by` pixels wider all round: to the middle of its outline."""
    c = contour.astype(np.int32)
    x, y, w, h = cv2.boundingRect(c)
    box = (x - by, y - by, x + w + by, y + h + by)
    hull = cv2.convexHull(c)
    full = cv2.contourArea(c) / max(1.0, float((w - 1) * (h - 1)))
    kind = _kind(c, full, box)
    if kind in ("rect", "rounded", "cylinder"):
        polygon = _corners(box)
    elif kind in ("ellipse", "circle"):
        t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        cx, cy, rx, ry = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, (box[2] - box[0]) / 2, (box[3] - box[1]) / 2
        polygon = tuple((float(cx + rx * np.cos(a)), float(cy + ry * np.sin(a))) for a in t)
    elif kind == "diamond":
        cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        polygon = ((cx, box[1]), (box[2], cy), (cx, box[3]), (box[0], cy))
    else:
        line = cv2.approxPolyDP(hull if full > 0.6 else c, 1.5, True).reshape(-1, 2)
        polygon = tuple((float(px), float(py)) for px, py in line)
    fill, stroke = _colors(maps, box, c)
    return Shape(box, polygon, kind, fill, stroke, score=round(score, 3))


def _kind(contour: NDArray[np.int32], full: float, box: Box) -> str:
    w, h = box[2] - box[0], box[3] - box[1]
    if full > 0.97:
        return "rect"
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


def _colors(maps: Maps, box: Box, contour: NDArray[np.int32]) -> tuple[Color | None, Color | None]:
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
