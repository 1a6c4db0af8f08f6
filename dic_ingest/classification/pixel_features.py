"""What the pixels of a figure show, counted: ground, colours, grain, lines, boxes, axes, discs.

In: a crop. Out: `Pixels`, shares and counts. Decides nothing.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 480  # longer side of the picture that is looked at
Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Pixels:
    """Features of a picture; lengths are shares of its sides."""

    ground: float  # share of the pixels in the commonest colour
    light: float  # brightness of that colour, 0..1
    colours: int  # cells of a 16 x 16 x 16 colour space that hold 0.1 % of the pixels
    soft: float  # share of neighbouring pixels that differ a little: gradients, grain
    saturation: float  # mean over ink, 0..1
    ink: float  # share of the pixels that are not ground
    rim: float  # share of the outermost pixels that are not ground
    boxes: int  # rectangles, outlined or filled
    wide_boxes: int  # of these, as wide as the picture
    discs: int  # filled or outlined circles larger than a letter
    largest_disc: float  # its diameter, of the shorter side
    slants: int  # straight lines neither horizontal nor vertical
    rows: int  # horizontal lines over a third of the width
    columns: int  # vertical lines over a third of the height
    axes: bool  # a long vertical and a long horizontal line that meet at the lower left
    grid: int  # long horizontal lines at even steps
    bars: int  # coloured rectangles of different heights on one base
    sectors: int  # colours around the middle of the largest disc
    letters: int  # small blobs in rows, as text has them
    aspect: float


def pixels_of(crop: Image.Image) -> Pixels:
    """Features of a crop of any size."""
    rgb = _at_most(crop.convert("RGB"), SIDE)
    cells = (rgb >> 4).astype(np.int32) @ np.array([256, 16, 1])
    counts = np.bincount(cells.ravel(), minlength=4096)
    ground_cell = int(counts.argmax())
    colour = rgb[cells == ground_cell].mean(axis=0)
    away = np.abs(rgb.astype(np.int16) - colour.astype(np.int16)).max(axis=2)
    ink: Grey = np.asarray(away > 40, dtype=np.uint8)
    grey: Grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    steps = np.abs(np.diff(grey.astype(np.int16), axis=1))
    total = max(cells.size, 1)
    h, w = ink.shape
    rows, columns, axes, grid = _lines(ink)
    coloured = ((rgb.max(axis=2).astype(np.int16) - rgb.min(axis=2)) > 50).astype(np.uint8)
    boxes, wide, letters = _blobs(grey, ink)
    discs, largest = _discs(ink)
    return Pixels(
        ground=float((away <= 16).mean()),
        light=float(colour.mean() / 255.0),
        colours=int((counts >= max(2, 0.001 * total)).sum()),
        soft=float(((steps >= 1) & (steps <= 24)).mean()) if steps.size else 0.0,
        saturation=_saturation(rgb, ink),
        ink=float(ink.mean()),
        rim=_rim(ink),
        boxes=boxes,
        wide_boxes=wide,
        discs=discs,
        largest_disc=largest,
        slants=_slants(ink),
        rows=rows,
        columns=columns,
        axes=axes,
        grid=grid,
        bars=_bars(coloured),
        sectors=_sectors(rgb, ink),
        letters=letters,
        aspect=w / max(h, 1),
    )


def _at_most(picture: Image.Image, side: int) -> Grey:
    """The pixels of a picture, its longer side shrunk to at most `side`."""
    picture.thumbnail((side, side), Image.Resampling.BOX)
    return np.asarray(picture, dtype=np.uint8)


def _rim(ink: Grey) -> float:
    """Share of ink along the frame, the best of a few pixels' depth: a crop may have a margin."""
    h, w = ink.shape
    deep = max(1, min(8, min(h, w) // 8))
    rings = [
        np.concatenate(
            [ink[k, k : w - k], ink[h - 1 - k, k : w - k], ink[k : h - k, k], ink[k : h - k, w - 1 - k]]
        )
        for k in range(deep)
    ]
    return max(float(ring.mean()) for ring in rings)


def _saturation(rgb: Grey, ink: Grey) -> float:
    coloured = rgb[ink > 0].astype(np.int16)
    if not len(coloured):
        return 0.0
    top, low = coloured.max(axis=1), coloured.min(axis=1)
    return float(((top - low) / np.maximum(top, 1)).mean())


def _runs(ink: Grey, length: int, across: bool) -> Grey:
    """Ink that goes on straight for `length` pixels and is thin the other way."""
    kernel = np.ones((1, length) if across else (length, 1), np.uint8)
    long = cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel)
    thick = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return np.asarray((long > 0) & (thick == 0), dtype=np.uint8)


def _lines(ink: Grey) -> tuple[int, int, bool, int]:
    """Counts of long horizontal and vertical lines, whether two are axes, and how many are at even steps."""
    h, w = ink.shape
    flat = _boxes_of(_runs(ink, max(8, w // 3), across=True))
    tall = _boxes_of(_runs(ink, max(8, h // 3), across=False))
    slack = 0.04 * max(w, h) + 2
    axes = any(
        abs(tx - fx) < slack and abs(ty + th - fy) < slack and fw > 0.45 * w and th > 0.45 * h
        for fx, fy, fw, _ in flat
        for tx, ty, _, th in tall
    )
    return len(flat), len(tall), axes, _even(sorted(y for _, y, _, fh in flat if fh <= 4))


def _even(places: list[int]) -> int:
    """How many places follow one another at one step."""
    steps = [b - a for a, b in itertools.pairwise(places) if b - a > 3]
    if len(steps) < 3:
        return 0
    middle = sorted(steps)[len(steps) // 2]
    even = sum(abs(s - middle) <= 0.1 * middle + 1 for s in steps)
    return 1 + even if even >= 0.6 * len(steps) else 0


def _bars(coloured: Grey) -> int:
    """Coloured rectangles of about one width that stand on one base, or start at one side."""
    best = 0
    for bits in (coloured, np.ascontiguousarray(np.rot90(coloured))):
        solid: Grey = np.asarray(
            cv2.morphologyEx(bits, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), dtype=np.uint8
        )
        found = [b for b in _boxes_of(solid) if b[2] >= 5 and b[3] >= 5]
        h, w = bits.shape
        for _, y, width, height in found[:80]:
            group = [
                b
                for b in found
                if abs(b[1] + b[3] - y - height) <= 3 and abs(b[2] - width) <= 0.2 * width + 1
            ]
            heights = {round(b[3] / (0.03 * h + 1)) for b in group}
            stacked = len(group) >= 4 and min(b[3] for b in group) > 0.25 * h  # of several colours each
            if (len(heights) >= 2 or stacked) and width < 0.25 * w:
                best = max(best, len(group))
    return best


def _sectors(rgb: Grey, ink: Grey) -> int:
    """Colours that meet around the middle of the largest round area; 0 where there is no large one."""
    room = cv2.distanceTransform(ink, cv2.DIST_L2, 5)
    _, radius, _, (x, y) = cv2.minMaxLoc(room)
    h, w = ink.shape
    if radius < 0.15 * min(w, h) or not (radius < x < w - radius and radius < y < h - radius):
        return 0
    angles = np.linspace(0.0, 2 * np.pi, 120, endpoint=False)

    def around(share: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        xs = np.clip(np.rint(x + share * radius * np.cos(angles)), 0, w - 1).astype(np.intp)
        ys = np.clip(np.rint(y + share * radius * np.sin(angles)), 0, h - 1).astype(np.intp)
        return ys, xs

    if ink[around(1.12)].mean() > 0.35:  # goes on beyond the circle: no disc
        return 0
    ring = rgb[around(0.7)] >> 5
    colours, counts = np.unique(ring, axis=0, return_counts=True)
    return int((counts >= 6).sum()) if len(colours) else 0


def _boxes_of(bits: Grey) -> list[tuple[int, int, int, int]]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(bits, connectivity=8)
    return [tuple(int(v) for v in stats[i, :4]) for i in range(1, min(count, 200))]  # type: ignore[misc]


def _blobs(grey: Grey, ink: Grey) -> tuple[int, int, int]:
    """Rectangles, those as wide as the picture, and letter-like blobs."""
    h, w = ink.shape
    edges = cv2.Canny(grey, 40, 120)
    contours, _ = cv2.findContours(
        cv2.dilate(edges, np.ones((2, 2), np.uint8)), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE
    )
    found: list[tuple[int, int, int, int]] = []
    for contour in contours[:6000]:
        x, y, bw, bh = cv2.boundingRect(contour)
        if bw < 14 or bh < 9 or bw * bh > 0.9 * w * h or abs(cv2.contourArea(contour)) < 0.82 * bw * bh:
            continue
        if not any(abs(x - a) + abs(y - b) + abs(bw - c) + abs(bh - d) < 14 for a, b, c, d in found):
            found.append((x, y, bw, bh))
    letters = sum(2 <= b[2] <= 14 and 3 <= b[3] <= 14 for b in _all_boxes(ink))
    return len(found), sum(b[2] > 0.85 * w for b in found), letters


def _all_boxes(ink: Grey) -> list[tuple[int, int, int, int]]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return [tuple(int(v) for v in stats[i, :4]) for i in range(1, min(count, 4000))]  # type: ignore[misc]


def _discs(ink: Grey) -> tuple[int, float]:
    h, w = ink.shape
    contours, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    sizes = []
    for contour in contours[:6000]:
        _, _, bw, bh = cv2.boundingRect(contour)
        inside = abs(cv2.contourArea(contour)) / max(bw * bh, 1)
        if min(bw, bh) >= 12 and 0.88 < bw / bh < 1.14 and 0.72 < inside < 0.84:
            sizes.append(max(bw, bh) / min(w, h))
    return len(sizes), max(sizes, default=0.0)


def _slants(ink: Grey) -> int:
    lines = cv2.HoughLinesP(
        ink * 255, 1, np.pi / 90, 60, minLineLength=max(20, min(ink.shape) // 6), maxLineGap=3
    )
    if lines is None:
        return 0
    ends = lines.reshape(-1, 4)[:400]
    dx, dy = np.abs(ends[:, 2] - ends[:, 0]), np.abs(ends[:, 3] - ends[:, 1])
    return int(((dx > 6) & (dy > 6) & (dx < 8 * dy) & (dy < 8 * dx)).sum())
