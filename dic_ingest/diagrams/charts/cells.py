"""Heat maps and box plots: grids of coloured cells, and boxes with a median and whiskers.

In: a plot with its marks. Out: series; a heat map's values come from printed numbers, else its colour bar.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dic_ingest.diagrams.charts.axes import Ruler
from dic_ingest.diagrams.charts.labels import Label, number_of
from dic_ingest.diagrams.charts.marks import Mark, Marks
from dic_ingest.diagrams.charts.plots import Plot
from dic_ingest.model.box import area, grow, inside, union
from dic_ingest.model.chart import Point, PointSource, Series
from dic_ingest.model.drawing import Color

SAMPLES = 128  # places along a colour bar that is a picture
LEAST = 6  # cells of a heat map
LEAST_COLORS = 3  # of its cells
TILED = 0.7  # share of a heat map's places, and of its area, that cells fill
FAR = 60  # of three channels: a paint farther from every step of the colour bar has no value
BORDER = 0.8  # points between a stroke's end and the plot's border
STATISTICS = ("minimum", "lower quartile", "median", "upper quartile", "maximum")


Sampler = Callable[[tuple[float, float]], Color]  # the paint at a place of the drawing


@dataclass(slots=True)
class GridFound:
    """Series, the marks they came from, labels that were values."""

    series: list[Series]
    marks: list[Mark]
    used: set[int] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class ColorBar:
    """Paints along a scale."""

    ruler: Ruler
    steps: list[tuple[Color, float]]  # paint and place

    def value(self, color: Color) -> float | None:
        """The value whose paint is nearest, between the two nearest steps."""
        near = sorted(
            (sum(abs(a - b) for a, b in zip(c, color, strict=True)), place) for c, place in self.steps
        )
        if not near or near[0][0] > FAR:
            return None
        same = [place for off, place in near if off == near[0][0]]
        return self.ruler.rounded(self.ruler.raw(sum(same) / len(same)))


def color_bar_of(plot: Plot, rects: Sequence[Mark], picture: Sampler | None) -> ColorBar | None:
    """The paints along a colour bar: of its steps, else of a picture of the figure."""
    ruler = plot.x or plot.y
    if ruler is None:
        return None
    along, box = ruler.along, plot.box
    steps = [
        (m.fill, m.middle(along))
        for m in rects
        if m.fill is not None and inside(m.bbox, grow(box, 1.5), 0.9) and area(m.bbox) < 0.5 * area(box)
    ]
    if len(steps) >= 5:
        return ColorBar(ruler, steps)
    if picture is None:
        return None
    cross = (box[1 - along] + box[3 - along]) / 2
    places = [box[along] + (i + 0.5) / SAMPLES * (box[along + 2] - box[along]) for i in range(SAMPLES)]
    seen = [(picture((p, cross) if along == 0 else (cross, p)), p) for p in places]
    return ColorBar(ruler, seen) if len({c for c, _ in seen}) >= 5 else None


def read_heat_map(
    plot: Plot,
    rects: Sequence[Mark],
    labels: Sequence[Label],
    bar: ColorBar | None,
    em: float,
    picture: Sampler | None = None,
) -> GridFound | None:
    """Cells that tile the plot; None where there is no such grid."""
    cells = _cells_in(plot, rects, em)
    if plot.x is None or plot.y is None or not _tile(cells):
        return None
    found = GridFound([], list(cells))
    lines: dict[str, list[Point]] = defaultdict(list)
    missing = 0
    for m in sorted(cells, key=lambda m: (m.middle(1), m.middle(0))):
        printed = [(t, n) for t in labels if inside(t.bbox, m.bbox, 0.7) for n in [number_of(t.text)] if n]
        paint = picture((m.middle(0), m.bbox[1] + 0.15 * m.high)) if picture is not None else m.fill
        value = bar.value(paint) if bar is not None and paint is not None else None
        source = PointSource.MEASURED
        if len(printed) == 1:
            value, source = printed[0][1][0], PointSource.PRINTED
            found.used.add(id(printed[0][0]))
        missing += value is None
        name = str(plot.y.value(m.middle(1)))
        x = plot.x.value(m.middle(0))
        lines[name].append(
            Point(x, value, score=1.0 if value is not None else 0.0, source=source, bbox=m.bbox)
        )
    if missing:
        found.unread.append(f"{missing} cells whose colour stands in no colour bar")
    found.series = [Series(name, tuple(points), "cell") for name, points in lines.items()]
    return found


def _cells_in(plot: Plot, rects: Sequence[Mark], em: float) -> list[Mark]:
    """Filled rectangles of the plot that are larger than letters, each place once."""
    return _unique(
        [
            m
            for m in rects
            if m.fill is not None
            and inside(m.bbox, grow(plot.box, 2), 0.9)
            and min(m.wide, m.high) > 0.4 * em
            and not any(m is f for f in plot.frames)
        ]
    )


def _tile(cells: Sequence[Mark]) -> bool:
    """Whether the cells fill rows and columns, in three colours at least."""
    if len(cells) < LEAST:
        return False
    columns, rows = _steps(cells, 0), _steps(cells, 1)
    if min(len(columns), len(rows)) < 2 or len(cells) < TILED * len(columns) * len(rows):
        return False
    if sum(area(m.bbox) for m in cells) < TILED * area(union(m.bbox for m in cells)):
        return False
    return len({m.fill for m in cells}) >= LEAST_COLORS


def _unique(cells: Sequence[Mark]) -> list[Mark]:
    """The last painted of cells at one place."""
    last = {tuple(round(v) for v in m.bbox): m for m in cells}
    return list(last.values())


def _steps(cells: Sequence[Mark], along: int) -> list[float]:
    places: list[float] = []
    for at in sorted(m.middle(along) for m in cells):
        if not places or at - places[-1] > 1.5:
            places.append(at)
    return places


def read_boxes(plot: Plot, marks: Marks, em: float) -> GridFound | None:
    """Boxes with a median across and a whisker at one end at least; None where there are none."""
    upright = (
        plot.y is not None
        and plot.y.numeric
        and (plot.x is None or not plot.x.numeric or _across(marks, plot))
    )
    ruler = plot.y if upright else plot.x
    names = plot.x if upright else plot.y
    if ruler is None or not ruler.numeric:
        return None
    along = ruler.along
    boxes = [
        m
        for m in [*marks.rects, *marks.shapes]
        if not any(m is f for f in plot.frames)
        and len(m.points) <= 6
        and inside(m.bbox, grow(plot.box, 2), 0.95)
        and min(m.wide, m.high) > 0.3 * em
        and area(m.bbox) < 0.6 * area(plot.box)
    ]
    ends = plot.box[along], plot.box[along + 2]
    strokes = [
        s
        for s in marks.strokes
        if inside(s.bbox, grow(plot.box, 2), 0.9)
        and not (
            _along(s, along) and any(not ends[0] + BORDER < p[along] < ends[1] - BORDER for p in s.points)
        )
    ]
    found = GridFound([], [])
    values: dict[str, list[Point]] = {s: [] for s in STATISTICS}
    for number, m in enumerate(sorted(boxes, key=lambda m: m.middle(1 - along)), 1):
        read = _five(m, strokes, along)
        if read is None:
            continue
        five, used = read
        found.marks += [m, *used]
        x = str(number) if names is None else names.value(m.middle(1 - along))
        numbers = sorted(ruler.rounded(ruler.raw(p)) for p in five)
        for statistic, y in zip(STATISTICS, numbers, strict=True):
            values[statistic].append(Point(x, y, bbox=m.bbox))
    feet = sum(abs(m.bbox[along + 2] - ends[1]) < BORDER for m in boxes if m.fill is not None)
    if not found.marks or feet > len(boxes) / 4:  # what stands on the axis are bars
        return None
    found.series = [Series(s, tuple(points), "box") for s, points in values.items()]
    return found


def _along(stroke: Mark, along: int) -> bool:
    """Whether a stroke runs the way that whiskers do; one that reaches the plot's border is a grid line."""
    return (stroke.high > stroke.wide) == (along == 1)


