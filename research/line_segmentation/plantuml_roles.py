"""What each element of a PlantUML drawing is: line, line end, node, frame, lifeline or rule, icon.

In: the elements in drawing order with the comment that PlantUML wrote before them. Out: one role each, as
render.mjs names them ("" where nothing is to be labelled). Reasons from geometry; PlantUML 1.2020 and newer.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as Xml
from dataclasses import dataclass

from dic_ingest.model.box import size_of

Box = tuple[float, float, float, float]
_NUMBER = re.compile(r"-?\d+\.?\d*(?:[eE]-?\d+)?")


@dataclass(eq=False)
class Part:
    """One drawn element: its tag, box, the sort of thing that the last comment announced."""

    element: Xml.Element
    tag: str
    box: Box
    said: str  # cluster, entity, class, link or "" before any comment
    fill: str
    stroke: str

    @classmethod
    def of(cls, element: Xml.Element, tag: str, said: str) -> Part | None:
        """The element with its box; None where it has none."""
        numbers = _numbers(element, tag)
        if numbers is None:
            return None
        xs, ys = numbers
        style = element.get("style", "")
        stroke = re.search(r"stroke:\s*([#\w]+)", style)
        box = (min(xs), min(ys), max(xs), max(ys))
        return cls(element, tag, box, said, element.get("fill", ""), stroke.group(1) if stroke else "none")

    @property
    def size(self) -> tuple[float, float]:
        """Width and height."""
        return size_of(self.box)

    @property
    def closed(self) -> bool:
        """Whether it bounds an area that could be a node or a frame."""
        return self.tag in ("rect", "ellipse", "polygon") or (self.tag == "path" and self.fill != "none")


def _numbers(element: Xml.Element, tag: str) -> tuple[list[float], list[float]] | None:
    def g(name: str) -> float:
        return float(element.get(name, "0").removesuffix("px"))

    if tag == "rect":
        return [g("x"), g("x") + g("width")], [g("y"), g("y") + g("height")]
    if tag == "ellipse":
        return [g("cx") - g("rx"), g("cx") + g("rx")], [g("cy") - g("ry"), g("cy") + g("ry")]
    if tag == "line":
        return [g("x1"), g("x2")], [g("y1"), g("y2")]
    if tag == "text":
        return [g("x"), g("x") + g("textLength")], [g("y") - g("font-size"), g("y")]
    # of an arc (rx ry turn large sweep x y) only the end point says where it goes
    outline = re.sub(r"A((?:[\s,]*-?[\d.]+){5})", " ", element.get("d") or "")
    found = [float(v) for v in _NUMBER.findall(element.get("points") or outline)]
    if len(found) < 4 or re.search(r"[aHhVv]", outline):
        return None
    return found[0::2], found[1::2]


def roles_of(parts: list[Part]) -> list[str]:
    """The role of each element."""
    solid = [p for p in parts if p.tag != "text"]
    # long upright dashed lines over most of the drawing: a sequence diagram
    height = max((p.box[3] for p in parts), default=0)
    upright = [
        p
        for p in solid
        if p.tag == "line"
        and p.size[0] < 0.5
        and p.size[1] > 0.25 * height
        and "dasharray" in p.element.get("style", "")
    ]
    if len(upright) >= 2 and not any(p.said for p in solid):
        return _sequence(parts, upright)
    if any(p.said == "link" for p in solid):
        return _graph(parts)
    return _activity(parts)


def _within(a: Box, b: Box, by: float = 1.0) -> bool:
    return a[0] >= b[0] - by and a[1] >= b[1] - by and a[2] <= b[2] + by and a[3] <= b[3] + by


def _graph(parts: list[Part]) -> list[str]:
    nodes = [p for p in parts if p.closed and p.said != "link" and min(p.size) >= 14]
    out = []
    for k, p in enumerate(parts):
        if p.tag == "text":
            out.append("")
        elif p.said == "link":
            out.append(_link(p))
        elif p.said == "cluster":
            out.append("frame" if p.closed or p.tag == "line" else "")
        elif p.tag == "path" and not p.closed:
            out.append(
                "icon" if " M" in p.element.get("d", "") and k and parts[k - 1].tag == "ellipse" else ""
            )
        elif p.tag == "line":
            out.append(_rule(p, nodes))
        else:
            out.append(_node(p, nodes))
    return _actors(parts, out)


def _link(p: Part) -> str:
    if p.tag == "path" and not p.closed:
        return "line"
    if p.tag == "polygon":
        points = len(_NUMBER.findall(p.element.get("points", ""))) // 2
        hollow = p.fill.upper() in ("NONE", "#FFFFFF", "#FEFEFE", "TRANSPARENT")
        if max(p.size) > 26:
            return "node"  # a note that hangs on a link
        if points <= 4 and hollow:
            return "end:80"
        return "end:110" if points == 5 and _is_diamond(p) else "end:255"
    if p.tag == "ellipse":
        return "end:170" if max(p.size) < 14 else "node"
    return "node" if p.closed and min(p.size) > 14 else ""


def _is_diamond(p: Part) -> bool:
    found = [float(v) for v in _NUMBER.findall(p.element.get("points", ""))]
    points = list(zip(found[0::2], found[1::2], strict=False))[:4]
    sides = [
        ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5
        for a, b in zip(points, points[1:] + points[:1], strict=True)
    ]
    return bool(max(sides) - min(sides) < 1.0)


def _rule(p: Part, nodes: list[Part]) -> str:
    for n in nodes:
        wide = n.size[0]
        if _within(p.box, n.box) and p.size[1] < 0.5 and p.size[0] > 0.9 * wide:
            return "rule"
    return ""


def _node(p: Part, nodes: list[Part]) -> str:
    if min(p.size) < 14 and max(p.size) < 40:
        return (
            "node"
            if p.fill.upper() in ("#000000", "BLACK")
            or (p.tag == "ellipse" and not any(n is not p and _within(p.box, n.box) for n in nodes))
            else ""
        )
    around = [n for n in nodes if n is not p and _within(p.box, n.box, 0.5) and min(n.size) > min(p.size)]
    if (
        p.tag == "ellipse"
        and max(p.size) <= 24
        and any(
            n.tag != "ellipse" and n.size[1] < 300 and p.box[1] < n.box[1] + 30 and p.said == "class"
            for n in around
        )
    ):
        return ""  # the letter that marks a class
    inner = [
        n
        for n in nodes
        if n is not p
        and _within(n.box, p.box, 0.5)
        and min(n.size) >= 20
        and n.size != p.size
        and not (n.tag == "ellipse" and max(n.size) <= 24 and p.said == "class")
    ]
    if inner and p.size[0] > 40 and p.said not in ("class",) and p.tag != "ellipse":
        return "frame"
    if any(abs(n.box[0] - p.box[0]) < 4 and abs(n.box[2] - p.box[2]) < 4 for n in around):
        return ""  # the ground of a composite state
    return "node"


def _actors(parts: list[Part], out: list[str]) -> list[str]:
    """A stick figure is one icon: the circle's role goes with the body's."""
    for k, role in enumerate(out):
        if role == "icon" and k:
            out[k - 1] = "icon"
    return out


def _activity(parts: list[Part]) -> list[str]:
    nodes = [p for p in parts if p.closed and max(p.size) > 15]
    out = []
    for p in parts:
        if p.tag == "text":
            out.append("")
        elif p.tag == "line":
            out.append("line")
        elif p.tag == "polygon" and max(p.size) <= 14:
            out.append("end:255")
        elif p.closed:
            if p.tag == "ellipse" and any(
                n is not p and _within(p.box, n.box) and n.tag == "ellipse" for n in nodes
            ):
                out.append("")
            else:
                out.append(_node(p, nodes) if max(p.size) > 15 else "")
        else:
            out.append("line" if p.tag == "path" else "")
    return out


def _sequence(parts: list[Part], lives: list[Part]) -> list[str]:
    width = max(p.box[2] for p in parts)
    ids = {id(p) for p in lives}
    top, bottom = min(p.box[1] for p in lives), max(p.box[3] for p in lives)
    frames = [
        p
        for p in parts
        if p.tag == "rect"
        and p.size[0] > 60
        and p.size[1] > 30
        and top < p.box[1]
        and p.box[3] < bottom + 2
        and sum(p.box[0] < v.box[0] < p.box[2] for v in lives) >= 1
        and p.fill.upper() in ("NONE", "#FFFFFF", "#FEFEFE", "TRANSPARENT")
    ]
    out = []
    for k, p in enumerate(parts):
        if p.tag == "text" or (p.tag == "rect" and p.size[0] > 0.9 * width and p not in frames):
            out.append("")  # words, dividers
        elif id(p) in ids:
            out.append("rule")
        elif p.tag in ("line", "polyline"):
            out.append(_stroke(p, frames, width))
        elif p.tag == "path" and not p.closed:
            body = " M" in p.element.get("d", "") and k and parts[k - 1].tag == "ellipse"
            out.append("icon" if body else "")
        else:
            out.append(_area(p, frames, bottom - top))
    return _actors(parts, out)


def _area(p: Part, frames: list[Part], height: float) -> str:
    """What a closed shape of a sequence drawing is."""
    if p.tag == "polygon" and max(p.size) <= 16:
        return "end:255"
    if p.tag == "ellipse" and max(p.size) <= 10:
        return "end:170"
    if p in frames:
        return "frame" if p.stroke != "none" else ""
    if p.tag == "rect" and p.size[1] > 0.9 * height:
        return "frame"  # a ground behind some participants
    corner = any(abs(p.box[0] - f.box[0]) < 1 and abs(p.box[1] - f.box[1]) < 1 for f in frames)
    if p.tag == "path" and p.size[1] < 30 and corner:
        return ""  # the corner of a frame that says its kind
    return "node" if p.stroke != "none" or p.fill.upper() not in ("#FFFFFF", "NONE") else ""


def _stroke(p: Part, frames: list[Part], width: float) -> str:
    w, h = p.size
    if h > 0.5 and w > 0.5:
        return "end:255" if max(w, h) <= 16 else "line"
    if w > 0.9 * width:
        return ""
    if h < 0.5 and any(abs(p.box[0] - f.box[0]) < 3 and abs(p.box[2] - f.box[2]) < 3 for f in frames):
        return "frame"
    return "line" if w >= 8 or h >= 8 else ""
