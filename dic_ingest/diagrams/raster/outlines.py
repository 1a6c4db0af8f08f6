"""Closed outlines of a picture: regions that node or frame outlines enclose, filled areas, icons, rounded
corners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.raster.regions import (
    Region,
    block_arrow,
    corners,
    find_regions,
    fitted,
    judged,
    kind_of_outline,
)
from dic_ingest.diagrams.scene import Shape
from dic_ingest.model.box import Box, area, inside, iou, overlap
from dic_ingest.vision.line_segmentation import Maps, Pixels

# Whether a box in a picture has rounded corners, measured at the picture's own resolution.


AROUND = 4  # pixels that a box may be off
STEP = 12  # levels of colour by which an outline differs at least from what is around it


def is_rounded(rgb: Pixels, box: Box) -> bool:
    """Whether at least three corners are cut by two pixels or more along the diagonal."""
    found = corner_depths(rgb, box)
    return len(found) == 4 and sorted(found)[1] >= 2


def corner_depths(rgb: Pixels, box: Box) -> list[int]:
    """For each corner how many pixels of ground lie on the diagonal inside; none where it is unclear."""
    sides = _sides(rgb, box)
    if sides is None:
        return []
    x0, y0, x1, y1 = sides
    depths = []
    for x, y, dx, dy in ((x0, y0, 1, 1), (x1, y0, -1, 1), (x0, y1, 1, -1), (x1, y1, -1, -1)):
        ground = _at(rgb, x - 3 * dx, y - 3 * dy)
        depth = 0
        while depth < 12 and np.abs(_at(rgb, x + depth * dx, y + depth * dy) - ground).max() < STEP:
            depth += 1
        depths.append(depth)
    return depths


def _sides(rgb: Pixels, box: Box) -> tuple[int, int, int, int] | None:
    """The outermost pixels of the outline, found across the middle halves of the four sides."""
    x0, y0, x1, y1 = (round(v) for v in box)
    h, w = y1 - y0, x1 - x0
    if min(h, w) < 5 * AROUND:
        return None
    ys, xs = slice(y0 + h // 4, y1 - h // 4), slice(x0 + w // 4, x1 - w // 4)
    left = _first(rgb, x0, ys, True, 1)
    right = _first(rgb, x1, ys, True, -1)
    top = _first(rgb, y0, xs, False, 1)
    bottom = _first(rgb, y1, xs, False, -1)
    if left is None or right is None or top is None or bottom is None:
        return None
    return left, top, right, bottom


def _first(rgb: Pixels, near: int, along: slice, vertical: bool, way: int) -> int | None:
    """Coming from outside, the first row or column that differs from the ground before it."""
    places = range(near - way * AROUND, near + way * (AROUND + 1), way)
    most = rgb.shape[1] if vertical else rgb.shape[0]
    if min(places) < 0 or max(places) >= most:
        return None
    rows = [np.median(rgb[along, p] if vertical else rgb[p, along], axis=0) for p in places]
    for place, row in zip(places, rows, strict=True):
        if np.abs(row - rows[0]).max() >= STEP:
            return place
    return None


def _at(rgb: Pixels, x: int, y: int) -> NDArray[np.float64]:
    y, x = min(max(y, 0), rgb.shape[0] - 1), min(max(x, 0), rgb.shape[1] - 1)
    return np.asarray(rgb[y, x], dtype=np.float64)


# Closed outlines of a picture: regions that node or frame outlines enclose, filled areas, icons.


Mask = NDArray[np.uint8]
_SURE = 0.5


def find_shapes(maps: Maps, words: Sequence[Box], em: float) -> list[Shape]:
    """Shapes, large ones first in painting order: regions of the picture itself, then what the maps add."""
    outline, frame = maps["outline"] > _SURE, maps["frame"] > _SURE
    walls = _with_bridges((outline | frame).astype(np.uint8), em)
    enclosed = _enclosed(walls, maps, em)
    whole = [s.bbox for s in enclosed if s.score > 0.7 and s.stroke is not None]
    regions: list[Region] = []
    arrows: list[Shape] = []
    for across in (True, False):
        for r in find_regions(maps, em, across):
            arrow = None if across else block_arrow(r.contour, em)
            if arrow is not None:
                arrows.append(Shape(r.box, arrow, "other", score=0.9))
            if not across and r.inner < 0.35:
                continue  # a face between connectors and frames
            if _is_shape(r, words, em) and not any(_twins(r.box, k.box) for k in regions):
                regions.append(r)
    regions = [r for r in regions if not any(_is_cell(r, box) for box in whole)]
    sure = [fitted(r.contour, maps, 2.0, 0.5 + 0.5 * r.inner) for r in regions]
    leaves = [r.box for r in regions if r.inner > 0.35]
    added: list[Shape] = []
    for group in (enclosed, _filled(maps, em), _solid(outline.astype(np.uint8), maps, em)):
        known = [*sure, *added]
        new = [s for s in group if not any(_twins(s.bbox, t.bbox) for t in known)]
        # a tight box around its label is a node where the network is sure of it
        new = [s for s in new if s.score > 0.9 or not _is_word(s.bbox, words)]
        added += [s for s in new if not any(overlap(s.bbox, b) > 0.7 * area(s.bbox) for b in leaves)]
    icons = _icons(maps, em)
    found = _without_twins(_with_lids(sure + added, em))
    found = [s for s in found if not any(_in_icon(s.bbox, i.bbox) for i in icons)] + icons
    found = _with_arrows(_without_cells(found, maps), arrows, em)
    return sorted(found, key=lambda s: -area(s.bbox))


def _with_arrows(shapes: list[Shape], arrows: Sequence[Shape], em: float) -> list[Shape]:
    """Block arrows in the place of what lies in them; one that boxes or pictures stand on is a ground."""
    for arrow in arrows:
        within = [s for s in shapes if inside(s.bbox, arrow.bbox, 0.8)]
        parts = [s for s in within if area(s.bbox) < 0.6 * area(arrow.bbox)]
        if not any(s.kind == "icon" or area(s.bbox) > 6 * em**2 for s in parts):
            shapes = [s for s in shapes if s not in within] + [arrow]
    return shapes


def _without_cells(shapes: list[Shape], maps: Maps) -> list[Shape]:
    """The shapes without those that tile another one along the rules in it: the cells of a table."""
    gone: set[int] = set()
    for table in shapes:
        x0, y0, x1, y1 = (max(0, round(v)) for v in table.bbox)
        rules = maps["rule"][y0:y1, x0:x1] > 0.4
        if rules.sum() < 0.01 * max(1, rules.size):
            continue
        inner = [s for s in shapes if s is not table and overlap(s.bbox, table.bbox) > 0.9 * area(s.bbox)]
        if len(inner) < 3:
            continue
        tiled = np.zeros((max(1, y1 - y0), max(1, x1 - x0)), bool)
        for s in inner:
            a, b, c, d = (
                max(0, round(v)) for v in (s.bbox[0] - x0, s.bbox[1] - y0, s.bbox[2] - x0, s.bbox[3] - y0)
            )
            tiled[b:d, a:c] = True
        if tiled.mean() > 0.6:
            gone |= {id(s) for s in inner}
    return [s for s in shapes if id(s) not in gone]


def _is_word(box: Box, words: Sequence[Box]) -> bool:
    """A letter or a word that was taken for an outline."""
    return sum(overlap(box, w) for w in words) > 0.75 * area(box)


def _compact(contour: NDArray[Any]) -> bool:
    hull = cv2.contourArea(cv2.convexHull(contour.astype(np.int32)))
    return cv2.contourArea(contour.astype(np.int32)) > 0.86 * hull


def _is_shape(region: Region, words: Sequence[Box], em: float) -> bool:
    """Whether a region is a drawn outline and no face between connectors, letter or ground of a label."""
    x0, y0, x1, y1 = region.box
    on_words = sum(overlap(region.box, w) for w in words) / max(1.0, area(region.box))
    narrow = min(x1 - x0, y1 - y0) < 0.9 * em
    if narrow and (region.full < 0.85 or on_words > 0.3 or region.lines > 0.4):
        return False
    if region.inner > 0.9 and region.full > 0.9 and not narrow:
        return True
    if region.walls < 0.5 and (
        on_words > (0.6 if region.inner > 0.6 else 0.45) or not _compact(region.contour)
    ):
        return False  # the ground of a label, or the ragged space around lines of text
    strokes = max(region.lines, region.rules)
    between = region.step < 6 and (strokes > max(0.35, region.walls) or (strokes > 0.25 > region.inner))
    if between or (region.inner < 0.3 and on_words > 0.45 and region.walls < 0.5):
        return False
    if region.inner > 0.5 or (region.walls > 0.7 and region.inner > 0.15):
        return True
    if region.full < 0.93 and not (region.full > 0.8 and _compact(region.contour)):
        round_or_pointed = ("circle", "ellipse", "diamond")
        if kind_of_outline(region.contour, region.full, region.box) not in round_or_pointed:
            return False
    return region.shown


def _is_cell(region: Region, whole: Box) -> bool:
    """A compartment of a class or table: rules part it from the rest of a node that is outlined as one."""
    within = overlap(region.box, whole) > 0.85 * area(region.box) and not _twins(region.box, whole)
    return within and region.inner > 0.35 and (region.rules > 0.12 or region.walls < 0.6)


def _twins(a: Box, b: Box) -> bool:
    return iou(a, b) > 0.8


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
    reach, need = max(3, round(1.6 * em)) | 1, max(3, round(1.2 * em)) | 1
    for flat in (True, False):
        run = (need, 1) if flat else (1, need)
        gap = (reach, 1) if flat else (1, reach)
        straight = cv2.morphologyEx(walls, cv2.MORPH_OPEN, np.ones(run[::-1], np.uint8))
        out |= np.asarray(
            cv2.morphologyEx(
                cv2.copyMakeBorder(straight, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0),
                cv2.MORPH_CLOSE,
                np.ones(gap[::-1], np.uint8),
            )[reach:-reach, reach:-reach],
            dtype=np.uint8,
        )
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
    near = cv2.dilate(
        wall[max(0, ys.min() - 3) : ys.max() + 4, max(0, xs.min() - 3) : xs.max() + 4], np.ones((5, 5))
    )
    support = float((near[ys - max(0, ys.min() - 3), xs - max(0, xs.min() - 3)] > 0.4).mean())
    y0, x0 = max(0, at[1]), max(0, at[0])
    part = maps["inside"][y0 : y0 + region.shape[0], x0 : x0 + region.shape[1]]
    cut = region[y0 - at[1] :, x0 - at[0] :][: part.shape[0], : part.shape[1]] > 0
    inner = float(part[cut].mean()) if cut.any() else 0.0
    framed = float((maps["frame"][ys, xs] > maps["outline"][ys, xs]).mean())
    if support < 0.6 or (inner < 0.35 and framed < 0.4 and support < 0.85):
        return None
    if (inner < 0.2 and min(region.shape) < 1.2 * em) or not _compact(contour):
        return None
    return fitted(contour, maps, 1.5, 0.5 + 0.5 * inner)


def _solid(outline: Mask, maps: Maps, em: float) -> list[Shape]:
    """Dots and small rings: outlines so small that nothing is left between them."""
    found = []
    contours, _ = cv2.findContours(outline, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for contour in map(np.asarray, contours):
        x, y, w, h = cv2.boundingRect(contour)
        size = cv2.contourArea(contour)
        if not (0.5 * em < min(w, h) and max(w, h) < 3 * em) or size < 0.6 * w * h:
            continue
        if float(outline[y : y + h, x : x + w].sum()) > 0.55 * size:
            found.append(fitted(contour.reshape(-1, 2), maps, 0.0, 0.6))
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
            if (
                k != i
                and flat
                and abs(a0 - x0) + abs(a1 - x1) < 0.15 * (x1 - x0) + 4
                and b0 < y0 < b1 + 3 < y1
            ):
                gone |= {i, k}
                box = (min(x0, a0), b0, max(x1, a1), y1)
                out.append(replace(body, bbox=box, polygon=corners(box), kind="cylinder"))
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
    for contour in map(np.asarray, contours):
        x, y, w, h = cv2.boundingRect(contour)
        if min(w, h) < (1.2 if kind else 0.6) * em or cv2.contourArea(contour) < 0.8 * em * em:
            continue
        if not kind and not (_compact(contour) and _stands_out(contour, maps)):
            continue
        points = contour.reshape(-1, 2)
        if kind:
            box = (float(x), float(y), float(x + w), float(y + h))
            found.append(Shape(box, corners(box), kind, score=0.8))
        else:
            found.append(fitted(points, maps, 1.5, 0.7))
    return found


def _stands_out(contour: NDArray[Any], maps: Maps) -> bool:
    """Whether an outline or a change of colour is to be seen along at least part of a contour."""
    return judged(contour.reshape(-1, 2).astype(np.int32), maps).shown