def _across(marks: Marks, plot: Plot) -> bool:
    """Whether boxes stand upright: their whiskers do."""
    inner = [s for s in marks.strokes if inside(s.bbox, grow(plot.box, -2), 0.9)]
    return sum(s.high > s.wide for s in inner) >= sum(s.wide > s.high for s in inner) / 2


def _five(box: Mark, strokes: Sequence[Mark], along: int) -> tuple[list[float], list[Mark]] | None:
    """Places of whisker, quartile, median, quartile, whisker."""
    across = 1 - along
    low, high = box.bbox[along], box.bbox[along + 2]
    a, b = box.bbox[across], box.bbox[across + 2]
    median = [
        s
        for s in strokes
        if abs(s.bbox[across] - a) < 0.15 * (b - a) + 1
        and abs(s.bbox[across + 2] - b) < 0.15 * (b - a) + 1
        and low - 0.5 < s.middle(along) < high + 0.5
        and s.bbox[along + 2] - s.bbox[along] < 3
    ]
    inner = [s for s in median if low + 0.7 < s.middle(along) < high - 0.7] or median
    whiskers = [
        s
        for s in strokes
        if abs(s.middle(across) - (a + b) / 2) < 1.5
        and s.bbox[across + 2] - s.bbox[across] < 3
        and s.bbox[along + 2] - s.bbox[along] > 0.5
    ]
    below = [s for s in whiskers if abs(s.bbox[along + 2] - low) < 2.5 and s.bbox[along] < low]
    above = [s for s in whiskers if abs(s.bbox[along] - high) < 2.5 and s.bbox[along + 2] > high]
    if not inner or not (below or above):
        return None
    width = max((s.width for s in whiskers), default=0.0) / 2
    del width
    ends = [
        min((_tip(s, along, False) for s in below), default=low),
        max((_tip(s, along, True) for s in above), default=high),
    ]
    return [ends[0], low, inner[0].middle(along), high, ends[1]], [inner[0], *below, *above]


def _tip(stroke: Mark, along: int, far: bool) -> float:
    ends = [p[along] for p in stroke.points]
    return max(ends) if far else min(ends)
