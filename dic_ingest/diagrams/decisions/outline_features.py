"""What is measured of every outline of a scene to tell its role: size, paint, texts, lines, neighbours.

In: parts with their texts and a scene. Out: one row of named numbers a part. Lengths are in text heights
or are shares, so that points, pixels and scales of drawing do not matter.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dic_ingest.diagrams.graph.containment import Part, Role, line_ends
from dic_ingest.diagrams.scene import Scene, Shape
from dic_ingest.model.box import Box, area, center, height_of, overlap, union, width_of
from dic_ingest.model.diagram import End
from dic_ingest.model.geometry import bounds, signed_area

FORMS = (
    "rect", "rounded", "ellipse", "circle", "diamond", "icon", "cylinder", "stadium", "parallelogram",
    "triangle", "hexagon", "note", "actor", "other",
)  # fmt: skip
GUESSED = (Role.NODE, Role.GROUP, Role.LABEL, Role.PART, Role.LEGEND)
FAR = 50.0  # stands for "none there", in text heights

Row = dict[str, float]


def outline_features(
    parts: Sequence[Part], scene: Scene, em: float, boxed: bool, guesses: Sequence[Role]
) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    """Names of the features, and their values, one row a part.

    `em`: the usual text height; `boxed`: whether the drawing's kind has boxes with compartments (class, ER).
    `guesses`: each part's role by the rules.
    """
    if not parts:
        return (), np.zeros((0, 0))
    around = _Around(parts, scene, em)
    whole = _scene_row(around, boxed)
    own = [
        _own_row(around, i) | {f"guess {r}": float(guesses[i] is r) for r in GUESSED}
        for i in range(len(parts))
    ]
    rows = [
        {**whole, **own[i], **_family_row(around, own, i), **_sibling_row(around, i)}
        for i in range(len(parts))
    ]
    names = tuple(rows[0])
    return names, np.array([[row[n] for n in names] for row in rows], dtype=np.float64)


class _Around:
    """What several features ask for, computed once a scene."""

    def __init__(self, parts: Sequence[Part], scene: Scene, em: float) -> None:
        self.parts, self.scene, self.em = parts, scene, em
        self.boxes = np.array([p.box for p in parts])
        self.sizes = [max(area(p.box), 1e-6) for p in parts]
        self.median = sorted(self.sizes)[len(parts) // 2]
        self.depth = [_depth(parts, i) for i in range(len(parts))]
        self.alike = Counter(_look(p.shape, em) for p in parts)
        self.fills = Counter(p.shape.fill for p in parts)
        self.siblings: dict[int | None, list[int]] = {}
        for i, p in enumerate(parts):
            self.siblings.setdefault(p.parent, []).append(i)
        self.heads, self.tails = [0] * len(parts), [0] * len(parts)
        for line, ends in zip(scene.lines, line_ends(list(parts), scene.lines, em), strict=True):
            for at, mark in zip(ends, (line.start, line.end), strict=True):
                if at is not None:
                    (self.tails if mark is End.NONE else self.heads)[at] += 1
        self.within, self.through = self._lines_at()
        given = {id(t) for p in parts for t in p.texts}
        self.outside = [t for t in scene.texts if id(t) not in given]

    def _lines_at(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """For every part the number of lines wholly within it, and of those with one end in, one out."""
        if not self.scene.lines:
            return np.zeros(len(self.parts)), np.zeros(len(self.parts))
        boxes = np.array([bounds(x.points) for x in self.scene.lines])
        tips = np.array([(*x.points[0], *x.points[-1]) for x in self.scene.lines])
        slack = 0.2 * self.em
        b = self.boxes[:, None, :]
        held = (
            (boxes[:, 0] >= b[..., 0] - slack) & (boxes[:, 1] >= b[..., 1] - slack)
            & (boxes[:, 2] <= b[..., 2] + slack) & (boxes[:, 3] <= b[..., 3] + slack)
        )  # fmt: skip
        inside = [
            (tips[:, k] > b[..., 0] + slack) & (tips[:, k] < b[..., 2] - slack)
            & (tips[:, k + 1] > b[..., 1] + slack) & (tips[:, k + 1] < b[..., 3] - slack)
            for k in (0, 2)
        ]  # fmt: skip
        return held.sum(axis=1).astype(float), (inside[0] ^ inside[1]).sum(axis=1).astype(float)


def _depth(parts: Sequence[Part], i: int) -> int:
    deep, at = 0, parts[i].parent
    while at is not None and deep < 20:
        deep, at = deep + 1, parts[at].parent
    return deep


def _look(shape: Shape, em: float) -> tuple[object, ...]:
    """Outlines of the same form, size and paint are usually of the same role."""
    x0, y0, x1, y1 = shape.bbox
    return shape.kind, round((x1 - x0) / em), round((y1 - y0) / em), shape.fill, shape.stroke, shape.dashed


def _scene_row(s: _Around, boxed: bool) -> Row:
    parts, scene = s.parts, s.scene
    count = len(parts)
    headed = sum(x.start is not End.NONE or x.end is not End.NONE for x in scene.lines)
    return {
        "scene outlines": count,
        "scene lines": len(scene.lines),
        "scene texts": len(scene.texts),
        "scene headed lines": headed / max(1, len(scene.lines)),
        "scene lines per outline": len(scene.lines) / count,
        "scene outlines with text": sum(bool(p.texts) for p in parts) / count,
        "scene outlines touched": sum(p.touched > 0 for p in parts) / count,
        "scene icons": sum(p.shape.kind == "icon" for p in parts) / count,
        "scene width": scene.width / s.em,
        "scene boxed kind": float(boxed),
    }


def _own_row(s: _Around, i: int) -> Row:
    part = s.parts[i]
    return {
        **_size_row(s, part, i),
        **_paint_row(s, part),
        **_text_row(s, part),
        **_line_row(s, i),
        **_name_row(s, part),
    }


def _name_row(s: _Around, part: Part) -> Row:
    """How far texts that are in no smaller outline are, under, over and beside the outline."""
    x0, y0, x1, y1 = part.box
    texts = s.outside if part.parent is None else s.parts[part.parent].texts
    gaps = {"name under": FAR, "name over": FAR, "name beside": FAR}
    for text in texts:
        a0, b0, a1, b1 = text.bbox
        if min(a1, x1) > max(a0, x0):
            below, above = (b0 - y1) / s.em, (y0 - b1) / s.em
            for name, gap in (("name under", below), ("name over", above)):
                gaps[name] = gap if -0.5 < gap < gaps[name] else gaps[name]
        elif min(b1, y1) > max(b0, y0):
            gaps["name beside"] = min(gaps["name beside"], max(a0 - x1, x0 - a1) / s.em)
    return gaps


def _size_row(s: _Around, part: Part, i: int) -> Row:
    x0, y0, x1, y1 = part.box
    w, h, em = x1 - x0, y1 - y0, s.em
    points = part.shape.polygon
    return {
        "width": w / em,
        "height": h / em,
        "width share": w / s.scene.width,
        "height share": h / s.scene.height,
        "area to median": math.log(s.sizes[i] / s.median),
        "aspect": math.log(max(w, 0.1) / max(h, 0.1)),
        "filled share": abs(signed_area(points)) / s.sizes[i] if len(points) > 2 else 0.0,
        "corners": len(points),
        "depth": s.depth[i],
        "off the edge": min(x0, y0, s.scene.width - x1, s.scene.height - y1) / em,
    }


def _paint_row(s: _Around, part: Part) -> Row:
    shape, back = part.shape, s.scene.background
    fill = shape.fill
    row = {
        "filled": float(fill is not None),
        "stroked": float(shape.stroke is not None),
        "dashed": float(shape.dashed),
        "fill brightness": sum(fill) / 765 if fill else -1.0,
        "fill colour": (max(fill) - min(fill)) / 255 if fill else -1.0,
        "fill is background": float(fill == back),
        "same fill": s.fills[fill] / len(s.parts),
        "stroke brightness": sum(shape.stroke) / 765 if shape.stroke else -1.0,
        "painting order": shape.order / max(1, max(p.shape.order for p in s.parts)),
    }
    return row | {f"is {form}": float(shape.kind == form) for form in FORMS}


def _text_row(s: _Around, part: Part) -> Row:
    texts, em = part.texts, s.em
    x0, y0, x1, y1 = part.box
    letters = [c for t in texts for c in t.text if not c.isspace()]
    box: Box = union(t.bbox for t in texts) if texts else (x0, y0, x0, y0)
    cx, cy = center(box)
    w, h = max(x1 - x0, 0.1), max(y1 - y0, 0.1)
    return {
        "text lines": len(texts),
        "letters": len(letters),
        "letters a line": len(letters) / max(1, len(texts)),
        "letter share": sum(c.isalpha() for c in letters) / max(1, len(letters)),
        "capitals": sum(c.isupper() for c in letters) / max(1, len(letters)),
        "text size": sum(t.size for t in texts) / em / max(1, len(texts)),
        "bold": float(any(t.bold for t in texts)),
        "turned text": float(any(t.angle % 180 for t in texts)),
        "text width share": width_of(box) / w,
        "text height share": height_of(box) / h,
        "text off the middle": (cx - (x0 + x1) / 2) / w if texts else 0.0,
        "text off the centre": (cy - (y0 + y1) / 2) / h if texts else 0.0,
        "text under the top": (box[1] - y0) / em if texts else -FAR,
        "text over the bottom": (y1 - box[3]) / em if texts else -FAR,
        "text outside": float(bool(texts) and not overlap(box, part.box)),
    }


def _line_row(s: _Around, i: int) -> Row:
    return {
        "touched": s.parts[i].touched,
        "heads": s.heads[i],
        "tails": s.tails[i],
        "lines within": float(s.within[i]),
        "lines through": float(s.through[i]),
    }


PASSED_ON = (
    "width", "height", "area to median", "text lines", "letters", "touched", "heads", "tails", "lines within",
    "lines through", "stroked", "filled", "dashed", "is icon", "is rect", "text off the centre",
    "text height share", "guess node", "guess group",
)  # fmt: skip


def _family_row(s: _Around, own: list[Row], i: int) -> Row:
    part, em = s.parts[i], s.em
    holder = None if part.parent is None else s.parts[part.parent]
    row = {
        "has holder": float(holder is not None),
        "share of holder": s.sizes[i] / s.sizes[part.parent] if part.parent is not None else 0.0,
        "holder children": len(holder.children) if holder else 0,
        "holder fill is own": float(holder is not None and holder.shape.fill == part.shape.fill),
    }
    gaps = [-1.0] * 4
    if holder is not None:
        a, b = part.box, holder.box
        gaps = [(a[0] - b[0]) / em, (a[1] - b[1]) / em, (b[2] - a[2]) / em, (b[3] - a[3]) / em]
    row |= {f"gap {side}": g for side, g in zip(("left", "top", "right", "bottom"), gaps, strict=True)}
    row |= {"gap least": min(gaps), "gap most": max(gaps)}
    for name in PASSED_ON:
        row[f"holder {name}"] = own[part.parent][name] if part.parent is not None else -FAR
    return row | _children_row(s, own, i)


def _children_row(s: _Around, own: list[Row], i: int) -> Row:
    part, em = s.parts[i], s.em
    kids = part.children
    x0, _, x1, _ = part.box
    spans = [k for k in kids if abs(s.boxes[k][0] - x0) < 0.4 * em and abs(s.boxes[k][2] - x1) < 0.4 * em]
    texts = [k for k in kids if s.parts[k].texts]
    return {
        "children": len(kids),
        "children with text": len(texts),
        "children touched": sum(s.parts[k].touched for k in kids),
        "children touched with text": sum(s.parts[k].touched > 0 for k in texts),
        "children headed": sum(s.heads[k] for k in kids),
        "children icons": sum(s.parts[k].shape.kind == "icon" for k in kids),
        "children that span": len(spans),
        "children area": sum(s.sizes[k] for k in kids) / s.sizes[i],
        "largest child": max((s.sizes[k] for k in kids), default=0.0) / s.sizes[i],
        "children letters": sum(own[k]["letters"] for k in kids),
        "grandchildren": sum(len(s.parts[k].children) for k in kids),
        "children forms": len({_look(s.parts[k].shape, em) for k in kids}),
    }


def _sibling_row(s: _Around, i: int) -> Row:
    part, em = s.parts[i], s.em
    others = [k for k in s.siblings[part.parent] if k != i]
    alike = s.alike[_look(part.shape, em)]
    b = s.boxes[others] if others else np.full((1, 4), np.inf)
    x0, y0, x1, y1 = part.box
    slack = 0.2 * em
    dx = np.maximum(np.maximum(b[:, 0] - x1, x0 - b[:, 2]), 0)
    dy = np.maximum(np.maximum(b[:, 1] - y1, y0 - b[:, 3]), 0)
    gap = np.hypot(dx, dy) / em
    on = (b[:, 0] < x1) & (b[:, 2] > x0) & (b[:, 1] < y1) & (b[:, 3] > y0)
    return {
        "alike": alike,
        "alike share": alike / len(s.parts),
        "siblings": len(others),
        "siblings with text": sum(bool(s.parts[k].texts) for k in others),
        "siblings touched": sum(s.parts[k].touched > 0 for k in others),
        "siblings in line": int(((abs(b[:, 1] - y0) < slack) & (abs(b[:, 3] - y1) < slack)).sum()),
        "siblings in column": int(((abs(b[:, 0] - x0) < slack) & (abs(b[:, 2] - x1) < slack)).sum()),
        "sibling gap": float(min(gap.min(), FAR)),
        "siblings against": int((gap < 0.15).sum()),
        "siblings overlapped": int(on.sum()),
        "siblings like it": sum(_look(s.parts[k].shape, em) == _look(part.shape, em) for k in others),
    }
