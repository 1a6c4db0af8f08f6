"""Participants of a sequence diagram: the heads that lifelines hang from.

In: a Scene. Out: columns with labels, from left to right. A lifeline without a head is none: frame borders
and loops fall out.
"""

from __future__ import annotations

from collections.abc import Sequence

from dic_ingest.drawing import area, grow, inside, union
from dic_ingest.structure.scene import Scene, Shape, TextLine
from dic_ingest.structure.sequence_columns import (
    Column,
    join_mirror,
    lifelines,
    mirrored,
    over,
    take_edges,
    texts_in,
)

_PICTURES = ("icon", "actor")


def find_columns(scene: Scene, em: float) -> list[Column]:
    """Lifelines that have a head, left to right."""
    columns = lifelines(scene, em)
    for mirror in mirrored(scene, em):
        join_mirror(columns, mirror, em)
    heads = _Heads(scene, columns, em)
    for c in columns:
        heads.hang(c)
    for c in columns:
        if not c.texts:
            heads.name(c, [k for k in columns if k.texts and k.head != (0.0, 0.0, 0.0, 0.0)])
    for c in columns:
        c.foot = c.foot or heads.below(c)
    take_edges([c for c in columns if c.texts], [c for c in columns if not c.texts], em)
    return sorted(_one_per_head([c for c in columns if c.texts], em), key=lambda c: c.x)


class _Heads:
    """Shapes and texts that a lifeline may hang from."""

    def __init__(self, scene: Scene, columns: Sequence[Column], em: float) -> None:
        self.scene, self.em = scene, em
        self.longest = max((c.bottom - c.top for c in columns), default=0.0)
        self.xs = sorted(c.x for c in columns if c.bottom - c.top > 0.3 * self.longest)
        self.boxes: list[tuple[Shape, list[TextLine]]] = []
        for s in scene.shapes:
            wide, high = s.bbox[2] - s.bbox[0], s.bbox[3] - s.bbox[1]
            if wide < 0.8 * em or high < 0.8 * em or high > 0.6 * scene.height:
                continue
            self.boxes.append((s, texts_in(s.bbox, scene.texts)))

    def hang(self, column: Column) -> None:
        """The box that the lifeline leaves downwards, and the one it may end in."""
        fits = [(s, t) for s, t in self.boxes if t and self._holds(s, column, column.top, s.bbox[3])]
        feet = [(s, t) for s, t in self.boxes if t and self._holds(s, column, column.bottom, s.bbox[1])]
        head, foot = self._best(fits, column), self._best(feet, column)
        if head is None and foot is not None and foot[0].bbox[1] > column.top:
            head, foot = foot, None
        if head is not None:
            column.head, column.shape, column.texts = head[0].bbox, head[0].kind, head[1]
        if foot is not None and head is not None and foot[0] is not head[0]:
            column.foot = foot[1]

    def _holds(self, shape: Shape, column: Column, at: float, edge: float) -> bool:
        x0, y0, x1, y1 = shape.bbox
        if abs(column.x - (x0 + x1) / 2) > max(0.3 * (x1 - x0), 0.4 * self.em):
            return False
        others = sum(
            x0 + 0.3 * self.em < x < x1 - 0.3 * self.em and abs(x - column.x) > 1.8 * self.em for x in self.xs
        )
        touches = abs(at - edge) <= 1.2 * self.em or y0 - 0.3 * self.em <= at <= y1 + 0.3 * self.em
        return touches and others == 0 and y1 - y0 < 0.7 * max(self.longest, column.bottom - column.top)

    def _best(
        self, fits: list[tuple[Shape, list[TextLine]]], column: Column
    ) -> tuple[Shape, list[TextLine]] | None:
        """The one with most text; of these the smallest that is drawn, before any mere picture."""
        if not fits:
            return None
        most = max(len(t) for _, t in fits)
        full = [f for f in fits if len(f[1]) == most]
        return min(full, key=lambda f: (f[0].kind in _PICTURES, area(f[0].bbox)))

    def name(self, column: Column, others: Sequence[Column]) -> None:
        """A participant drawn without a box: text, or a picture and text, right above the lifeline."""
        top = column.top
        pictures = [
            s.bbox
            for s, t in self.boxes
            if not t and self._holds(s, column, column.top, s.bbox[3]) and s.bbox[1] < column.top
        ]
        found = self._stack(column.x, top, 1.6 if not pictures else 0.9)
        if not found and pictures:
            top = min(b[1] for b in pictures)
            found = self._stack(column.x, top, 1.2)
        drawn = [t for t in found if not any(inside(t.bbox, b, 0.6) for b in pictures)]
        found = drawn or found  # strokes of a picture read as letters
        if not found or not self._in_band(column, found, others):
            return
        column.texts = found
        column.head = union([*(t.bbox for t in found), *pictures])
        column.shape = "actor" if not pictures else "icon"

    def _in_band(self, column: Column, found: Sequence[TextLine], others: Sequence[Column]) -> bool:
        if column.bottom - column.top < 0.25 * self.longest:
            return False
        if not others:
            return True
        tops, bottoms = min(c.head[1] for c in others), max(c.head[3] for c in others)
        middle = (found[0].bbox[1] + found[-1].bbox[3]) / 2
        return tops - 2 * self.em <= middle <= bottoms + 2 * self.em

    def _stack(self, x: float, top: float, gap: float) -> list[TextLine]:
        """Lines of text centred over `x`, the lowest within `gap` text heights above `top`."""
        found: list[TextLine] = []
        edge, allowed = top, gap * self.em
        for t in sorted(self.scene.texts, key=lambda t: -t.bbox[3]):
            _, y0, _, y1 = t.bbox
            if over(x, t.bbox, self.em) and -0.5 * self.em <= edge - y1 <= allowed and y0 < edge:
                found.insert(0, t)
                edge, allowed = y0, 0.6 * self.em
        return found

    def below(self, column: Column) -> list[TextLine]:
        """The label repeated at the foot."""
        wanted = {t.text for t in column.texts}
        low = [t for t in self.scene.texts if t.text in wanted and t.bbox[1] > column.bottom - self.em]
        return [t for t in low if t.bbox[0] - self.em <= column.x <= t.bbox[2] + self.em]


def _one_per_head(columns: list[Column], em: float) -> list[Column]:
    """Lifelines that hang from the same head are one; the one nearest to its middle gives the place."""
    kept: list[Column] = []
    for c in sorted(columns, key=lambda c: abs(c.x - (c.head[0] + c.head[2]) / 2)):
        twin = next(
            (k for k in kept if k.texts[0] is c.texts[0] or inside(c.head, grow(k.head, 0.1 * em), 0.9)), None
        )
        if twin is None:
            kept.append(c)
        else:
            twin.top, twin.bottom = min(twin.top, c.top), max(twin.bottom, c.bottom)
            twin.bars += c.bars
    return kept
