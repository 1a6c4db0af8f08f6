"""Lines, areas and points of a plot as series, with symbols, error bars and what the clip hides left out.

In: a plot, its marks without legend and grid, the legend. Out: series, by paint, dashes and symbols.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dic_ingest.diagrams.charts.labels import Label
from dic_ingest.diagrams.charts.legend import Legend, LegendEntry, entry_for
from dic_ingest.diagrams.charts.marks import Mark, Marks, alike, is_pale, is_small
from dic_ingest.diagrams.charts.plots import Plot
from dic_ingest.model.box import Box, grow, inside, width_of
from dic_ingest.model.box import Point as Place
from dic_ingest.model.chart import Point, Scale, Series
from dic_ingest.model.drawing import Color

WIDE = 0.12  # of the plot's width: shorter lines are no curves
AT = 1.0  # points: a symbol this near to a vertex stands on it
NAMED_WIDE = 0.3  # of the plot's width: a level line that the legend names, an area
DENSE = 3  # vertices by symbols: more are a curve's, the symbols its values
DARK = 120  # of the lightest channel of a dark ground, at most
BORDER = 1.5  # points between a line and the plot's border, or an area's edge and what it stands on
BOX_POINTS = 5  # of a border, at most
SPECK = 0.8  # points: a smaller mark is no symbol
AS_LARGE = 0.25  # relative difference of the sizes of symbols of one series
SAME_SPOTS = 0.7  # share of the symbols that another group has, too; of an edge that another one follows
MOST_ON = 0.6  # share of the symbols that stand on a line
TRIED = 200  # symbols that are measured one by one
SAME_WIDTH = 0.15  # points between the widths of a line and its sample
END_LABEL = (0.2, 2, 0.8)  # text heights from a line's end to its name: over it, beside it, above or below
BETWEEN = 0.2  # of the step between two names: a vertex so far from both has none
LEAST_HIGH = 0.2  # text heights of an area
ONE_PLACE = 0.05  # points between two vertices
GRACE = 0.3  # points beyond the end of an edge


@dataclass(slots=True)
class CurvesFound:
    """Series of lines, areas and points; what was seen and not read."""

    series: list[Series] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class _Symbols:
    """Equal symbols."""

    marks: list[Mark]

    @property
    def color(self) -> Color | None:
        colors = [c for c in (self.marks[0].fill, self.marks[0].stroke) if c is not None]
        return next((c for c in colors if not is_pale(c)), colors[0] if colors else None)

    def places(self) -> list[Place]:
        return [(m.middle(0), m.middle(1)) for m in self.marks]


def read_curves(
    plot: Plot, marks: Marks, labels: Sequence[Label], legend: Legend, em: float, most: int
) -> CurvesFound:
    """Everything in a plot that is a line, an area or a cloud of points."""
    found = CurvesFound()
    if plot.x is None or plot.y is None or not plot.y.numeric:
        return found
    symbols = _symbols(plot, marks, em)
    lines = [m for m in _lines(plot, marks, legend, em)]
    areas = _areas(plot, marks, em)
    found.marks = [*(m for s in symbols for m in s.marks), *lines, *areas]
    _add_areas(found, plot, areas, lines, legend)
    free = list(symbols)
    for line in lines:
        own = next((s for s in free if _on(s, line)), None)
        if own is not None:
            free.remove(own)
        entry = _entry(legend, line, own)
        name = entry.name if entry else _end_label(labels, line, plot, em, found.used)
        points = _visible(line.points, plot.box, line.clip)
        if own is not None and len(own.marks) >= 2 and (line.curved or len(points) > DENSE * len(own.marks)):
            points = sorted(own.places())
        if len(points) < len(line.points) and own is None:
            found.unread.append(f"{len(line.points) - len(points)} points beyond the axes are cut off")
        series = _series(plot, points, name, "line", line.color, line.bbox)
        found.series.append(series)
    for s in free:
        color = s.color
        entry = _symbol_entry(legend, s)
        inside_ = [p for p in s.places() if inside((*p, *p), grow(plot.box, 1.0))]
        if len(inside_) < 2 and entry is None:
            continue
        found.series.append(_series(plot, inside_, entry.name if entry else "", "point", color, None))
    found.series = _bounded(_merged(found.series), found, most)
    return found


def _lines(plot: Plot, marks: Marks, legend: Legend, em: float) -> list[Mark]:
    x0, y0, x1, y1 = plot.box
    kept = []
    for m in marks.curves:
        if m.wide < WIDE * (x1 - x0) or not inside(m.bbox, grow(plot.box, 2.0), 0.8) or m.stroke is None:
            continue
        if _is_box(m, plot) or (is_pale(m.stroke) and not _dark(plot)):
            continue
        kept.append(m)
    for m in marks.shapes:  # a line that ends where it began
        if m.fill is None and m.wide > WIDE * (x1 - x0) and inside(m.bbox, grow(plot.box, 2.0), 0.8):
            kept.append(m)
    for m in marks.strokes:  # a level line that the legend names
        level = m.wide > NAMED_WIDE * (x1 - x0) and m.high < 1
        named = entry_for(legend, m.color, m.dashed, True)
        if level and named and any(not _is_rect(s) for s in named.samples) and y0 - 1 < m.middle(1) < y1 + 1:
            kept.append(m)
    del em
    return kept


def _is_rect(sample: Mark) -> bool:
    return sample.fill is not None and sample.wide > 2 and sample.high > 2


def _dark(plot: Plot) -> bool:
    grounds = [f.fill for f in plot.frames if f.fill is not None]
    return bool(grounds) and max(grounds[-1]) < DARK


def _is_box(m: Mark, plot: Plot) -> bool:
    """Whether an open line runs along the plot's own border."""
    x0, y0, x1, y1 = plot.box
    return (
        all(min(abs(x - x0), abs(x - x1), abs(y - y0), abs(y - y1)) < BORDER for x, y in m.points)
        and len(m.points) <= BOX_POINTS
    )


