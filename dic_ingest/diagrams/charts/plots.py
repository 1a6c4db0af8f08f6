"""The plots of a figure: each the area between its axes, with rulers and what stands in it.

In: labels and marks. Out: `Plot`s in reading order. Subplots may share the tick labels of their neighbours.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from dic_ingest.diagrams.charts.axes import Ruler, anchor, find_rulers, hang, snap
from dic_ingest.diagrams.charts.labels import Label, regrouped
from dic_ingest.diagrams.charts.marks import Mark, Marks, is_pale
from dic_ingest.model.box import (
    Box,
    area,
    grow,
    height_of,
    inside,
    intersection,
    iou,
    overlap,
    union,
    width_of,
)
from dic_ingest.model.chart import Scale

LEAST = 4.0  # text heights: no plot is smaller
OVERRUN = 0.9  # text heights that an axis may run beyond the corner: a tick
REACH = 3.5  # text heights between tick labels and the plot
INTO = 0.4  # text heights that a label may reach over a side that it stands beside
ONE_LINE = 0.4  # text heights between the middles of labels of one line, or of one turned line
SAME_FRAME = (0.9, 0.98)  # intersection over union of a plot and its frame, of two frames that are one
APART = 0.3  # share of the smaller box that two plots may share
SHARING = 0.05  # the same, for a frame to be a plot that takes its neighbour's ruler
LEVEL_WITH = 0.7  # intersection over union of the areas of a left and a right axis
SECOND_AXIS = 0.8  # the same, of plots that were found twice
MEETING = 0.5  # intersection over union of the areas of the two axes of one plot
CORNERED = (0.6, 0.9)  # the same of their corner's box; share of the smaller area that lies in the other
FLUSH = 1.5  # drawing units between sides that are the same, and between a stroke and the side it touches

# Colour bars.
BAR_SPAN = 0.4  # share of the strip that its ruler covers, at least
BAR_SLACK = 2  # drawing units that the ruler may reach beyond it
BAR_SLIM = 5  # times as long as wide, at least
BAR_WIDTH = 2.0  # drawing units, at least
BAR_STEPS = 5  # paints in it, more than
BAR_GAP = (-1, 1.5)  # drawing units into it and text heights off it, of its ruler

# Heat maps: cells of one size that tile a box.
CELL = 0.5  # text heights of a cell's sides, more than
CELLS, CELL_COLORS = 4, 3  # at least
MOST_GRIDS = 64  # compared with one another, the largest
TILED = 0.85  # share of the box that they cover, more than

SAMPLED = 0.6  # share of the numbers of a legend beside which a sample is seen
SAMPLE = (2.5, 1.5)  # text heights of a legend's sample, at most; between it and its name

# Ticks and categories.
TICKS_ABOVE = 1.5  # text heights between upright strokes and the labels below them
OVERHANG = 0.6  # text heights that ticks may stand beyond a frame, or frames lie farther than the nearest
HELD = 0.3  # text heights that tick labels reach into a frame that is not theirs
TICK = 1.2  # text heights of a tick, at most
GRID_LINE = 0.9  # share of the plot that a grid line crosses, more than
MOST_TICKS = 60
BAR_AREA = 0.5  # share of the plot that one bar covers, at most
FOOT, LEFT = 2.4, 3  # text heights between the plot and names at its foot, and to its left
ONE_ROW = 0.45  # text heights between the sides of names in one row or column
BEYOND = 0.5  # text heights that a name may stand beyond the plot's end
SECOND_LINE = 0.4  # text heights between a name and its second line, and between their middles
ALIKE = 0.1  # relative difference of the sizes of two lines of one name

# Factors.
FACTOR_OFF = 4, 3  # text heights between a factor and the middle of a y axis, the end of an x axis
_FACTOR = re.compile(r"(?:1e|[\u00d7x*]\s*10\^|10\^)([-+\u2212]?\d{1,3})")


@dataclass(slots=True, eq=False)
class Plot:
    """A plot: its area and axes."""

    box: Box
    x: Ruler | None = None
    y: Ruler | None = None
    y2: Ruler | None = None
    title: str = ""
    used: set[int] = field(default_factory=set)  # ids of labels that are ticks, titles
    frames: list[Mark] = field(default_factory=list)  # its own ground and border
    scale_only: bool = False  # a colour bar: its ruler tells what paints mean

    @property
    def rulers(self) -> list[Ruler]:
        """Its axes."""
        return [r for r in (self.x, self.y, self.y2) if r is not None]


def find_plots(labels: Sequence[Label], marks: Marks, em: float) -> list[Plot]:
    """Plots with at least one axis of numbers, from top to bottom and left to right."""
    frames = _frames(marks, em)
    rulers_x = find_rulers(labels, 0)
    rulers_y = find_rulers([t for t in labels if not _in_rulers(t, rulers_x)], 1)
    rulers_y = [r for r in rulers_y if not _is_legend(r, marks, em)]
    bars = [(r, box) for r in [*rulers_x, *rulers_y] if (box := _narrow(r, marks, em)) is not None]
    rulers_x = [r for r in rulers_x if not any(r is b for b, _ in bars)]
    rulers_y = [r for r in rulers_y if not any(r is b for b, _ in bars)]
    for r in rulers_x:
        hang(r, _strokes_above(r, marks, em))
    held = [r.box for r in rulers_y]
    frames = [f for f in frames if f[1] is not None or not any(inside(b, f[0], 0.95) for b in held)]
    areas_y = [(r, box) for r in rulers_y if (box := _area(r, frames, em)) is not None]
    areas_x = [(r, box) for r in rulers_x if (box := _area(r, frames, em)) is not None]
    plots = _pair(areas_x, areas_y, em)
    plots = [p for p in plots if area(p.box) > (LEAST * em) ** 2]
    plots += [
        Plot(box)
        for box in _grids(marks, em)
        if not any(overlap(p.box, box) > APART * area(box) for p in plots)
    ]
    _share(plots, frames, em)
    _second_axes(plots, em)
    for p in plots:
        p.used |= {id(t) for r in p.rulers for t in r.labels}
        p.frames = [m for box, m in frames if m is not None and iou(box, p.box) > SAME_FRAME[0]]
    for p in plots:
        _complete(p, labels, marks, em)
    scales = [_bar_plot(r, box, labels, marks, em) for r, box in bars]
    for p in scales:
        p.used |= {i for o in plots for i in o.used}
    for p in plots:
        p.used |= {i for o in scales for i in o.used}
    plots += scales
    return sorted(plots, key=lambda p: (round(p.box[1] / (3 * em)), p.box[0]))


def _is_legend(ruler: Ruler, marks: Marks, em: float) -> bool:
    """Whether the numbers of a column are names: each has a small filled sample of its own left of it."""
    filled = [*marks.rects, *marks.shapes]
    samples = [m for m in filled if m.fill is not None and max(m.wide, m.high) < SAMPLE[0] * em]
    own = {
        id(m)
        for t in ruler.labels
        for m in samples
        if 0 < t.bbox[0] - m.bbox[2] < SAMPLE[1] * em and abs(m.middle(1) - t.middle(1)) < ONE_LINE * em
    }
    fills = {m.fill for m in samples if id(m) in own}
    count = len(ruler.labels)
    return len(fills) == len(own) and SAMPLED * count <= len(own) <= count


def _strokes_above(ruler: Ruler, marks: Marks, em: float) -> list[float]:
    """Places of the upright strokes that end right above a row of labels: ticks, grid lines."""
    top, _, left, right = ruler.box[1], 0, ruler.box[0], ruler.box[2]
    return [
        m.middle(0)
        for m in marks.strokes
        if m.high > 1 > m.wide - 1
        and abs(top - m.bbox[3]) < TICKS_ABOVE * em
        and left - em < m.middle(0) < right + em
    ]


def _narrow(ruler: Ruler, marks: Marks, em: float) -> Box | None:
    """The narrow strip right beside a ruler along which a colour bar runs."""
    along, across = ruler.along, 1 - ruler.along
    low, high = min(ruler.places), max(ruler.places)
    for m in marks.rects:
        long, thin = m.bbox[along + 2] - m.bbox[along], m.bbox[across + 2] - m.bbox[across]
        gap = max(ruler.box[across] - m.bbox[across + 2], m.bbox[across] - ruler.box[across + 2])
        fits = m.bbox[along] - BAR_SLACK < low and high < m.bbox[along + 2] + BAR_SLACK
        fits = fits and high - low > BAR_SPAN * long
        shaded = (
            m.fill is None
            or is_pale(m.fill)
            or sum(inside(o.bbox, m.bbox, 0.9) for o in marks.rects) > BAR_STEPS
        )
        slim = long > BAR_SLIM * thin > BAR_WIDTH and long > LEAST * em
        if fits and shaded and slim and BAR_GAP[0] < gap < BAR_GAP[1] * em:
            return m.bbox  # a bar of one paint is no scale of paints
    return None


def _bar_plot(ruler: Ruler, box: Box, labels: Sequence[Label], marks: Marks, em: float) -> Plot:
    plot = Plot(box, ruler if ruler.along == 0 else None, ruler if ruler.along == 1 else None)
    plot.scale_only = True
    plot.used |= {id(t) for t in ruler.labels}
    snap(ruler, _tick_strokes(plot, ruler, marks, em))
    _factor(plot, ruler, labels, em)
    return plot


def _grids(marks: Marks, em: float) -> list[Box]:
    """Where filled rectangles of one size tile a rectangle: heat maps."""
    sizes: defaultdict[tuple[int, int], list[Mark]] = defaultdict(list)
    for m in marks.rects:
        if m.fill is not None and min(m.wide, m.high) > CELL * em:
            sizes[round(m.wide), round(m.high)].append(m)
    found = list[Box]()
    for (wide, high), cells in sizes.items():
        if len(cells) < CELLS:
            continue
        near = [m for (w, h), ms in sizes.items() if abs(w - wide) <= 1 and abs(h - high) <= 1 for m in ms]
        box = union(m.bbox for m in near)
        rows, columns = len({round(m.bbox[1]) for m in near}), len({round(m.bbox[0]) for m in near})
        full = sum(area(b) for b in {m.bbox for m in near}) > TILED * area(box)
        colors = len({m.fill for m in near})
        if rows >= 2 and columns >= 2 and full and colors >= CELL_COLORS:
            found.append(box)
    apart = list[Box]()
    for box in sorted(found, key=area, reverse=True)[:MOST_GRIDS]:
        if not any(overlap(o, box) > APART * area(box) for o in apart):  # sizes differ by a rounding
            apart.append(box)
    return apart[:4]


def _in_rulers(label: Label, rulers: Sequence[Ruler]) -> bool:
    return any(label is t for r in rulers for t in r.labels)


Frame = tuple[Box, Mark | None]


def _frames(marks: Marks, em: float) -> list[Frame]:
    """Boxes that may be plot areas: rectangles, strokes that meet in a corner, grid lines of one length."""
    found: list[Frame] = [(m.bbox, m) for m in marks.rects if min(m.wide, m.high) > LEAST * em]
    across = [m for m in marks.strokes if m.wide > m.high and m.wide > LEAST * em]
    upright = [m for m in marks.strokes if m.high > m.wide and m.high > LEAST * em]
    for along, lines in ((0, across), (1, upright)):
        groups: defaultdict[tuple[int, int], list[Mark]] = defaultdict(list)
        for m in lines:
            groups[round(m.bbox[along] / 2), round(m.bbox[along + 2] / 2)].append(m)
        found += [
            (box, None)
            for g in groups.values()
            if len(g) > 1
            for box in [union(m.bbox for m in g)]
            if min(width_of(box), height_of(box)) > LEAST * em
        ]
    found += [
        (box, None) for a in across[:200] for b in upright[:200] if (box := _corner(a, b, em)) is not None
    ]
    for m in marks.curves:  # both axes in one stroke
        if (
            len(m.points) in (3, 4)
            and all(_level(p, q) for p, q in zip(m.points, m.points[1:], strict=False))
            and min(m.wide, m.high) > LEAST * em
        ):
            found.append((m.bbox, m))
    once: list[Frame] = []
    for box, mark in found[:2000]:
        if mark is not None or not any(
            abs(a - b) < 1 for o, _ in once for a, b in [(sum(o), sum(box))] if iou(o, box) > SAME_FRAME[1]
        ):
            once.append((box, mark))
    return once[:600]


def _corner(a: Mark, b: Mark, em: float) -> Box | None:
    """The box that a level and an upright stroke span from the corner where they meet; either may run a
    tick's length beyond it."""
    x, y = b.middle(0), a.middle(1)
    xs = [far for near, far in (a.bbox[0::2], a.bbox[2::-2]) if abs(near - x) < OVERRUN * em]
    ys = [far for near, far in (b.bbox[1::2], b.bbox[3::-2]) if abs(near - y) < OVERRUN * em]
    if not xs or not ys:
        return None
    return min(x, xs[0]), min(y, ys[0]), max(x, xs[0]), max(y, ys[0])


