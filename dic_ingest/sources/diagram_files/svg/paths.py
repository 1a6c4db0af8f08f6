"""SVG path data, basic shapes and transforms -> polylines."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dic_ingest.model.box import Point
from dic_ingest.model.drawing import Subpath

Matrix = tuple[float, float, float, float, float, float]  # a b c d e f, as SVG writes them
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
STEPS = 12  # straight pieces of a curve
MAX_POINTS = 200_000  # of one path
_TOKEN = re.compile(r"[MmLlHhVvCcSsQqTtAaZz]|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^)]*)\)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


def numbers(text: str) -> list[float]:
    """The numbers in a text; those beyond any drawing's size are 0."""
    return [v if abs(v) < 1e7 else 0.0 for v in map(float, _NUMBER.findall(text[:2_000_000]))]


def length(text: str | None, whole: float = 0.0, default: float = 0.0) -> float:
    """A length in pixels; percentages are of `whole`."""
    found = numbers(text or "")
    if not found:
        return default
    unit = re.sub(r"[^a-z%]", "", (text or "").strip().lower().lstrip("+-0123456789.e"))
    scale = {"pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 9.6 / 2.54, "em": 16.0, "rem": 16.0}
    return found[0] * (whole / 100 if unit == "%" else scale.get(unit, 1.0))


def times(a: Matrix, b: Matrix) -> Matrix:
    """First `b`, then `a`."""
    return (
        a[0] * b[0] + a[2] * b[1],
        a[1] * b[0] + a[3] * b[1],
        a[0] * b[2] + a[2] * b[3],
        a[1] * b[2] + a[3] * b[3],
        a[0] * b[4] + a[2] * b[5] + a[4],
        a[1] * b[4] + a[3] * b[5] + a[5],
    )


def apply(m: Matrix, p: Point) -> Point:
    """A point through a matrix."""
    return m[0] * p[0] + m[2] * p[1] + m[4], m[1] * p[0] + m[3] * p[1] + m[5]


def zoom(m: Matrix) -> float:
    """How much a matrix enlarges, both ways on average."""
    return math.sqrt(abs(m[0] * m[3] - m[1] * m[2]))


def transform(text: str | None) -> Matrix:
    """The matrix of a `transform` attribute."""
    made = IDENTITY
    for kind, inner in _TRANSFORM.findall((text or "")[:5_000]):
        v = numbers(inner)
        made = times(made, _matrix(kind, v))
    return made


def _matrix(kind: str, v: list[float]) -> Matrix:
    if kind == "matrix" and len(v) == 6:
        return v[0], v[1], v[2], v[3], v[4], v[5]
    if kind == "translate" and v:
        return 1, 0, 0, 1, v[0], v[1] if len(v) > 1 else 0.0
    if kind == "scale" and v:
        return v[0], 0, 0, v[1] if len(v) > 1 else v[0], 0, 0
    if kind == "rotate" and v:
        c, s = math.cos(math.radians(v[0])), math.sin(math.radians(v[0]))
        turn: Matrix = (c, s, -s, c, 0, 0)
        if len(v) < 3:
            return turn
        return times(times((1, 0, 0, 1, v[1], v[2]), turn), (1, 0, 0, 1, -v[1], -v[2]))
    if kind == "skewX" and v:
        return 1, 0, math.tan(math.radians(v[0])), 1, 0, 0
    if kind == "skewY" and v:
        return 1, math.tan(math.radians(v[0])), 0, 1, 0, 0
    return IDENTITY


@dataclass
class _PathPen:
    """Where a path's pen stands, and what it has drawn."""

    at: Point = (0.0, 0.0)
    start: Point = (0.0, 0.0)
    control: Point | None = None  # the last curve's, for smooth ones
    before: str = ""


def subpaths(data: str) -> list[Subpath]:
    """The polylines of a `d` attribute; what follows an error in it is left out, as browsers do."""
    done: list[Subpath] = []
    line: list[Point] = []
    curved = closed = False
    pen = _PathPen()
    for command, v in _commands(data):
        upper = command.upper()
        if upper == "M":
            _finish(done, line, closed, curved)
            pen.at = pen.start = (pen.at[0] + v[0], pen.at[1] + v[1]) if command == "m" else (v[0], v[1])
            line, curved, closed = [pen.at], False, False
        elif upper == "Z":
            _finish(done, line, True, curved)
            pen.at = pen.start
            line, curved, closed = [pen.at], False, False
        else:
            points = _draw(pen, command, v)
            curved = curved or upper in "CSQTA"
            line += points
            pen.at = points[-1]
        pen.before = upper
        if len(line) > MAX_POINTS or len(done) > MAX_POINTS:
            break
    _finish(done, line, closed, curved)
    return done


def _finish(done: list[Subpath], line: list[Point], closed: bool, curved: bool) -> None:
    if len(line) > 1:
        done.append(Subpath(tuple(line), closed, curved))


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    command, values = "", list[float]()
    for match in _TOKEN.finditer(data):
        token = match[0]
        if token.isalpha():
            command, values = token, []
            if token in "Zz":
                yield token, []
            continue
        if command in ("", "Z", "z"):
            continue
        number = float(token)
        if (
            command in "Aa"
            and len(values) in (3, 4)
            and token[0] in "01"
            and len(token) > 1
            and token[1] != "."
        ):
            # flags may stand without a separator: "a1 1 0 01 20 20"
            values.append(float(token[0]))
            rest = token[1:]
            if len(values) == 4 and rest[0] in "01":
                values.append(float(rest[0]))
                rest = rest[1:]
            if not rest:
                continue
            number = float(rest)
        values.append(number if abs(number) < 1e7 else 0.0)
        if len(values) == _COUNTS[command.upper()]:
            yield command, values
            values = []
            command = {"M": "L", "m": "l"}.get(command, command)


def _draw(pen: _PathPen, command: str, v: list[float]) -> list[Point]:
    x, y = pen.at
    dx, dy = (x, y) if command.islower() else (0.0, 0.0)
    upper = command.upper()
    control = pen.control
    pen.control = None
    if upper == "L":
        return [(v[0] + dx, v[1] + dy)]
    if upper == "H":
        return [(v[0] + dx, y)]
    if upper == "V":
        return [(x, v[0] + dy)]
    if upper == "A":
        return _arc(pen.at, v, (v[5] + dx, v[6] + dy))
    places = [(v[i] + dx, v[i + 1] + dy) for i in range(0, len(v), 2)]
    smooth = (2 * x - control[0], 2 * y - control[1]) if control is not None else (x, y)
    if upper == "C" or upper == "S":
        first = places[0] if upper == "C" else smooth if pen.before in "CS" else (x, y)
        second, end = places[-2], places[-1]
        pen.control = second
        return [_cubic(pen.at, first, second, end, k / STEPS) for k in range(1, STEPS + 1)]
    middle = places[0] if upper == "Q" else smooth if pen.before in "QT" else (x, y)
    pen.control = middle
    return [_quadratic(pen.at, middle, places[-1], k / STEPS) for k in range(1, STEPS + 1)]


def _cubic(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    s = 1 - t
    w = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
    return (
        w[0] * a[0] + w[1] * b[0] + w[2] * c[0] + w[3] * d[0],
        w[0] * a[1] + w[1] * b[1] + w[2] * c[1] + w[3] * d[1],
    )


def _quadratic(a: Point, b: Point, c: Point, t: float) -> Point:
    s = 1 - t
    return (
        s * s * a[0] + 2 * s * t * b[0] + t * t * c[0],
        s * s * a[1] + 2 * s * t * b[1] + t * t * c[1],
    )


def _arc(start: Point, v: list[float], end: Point) -> list[Point]:
    """An elliptical arc by its end points (SVG 1.1, appendix F.6.5)."""
    rx, ry, turn = abs(v[0]), abs(v[1]), math.radians(v[2])
    if rx < 1e-9 or ry < 1e-9 or start == end:
        return [end]
    c, s = math.cos(turn), math.sin(turn)
    hx, hy = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    x1, y1 = c * hx + s * hy, -s * hx + c * hy
    grow = math.sqrt(max((x1 / rx) ** 2 + (y1 / ry) ** 2, 1.0))
    rx, ry = rx * grow, ry * grow
    under = max((rx * ry) ** 2 - (rx * y1) ** 2 - (ry * x1) ** 2, 0.0)
    root = math.sqrt(under / max((rx * y1) ** 2 + (ry * x1) ** 2, 1e-12))
    root = -root if bool(v[3]) == bool(v[4]) else root
    cx1, cy1 = root * rx * y1 / ry, -root * ry * x1 / rx
    cx = c * cx1 - s * cy1 + (start[0] + end[0]) / 2
    cy = s * cx1 + c * cy1 + (start[1] + end[1]) / 2
    from_ = math.atan2((y1 - cy1) / ry, (x1 - cx1) / rx)
    to = math.atan2((-y1 - cy1) / ry, (-x1 - cx1) / rx)
    sweep = (to - from_) % math.tau
    if not v[4]:
        sweep -= math.tau
    count = max(2, round(STEPS * abs(sweep) / math.pi))
    points = []
    for k in range(1, count):
        t = from_ + sweep * k / count
        px, py = rx * math.cos(t), ry * math.sin(t)
        points.append((cx + c * px - s * py, cy + s * px + c * py))
    return [*points, end]


def basic_shape(tag: str, get: Mapping[str, str], width: float, height: float) -> list[Subpath]:
    """The polylines of rect, circle, ellipse, line, polyline and polygon; empty for other elements."""

    def n(key: str, whole: float = 0.0) -> float:
        return length(get.get(key), whole)

    if tag == "rect":
        return _rect(n("x", width), n("y", height), n("width", width), n("height", height), get)
    if tag in ("circle", "ellipse"):
        r = n("r", (width + height) / 2)
        rx, ry = (r, r) if tag == "circle" else (n("rx", width), n("ry", height))
        cx, cy = n("cx", width), n("cy", height)
        turns = [math.tau * k / 32 for k in range(32)]
        points = tuple((cx + rx * math.cos(t), cy + ry * math.sin(t)) for t in turns)
        return [Subpath(points, True, True)] if rx > 0 and ry > 0 else []
    if tag == "line":
        return [Subpath(((n("x1", width), n("y1", height)), (n("x2", width), n("y2", height))))]
    if tag in ("polyline", "polygon"):
        v = numbers(get.get("points", ""))[: 2 * MAX_POINTS]
        points = tuple(zip(v[::2], v[1::2], strict=False))
        return [Subpath(points, tag == "polygon")] if len(points) > 1 else []
    return []


def _rect(x: float, y: float, w: float, h: float, get: Mapping[str, str]) -> list[Subpath]:
    if w <= 0 or h <= 0:
        return []
    r = min(length(get.get("rx") or get.get("ry")), w / 2, h / 2)
    if r <= 0.5:
        return [Subpath(((x, y), (x + w, y), (x + w, y + h), (x, y + h)), True)]
    points = []
    corners = (
        (x + w - r, y + r, -90),
        (x + w - r, y + h - r, 0),
        (x + r, y + h - r, 90),
        (x + r, y + r, 180),
    )
    for cx, cy, start in corners:
        for k in range(7):
            t = math.radians(start + 15 * k)
            points.append((cx + r * math.cos(t), cy + r * math.sin(t)))
    return [Subpath(tuple(points), True, True)]