def _symbols(plot: Plot, marks: Marks, em: float) -> list[_Symbols]:
    """Small marks that look the same, at least two."""
    groups: defaultdict[tuple[object, ...], list[Mark]] = defaultdict(list)
    around = grow(plot.box, 0.8 * em)
    for m in [*marks.shapes, *marks.rects, *marks.curves]:
        if (
            is_small(m, em)
            and max(m.wide, m.high) > SPECK
            and m.color is not None
            and inside(m.bbox, around, 0.3)
        ):
            ratio = round(2 * m.wide / max(m.high, 0.1))
            groups[m.fill, m.stroke, len(m.points), m.curved, ratio if not m.curved else 0].append(m)
    found = []
    for group in groups.values():
        sizes = sorted(max(m.wide, m.high) for m in group)
        usual = sizes[len(sizes) // 2]
        if not group[0].curved:
            group = [m for m in group if abs(max(m.wide, m.high) - usual) < AS_LARGE * usual]
        once = {(round(m.middle(0), 1), round(m.middle(1), 1)): m for m in group}
        if len(once) >= 2:
            found.append(_Symbols(list(once.values())))
    return _without_outlines(found)


def _without_outlines(found: list[_Symbols]) -> list[_Symbols]:
    """Symbols drawn twice, filled and outlined, count once."""
    kept: list[_Symbols] = []
    for s in sorted(found, key=lambda s: (s.marks[0].fill is None, -len(s.marks))):
        spots = {(round(x), round(y)) for x, y in s.places()}
        if not any(
            len(spots & {(round(x), round(y)) for x, y in k.places()}) > SAME_SPOTS * len(spots) for k in kept
        ):
            kept.append(s)
    return kept


def _on(symbols: _Symbols, line: Mark) -> bool:
    """Whether most symbols stand on a line of their paint."""
    if not (alike(symbols.color, line.stroke) or is_pale(symbols.marks[0].fill)):
        return False
    cells: set[tuple[int, int]] = {
        (round(x / AT) + i, round(y / AT) + j) for x, y in line.points for i in (-1, 0, 1) for j in (-1, 0, 1)
    }
    on = sum((round(x / AT), round(y / AT)) in cells for x, y in symbols.places())
    if on < MOST_ON * len(symbols.marks):
        on = sum(_distance(line.points, p) < AT for p in symbols.places()[:TRIED])
        return on >= MOST_ON * min(len(symbols.marks), TRIED)
    return True


def _distance(line: Sequence[Place], p: Place) -> float:
    best = math.inf
    for a, b in itertools.pairwise(line):
        dx, dy = b[0] - a[0], b[1] - a[1]
        t = max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / max(dx * dx + dy * dy, 1e-9)))
        best = min(best, math.hypot(a[0] + t * dx - p[0], a[1] + t * dy - p[1]))
    return best


