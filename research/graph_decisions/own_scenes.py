"""Scenes made at random, of what few people's drawings show: tables, dots, bars, lanes, label grounds.

In: a seed. Out: scenes with the true role of every outline. Sizes, paints and numbers vary; nothing is
drawn, as the roles are judged from scenes.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from dic_ingest.diagrams.scene import Line, Scene, Shape, TextLine
from dic_ingest.model.box import Box, corners
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Color

LETTERS = "abcdefghijklmnopqrstuvwxyz"
PALE: list[Color | None] = [
    None,
    (255, 255, 255),
    (245, 245, 245),
    (236, 236, 255),
    (255, 242, 204),
    (218, 232, 252),
]
DARK: list[Color] = [(0, 0, 0), (51, 51, 51), (108, 142, 191), (147, 112, 219)]


@dataclass(slots=True)
class OwnScene:
    """A scene and one role for each of its outlines; `boxed`: of a kind whose boxes have compartments."""

    scene: Scene
    roles: list[str]
    boxed: bool


@dataclass(slots=True)
class _Sheet:
    """What is drawn so far."""

    dice: random.Random
    em: float
    fill: Color | None
    stroke: Color
    shapes: list[Shape] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    texts: list[TextLine] = field(default_factory=list)

    def outline(self, box: Box, role: str, kind: str = "rect", **paint: object) -> None:
        style = {"fill": self.fill, "stroke": self.stroke} | paint
        self.shapes.append(Shape(box, _polygon(box, kind), kind, order=len(self.shapes), **style))  # type: ignore[arg-type]
        self.roles.append(role)

    def text(self, x: float, y: float, words: int, centred: bool = True) -> float:
        said = " ".join(self.word() for _ in range(words))
        w = 0.5 * self.em * len(said)
        x0 = x - w / 2 if centred else x
        self.texts.append(TextLine(said, (x0, y - self.em / 2, x0 + w, y + self.em / 2), self.em))
        return w

    def word(self) -> str:
        return "".join(self.dice.choice(LETTERS) for _ in range(self.dice.randint(2, 9))).capitalize()

    def join(self, a: Box, b: Box, head: End) -> None:
        """A line from the lower side of one box to the upper side of another."""
        start, end = ((a[0] + a[2]) / 2, a[3]), ((b[0] + b[2]) / 2, b[1])
        middle = (start[1] + end[1]) / 2
        bent = ((start[0], middle), (end[0], middle)) if abs(start[0] - end[0]) > self.em else ()
        self.lines.append(Line((start, *bent, end), End.NONE, head, self.dice.random() < 0.2))


def _polygon(box: Box, kind: str) -> tuple[tuple[float, float], ...]:
    if kind in ("circle", "diamond"):
        (x0, y0, x1, y1), cx, cy = box, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return ((cx, y0), (x1, cy), (cx, y1), (x0, cy))
    return corners(box)


def own_scenes(count: int, seed: int) -> list[OwnScene]:
    """Scenes of every sort in turn."""
    made = []
    for k in range(count):
        dice = random.Random(f"{seed}-{k}")
        sheet = _Sheet(dice, dice.uniform(8, 24), dice.choice(PALE), dice.choice(DARK))
        sort = SORTS[k % len(SORTS)]
        sort(sheet)
        made.append(_finished(sheet, sort is _tables and dice.random() < 0.7))
    return made


def _finished(s: _Sheet, boxed: bool) -> OwnScene:
    order = list(range(len(s.shapes)))
    boxes = [x.bbox for x in s.shapes]
    right, low = max(b[2] for b in boxes) + 2 * s.em, max(b[3] for b in boxes) + 2 * s.em
    scene = Scene(right, low, tuple(s.shapes[i] for i in order), tuple(s.lines), tuple(s.texts))
    return OwnScene(scene, [s.roles[i] for i in order], boxed)


def _places(s: _Sheet, count: int, width: float, height: float) -> list[tuple[float, float]]:
    """Upper left corners in a loose grid."""
    columns = max(1, round(count**0.5))
    gap = s.dice.uniform(2.5, 6) * s.em
    return [
        (2 * s.em + (k % columns) * (width + gap), 2 * s.em + (k // columns) * (height + gap))
        for k in range(count)
    ]


def _linked(s: _Sheet, boxes: list[Box], head: End) -> None:
    for k, box in enumerate(boxes[1:], 1):
        s.join(boxes[s.dice.randrange(k)], box, head)


def _tables(s: _Sheet) -> None:
    """Entities or classes of stacked rows, each row or only some of them outlined, some cut into columns."""
    count, rows = s.dice.randint(2, 8), s.dice.randint(1, 9)
    width, row = s.dice.uniform(8, 26) * s.em, s.dice.uniform(1.4, 2.6) * s.em
    columns = s.dice.choice((1, 1, 2, 3))
    striped = s.dice.choice(PALE)
    boxes = []
    for x, y in _places(s, count, width, (rows + 1) * row):
        held = s.dice.randint(max(0, rows - 3), rows)
        box = (x, y, x + width, y + (held + 1) * row)
        boxes.append(box)
        s.outline(box, "node")
        head = s.dice.random() < 0.5
        if head and held:
            s.outline((x, y, x + width, y + row), "part", fill=s.dice.choice(PALE))
        s.text(x + width / 2, y + row / 2, s.dice.randint(1, 2))
        for k in range(1, held + 1):
            top = y + k * row
            for c in range(columns):
                left = x + c * width / columns
                cell = (left, top, left + width / columns, top + row)
                s.outline(cell, "part", fill=striped if k % 2 else s.fill)
                s.text(left + 0.4 * s.em, top + row / 2, 1, centred=False)
    _linked(s, boxes, s.dice.choice((End.NONE, End.MANY, End.TRIANGLE, End.ARROW)))


def _states(s: _Sheet) -> None:
    """Rounded states with a start dot, an end dot in a ring, bars and blank choices."""
    count = s.dice.randint(3, 9)
    width, height = s.dice.uniform(5, 10) * s.em, s.dice.uniform(1.8, 3.5) * s.em
    places = _places(s, count, width, height + 2 * s.em)
    boxes: list[Box] = []
    for k, (x, y) in enumerate(places):
        small = s.dice.uniform(0.7, 1.6) * s.em
        mid = x + width / 2
        dot = (mid - small / 2, y, mid + small / 2, y + small)
        if k == 0:
            s.outline(dot, "node", "circle", fill=s.stroke)
            boxes.append(dot)
        elif k == count - 1:
            rim = 0.22 * small
            s.outline(dot, "node", "circle", fill=None)
            s.outline(
                (dot[0] + rim, dot[1] + rim, dot[2] - rim, dot[3] - rim), "part", "circle", fill=s.stroke
            )
            boxes.append(dot)
        elif s.dice.random() < 0.15:
            bar = (x, y, x + width, y + 0.4 * s.em)
            s.outline(bar, "node", fill=s.stroke)
            boxes.append(bar)
        elif s.dice.random() < 0.15:
            choice = (mid - s.em, y, mid + s.em, y + 2 * s.em)
            s.outline(choice, "node", "diamond")
            boxes.append(choice)
        else:
            box = (x, y, x + width, y + height)
            s.outline(box, "node", s.dice.choice(("rounded", "rect", "stadium")))
            s.text(mid, y + height / 2, 1)
            boxes.append(box)
    _linked(s, boxes, End.ARROW)


def _lanes(s: _Sheet) -> None:
    """Frames with a header band, steps in them."""
    lanes, steps = s.dice.randint(2, 4), s.dice.randint(2, 4)
    width, height = s.dice.uniform(5, 9) * s.em, s.dice.uniform(1.8, 3) * s.em
    gap = 2 * s.em
    lane_width, lane_height = width + 2 * gap, steps * (height + gap) + gap
    boxes: list[Box] = []
    for k in range(lanes):
        x, y = 2 * s.em + k * lane_width, 2 * s.em
        s.outline((x, y, x + lane_width, y + lane_height + 2 * s.em), "group")
        s.outline((x, y, x + lane_width, y + 2 * s.em), "part", fill=s.dice.choice(PALE))
        s.text(x + lane_width / 2, y + s.em, 1)
        for n in range(steps):
            top = y + 2 * s.em + gap + n * (height + gap)
            box = (x + gap, top, x + gap + width, top + height)
            s.outline(box, "node", s.dice.choice(("rect", "rounded")))
            s.text(box[0] + width / 2, top + height / 2, 1)
            boxes.append(box)
    _linked(s, boxes, End.ARROW)


def _labelled(s: _Sheet) -> None:
    """Plain boxes whose lines carry labels on grounds."""
    boxes = []
    width, height = s.dice.uniform(5, 10) * s.em, s.dice.uniform(2, 4) * s.em
    for x, y in _places(s, s.dice.randint(3, 9), width, height + 3 * s.em):
        boxes.append((x, y, x + width, y + height))
        s.outline(boxes[-1], "node", s.dice.choice(("rect", "rounded", "diamond", "circle")))
        s.text(x + width / 2, y + height / 2, 1)
    _linked(s, boxes, s.dice.choice((End.ARROW, End.NONE)))
    ground = s.dice.choice(((255, 255, 255), (232, 232, 232)))
    for line in s.lines:
        x, y = line.points[len(line.points) // 2 - 1] if len(line.points) > 2 else line.points[0]
        far = line.points[len(line.points) // 2]
        cx, cy = (x + far[0]) / 2, (y + far[1]) / 2
        w = s.text(cx, cy, 1)
        s.outline(
            (cx - w / 2 - 2, cy - 0.6 * s.em, cx + w / 2 + 2, cy + 0.6 * s.em),
            "label",
            fill=ground,
            stroke=None,
        )


def _icons(s: _Sheet) -> None:
    """Pictures of things, each with a name under, over or beside it; some in a frame."""
    size, gap = s.dice.uniform(2, 6) * s.em, s.dice.uniform(4, 9) * s.em
    count, columns = s.dice.randint(3, 9), s.dice.randint(2, 4)
    side, head = s.dice.choice(("under", "over", "beside")), s.dice.choice((End.NONE, End.ARROW))
    boxes = []
    for k in range(count):
        x, y = 3 * s.em + (k % columns) * (size + gap), 4 * s.em + (k // columns) * (size + gap)
        box = (x, y, x + size, y + s.dice.uniform(0.5, 1) * size)
        boxes.append(box)
        s.outline(box, "node", "icon", fill=None, stroke=None)
        if s.dice.random() < 0.9:
            middle = x + size / 2
            place = {
                "under": (middle, box[3] + s.em, True),
                "over": (middle, y - 0.8 * s.em, True),
                "beside": (x + size + 0.4 * s.em, (y + box[3]) / 2, False),
            }[side]
            s.text(place[0], place[1], s.dice.choice((1, 1, 2)), centred=place[2])
    _linked(s, boxes, head)
    if s.dice.random() < 0.5:
        low = max(b[3] for b in boxes) + 2.5 * s.em
        s.outline((s.em, 0.0, s.em + columns * (size + gap), low), "group", fill=None)
        s.text(3 * s.em, 1.2 * s.em, 1)


SORTS: tuple[Callable[[_Sheet], None], ...] = (_tables, _states, _lanes, _labelled, _icons)
