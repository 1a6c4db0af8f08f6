"""Small drawings built by hand for the tests of the vector route: boxes, lines, arrowheads, words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dic_ingest.diagrams.graph.builder import assemble_graph
from dic_ingest.diagrams.vector.scene import scene_from_drawing
from dic_ingest.model.box import Point
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.drawing import Color, Drawing, Path, PlacedImage, Subpath, Word

BLACK: Color = (0, 0, 0)
WHITE: Color = (255, 255, 255)
SIZE = 10.0


class Sheet:
    """Collects what is drawn; `read` assembles it."""

    def __init__(self, width: float = 600, height: float = 400) -> None:
        self.width, self.height = width, height
        self.paths: list[Path] = []
        self.words: list[Word] = []
        self.images: list[PlacedImage] = []

    def path(
        self,
        *subpaths: Sequence[Point],
        closed: bool = False,
        curved: bool = False,
        stroke: Color | None = BLACK,
        fill: Color | None = None,
        width: float = 1.0,
        dashed: bool = False,
    ) -> None:
        subs = tuple(Subpath(tuple(map(_point, s)), closed, curved) for s in subpaths)
        points = [p for s in subs for p in s.points]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        box = (min(xs), min(ys), max(xs), max(ys))
        self.paths.append(Path(subs, box, stroke, fill, width, dashed, None, len(self.paths) + 1))

    def text(self, text: str, x: float, y: float, size: float = SIZE, angle: float = 0.0) -> None:
        """Words of one line, centred at (x, y)."""
        width = 0.5 * size
        total = width * len(text)
        at = -total / 2
        for word in text.split(" "):
            long = width * len(word)
            a, b = at, at + long
            at = b + width
            if angle == 0:
                box = (x + a, y - size / 2, x + b, y + size / 2)
            elif angle == 270:
                box = (x - size / 2, y - b, x + size / 2, y - a)
            else:
                box = (x - size / 2, y + a, x + size / 2, y + b)
            self.words.append(Word(word, box, size, angle))

    def box(self, text: str, x: float, y: float, w: float = 80, h: float = 30, **paint: object) -> None:
        """A rectangle centred at (x, y) with a text in its middle."""
        self.path(*[_corners(x, y, w, h)], closed=True, **paint)  # type: ignore[arg-type]
        if text:
            self.text(text, x, y)

    def line(self, *points: Point, head: bool = False, tail: bool = False, **paint: object) -> None:
        """A polyline, with filled arrowheads where wanted; the head's tip is its last point."""
        self.path(list(points), **paint)  # type: ignore[arg-type]
        if head:
            self.arrowhead(points[-2], points[-1])
        if tail:
            self.arrowhead(points[1], points[0])

    def arrowhead(self, back: Point, tip: Point, length: float = 7.0, fill: Color | None = BLACK) -> None:
        angle = math.atan2(tip[1] - back[1], tip[0] - back[0])
        wings = [
            (tip[0] - length * math.cos(angle + s * 0.4), tip[1] - length * math.sin(angle + s * 0.4))
            for s in (1, -1)
        ]
        self.path([tip, *wings], closed=True, fill=fill)

    def drawing(self) -> Drawing:
        return Drawing(self.width, self.height, tuple(self.words), tuple(self.paths), tuple(self.images))

    def read(self, kind: Kind = Kind.FLOWCHART) -> Diagram:
        return assemble_graph(scene_from_drawing(self.drawing()), kind)


def links(diagram: Diagram) -> list[tuple[str, str, str]]:
    """Edges by the labels of their ends (groups in brackets) and their own, sorted."""
    names = {n.id: n.label for n in diagram.nodes} | {g.id: f"[{g.label}]" for g in diagram.groups}
    return sorted((names[e.source], names[e.target], e.label) for e in diagram.edges)


def labels(diagram: Diagram) -> list[str]:
    return sorted(n.label for n in diagram.nodes)


def circle(x: float, y: float, r: float, count: int = 32) -> list[Point]:
    return [
        (x + r * math.cos(2 * math.pi * k / count), y + r * math.sin(2 * math.pi * k / count))
        for k in range(count)
    ]


def _corners(x: float, y: float, w: float, h: float) -> list[Point]:
    return [(x - w / 2, y - h / 2), (x + w / 2, y - h / 2), (x + w / 2, y + h / 2), (x - w / 2, y + h / 2)]


def _point(p: Point) -> Point:
    return float(p[0]), float(p[1])