def _entry(legend: Legend, line: Mark, own: _Symbols | None) -> LegendEntry | None:
    near = [e for e in legend.entries if any(alike(c, line.stroke) for c in e.colors())]
    if len(near) > 1:
        near = [e for e in near if any(alike(c, line.stroke, 6) for c in e.colors())] or near
    if len(near) > 1:
        near = [e for e in near if e.dashed == line.dashed] or near
    if len(near) > 1 and own is not None:
        near = [e for e in near if any(_same_form(m, own.marks[0]) for m in e.samples)] or near
    if len(near) > 1 and own is None:
        near = [e for e in near if all(m.fill is None for m in e.samples)] or near
    if len(near) > 1:
        near = [e for e in near if any(abs(m.width - line.width) < SAME_WIDTH for m in e.samples)] or near
    return near[0] if near else None


def _symbol_entry(legend: Legend, symbols: _Symbols) -> LegendEntry | None:
    near = [e for e in legend.entries if any(alike(c, symbols.color, 9) for c in e.colors())]
    near = near or [e for e in legend.entries if any(alike(c, symbols.color) for c in e.colors())]
    if len(near) > 1:
        near = [e for e in near if any(_same_form(m, symbols.marks[0]) for m in e.samples)] or near
    return near[0] if near else None


def _same_form(a: Mark, b: Mark) -> bool:
    return len(a.points) == len(b.points) and a.curved == b.curved and (a.fill is None) == (b.fill is None)


def _end_label(labels: Sequence[Label], line: Mark, plot: Plot, em: float, used: set[int]) -> str:
    """Text beside a line's right end: its name."""
    right = max(line.points, key=lambda p: p[0])
    near = [
        t
        for t in labels
        if id(t) not in plot.used
        and -END_LABEL[0] * em <= t.bbox[0] - right[0] < END_LABEL[1] * em
        and abs(t.middle(1) - right[1]) < END_LABEL[2] * em
        and any(c.isalpha() for c in t.text)
    ]
    best = min(near, key=lambda t: abs(t.middle(1) - right[1]), default=None)
    if best is None:
        return ""
    used.add(id(best))
    return best.text


def _visible(points: Sequence[Place], box: Box, clip: Box | None) -> list[Place]:
    """The vertices within the plot, and within the clip that is in force."""
    shown = grow(box, 1.5)
    if clip is not None:
        c = grow(clip, 1.5)
        shown = (max(shown[0], c[0]), max(shown[1], c[1]), min(shown[2], c[2]), min(shown[3], c[3]))
    return [p for p in points if shown[0] <= p[0] <= shown[2] and shown[1] <= p[1] <= shown[3]]


def _series(
    plot: Plot, places: Sequence[Place], name: str, mark: str, color: Color | None, box: Box | None
) -> Series:
    x, y = plot.x, plot.y
    if x is None or y is None:
        return Series(name, (), mark, color)
    points = []
    for px, py in places:
        score = 1.0
        if not x.numeric and len(x.places) > 1:
            step = (max(x.places) - min(x.places)) / (len(x.places) - 1)
            if abs(x.places[x.index(px)] - px) > BETWEEN * step:
                continue  # between two names
        points.append(Point(x.value(px), y.rounded(y.raw(py)), score=score, bbox=(px, py, px, py)))
    del box
    return Series(name, tuple(points), mark, color)


def _merged(series: list[Series]) -> list[Series]:
    """Series of one name and mark as one: a line broken by a gap, points of one paint."""
    out: list[Series] = []
    for s in series:
        if not s.points:
            continue
        same = next(
            (
                i
                for i, o in enumerate(out)
                if o.mark == s.mark
                and o.name == s.name
                and o.color == s.color
                and (s.name or s.mark == "point")
                and not _overlaps(o, s)
            ),
            None,
        )
        if same is None:
            out.append(s)
        else:
            out[same] = replace(out[same], points=(*out[same].points, *s.points))
    return out


def _overlaps(a: Series, b: Series) -> bool:
    if a.mark == "point":
        return False
    xs = [[p.bbox[0] for p in s.points if p.bbox] for s in (a, b)]
    return min(xs[0]) < max(xs[1]) - 1 and min(xs[1]) < max(xs[0]) - 1


