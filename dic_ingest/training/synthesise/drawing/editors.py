"""Drawings as people make them in draw.io, Visio, PowerPoint and Excalidraw, painted as SVG.

In: a diagram with places (`placing.py`) and a look. Out: one SVG without scripts or links, which the browser
turns into pixels. Colours, shadows, fonts and habits are those of the editors; no file of theirs is used.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import pairwise

from dic_ingest.model.box import Box, Point, height_of, shared_height, shared_width, width_of
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.training.synthesise.drawing.icons import icon
from dic_ingest.training.synthesise.drawing.placing import CHAR, HEAD, ICON, LINE, in_places, words_of
from dic_ingest.training.synthesise.drawing.render_style import Look, active

MARGIN = 24.0  # points around the drawing
TITLE = 34.0  # points that a title takes
TIP = 9.0  # points of an arrowhead
HIDDEN = 0.2  # share of a label that may lie over a box or another label
RISE = 12.0  # points that a frame of messages begins above its place, for its title
BAR = 10.0  # points of an activation bar's width
_PALETTES = {  # fill and stroke
    "drawio": "dae8fc/6c8ebf d5e8d4/82b366 ffe6cc/d79b00 fff2cc/d6b656 f8cecc/b85450 e1d5e7/9673a6",
    "visio": "5b9bd5/41719c a5c8ec/41719c e8eef7/4672c4 ffffff/404040 c5e0b3/548235 fbe4d5/c55a11",
    "powerpoint": "4472c4/2f528f ed7d31/ae5a21 70ad47/507e32 ffc000/bc8c00 5b9bd5/41719c 44546a/222a35",
    "excalidraw": "a5d8ff/1971c2 b2f2bb/2f9e44 ffec99/f08c00 ffc9c9/e03131 none/1e1e1e none/1e1e1e",
}
_FONTS = {
    "drawio": "Helvetica, Liberation Sans, sans-serif",
    "visio": "Calibri, Carlito, Liberation Sans, sans-serif",
    "powerpoint": "Calibri, Carlito, DejaVu Sans, sans-serif",
    "excalidraw": "Virgil, Comic Neue, Humor Sans, Purisa, Z003, cursive",
}


def to_svg(diagram: Diagram, look: Look) -> str:
    """The drawing as an SVG document; "" where a label would hide another text. Raises as `in_places`."""
    if diagram.kind not in (Kind.TOPOLOGY, Kind.BLOCK):
        look = replace(look, icons=False)
    painter = _EditorPainter(in_places(diagram, look), look)
    drawn = painter.svg()
    return "" if painter.crowded else drawn


class _EditorPainter:
    def __init__(self, diagram: Diagram, look: Look) -> None:
        self.diagram, self.look = diagram, look
        self.rng = random.Random(look.seed)
        self.rough = look.tool == "excalidraw"
        pairs = [pair.split("/") for pair in _PALETTES[look.tool].split()]
        palette = [(fill if fill == "none" else f"#{fill}", f"#{stroke}") for fill, stroke in pairs]
        self.rng.shuffle(palette)
        one = self.rng.random() < 0.4  # one colour for all
        shapes = dict.fromkeys(n.shape for n in diagram.nodes)
        self.colours = {s: palette[0 if one else i % len(palette)] for i, s in enumerate(shapes)}
        self.line = self.rng.choice(["#000000", "#404040", palette[0][1]]) if not self.rough else "#1e1e1e"
        self.wide = {"powerpoint": 1.75, "excalidraw": 1.6}.get(look.tool, 1.0) * look.pen
        self.parts: list[str] = []
        self.labels: list[Box] = []
        self.bottom = 0.0
        self.crowded = False

    def svg(self) -> str:
        """The whole drawing: frames, lines, boxes over them, labels over all."""
        d, sequence = self.diagram, self.diagram.kind is Kind.SEQUENCE
        x0, y0, x1, y1 = self._extent()
        if sequence:
            self._lifelines()
        else:
            for g in d.groups:
                self._frame(g, g.bbox or (0, 0, 0, 0))
        for e in d.edges:
            self._edge(e, sequence)
        for n in d.nodes:
            self._node(n, n.bbox or (0, 0, 0, 0))
        if sequence:
            self._message_frames()
        for e in d.edges:
            self._said(e, sequence)
        for a0, b0, a1, b1 in self.labels:
            x0, y0, x1, y1 = min(x0, a0), min(y0, b0), max(x1, a1), max(y1, b1)
        return self._on_page((x0, y0, x1, y1))

    def _on_page(self, box: Box) -> str:
        """With a margin, a title, and at times the shape of a slide, 16 to 9."""
        title = self.diagram.title
        x0, y0, x1, y1 = box
        x0, y0, x1, y1 = x0 - MARGIN, y0 - MARGIN - (TITLE if title else 0), x1 + MARGIN, y1 + MARGIN
        if self.look.tool == "powerpoint" and self.rng.random() < 0.6:
            more = max(0.0, (y1 - y0) * 16 / 9 - (x1 - x0)) / 2
            x0, x1 = x0 - more, x1 + more
        if title:
            self._title(title, (x0, y0, x1, y0 + TITLE + MARGIN / 2))
        return self._document((x0, y0, x1, y1))

    def _document(self, box: Box) -> str:
        x0, y0, x1, y1 = box
        wide, tall = x1 - x0, y1 - y0
        grid = ""
        if self.look.tool in ("drawio", "visio") and self.rng.random() < 0.15:
            grid = (
                f'<rect x="{x0:.0f}" y="{y0:.0f}" width="{wide:.0f}" height="{tall:.0f}" fill="url(#grid)"/>'
            )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{tall:.0f}" '
            f'viewBox="{x0:.1f} {y0:.1f} {wide:.1f} {tall:.1f}" font-family="{_FONTS[self.look.tool]}" '
            f'font-size="{self.look.size}"><defs><pattern id="grid" width="10" height="10" '
            'patternUnits="userSpaceOnUse"><path d="M10 0H0V10" fill="none" stroke="#e4e4e4"/>'
            '</pattern><filter id="shadow" x="-10%" y="-10%" width="130%" height="140%">'
            '<feDropShadow dx="2.5" dy="2.5" stdDeviation="1.6" flood-opacity=".35"/></filter></defs>'
            f'<rect x="{x0:.0f}" y="{y0:.0f}" width="{wide:.0f}" height="{tall:.0f}" fill="#ffffff"/>{grid}'
            + "".join(self.parts)
            + "</svg>"
        )

    def _extent(self) -> Box:
        boxes = [n.bbox for n in self.diagram.nodes if n.bbox] + [
            g.bbox for g in self.diagram.groups if g.bbox
        ]
        points = [p for e in self.diagram.edges for p in e.path]
        xs = [v for b in boxes for v in (b[0], b[2])] + [p[0] for p in points]
        ys = [v for b in boxes for v in (b[1], b[3])] + [p[1] for p in points]
        self.bottom = max(ys) + (24 if self.diagram.kind is Kind.SEQUENCE else 0)
        return min(xs), min(ys), max(xs), self.bottom

    # strokes

    def _path(
        self, points: Sequence[Point], closed: bool, stroke: str, fill: str = "none", **more: str
    ) -> None:
        width = more.pop("stroke_width", f"{self.wide:g}")
        tail = "".join(f' {k.replace("_", "-")}="{v}"' for k, v in more.items())
        data = " ".join(f"{'M' if i == 0 else 'L'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))
        data += " Z" if closed else ""
        if not self.rough:
            self.parts.append(
                f'<path d="{data}" fill="{fill}" stroke="{stroke}" stroke-width="{width}"{tail}/>'
            )
            return
        if fill != "none":
            self.parts.append(f'<path d="{data}" fill="{fill}" stroke="none"/>')
        whole = [*points, points[0]] if closed else list(points)
        for _ in range(2):
            self.parts.append(
                f'<path d="{self._wobbly(whole)}" fill="none" stroke="{stroke}" '
                f'stroke-width="{width}"{tail}/>'
            )

    def _wobbly(self, points: Sequence[Point]) -> str:
        """Strokes of a hand: each piece bends and misses its ends by a little."""
        off = self.rng.uniform
        data = ""
        for (ax, ay), (bx, by) in pairwise(points):
            bow = min(3.0, math.hypot(bx - ax, by - ay) * 0.02)
            mx, my = (ax + bx) / 2 + off(-bow, bow), (ay + by) / 2 + off(-bow, bow)
            data += f"M{ax + off(-1, 1):.1f} {ay + off(-1, 1):.1f} Q{mx:.1f} {my:.1f} "
            data += f"{bx + off(-1, 1):.1f} {by + off(-1, 1):.1f} "
        return data

    def _text(self, lines: Sequence[str], x: float, y: float, colour: str = "#000000", **more: str) -> None:
        """Lines centred on a point."""
        size = float(more.pop("font_size", self.look.size))
        tail = "".join(f' {k.replace("_", "-")}="{v}"' for k, v in more.items())
        top = y - (len(lines) - 1) * size * LINE / 2 + size * 0.35
        for i, line in enumerate(lines):
            self.parts.append(
                f'<text x="{x:.1f}" y="{top + i * size * LINE:.1f}" font-size="{size:g}" fill="{colour}" '
                f'text-anchor="{"start" if "anchor" in more else "middle"}"{tail}>{escape(line)}</text>'
            )

    # boxes

    def _node(self, node: Node, box: Box) -> None:
        x0, y0, x1, y1 = box
        fill, stroke = self.colours[node.shape]
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        if node.shape in ("start", "end") and not node.label.strip():
            self._path(_oval(box), True, "#000000", "#000000" if node.shape == "start" else "#ffffff")
            if node.shape == "end":
                self._path(_oval((x0 + 4, y0 + 4, x1 - 4, y1 - 4)), True, "#000000", "#000000")
            return
        if node.members:
            self._record(node, box, fill, stroke)
            return
        if self.look.icons:
            colour = stroke if self.look.tool != "powerpoint" else fill
            self.parts.append(icon(node.label, node.shape, cx - ICON / 2, y0, ICON, colour))
            self._text(words_of(node.label), cx, (y0 + ICON + y1) / 2 + 2)
            return
        if node.shape == "actor":
            self._person((x0, y0, x1, y1), stroke)
            self._text(words_of(node.label), cx, y1 + self.look.size * 0.8)
            return
        more = {}
        if self.look.shadow and not self.rough:
            more["filter"] = "url(#shadow)"
        self._path(_outline(node.shape, box), True, stroke, fill, **more)
        if node.shape == "cylinder":
            self._path([(x, y + 14) for x, y in _oval((x0, y0 - 7, x1, y0 + 7))[:13]], False, stroke)
        if node.shape == "subroutine":
            for x in (x0 + 7, x1 - 7):
                self._path([(x, y0), (x, y1)], False, stroke)
        dark = fill.startswith("#") and sum(int(fill[i : i + 2], 16) for i in (1, 3, 5)) < 420
        shift = 5.0 if node.shape == "cylinder" else 0.0
        self._text(words_of(node.label), cx, cy + shift, "#ffffff" if dark else "#000000")

    def _record(self, node: Node, box: Box, fill: str, stroke: str) -> None:
        x0, y0, x1, y1 = box
        size = self.look.size
        head = y0 + len(words_of(node.label)) * size * LINE + 10
        self._path(_outline("rect", box), True, stroke, "#ffffff")
        self._path(_outline("rect", (x0, y0, x1, head)), True, stroke, fill)
        dark = fill.startswith("#") and sum(int(fill[i : i + 2], 16) for i in (1, 3, 5)) < 420
        self._text(words_of(node.label), (x0 + x1) / 2, (y0 + head) / 2, "#ffffff" if dark else "#000000",
                   font_weight="bold")  # fmt: skip
        step = (y1 - head) / len(node.members)
        for i, member in enumerate(node.members):
            self._text([member], x0 + 7, head + (i + 0.5) * step, anchor="start")

    def _person(self, box: Box, stroke: str) -> None:
        x, y, tall = (box[0] + box[2]) / 2, box[1], height_of(box)
        r = tall * 0.16
        self._path(_oval((x - r, y, x + r, y + 2 * r)), True, stroke, "#ffffff")
        neck, hip = y + 2 * r, y + tall * 0.68
        self._path([(x, neck), (x, hip)], False, stroke)
        self._path([(x - 1.8 * r, neck + r), (x + 1.8 * r, neck + r)], False, stroke)
        self._path([(x - 1.5 * r, y + tall), (x, hip), (x + 1.5 * r, y + tall)], False, stroke)

    def _frame(self, group: Group, box: Box) -> None:
        if group.bbox is None:  # it holds nothing
            return
        x0, y0, x1, _ = box
        lanes = self.diagram.kind is Kind.FLOWCHART and self.look.lanes and len(self.diagram.groups) > 1
        colour = self.rng.choice(["#999999", "#666666", self.line])
        dash = {"stroke_dasharray": "6 4"} if not lanes and self.rng.random() < 0.5 else {}
        tint = self.look.frame if self.look.frame and group.parent is None else "none"
        self._path(_outline("rect", box), True, colour, tint, **dash)
        if lanes:
            self._path(
                _outline("rect", (x0, y0, x1, y0 + HEAD)),
                True,
                colour,
                self.rng.choice(["#eeeeee", "#dae8fc"]),
            )
            self._text([group.label], (x0 + x1) / 2, y0 + HEAD / 2, font_weight="bold")
        else:
            self._text([group.label], x0 + 6, y0 + 4 + self.look.size * 0.7, "#333333", anchor="start")

    def _title(self, title: str, box: Box) -> None:
        size = self.look.size * (1.8 if self.look.tool == "powerpoint" else 1.3)
        self._text(
            [title], (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, font_size=f"{size:g}", font_weight="bold"
        )

    # lines

    def _edge(self, edge: Edge, sequence: bool) -> None:
        points = edge.path
        if len(points) < 2:
            return
        dash = {"stroke_dasharray": "6 4"} if edge.style == "dashed" else {}
        if edge.style == "thick":
            dash["stroke_width"] = f"{2.2 * self.wide:g}"
        flat = list(points) if sequence else _flat(points, self.look.splines != "true")
        self._path(flat, False, self.line, **dash)
        filled = not sequence or edge.style != "dashed"
        self._tip(flat[-2], flat[-1], edge.target_end, filled)
        self._tip(flat[1], flat[0], edge.source_end, filled)

    def _tip(self, start: Point, end: Point, kind: End, filled: bool) -> None:
        """What is drawn at the end of a line."""
        if kind is End.NONE:
            return
        long = math.hypot(end[0] - start[0], end[1] - start[1]) or 1.0
        ux, uy = (end[0] - start[0]) / long, (end[1] - start[1]) / long

        def at(along: float, across: float) -> Point:
            return end[0] - ux * along - uy * across, end[1] - uy * along + ux * across

        tip = TIP * (1.2 if self.look.tool == "powerpoint" else 1.0)
        if kind is End.ARROW:
            corners = [at(tip, tip * 0.42), end, at(tip, -tip * 0.42)]
            self._path(
                corners,
                filled and not self.rough,
                self.line,
                self.line if filled and not self.rough else "none",
            )
        elif kind is End.TRIANGLE:
            self._path([at(1.4 * tip, 0.7 * tip), end, at(1.4 * tip, -0.7 * tip)], True, self.line, "#ffffff")
        elif kind in (End.DIAMOND, End.FILLED_DIAMOND):
            fill = "#ffffff" if kind is End.DIAMOND else self.line
            self._path([end, at(tip, 0.5 * tip), at(2 * tip, 0), at(tip, -0.5 * tip)], True, self.line, fill)
        else:
            self._foot(at, kind, tip)

    def _foot(self, at: object, kind: End, tip: float) -> None:
        assert callable(at)
        if kind in (End.MANY, End.ZERO_OR_MANY):
            self._path([at(0, 0.6 * tip), at(1.3 * tip, 0), at(0, -0.6 * tip)], False, self.line)
        bars = {End.ONE: (0.8, 1.4), End.ZERO_OR_ONE: (0.8,), End.MANY: (1.7,)}.get(kind, ())
        for along in bars:
            self._path([at(along * tip, 0.6 * tip), at(along * tip, -0.6 * tip)], False, self.line)
        if kind in (End.ZERO_OR_ONE, End.ZERO_OR_MANY):
            cx, cy = at(1.8 * tip, 0)
            r = 0.45 * tip
            self._path(_oval((cx - r, cy - r, cx + r, cy + r)), True, self.line, "#ffffff")

    def _said(self, edge: Edge, sequence: bool) -> None:
        if len(edge.path) < 2:
            return
        size = self.look.size - 2
        if edge.label:
            if sequence:
                (ax, ay), (bx, _) = edge.path[0], edge.path[-1] if len(edge.path) == 2 else edge.path[1]
                x = (ax + bx) / 2
                if len(edge.path) > 2:
                    self.labels.append((ax, ay, ax + 36 + len(edge.label) * CHAR * size, ay + 16))
                    self._text([edge.label], ax + 36, ay + 8, font_size=f"{size}", anchor="start")
                else:
                    self._text([edge.label], x, ay - size * 0.7, font_size=f"{size}")
            else:
                self._label(edge.label, _flat(edge.path, self.look.splines != "true"), size)
        flat = _flat(edge.path, True)
        for text, (ax, ay), (bx, by) in (
            (edge.source_label, flat[0], flat[1]), (edge.target_label, flat[-1], flat[-2])
        ):  # fmt: skip
            if text:
                long = math.hypot(bx - ax, by - ay) or 1.0
                ux, uy = (bx - ax) / long, (by - ay) / long
                self._text(
                    [text], ax + 18 * ux + 12 * abs(uy) + 4, ay + 18 * uy - 9 * abs(ux), font_size=f"{size}"
                )

    def _label(self, label: str, points: Sequence[Point], size: float) -> None:
        """At the place of its line that no box and no other label covers, the middle first."""
        wide, tall = len(label) * CHAR * size + 6, size * LINE
        taken = [*(n.bbox for n in self.diagram.nodes if n.bbox), *self.labels]
        best: tuple[float, Box] | None = None
        for share in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8):
            x, y = _along(points, share)
            box = (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
            hidden = sum(_common(box, other) for other in taken)
            if best is None or hidden < best[0]:
                best = hidden, box
            if hidden == 0:
                break
        assert best is not None
        self.crowded = self.crowded or best[0] > HIDDEN * wide * tall
        x0, y0, x1, y1 = best[1]
        self.labels.append(best[1])
        ground = "#ffffff" if self.look.tool != "excalidraw" else "#ffffffcc"
        self.parts.append(
            f'<rect x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}" fill="{ground}"/>'
        )
        self._text([label], (x0 + x1) / 2, (y0 + y1) / 2, font_size=f"{size}")

    # sequences

    def _lifelines(self) -> None:
        middle = {}
        for n in self.diagram.nodes:
            if n.bbox is not None:
                x = middle[n.id] = (n.bbox[0] + n.bbox[2]) / 2
                self._path([(x, n.bbox[3]), (x, self.bottom)], False, "#888888", stroke_dasharray="5 4")
        if self.look.activation:
            for who, first, last in active(self.diagram):
                x = middle[who]
                top, end = self.diagram.edges[first].path[0][1], self.diagram.edges[last].path[0][1]
                self._path(_outline("rect", (x - BAR / 2, top, x + BAR / 2, end)), True, "#666666", "#ffffff")
        for note in self.diagram.placed_notes:
            xs = [middle[w] for w in note.over]
            y = (
                self.diagram.edges[note.at].path[0][1] - 27
                if note.at < len(self.diagram.edges)
                else self.bottom
            )
            wide = len(note.text) * CHAR * self.look.size + 20
            cx = (min(xs) + max(xs)) / 2
            box = (min(min(xs) - 20, cx - wide / 2), y - 10, max(max(xs) + 20, cx + wide / 2), y + 9)
            self._path(_outline("rect", box), True, "#b8a04c", "#fff5b1")
            self._text([note.text], cx, y, font_size=f"{self.look.size - 1}")

    def _message_frames(self) -> None:
        for g in self.diagram.groups:
            if g.bbox is None:
                continue
            x0, y0, x1, y1 = g.bbox
            y0 -= RISE
            if g.kind == "else":
                self._path([(x0, y0 + 8), (x1, y0 + 8)], False, "#666666", stroke_dasharray="5 4")
                self._text(
                    [f"[{g.label}]"],
                    x0 + 8,
                    y0 + 20,
                    "#333333",
                    font_size=f"{self.look.size - 2}",
                    anchor="start",
                )
                continue
            self._path(_outline("rect", (x0, y0, x1, y1)), True, "#666666")
            self._path(
                [(x0, y0 + 16), (x0 + 34, y0 + 16), (x0 + 42, y0 + 8), (x0 + 42, y0)], False, "#666666"
            )
            self._text(
                [g.kind],
                x0 + 5,
                y0 + 8,
                font_size=f"{self.look.size - 2}",
                anchor="start",
                font_weight="bold",
            )
            self._text(
                [f"[{g.label}]"],
                x0 + 48,
                y0 + 8,
                "#333333",
                font_size=f"{self.look.size - 2}",
                anchor="start",
            )


def _outline(shape: str, box: Box) -> list[Point]:
    x0, y0, x1, y1 = box
    cx, cy, w, h = (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0
    if shape == "diamond":
        return [(cx, y0), (x1, cy), (cx, y1), (x0, cy)]
    if shape == "circle":
        return _oval(box)
    if shape == "hexagon":
        return [(x0 + h / 3, y0), (x1 - h / 3, y0), (x1, cy), (x1 - h / 3, y1), (x0 + h / 3, y1), (x0, cy)]
    if shape == "parallelogram":
        return [(x0 + h / 3, y0), (x1, y0), (x1 - h / 3, y1), (x0, y1)]
    if shape == "cylinder":
        top, low = _oval((x0, y0, x1, y0 + 14)), _oval((x0, y1 - 14, x1, y1))
        return [*top[12:], top[0], *low[:13]]
    r = {"rounded": min(10.0, h / 3), "stadium": h / 2, "card": 4.0}.get(shape, 0.0)
    if r <= 0 or w <= 2 * r:
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    corners = ((x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180))
    return [
        (x + r * math.cos(math.radians(a + t)), y + r * math.sin(math.radians(a + t)))
        for x, y, a in corners
        for t in range(0, 91, 15)
    ]


def _oval(box: Box) -> list[Point]:
    """24 points, from the right end clockwise."""
    cx, cy, rx, ry = (
        (box[0] + box[2]) / 2,
        (box[1] + box[3]) / 2,
        width_of(box) / 2,
        height_of(box) / 2,
    )
    return [(cx + rx * math.cos(math.tau * i / 24), cy + ry * math.sin(math.tau * i / 24)) for i in range(24)]


def _flat(points: Sequence[Point], straight: bool) -> list[Point]:
    """Control points of cubic pieces as a polyline; of straight pieces their corners alone."""
    if len(points) < 4:
        return list(points)
    found = [points[0]]
    for i in range(0, len(points) - 3, 3):
        a, b, c, d = points[i : i + 4]
        steps = (1.0,) if straight else tuple(k / 8 for k in range(1, 9))
        for t in steps:
            s = 1 - t
            found.append(
                (s**3 * a[0] + 3 * s * s * t * b[0] + 3 * s * t * t * c[0] + t**3 * d[0],
                 s**3 * a[1] + 3 * s * s * t * b[1] + 3 * s * t * t * c[1] + t**3 * d[1])
            )  # fmt: skip
    kept = [p for i, p in enumerate(found) if i == 0 or math.dist(p, found[i - 1]) > 0.5]
    return kept if len(kept) > 1 else [points[0], points[-1]]


def _along(points: Sequence[Point], share: float) -> Point:
    lengths = [math.dist(a, b) for a, b in pairwise(points)]
    rest = share * sum(lengths)
    for (a, b), length in zip(pairwise(points), lengths, strict=True):
        if rest <= length and length > 0:
            return a[0] + (b[0] - a[0]) * rest / length, a[1] + (b[1] - a[1]) * rest / length
        rest -= length
    return points[-1]


def _common(one: Box, other: Box) -> float:
    """Area that two boxes share."""
    w = shared_width(one, other)
    h = shared_height(one, other)
    return max(0.0, w) * max(0.0, h)
