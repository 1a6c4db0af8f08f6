"""The outline of a custom DrawingML geometry, in the unit square.

In: `a:custGeom`. Out: points of its longest path, and whether that goes around an area. Curves are cut into
short lines; guides are worked out where their formulas are the usual arithmetic.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from dic_ingest.model.drawing import Point

MAX_POINTS = 4_000
STEPS = 8  # lines per curve
CLOSE = 0.02  # of the square: ends so near are one point


def freeform(custom: Any) -> tuple[tuple[Point, ...], bool]:
    """Points and whether they are closed; no points where nothing was drawn."""
    guides = _guides(custom)
    best: tuple[tuple[Point, ...], bool] = ((), False)
    for path in custom.iter("{*}path"):
        width, height = _value(path.get("w"), guides), _value(path.get("h"), guides)
        points, closed = _points(path, guides)
        if len(points) > len(best[0]):
            scale = 1 / (width or guides["w"] or 1.0), 1 / (height or guides["h"] or 1.0)
            unit = tuple((x * scale[0], y * scale[1]) for x, y in points)
            near = math.dist(unit[0], unit[-1]) < CLOSE and len(unit) > 3
            best = unit, closed or near
    return best


def _points(path: Any, guides: dict[str, float]) -> tuple[list[Point], bool]:
    points: list[Point] = []
    closed = False
    for command in path:
        name = command.tag.rsplit("}", 1)[-1] if isinstance(command.tag, str) else ""
        given = [(_value(p.get("x"), guides), _value(p.get("y"), guides)) for p in command.iter("{*}pt")]
        if len(points) > MAX_POINTS:
            break
        if name == "moveTo" and points:  # a second part is a decoration of the first
            break
        if name in ("moveTo", "lnTo"):
            points += given[:1]
        elif name in ("cubicBezTo", "quadBezTo") and points and given:
            points += _curve([points[-1], *given])
        elif name == "arcTo" and points:
            points += _arc(
                points[-1], *(_value(command.get(k), guides) for k in ("wR", "hR", "stAng", "swAng"))
            )
        elif name == "close":
            closed = True
    return points, closed


def _curve(control: list[Point]) -> list[Point]:
    """De Casteljau's points of a Bézier curve, without its start."""
    found = []
    for step in range(1, STEPS + 1):
        t = step / STEPS
        row = control
        while len(row) > 1:
            row = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(row)]
        found.append(row[0])
    return found


def _arc(start: Point, width: float, height: float, first: float, sweep: float) -> list[Point]:
    begin, swept = math.radians(first / 60000.0), math.radians(sweep / 60000.0)
    cx, cy = start[0] - width * math.cos(begin), start[1] - height * math.sin(begin)
    angles = [begin + swept * i / STEPS for i in range(1, STEPS + 1)]
    return [(cx + width * math.cos(a), cy + height * math.sin(a)) for a in angles]


def _guides(custom: Any) -> dict[str, float]:
    """Names that coordinates may use. Without a size of the shape they are in a square of side 1."""
    known = {"l": 0.0, "t": 0.0, "r": 1.0, "b": 1.0, "w": 1.0, "h": 1.0, "hc": 0.5, "vc": 0.5, "ss": 1.0}
    for at, guide in enumerate(custom.iter("{*}gd")):
        if at >= MAX_POINTS:
            break
        words = (guide.get("fmla") or "").split()
        values = [_value(w, known) for w in words[1:]] + [0.0, 0.0, 0.0]
        known[guide.get("name") or ""] = _worked_out(words[0] if words else "", values)
    return known


def _worked_out(name: str, v: list[float]) -> float:
    results = {
        "val": v[0],
        "*/": v[0] * v[1] / v[2] if v[2] else 0.0,
        "+-": v[0] + v[1] - v[2],
        "+/": (v[0] + v[1]) / v[2] if v[2] else 0.0,
        "abs": abs(v[0]),
        "max": max(v[0], v[1]),
        "min": min(v[0], v[1]),
        "?:": v[1] if v[0] > 0 else v[2],
    }
    return results.get(name, 0.0)


def _value(text: str | None, guides: dict[str, float]) -> float:
    if text is None:
        return 0.0
    if text in guides:
        return guides[text]
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) and abs(value) < 1e12 else 0.0