def _bounded(series: list[Series], found: CurvesFound, most: int) -> list[Series]:
    left, out = most, []
    for s in series:
        if len(s.points) > left:
            step = math.ceil(len(s.points) / max(1, left))
            found.unread.append(f"{len(s.points)} values of one series: every {step}th is kept")
            s = replace(s, points=s.points[::step])
        left = max(1, left - len(s.points))
        out.append(s)
    return out


def _areas(plot: Plot, marks: Marks, em: float) -> list[Mark]:
    """Filled outlines that reach across much of the plot."""
    wide = width_of(plot.box)
    return [
        m
        for m in [*marks.shapes, *marks.rects]
        if m.fill is not None
        and not is_pale(m.fill)
        and m.wide > NAMED_WIDE * wide
        and len(m.points) >= 4
        and m.high > LEAST_HIGH * em
        and inside(m.bbox, grow(plot.box, 2.0), 0.8)
        and not any(m is f for f in plot.frames)
    ]


def _add_areas(found: CurvesFound, plot: Plot, areas: list[Mark], lines: list[Mark], legend: Legend) -> None:
    """Areas as series: their upper edge above the axis, or above the area on which they stand."""
    y = plot.y
    if y is None:
        return
    zero = y.place(0.0) if y.scale is Scale.LINEAR else None
    base = zero if zero is not None and plot.box[1] - 2 < zero < plot.box[3] + 2 else plot.box[3]
    edges = [(m, *_edges_of(m)) for m in areas]
    uppers = [upper for _, upper, _ in edges]
    for m, upper, lower in edges:
        flat = all(abs(p[1] - base) < BORDER for p in lower)
        on = flat or any(_same_edge(lower, u) for u in uppers if u is not upper)
        entry = entry_for(legend, m.fill)
        if not on:
            continue  # a band around a line: an uncertainty, no series of its own
        if entry is None and any(_same_edge([p for p in k.points], upper) for k in lines):
            continue  # shading under a line that is told
        below = dict(lower)
        points = []
        for px, py in upper:
            foot = below.get(px, _height(lower, px))
            value = y.raw(py) - (0.0 if flat or foot is None else y.raw(foot))
            if plot.x is not None and (plot.x.numeric or abs(plot.x.places[plot.x.index(px)] - px) < 2):
                points.append(Point(plot.x.value(px), y.rounded(value), bbox=(px, py, px, py)))
        found.series.append(Series(entry.name if entry else "", tuple(points), "area", m.fill))


def _edges_of(m: Mark) -> tuple[list[Place], list[Place]]:
    """Upper and lower edge of an area, from left to right; upright sides belong to neither twice."""
    points = list(m.points)
    left = min(range(len(points)), key=lambda i: (points[i][0], points[i][1]))
    ring = points[left:] + points[:left]
    right = max(range(len(ring)), key=lambda i: ring[i][0])
    one, two = ring[: right + 1], [ring[0], *reversed(ring[right:])]
    sides = [_once(one), _once(two)]
    sides.sort(key=lambda side: sum(p[1] for p in side) / len(side))
    upper, lower = sides
    return _top(upper, min), _top(lower, max)


def _once(side: list[Place]) -> list[Place]:
    return [p for i, p in enumerate(side) if i == 0 or math.dist(p, side[i - 1]) > ONE_PLACE]


def _top(side: list[Place], choose: object) -> list[Place]:
    """One point for each x: the highest of an upper edge, the lowest of a lower one."""
    best: dict[float, float] = {}
    for x, y in side:
        key = next((k for k in (round(x, 1),) if k in best), round(x, 1))
        best[key] = choose((best.get(key, y), y)) if callable(choose) else y
    return sorted(best.items())


def _height(edge: Sequence[Place], x: float) -> float | None:
    for (ax, ay), (bx, by) in itertools.pairwise(edge):
        if ax - GRACE <= x <= bx + GRACE:
            return ay if bx - ax < 1e-6 else ay + (by - ay) * (x - ax) / (bx - ax)
    return None


def _same_edge(a: Sequence[Place], b: Sequence[Place]) -> bool:
    if not a or not b:
        return False
    checks = [h for x, y in a if (h := _height(sorted(b), x)) is not None and abs(h - y) < BORDER]
    return len(checks) >= SAME_SPOTS * len(a)
