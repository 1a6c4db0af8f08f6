"""Pies and donuts: sectors around one centre, with names, shares and printed values.

In: marks and labels of a figure. Out: charts, one per circle. A pie in perspective gives no measured share.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dic_ingest.diagrams.charts.labels import Label, number_of
from dic_ingest.diagrams.charts.legend import Legend, entry_for
from dic_ingest.diagrams.charts.marks import Mark
from dic_ingest.model.box import Point as Place
from dic_ingest.model.box import width_of
from dic_ingest.model.chart import Point, PointSource, Series
from dic_ingest.model.geometry import contains

ROUND = 0.02  # of the radius: an arc's points lie so near to the circle
STRAY = 0.12  # share of an outline's points that may lie elsewhere: bends of traced edges
MOST = 400  # outlines that may be sectors
WHOLE = 0.93  # of a turn that the sectors must fill
AGREE = 2.5  # points of a percentage: a printed share this near to the measured one belongs to the sector


@dataclass(slots=True, eq=False)
class _Sector:
    mark: Mark
    centre: Place
    radius: float
    hole: float  # inner radius, 0 for a pie
    middle: float  # angle of its middle, radians, y downwards
    turn: float  # its share of a turn
    fit: float = 1.0  # how well its points lie on its circles


@dataclass(slots=True)
class Pie:
    """One circle of sectors as a series of shares in percent."""

    series: Series
    hole: bool
    marks: list[Mark]
    used: set[int]
    box: tuple[float, float, float, float]


def read_pies(shapes: Sequence[Mark], labels: Sequence[Label], legend: Legend, em: float) -> list[Pie]:
    """Circles whose sectors fill a turn."""
    marks = [m for m in shapes if m.fill is not None and len(m.points) > 3 and max(m.wide, m.high) > 1.2 * em]
    marks = sorted(marks[:MOST], key=lambda m: -max(m.wide, m.high))
    groups: list[list[_Sector]] = []
    for m in marks:
        # a small sector tells little of its circle: those that are known are tried first
        known = [s for g in groups if (s := _fit(m, g[0].centre)) is not None and _same_circle(s, g[0])]
        found = known[0] if known else _sector(m)
        if found is None:
            continue
        home = next((g for g in groups if _same_circle(found, g[0])), None)
        if home is None:
            groups.append([found])
        else:
            home.append(found)
    return [
        _pie(g, labels, legend, em)
        for g in groups
        if len(g) >= 2 and WHOLE < sum(s.turn for s in g) < 1.05 and g[0].radius > 2 * em
    ]


def _same_circle(a: _Sector, b: _Sector) -> bool:
    return math.dist(a.centre, b.centre) < 0.15 * b.radius and abs(a.radius - b.radius) < 0.06 * b.radius


def _sector(m: Mark) -> _Sector | None:
    """The sector whose centre explains the outline best; None where none does."""
    if len(m.points) <= 6:
        return None
    found = [s for c in _centres(list(m.points)) if (s := _fit(m, c)) is not None]
    return max(found, key=lambda s: s.fit, default=None)


def _fit(m: Mark, centre: Place) -> _Sector | None:
    """A sector about a centre: an outline whose points lie at one distance from it, or at two."""
    points = list(m.points)
    far = [math.dist(centre, p) for p in points]
    radius = max(far)
    if not 0 < radius < 4 * max(m.wide, m.high):
        return None
    rim = sum(d > (1 - ROUND) * radius for d in far)
    rest = [d for d in far if d <= (1 - ROUND) * radius]
    hole = 0.0
    if rest and sorted(rest)[len(rest) // 4] > 0.12 * radius:
        hole = sorted(rest)[len(rest) // 2]
        stray = sum(abs(d - hole) > 2.5 * ROUND * radius for d in rest)
    else:
        stray = sum(d > 0.12 * radius for d in rest)
    if stray > STRAY * len(points) or rim < 3 or rim < 0.25 * len(points):
        return None
    middle, turn = _arc(centre, points, radius)
    return _Sector(m, centre, radius, hole, middle, turn, (rim - 2 * stray) / len(points))


def _centres(points: list[Place]) -> list[Place]:
    """Where the centre may be: at a vertex (pies), or that of a circle through points of an arc."""
    found: list[Place] = []
    n = len(points)
    corners = sorted(range(n), key=lambda i: -_bend(points, i))[:4]
    found += [points[i] for i in corners]
    for start in range(0, n, max(1, n // 12)):
        a, b, c = (points[(start + k) % n] for k in (0, max(1, n // 10), max(2, n // 5)))
        if (centre := _circle(a, b, c)) is not None:
            found.append(centre)
    return found


def _bend(points: list[Place], i: int) -> float:
    a, b, c = points[i - 1], points[i], points[(i + 1) % len(points)]
    one = math.atan2(b[1] - a[1], b[0] - a[0])
    two = math.atan2(c[1] - b[1], c[0] - b[0])
    return abs((two - one + math.pi) % (2 * math.pi) - math.pi)


def _circle(a: Place, b: Place, c: Place) -> Place | None:
    d = 2 * (a[0] * (b[1] - c[1]) + b[0] * (c[1] - a[1]) + c[0] * (a[1] - b[1]))
    if abs(d) < 1e-6:
        return None
    sa, sb, sc = (p[0] ** 2 + p[1] ** 2 for p in (a, b, c))
    x = (sa * (b[1] - c[1]) + sb * (c[1] - a[1]) + sc * (a[1] - b[1])) / d
    y = (sa * (c[0] - b[0]) + sb * (a[0] - c[0]) + sc * (b[0] - a[0])) / d
    return x, y


def _arc(centre: Place, points: list[Place], radius: float) -> tuple[float, float]:
    """Middle angle and share of a turn of the points on the rim: the turn without its largest gap."""
    angles = sorted(
        math.atan2(p[1] - centre[1], p[0] - centre[0])
        for p in points
        if math.dist(centre, p) > (1 - ROUND) * radius
    )
    gaps = [(b - a, a, b) for a, b in zip(angles, [*angles[1:], angles[0] + 2 * math.pi], strict=True)]
    gap, before, after = max(gaps)
    turn = 1.0 - gap / (2 * math.pi)
    del before
    return after + turn * math.pi, turn


def _pie(sectors: list[_Sector], labels: Sequence[Label], legend: Legend, em: float) -> Pie:
    total = sum(s.turn for s in sectors)
    used: set[int] = set()
    shares = {id(s): 100.0 * s.turn / total for s in sectors}
    printed = _printed(sectors, labels, shares, em)
    names = _names(sectors, labels, legend, {id(t) for _, t in printed.values()}, em)
    points = []
    for s in sorted(sectors, key=lambda s: _clock(s.middle)):
        name = names.get(id(s))
        value, source = round(shares[id(s)], 1), PointSource.MEASURED
        if id(s) in printed:
            value, source = printed[id(s)][0], PointSource.PRINTED
            used.add(id(printed[id(s)][1]))
        if isinstance(name, Label):
            used.add(id(name))
        text = name.text if isinstance(name, Label) else name or ""
        points.append(Point(text, value, score=1.0 if text else 0.4, source=source, bbox=s.mark.bbox))
    c, r = sectors[0].centre, sectors[0].radius
    holes = sum(s.hole > 0 for s in sectors) > 0.5 * len(sectors)
    box = (c[0] - r, c[1] - r, c[0] + r, c[1] + r)
    return Pie(Series("", tuple(points), "sector"), holes, [s.mark for s in sectors], used, box)


def _clock(angle: float) -> float:
    """Angles from the top on, clockwise."""
    return (angle + math.pi / 2) % (2 * math.pi)


def _spot(s: _Sector, at: float) -> Place:
    return s.centre[0] + at * s.radius * math.cos(s.middle), s.centre[1] + at * s.radius * math.sin(s.middle)


def _printed(
    sectors: Sequence[_Sector], labels: Sequence[Label], shares: dict[int, float], em: float
) -> dict[int, tuple[float, Label]]:
    """Numbers in or beside sectors. Percentages must agree with the angle; other numbers, with each other."""
    near: dict[int, list[tuple[float, Label]]] = defaultdict(list)
    for t in labels:
        number = number_of(t.text)
        if number is None:
            continue
        s = _owner(sectors, t, em)
        if s is not None:
            near[id(s)].append((number[0], t))
    percent = {
        k: best
        for k, v in near.items()
        for best in [min(v, key=lambda n: abs(n[0] - shares[k]))]
        if abs(best[0] - shares[k]) < AGREE
    }
    if len(percent) >= 0.7 * len(near):
        return percent
    values = {k: v[0] for k, v in near.items()}
    total = sum(v[0] for v in values.values())
    if len(values) < len(sectors) or total <= 0:
        return percent
    agree = all(abs(100.0 * v[0] / total - shares[k]) < AGREE for k, v in values.items())
    return values if agree else percent


def _owner(sectors: Sequence[_Sector], t: Label, em: float) -> _Sector | None:
    at = t.middle(0), t.middle(1)
    for s in sectors:
        if contains(s.mark.points, at):
            return s
    c, r = sectors[0].centre, sectors[0].radius
    beyond = math.dist(c, at) - r
    if not 0 < beyond < 4.5 * em + 0.5 * width_of(t.bbox):
        return None
    angle = math.atan2(at[1] - c[1], at[0] - c[0])
    off = [(abs((angle - s.middle + math.pi) % (2 * math.pi) - math.pi), s) for s in sectors]
    best = min(off, key=lambda o: o[0])
    return best[1] if best[0] < math.pi * best[1].turn + 0.05 else None


def _names(
    sectors: Sequence[_Sector], labels: Sequence[Label], legend: Legend, taken: set[int], em: float
) -> dict[int, Label | str]:
    """Names from the legend by paint, else from the words nearest to the middle of each sector's rim."""
    by_paint = {id(s): e.label for s in sectors for e in [entry_for(legend, s.mark.fill)] if e is not None}
    if len(by_paint) == len(sectors) and len({id(v) for v in by_paint.values()}) == len(sectors):
        return dict(by_paint)
    free = [
        t
        for t in labels
        if id(t) not in taken and id(t) not in legend.labels and any(c.isalpha() for c in t.text)
    ]
    pairs = []
    for s in sectors:
        for t in free:
            spots = [_spot(s, 1.12), _spot(s, (1 + s.hole / s.radius) / 2 if s.hole else 0.6)]
            away = min(_gap(t, p) for p in spots)
            if away < 3.5 * em and _owner(sectors, t, em) in (s, None):
                pairs.append((away, id(s), t))
    found: dict[int, Label | str] = {}
    used: set[int] = set()
    for _, k, t in sorted(pairs, key=lambda p: p[0]):
        if k not in found and id(t) not in used:
            found[k] = t
            used.add(id(t))
    return found


def _gap(t: Label, p: Place) -> float:
    dx = max(t.bbox[0] - p[0], 0.0, p[0] - t.bbox[2])
    dy = max(t.bbox[1] - p[1], 0.0, p[1] - t.bbox[3])
    return math.hypot(dx, dy)
