"""Countable traits of a drawing from which its kind is told: ends of lines, outlines, compartments, axes.

In: a Scene. Out: `Traits`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from dic_ingest.diagram import End
from dic_ingest.drawing import Box, area, grow, inside, union
from dic_ingest.structure.geometry import length, outline_distance, signed_area
from dic_ingest.structure.kinds_axes import axes_of, cells_of, extent
from dic_ingest.structure.kinds_counts import Traits
from dic_ingest.structure.kinds_words import word_traits
from dic_ingest.structure.scene import Line, Scene, Shape
from dic_ingest.structure.sequence_columns import is_upright, text_height, texts_in
from dic_ingest.structure.sequence_heads import find_columns
from dic_ingest.structure.sequence_mending import is_flat
from dic_ingest.structure.sequence_messages import find_messages

_MEMBER = re.compile(
    r"^[+\-#~]\s*\w|\w\([^)]*\)\s*(?::\s*\S+)?$|^\w+\s*:\s*[\w<>\[\]]+$|^\u00ab.*\u00bb$|^<<.*>>$"
)
_CARDINAL = re.compile(r"^(?:[01nNmM*]|[01]\.\.[1nNmM*\d]+|\d\.\.\*|\(\d,[\dnN]\))$")
_ANSWERS = {"yes", "no", "true", "false", "y", "n", "ok", "success", "failure", "else"}
_ROUNDED = ("rounded", "stadium", "circle", "ellipse")
_KEY = re.compile(r"\b(?:PK|FK)\d?\b")
_FEET = (End.ONE, End.ZERO_OR_ONE, End.MANY, End.ZERO_OR_MANY)
_MOST = 400  # shapes, lines, texts looked at: the traits of a large drawing show in a part of it


def traits_of(scene: Scene) -> Traits:
    """Count everything once."""
    return _Counter(scene).traits()


class _Counter:
    def __init__(self, scene: Scene) -> None:
        self.em = text_height(scene)
        shapes = sorted(scene.shapes, key=lambda s: -area(s.bbox))[:_MOST]
        lines = sorted(scene.lines, key=lambda k: -length(k.points))[:_MOST]
        texts = [t for t in scene.texts if t.text.strip()][:_MOST]
        self.scene = Scene(
            scene.width, scene.height, tuple(shapes), tuple(lines), tuple(texts), scene.background
        )
        self.held = {id(s): texts_in(s.bbox, texts) for s in shapes}
        self.boxes = [s for s in shapes if self._is_box(s)]
        self.frames = [s for s in shapes if self._holds_boxes(s)]
        framing = {id(s) for s in self.frames}
        self.leaves = [s for s in self.boxes if id(s) not in framing]

    def _is_box(self, s: Shape) -> bool:
        """Drawn, with text, and not merely the background of a label."""
        texts = self.held[id(s)]
        if not texts or s.kind == "icon":
            return False
        hugs = area(s.bbox) < 1.7 * area(union(t.bbox for t in texts))
        filled = s.fill is not None and s.fill != self.scene.background
        return s.stroke is not None or (filled and not hugs)

    def _holds_boxes(self, s: Shape) -> bool:
        inner = [
            b
            for b in self.boxes
            if b is not s and area(b.bbox) < 0.8 * area(s.bbox) and inside(b.bbox, s.bbox, 0.95)
        ]
        if len(inner) < 1 or area(s.bbox) > 0.97 * self.scene.width * self.scene.height:
            return False
        touching = [
            b
            for b in inner
            if abs(b.bbox[0] - s.bbox[0]) < 0.3 * self.em and abs(b.bbox[2] - s.bbox[2]) < 0.3 * self.em
        ]
        return len(inner) > len(touching)

    def traits(self) -> Traits:
        columns = find_columns(self.scene, self.em)
        messages = [m for m in find_messages(self.scene, columns, self.em) if m.source and m.target]
        crossing = [m for m in messages if m.own or (m.target and m.target.top < m.y < m.target.bottom)]
        told = sum(length(m.line.points) for m in crossing)
        drawn = sum(length(k.points) for k in self.scene.lines if not is_upright(k, self.em))
        links = self._links()
        ends = [sum(self._pointed(e) for e in (k.start, k.end)) for k in links]
        marks = Counter(e for k in self.scene.lines for e in (k.start, k.end))
        kinds = Counter(s.kind for s in self.leaves)
        count = max(1, len(links))
        compartments, tables = self._compartments()
        ticks, axes = axes_of(self.scene, self.em)
        return Traits(
            boxes=len(self.leaves),
            connectors=len(links),
            lifelines=len(columns),
            mirrored=sum(
                bool(c.foot)
                and c.foot[0].text == c.texts[0].text
                and c.bottom - c.top > 0.4 * self.scene.height
                for c in columns
            ),
            messages=len(crossing),
            message_share=min(1.0, told / max(1.0, drawn)),
            directed=ends.count(1) / count,
            both_ways=ends.count(2) / count,
            undirected=ends.count(0) / count,
            onward=self._onward(links),
            answers=sum(t.text.strip(" []()?!.").casefold() in _ANSWERS for t in self.scene.texts),
            labelled=sum(self._has_label(k) for k in links[:80]) / max(1, min(80, len(links))),
            generalised=marks[End.TRIANGLE] + marks[End.DIAMOND] + marks[End.FILLED_DIAMOND],
            feet=sum(marks[e] for e in _FEET),
            compartments=compartments,
            tables=tables,
            members=sum(bool(_MEMBER.search(t.text)) for t in self.scene.texts)
            / max(1, len(self.scene.texts)),
            keys=sum(bool(_KEY.search(t.text)) for t in self.scene.texts),
            cardinals=sum(bool(_CARDINAL.match(t.text.strip())) for t in self.scene.texts),
            dots=len(self._dots()),
            bulls=self._bulls(),
            diamonds=sum(s.kind == "diamond" and area(s.bbox) > self.em**2 for s in self.scene.shapes),
            terminals=kinds["stadium"] + kinds["parallelogram"],
            rounded=sum(kinds[k] for k in _ROUNDED) / max(1, len(self.leaves)),
            curved=sum(_is_curved(k) for k in links) / count,
            words=median([sum(len(t.text.split()) for t in self.held[id(s)]) for s in self.leaves] or [0]),
            icons=sum(s.kind in ("icon", "actor") for s in self.scene.shapes),
            frames=len(self.frames),
            loose=self._loose(links),
            cylinders=kinds["cylinder"],
            ticks=ticks,
            axes=axes,
            percents=sum(t.text.strip().endswith("%") for t in self.scene.texts),
            cells=cells_of(self.leaves, self.em),
            sectors=self._sectors(),
            said=word_traits(
                [" ".join(t.text for t in self.held[id(s)]) for s in self.leaves],
                [t.text for t in self.scene.texts],
            ),
        )

    def _pointed(self, end: End) -> bool:
        return end in (End.ARROW, End.TRIANGLE)

    def _links(self) -> list[Line]:
        """Lines that end at two different outlines, and arrows."""
        shapes = [s for s in self.scene.shapes if s.kind != "icon" or not self.held[id(s)]]
        found = []
        for k in self.scene.lines:
            if any(self._pointed(e) or e in _FEET for e in (k.start, k.end)):
                found.append(k)
                continue
            at = [self._touched(p, shapes) for p in (k.points[0], k.points[-1])]
            if at[0] and at[1] and not (at[0] & at[1]) and length(k.points) > self.em:
                found.append(k)
        return found

    def _touched(self, p: tuple[float, float], shapes: Sequence[Shape]) -> set[int]:
        near = [s for s in shapes if inside((*p, *p), grow(s.bbox, 0.8 * self.em))]
        return {id(s) for s in near if outline_distance(s.polygon, p) < 0.8 * self.em}

    def _has_label(self, k: Line) -> bool:
        xs, ys = [p[0] for p in k.points], [p[1] for p in k.points]
        around = grow((min(xs), min(ys), max(xs), max(ys)), 0.6 * self.em)
        boxed = [s.bbox for s in self.leaves]
        return any(
            inside(t.bbox, around) and not any(inside(t.bbox, b, 0.8) for b in boxed)
            for t in self.scene.texts
        )

    def _onward(self, links: Sequence[Line]) -> float:
        """Flows run down or across, from step to step; what a block diagram links lies all around."""
        ways: Counter[str] = Counter()
        for k in links:
            (ax, ay), (bx, by) = k.points[0], k.points[-1]
            if self._pointed(k.start) and not self._pointed(k.end):
                ax, ay, bx, by = bx, by, ax, ay
            level = abs(bx - ax) > abs(by - ay)
            ways[("right" if bx > ax else "left") if level else ("down" if by > ay else "up")] += 1
        return max(ways.values()) / len(links) if links else 0.0

    def _loose(self, links: Sequence[Line]) -> float:
        touched: set[int] = set()
        for k in links:
            for p in (k.points[0], k.points[-1]):
                touched |= self._touched(p, self.leaves)
        return sum(id(s) not in touched for s in self.leaves) / max(1, len(self.leaves))

    def _compartments(self) -> tuple[int, int]:
        """Boxes with level dividers or stacked parts; of these, how many are tables."""
        levels = [extent(k) for k in self.scene.lines if is_flat(k, self.em)]
        rights = [
            extent(k) for k in self.scene.lines if abs(k.points[0][0] - k.points[-1][0]) < 0.2 * self.em
        ]
        parts = tables = 0
        for s in self.boxes:
            x0, y0, x1, y1 = s.bbox
            rows = {round(b[1] / (0.4 * self.em)) for b in levels if _spans(b, s.bbox, 0, self.em)}
            rows |= {
                round(o.bbox[1] / (0.4 * self.em))
                for o in self.scene.shapes
                if o is not s and _spans(o.bbox, s.bbox, 0, self.em) and y0 + 0.5 * self.em < o.bbox[1]
            }
            sides = [
                b for b in rights if x0 + self.em < b[0] < x1 - self.em and b[1] >= y0 - 2 and b[3] <= y1 + 2
            ]
            upright = [b for b in sides if b[3] - b[1] > 0.7 * (y1 - y0 - 2.5 * self.em)]
            if rows and x1 - x0 > 2 * self.em:
                parts += 1
                tables += len(rows) >= 4 or bool(upright)
        return parts, tables

    def _dots(self) -> list[Shape]:
        """Small filled circles without text that a line meets."""
        dark = []
        for s in self.scene.shapes:
            small = 0.4 * self.em <= s.bbox[2] - s.bbox[0] <= 2.2 * self.em
            sketched = s.stroke is not None and s.bbox[2] - s.bbox[0] <= 1.3 * self.em  # hatched, not filled
            filled = s.fill not in (None, self.scene.background) or sketched
            if small and filled and _is_round(s) and not self.held[id(s)]:
                dark.append(s)
        ends = [p for k in self.scene.lines for p in (k.points[0], k.points[-1])]
        return [s for s in dark if any(inside((*p, *p), grow(s.bbox, 0.5 * self.em)) for p in ends)]

    def _bulls(self) -> int:
        rounds = [s for s in self.scene.shapes if _is_round(s) and not self.held[id(s)]]
        found = 0
        for s in rounds:
            if s.bbox[2] - s.bbox[0] > 3 * self.em:
                continue
            found += any(
                o is not s and inside(o.bbox, s.bbox, 0.99) and area(o.bbox) < 0.8 * area(s.bbox)
                for o in rounds
            )
        return found

    def _sectors(self) -> int:
        bare = [
            s
            for s in self.scene.shapes
            if s.fill not in (None, self.scene.background) and not self.held[id(s)]
        ]
        large = [s for s in bare if area(s.bbox) > 4 * self.em**2 and s.kind in ("other", "rect")]
        return len({s.fill for s in large})


def _is_curved(k: Line) -> bool:
    """Many points, hardly a level or upright stretch."""
    steps = [(abs(b[0] - a[0]), abs(b[1] - a[1])) for a, b in pairwise(k.points)]
    straight = sum(max(x, y) for x, y in steps if min(x, y) < 0.1 * max(x, y))
    return len(k.points) > 4 and straight < 0.9 * sum(max(x, y) for x, y in steps)


def _is_round(s: Shape) -> bool:
    """A circle, a sketched one too: as wide as high, filling about pi/4 of its box."""
    wide, high = s.bbox[2] - s.bbox[0], s.bbox[3] - s.bbox[1]
    level = 0.8 < wide / max(high, 0.1) < 1.25
    return level and 0.68 < abs(signed_area(s.polygon)) / max(wide * high, 0.1) < 0.88


def _spans(b: Box, box: Box, axis: int, em: float) -> bool:
    """Whether a level line or part runs through the whole box, strictly inside it."""
    wide = abs(b[0] - box[0]) < 0.5 * em and abs(b[2] - box[2]) < 0.5 * em
    return wide and box[1] + 0.5 * em < b[1] < box[3] - 0.2 * em and b[3] < box[3] + 0.3 * em
