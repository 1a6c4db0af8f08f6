"""A pen for diagrams on a reportlab canvas that keeps the graph of what it draws.

Coordinates are points from the drawing's top-left corner, y downwards. Because nodes and edges are recorded
by the calls that draw them, the truth beside a sample cannot drift from the sample.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from icons import ICONS
from reportlab.lib.colors import Color, HexColor, black, white
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

Point = tuple[float, float]
SIDES = {"t": (0, -1), "b": (0, 1), "l": (-1, 0), "r": (1, 0)}


@dataclass
class Sketch:
    """One drawing of `height` points whose lower-left corner is the canvas' origin."""

    canvas: Canvas
    height: float
    kind: str
    font: str = "Helvetica"
    size: float = 8.5
    ink: Color = field(default_factory=lambda: HexColor("#22313f"))
    nodes: list[dict[str, str]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    boxes: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)  # centre, half sizes

    # --- pen ---------------------------------------------------------------------------------------------

    def style(self, fill: Color | None = None, dashed: bool = False, width: float = 1.0) -> None:
        """Set line and fill for the next shapes."""
        self.canvas.setStrokeColor(self.ink)
        self.canvas.setFillColor(fill or white)
        self.canvas.setLineWidth(width)
        self.canvas.setDash([3, 2.4] if dashed else [])

    def outline(self, points: list[Point], fill: bool = True, close: bool = True) -> None:
        """A polygon, or an open line with `close=False`."""
        path = self.canvas.beginPath()
        path.moveTo(points[0][0], self.height - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, self.height - y)
        if close:
            path.close()
        self.canvas.drawPath(path, stroke=1, fill=int(fill))

    def text(
        self, x: float, y: float, lines: str, at: str = "c", bold: bool = False, size: float = 0
    ) -> None:
        """Lines of text around height `y`; `at` is c(entred), l(eft) or r(ight) aligned on `x`."""
        size = size or self.size
        font = (
            {"Helvetica": "Helvetica-Bold", "Vera": "VeraBd"}.get(self.font, self.font) if bold else self.font
        )
        self.canvas.setFont(font, size)
        self.canvas.setFillColor(black)
        rows = lines.split("\n")
        draw = {
            "c": self.canvas.drawCentredString,
            "l": self.canvas.drawString,
            "r": self.canvas.drawRightString,
        }
        for i, row in enumerate(rows):
            draw[at](x, self.height - y - size * 0.35 - (i - (len(rows) - 1) / 2) * size * 1.2, row)

    def halo(self, x: float, y: float, label: str, size: float = 0) -> None:
        """A label on a line, on a white ground so that the line does not cross it."""
        size = size or self.size - 1
        rows = label.split("\n")
        w = max(stringWidth(r, self.font, size) for r in rows) + 3
        h = size * 1.2 * len(rows) + 1
        self.canvas.setFillColor(white)
        self.canvas.rect(x - w / 2, self.height - y - h / 2, w, h, stroke=0, fill=1)
        self.text(x, y, label, size=size)

    def head(self, tip: Point, towards: float, open_: bool = False) -> None:
        """An arrowhead at `tip`, pointing along the angle `towards` (radians, y downwards)."""
        wings = [
            (tip[0] - 7 * math.cos(towards + s), tip[1] - 7 * math.sin(towards + s)) for s in (0.42, -0.42)
        ]
        self.canvas.setDash([])
        self.canvas.setFillColor(self.ink)
        if open_:
            self.outline([wings[0], tip, wings[1]], fill=False, close=False)
        else:
            self.outline([wings[0], tip, wings[1]])

    # --- nodes -------------------------------------------------------------------------------------------

    def know(self, name: str, label: str, x: float, y: float, w: float, h: float) -> None:
        """Record a node that was drawn with its centre at (x, y)."""
        self.nodes.append({"id": name, "label": label.replace("\n", " ")})
        self.boxes[name] = (x, y, w / 2, h / 2)

    def box(
        self, name: str, label: str, x: float, y: float, w: float = 92, h: float = 32,
        shape: str = "rect", fill: str = "#eaf2f8",
    ) -> None:  # fmt: skip
        """A node with its label inside: rect, rounded, stadium, diamond, cylinder, parallelogram."""
        self.style(HexColor(fill))
        c, top, left = self.canvas, y - h / 2, x - w / 2
        if shape == "diamond":
            self.outline([(x, top), (x + w / 2, y), (x, y + h / 2), (left, y)])
        elif shape == "parallelogram":
            self.outline([(left + 9, top), (x + w / 2, top), (x + w / 2 - 9, y + h / 2), (left, y + h / 2)])
        elif shape == "cylinder":
            self._cylinder(left, top, w, h)
        else:
            radius = {"rect": 0.0, "rounded": 7.0, "stadium": h / 2}[shape]
            c.roundRect(left, self.height - y - h / 2, w, h, radius, fill=1)
        self.text(x, y + (3 if shape == "cylinder" else 0), label)
        self.know(name, label, x, y, w, h)

    def _cylinder(self, left: float, top: float, w: float, h: float) -> None:
        c, y = self.canvas, self.height
        path = c.beginPath()
        path.moveTo(left, y - top - 5)
        path.lineTo(left, y - top - h + 5)
        path.arcTo(left, y - top - h, left + w, y - top - h + 10, 180, 180)
        path.lineTo(left + w, y - top - 5)
        c.drawPath(path, stroke=1, fill=1)
        c.ellipse(left, y - top - 10, left + w, y - top, fill=1)

    def dot(self, name: str, x: float, y: float, end: bool = False) -> None:
        """A start dot, or an end dot with a ring."""
        self.style(self.ink)
        if end:
            self.canvas.circle(x, self.height - y, 7, fill=0)
        self.canvas.circle(x, self.height - y, 4.5 if end else 6, fill=1)
        self.know(name, "", x, y, 14 if end else 12, 14 if end else 12)

    def icon(
        self, name: str, label: str, x: float, y: float, what: str, beside: bool = False
    ) -> None:  # fmt: skip
        """A pictogram of `icons.py`, its label below or beside it, in a cloud inside."""
        self.style(HexColor("#fdf2e9") if what in ("phone", "firewall") else HexColor("#e8f6f3"))
        w, h = ICONS[what](self, x, y)
        if what == "cloud":
            self.text(x, y + 2, label, size=self.size - 0.5)
        elif beside:
            self.text(x + w / 2 + 4, y + 5, label, at="l")
        else:
            self.text(x, y + h / 2 + self.size * 0.75, label)
        self.know(name, label, x, y, w, h)

    def frame(self, label: str, x: float, y: float, w: float, h: float, dashed: bool = True) -> None:
        """A titled frame around nodes; no node itself. Draw it before what it holds."""
        self.style(HexColor("#fbfcfc"), dashed=dashed, width=0.8)
        self.canvas.roundRect(x, self.height - y - h, w, h, 5, fill=1)
        self.text(x + 6, y + 9, label, at="l", bold=True, size=self.size - 0.5)

    # --- edges -------------------------------------------------------------------------------------------

    def side(self, name: str, side: str) -> Point:
        """Middle of one side of a node: t, b, l or r."""
        x, y, w, h = self.boxes[name]
        dx, dy = SIDES[side]
        return x + dx * w, y + dy * h

    def edge(
        self, a: str, b: str, label: str = "", leave: str = "b", arrive: str = "t",
        via: tuple[Point, ...] = (), directed: bool = True, dashed: bool = False,
        label_at: Point | None = None,
    ) -> None:  # fmt: skip
        """A line from node `a` to node `b` through `via`, with an arrowhead where it is directed."""
        points = [self.side(a, leave), *via, self.side(b, arrive)]
        self.style(dashed=dashed)
        self.outline(points, fill=False, close=False)
        if directed:
            (x0, y0), (x1, y1) = points[-2:]
            self.head((x1, y1), math.atan2(y1 - y0, x1 - x0))
        if label:
            mid = label_at or _middle(points)
            self.halo(*mid, label)
        self.edges.append({"source": a, "target": b, "label": label.replace("\n", " "), "directed": directed})

    def curve(self, a: str, b: str, label: str, start: Point, end: Point, bend: tuple[Point, Point]) -> None:
        """A Bézier arrow between given points on two nodes, its label at the middle of the curve."""
        self.style()
        p0, p1, p2, p3 = start, bend[0], bend[1], end
        self.canvas.bezier(*(v for x, y in (p0, p1, p2, p3) for v in (x, self.height - y)))
        self.head(p3, math.atan2(p3[1] - p2[1], p3[0] - p2[0]))
        mid = tuple((p0[i] + 3 * p1[i] + 3 * p2[i] + p3[i]) / 8 for i in (0, 1))
        self.halo(mid[0], mid[1], label)
        self.edges.append({"source": a, "target": b, "label": label.replace("\n", " "), "directed": True})

    # --- sequence diagrams -------------------------------------------------------------------------------

    def lifelines(self, names: list[tuple[str, str]], step: float, left: float, bottom: float) -> None:
        """Participants across the top, `step` apart, each with a dashed line down to `bottom`."""
        for i, (name, label) in enumerate(names):
            x = left + i * step
            self.style(dashed=True, width=0.7)
            self.outline([(x, 24), (x, bottom)], fill=False, close=False)
            self.box(name, label, x, 13, min(74, step - 12), 22)

    def message(self, a: str, b: str, label: str, y: float, reply: bool = False) -> None:
        """A message at height `y`; a reply is dashed with an open head; `a` to itself is a small loop."""
        x0, x1 = self.boxes[a][0], self.boxes[b][0]
        self.style(dashed=reply)
        if a == b:
            self.outline([(x0, y), (x0 + 22, y), (x0 + 22, y + 12), (x0, y + 12)], fill=False, close=False)
            self.head((x0, y + 12), math.pi)
            self.text(x0 + 26, y + 6, label, at="l", size=self.size - 1)
        else:
            self.outline([(x0, y), (x1, y)], fill=False, close=False)
            self.head((x1, y), 0 if x1 > x0 else math.pi, open_=reply)
            self.halo((x0 + x1) / 2, y - 6.5, label)
        self.edges.append({"source": a, "target": b, "label": label, "directed": True})

    def fragment(self, word: str, guard: str, x: float, y: float, w: float, h: float) -> None:
        """A UML frame (alt, opt, loop) with its word in the corner tab and its guard beside it."""
        self.style(width=0.8)
        self.canvas.rect(x, self.height - y - h, w, h, fill=0)
        self.style(HexColor("#eaecee"), width=0.8)
        self.outline([(x, y), (x + 30, y), (x + 30, y + 8), (x + 25, y + 13), (x, y + 13)])
        self.text(x + 13, y + 6.5, word, bold=True, size=self.size - 1)
        self.text(x + 36, y + 7, f"[{guard}]", at="l", size=self.size - 1)


def _middle(points: list[Point]) -> Point:
    """The middle of the longest stretch of a line."""
    a, b = max(pairwise(points), key=lambda s: math.dist(*s))
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