def _level(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return abs(a[0] - b[0]) < 1 or abs(a[1] - b[1]) < 1


def _area(ruler: Ruler, frames: Sequence[Frame], em: float) -> Box | None:
    """The largest of the frames right beside a ruler that hold all its ticks; None where there is none."""
    along, across = ruler.along, 1 - ruler.along
    low, high = min(ruler.places), max(ruler.places)
    near_edge, far_edge = ruler.box[across], ruler.box[across + 2]
    fitting: list[tuple[float, Box]] = []
    for box, _ in frames:
        if not (box[along] - OVERHANG * em < low and high < box[along + 2] + OVERHANG * em):
            continue
        gap = min(
            abs(box[across] - far_edge) if along == 1 else abs(near_edge - box[across + 2]),
            abs(near_edge - box[across + 2]) if along == 1 else abs(box[across] - far_edge),
        )
        if gap < REACH * em and not _holds(box, ruler, em):
            fitting.append((gap, box))
    nearest = min(fitting, default=(0.0, None))[0]
    return max((box for gap, box in fitting if gap < nearest + OVERHANG * em), key=area, default=None)


def _holds(box: Box, ruler: Ruler, em: float) -> bool:
    """Whether tick labels reach into the frame: it is the figure's, or they are values at points."""
    b, across = ruler.box, 1 - ruler.along
    return min(box[across + 2], b[across + 2]) - max(box[across], b[across]) > HELD * em


def _pair(areas_x: list[tuple[Ruler, Box]], areas_y: list[tuple[Ruler, Box]], em: float) -> list[Plot]:
    """Rulers whose areas are about the same; then those left alone."""
    plots: list[Plot] = []
    free_x, free_y = list(areas_x), list(areas_y)
    scored = sorted(
        (
            (_meeting(x, bx, y, by, em), i, j)
            for i, (x, bx) in enumerate(areas_x)
            for j, (y, by) in enumerate(areas_y)
        ),
        reverse=True,
    )
    for score, i, j in scored:
        x, y = areas_x[i], areas_y[j]
        if score > MEETING and x in free_x and y in free_y:
            free_x.remove(x)
            free_y.remove(y)
            plots.append(Plot((x[1][0], y[1][1], x[1][2], y[1][3]), x[0], y[0]))
    for y_ruler, box in free_y:
        twin = next((p for p in plots if p.y is not None and _level_with(p.box, box)), None)
        if twin is not None and twin.y2 is None and _right_of(y_ruler, twin.box):
            twin.y2 = y_ruler
        elif twin is not None and twin.y is not None and _right_of(twin.y, twin.box):
            twin.y, twin.y2 = y_ruler, twin.y
        else:
            plots.append(Plot(box, None, y_ruler))
    for x_ruler, box in free_x:
        if not any(overlap(p.box, box) > APART * min(area(p.box), area(box)) for p in plots):
            plots.append(Plot(box, x_ruler, None))
    return plots


def _right_of(ruler: Ruler, box: Box) -> bool:
    return ruler.box[0] > (box[0] + box[2]) / 2


def _level_with(a: Box, b: Box) -> bool:
    return iou(a, b) > LEVEL_WITH


def _meeting(x: Ruler, bx: Box, y: Ruler, by: Box, em: float) -> float:
    """How well two rulers belong to one plot, 0..1: their areas agree."""
    shared = iou(bx, by)
    if shared > MEETING:
        return shared
    corner = (bx[0], by[1], bx[2], by[3])  # the x axis gives the width, the y axis the height
    if width_of(corner) < LEAST * em or height_of(corner) < LEAST * em:
        return 0.0
    part = area(intersection(bx, by))
    within = part > CORNERED[1] * min(area(bx), area(by)) > 0
    return CORNERED[0] if within and iou(corner, by) > CORNERED[0] else 0.0


def _share(plots: list[Plot], frames: Sequence[Frame], em: float) -> None:
    """Plots whose tick labels stand at a neighbour: frames in one row or column with a plot that has them."""
    boxes = [box for box, m in frames if m is not None and m.closed]
    for box in sorted(boxes, key=area, reverse=True)[:64]:
        if any(overlap(p.box, box) > SHARING * min(area(box), area(p.box)) for p in plots):
            continue
        row = next((p for p in plots if p.y and abs(p.box[1] - box[1]) + abs(p.box[3] - box[3]) < 2), None)
        column = next((p for p in plots if p.x and abs(p.box[0] - box[0]) + abs(p.box[2] - box[2]) < 2), None)
        if row is not None and (column is not None or row.x is None):
            plots.append(Plot(box, column.x if column else None, row.y))
    for p in plots:  # a plot with one ruler borrows the other
        if p.y is None and p.x is not None:
            row = next((o for o in plots if o is not p and o.y and _same_span(o.box, p.box, 1)), None)
            p.y = row.y if row else None
        if p.x is None and p.y is not None:
            column = next(
                (
                    o
                    for o in plots
                    if o is not p and o.x and o.box[1] > p.box[3] and _same_span(o.box, p.box, 0)
                ),
                None,
            )
            p.x = column.x if column else None


def _same_span(a: Box, b: Box, along: int) -> bool:
    return abs(a[along] - b[along]) < FLUSH and abs(a[along + 2] - b[along + 2]) < FLUSH


def _second_axes(plots: list[Plot], em: float) -> None:
    """A plot that is told twice, by a left and by a right axis, is one."""
    for p in list(plots):
        for other in plots:
            if other is p or p.y is None or other.y is None or iou(p.box, other.box) < SECOND_AXIS:
                continue
            right, left = (p, other) if _right_of(p.y, p.box) else (other, p)
            if (
                left.y2 is None
                and left in plots
                and right in plots
                and not _right_of(left.y or p.y, left.box)
            ):
                left.y2 = right.y
                left.x = left.x or right.x
                plots.remove(right)
    del em


def _complete(plot: Plot, labels: Sequence[Label], marks: Marks, em: float) -> None:
    """Categories where an axis has no numbers, exact tick places, factors printed once."""
    for along, ruler in ((0, plot.x), (1, plot.y)):
        if ruler is None:
            found = _categories(plot, labels, along, em)
            if found is not None and along == 0:
                _split_names(plot, found, marks, em)
            if found is not None and along == 0:
                plot.x = found
            elif found is not None:
                plot.y = found
    for ruler in plot.rulers:
        plot.used |= {id(t) for t in ruler.labels}
        snap(ruler, _tick_strokes(plot, ruler, marks, em))
        _factor(plot, ruler, labels, em)


def _split_names(plot: Plot, ruler: Ruler, marks: Marks, em: float) -> None:
    """Names that stand so close that they were joined: parted by the tick strokes, or by the marks above."""
    ticks = _tick_strokes(plot, ruler, marks, em)
    if len(ticks) <= len(ruler.labels):
        columns: list[float] = []
        for m in sorted(marks.rects, key=lambda m: m.middle(0)):
            if (
                m.fill is not None
                and inside(m.bbox, grow(plot.box, 2), 0.9)
                and area(m.bbox) < BAR_AREA * area(plot.box)
            ) and (not columns or m.middle(0) - columns[-1] > 2):
                columns.append(m.middle(0))
        ticks = columns
    if not len(ruler.labels) < len(ticks) <= MOST_TICKS or not all(t.level for t in ruler.labels):
        return
    labels = regrouped(ruler.labels, ticks)
    if len(labels) == len(ticks):
        ruler.labels, ruler.places = labels, list(ticks)


def _tick_strokes(plot: Plot, ruler: Ruler, marks: Marks, em: float) -> list[float]:
    """Places of short strokes at the plot's edge, and of grid lines, along a ruler."""
    along, across = ruler.along, 1 - ruler.along
    found: list[float] = []
    for m in marks.strokes:
        thin = m.bbox[along + 2] - m.bbox[along]
        long = m.bbox[across + 2] - m.bbox[across]
        if thin > 2 or long < 1:
            continue
        reaches = m.bbox[across + 2] > plot.box[across] - em and m.bbox[across] < plot.box[across + 2] + em
        edge = min(abs(m.bbox[across] - e) for e in plot.box[across::2])
        edge = min(edge, *(abs(m.bbox[across + 2] - e) for e in plot.box[across::2]))
        within = plot.box[along] - 1 < m.middle(along) < plot.box[along + 2] + 1
        if (
            reaches
            and within
            and edge < FLUSH
            and (long < TICK * em or long > GRID_LINE * (plot.box[across + 2] - plot.box[across]))
        ):
            found.append(m.middle(along))
    ticks = sorted(found)
    return [p for i, p in enumerate(ticks) if i == 0 or p - ticks[i - 1] > 1.0]


def _names_place(t: Label, box: Box, along: int, em: float) -> bool:
    """Whether a label stands where names of categories do: at the plot's foot, or to its left."""
    x0, y0, x1, y1 = box
    if along == 0:
        at, off = anchor(t, 0), t.bbox[1] - y1
        return -INTO * em < off < FOOT * em and x0 - em < at < x1 + em
    at, off = t.middle(1), x0 - t.bbox[2]
    return -INTO * em < off < LEFT * em and y0 - BEYOND * em < at < y1 + BEYOND * em and t.level


def _categories(plot: Plot, labels: Sequence[Label], along: int, em: float) -> Ruler | None:
    """Names in a row at the plot's foot, or in a column to its left; several lines of one name are joined."""
    rows: list[list[Label]] = []
    for t in labels:
        if id(t) in plot.used or not any(c.isalnum() for c in t.text):
            continue
        if not _names_place(t, plot.box, along, em):
            continue
        edge = t.bbox[1] if along == 0 else -t.bbox[2]
        row = next(
            (
                r
                for r in rows
                if abs((r[0].bbox[1] if along == 0 else -r[0].bbox[2]) - edge) < ONE_ROW * t.size
            ),
            None,
        )
        if row is None:
            rows.append([t])
        else:
            row.append(t)
    fitting = [r for r in rows if len(r) >= 2]
    if along == 1 and not fitting:
        fitting = _centred(plot, labels, em)
    if not fitting:
        return None
    nearest = min(
        fitting, key=lambda r: (r[0].bbox[1] if along == 0 else -r[0].bbox[2]) - 0.4 * em * min(len(r), 5)
    )
    ordered = sorted(nearest, key=lambda t: anchor(t, along))
    others = [t for r in rows if r is not nearest for t in r]
    named = [_with_second_line(t, others, along) for t in ordered]
    plot.used |= {id(t) for t, n in zip(ordered, named, strict=True) if t is not n}
    plot.used |= {id(t) for t in others for n in named if inside(t.bbox, n.bbox, 0.95)}
    return Ruler(along, named, [anchor(t, along) for t in ordered], Scale.CATEGORY)


def _centred(plot: Plot, labels: Sequence[Label], em: float) -> list[list[Label]]:
    """Names to the left of the plot that are centred or start in one column."""
    x0, y0, _, y1 = plot.box
    near = [
        t
        for t in labels
        if id(t) not in plot.used
        and t.level
        and t.bbox[2] < x0 + INTO * em
        and y0 - BEYOND * em < t.middle(1) < y1 + BEYOND * em
        and any(c.isalpha() for c in t.text)
    ]
    groups: defaultdict[int, list[Label]] = defaultdict(list)
    for t in near:
        groups[round(t.bbox[0] / em)].append(t)
    return [g for g in groups.values() if len(g) >= 2]


def _with_second_line(label: Label, others: Sequence[Label], along: int) -> Label:
    if along != 0 or not label.level:
        return label
    below = [
        t
        for t in others
        if abs(t.middle(0) - label.middle(0)) < SECOND_LINE * label.size
        and abs(t.size - label.size) < ALIKE * label.size
        and -SECOND_LINE * label.size < t.bbox[1] - label.bbox[3] < SECOND_LINE * label.size
    ]
    if len(below) != 1 or len(others) < 2:
        return label
    box = union([label.bbox, below[0].bbox])
    words = (*label.words, *below[0].words)
    return Label(f"{label.text} {below[0].text}", box, label.size, 0.0, label.color, label.bold, words)


def _factor(plot: Plot, ruler: Ruler, labels: Sequence[Label], em: float) -> None:
    """A power of ten printed once at the end of an axis."""
    if ruler.scale is not Scale.LINEAR:
        return
    _x0, y0, x1, y1 = plot.box
    for t in labels:
        match = _FACTOR.fullmatch(t.text.replace("\u2212", "-"))
        if match is None or any(t is k for k in ruler.labels):
            continue
        end = ruler.box
        at_top = (
            ruler.along == 1
            and t.bbox[3] < y0 + em
            and abs(t.middle(0) - (end[0] + end[2]) / 2) < FACTOR_OFF[0] * em
        )
        at_right = ruler.along == 0 and t.bbox[1] > y1 and t.bbox[2] > x1 - FACTOR_OFF[1] * em
        if at_top or at_right:
            ruler.factor = 10.0 ** int(match[1].replace("\u2212", "-"))
            plot.used.add(id(t))
            return


def inner_labels(plot: Plot, labels: Sequence[Label], em: float) -> list[Label]:
    """Labels in or right beside the plot that are neither ticks nor titles."""
    around = grow(plot.box, 1.5 * em)
    return [t for t in labels if id(t) not in plot.used and inside(t.bbox, around, 0.5)]
