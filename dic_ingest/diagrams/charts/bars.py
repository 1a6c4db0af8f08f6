"""Bars of a plot as series: upright or lying, side by side, stacked, floating; histograms; printed values.

In: a plot, its marks without legend and grid, the legend. Out: `BarsFound`.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from dic_ingest.diagrams.charts.axes import Ruler
from dic_ingest.diagrams.charts.labels import Label, number_of
from dic_ingest.diagrams.charts.legend import Legend, entry_for
from dic_ingest.diagrams.charts.marks import Mark, alike, is_pale, is_small
from dic_ingest.diagrams.charts.plots import Plot
from dic_ingest.model.box import area, grow, inside
from dic_ingest.model.chart import ChartType, Point, PointSource, Scale, Series, Value
from dic_ingest.model.drawing import Color

TOUCH = 0.8  # points: feet nearer than this to a base stand on it
AGREE = 0.03  # of the axis' span: a printed value this near to the measured one belongs to the bar


@dataclass(slots=True)
class BarsFound:
    """Series of bars, what kind of chart they make, and the labels that were their values."""

    series: list[Series]
    type: ChartType
    horizontal: bool = False
    used: set[int] = field(default_factory=set)
    marks: list[Mark] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Bar:
    mark: Mark
    low: float  # place of the foot along the values' axis
    high: float  # place of the tip
    at: float  # centre across
    wide: float
    slot: int = 0  # which category or bin
    stacked: bool = False
    floating: bool = False


def read_bars(
    plot: Plot, rects: Sequence[Mark], labels: Sequence[Label], legend: Legend, em: float
) -> BarsFound | None:
    """The bars of a plot; None where it has none."""
    bars = _without_symbols([m for m in rects if _may_be_bar(m, plot, em)], plot, em)
    if not bars:
        return None
    upright = _upright(plot, bars)
    ruler = plot.y if upright else plot.x
    names = plot.x if upright else plot.y
    if ruler is None or not ruler.numeric or ruler.scale is Scale.DATE:
        return None
    base = _base(ruler, plot, [(m.bbox[ruler.along], m.bbox[ruler.along + 2]) for m in bars])
    placed = [_placed(m, ruler.along, base) for m in bars]
    _stack(placed, base)
    standing = sum(abs(b.low - base) < TOUCH or b.stacked for b in placed)
    if standing < 0.5 * len(placed):
        return None
    return _bars_found(plot, placed, ruler, names, labels, legend, em, upright)


def _may_be_bar(m: Mark, plot: Plot, em: float) -> bool:
    if m.fill is None or (is_pale(m.fill) and m.stroke is None) or any(m is f for f in plot.frames):
        return False
    if not inside(m.bbox, grow(plot.box, 2.0), 0.9) or max(m.wide, m.high) < 0.3:
        return False
    return area(m.bbox) < 0.75 * area(plot.box)


def _without_symbols(bars: list[Mark], plot: Plot, em: float) -> list[Mark]:
    """Without small squares of one size, which are symbols on lines, unless they stand on an axis."""
    groups: defaultdict[tuple[object, ...], list[Mark]] = defaultdict(list)
    for m in bars:
        groups[m.color, round(m.wide), round(m.high)].append(m)
    x0, _y0, _x1, y1 = plot.box
    kept = []
    for group in groups.values():
        square = is_small(group[0], em) and 0.6 < group[0].wide / max(group[0].high, 0.1) < 1.7
        on = sum(min(abs(m.bbox[3] - y1), abs(m.bbox[0] - x0)) < TOUCH for m in group)
        if not square or on > 0.5 * len(group):
            kept += group
    return kept


def _upright(plot: Plot, bars: Sequence[Mark]) -> bool:
    """Whether the values run along the y axis."""
    if plot.x is None or not plot.x.numeric:
        return True
    if plot.y is None or not plot.y.numeric:
        return False
    feet = Counter(round(b.bbox[3]) for b in bars) + Counter(round(b.bbox[1]) for b in bars)
    sides = Counter(round(b.bbox[0]) for b in bars) + Counter(round(b.bbox[2]) for b in bars)
    return max(feet.values()) >= max(sides.values())


def _base(ruler: Ruler, plot: Plot, spans: Sequence[tuple[float, float]]) -> float:
    """Where the bars stand: at zero, else at the end of the axis at which most of them start."""
    along = ruler.along
    zero = ruler.place(0.0) if ruler.scale is Scale.LINEAR else None
    if zero is not None and plot.box[along] - 2 < zero < plot.box[along + 2] + 2:
        return zero
    ends = Counter(round(p) for s in spans for p in s)
    most = ends.most_common(1)[0][0]
    exact = [p for s in spans for p in s if round(p) == most]
    return median(exact)


def _placed(m: Mark, along: int, base: float) -> _Bar:
    a, b = m.bbox[along], m.bbox[along + 2]
    low, high = (a, b) if abs(a - base) < abs(b - base) else (b, a)
    across = 1 - along
    return _Bar(m, low, high, m.middle(across), m.bbox[across + 2] - m.bbox[across])


def _stack(bars: list[_Bar], base: float) -> None:
    """Mark the bars that stand on another bar's tip, and those that stand on nothing."""
    tips: defaultdict[int, list[_Bar]] = defaultdict(list)
    for b in bars:
        tips[round(b.at)].append(b)
    for b in bars:
        if abs(b.low - base) < TOUCH:
            continue
        column = [o for k in (-1, 0, 1) for o in tips[round(b.at) + k] if o is not b]
        b.stacked = any(abs(o.high - b.low) < 1.2 and abs(o.at - b.at) < 0.3 * b.wide + 1 for o in column)
        b.floating = not b.stacked


def _bars_found(
    plot: Plot,
    bars: list[_Bar],
    ruler: Ruler,
    names: Ruler | None,
    labels: Sequence[Label],
    legend: Legend,
    em: float,
    upright: bool,
) -> BarsFound:
    across = 1 - ruler.along
    stacked = any(b.stacked for b in bars)
    groups = _by_series(bars, legend)
    touching = len(bars) >= 4 and all(_touching(g, across) for g in groups.values())
    bins = names is not None and names.numeric and not stacked and touching
    if bins and len(groups) > 1 and not _at_ticks(bars, names):
        bins = all(len(g) >= 4 for g in groups.values())
    at_ticks = names is not None and (not names.numeric or (not bins and _at_ticks(bars, names)))
    _slots(bars, names if at_ticks else None, em)
    found = BarsFound([], ChartType.BAR, not upright, marks=[b.mark for b in bars])
    if any(b.floating for b in bars):
        found.unread.append(
            f"{sum(b.floating for b in bars)} bars that stand on nothing: told by their lengths"
        )
    for (name, color), group in groups.items():
        points = [
            _point(b, ruler, names, at_ticks, bins, labels, found.used, plot, em)
            for b in sorted(group, key=lambda b: (b.slot, b.at))
        ]
        found.series.append(Series(name, tuple(points), "bar", color))
    if upright is False and not (names is not None and names.numeric):
        found.series = [replace(s, points=s.points) for s in found.series]
    found.type = _type(found.series, stacked, bins, upright)
    if at_ticks and names is not None and names.numeric:
        names.scale = Scale.CATEGORY  # numbers under bars are names
    return found


def _type(series: Sequence[Series], stacked: bool, bins: bool, upright: bool) -> ChartType:
    if bins:
        return ChartType.HISTOGRAM
    if stacked:
        return ChartType.STACKED_BAR
    if len(series) > 1:
        return ChartType.GROUPED_BAR
    return ChartType.BAR if upright else ChartType.HORIZONTAL_BAR


def _touching(bars: Sequence[_Bar], across: int) -> bool:
    """Whether neighbours share their sides, as bins do."""
    spans = sorted({(round(b.mark.bbox[across], 1), round(b.mark.bbox[across + 2], 1)) for b in bars})
    gaps = [b[0] - a[1] for a, b in itertools.pairwise(spans)]
    return bool(gaps) and sum(abs(g) < 1.0 for g in gaps) > 0.6 * len(gaps)


def _at_ticks(bars: Sequence[_Bar], names: Ruler | None) -> bool:
    """Whether every bar, or every cluster of bars, stands at a tick of its own."""
    if names is None or len(names.places) < 2:
        return False
    places = sorted(names.places)
    step = min(b - a for a, b in itertools.pairwise(places))
    slots: defaultdict[int, list[float]] = defaultdict(list)
    for b in bars:
        i = names.index(b.at)
        if abs(names.places[i] - b.at) > 0.5 * step:
            return False
        slots[i].append(b.at)
    middles = [(min(s) + max(s)) / 2 for s in slots.values()]
    on = [abs(m - names.places[i]) < 0.12 * step for i, m in zip(slots, middles, strict=True)]
    return sum(on) >= 0.8 * len(on) and len({round(b.at) for b in bars}) >= 2


def _by_series(bars: list[_Bar], legend: Legend) -> dict[tuple[str, Color | None], list[_Bar]]:
    """Bars by paint; where every bar has a place and a paint of its own and no legend tells, they are one."""
    groups: dict[tuple[str, Color | None], list[_Bar]] = {}
    colors: list[Color | None] = []
    for b in bars:
        color = next((c for c in colors if c == b.mark.color or alike(c, b.mark.color, 9)), None)
        if color is None:
            color = b.mark.color
            colors.append(color)
        entry = entry_for(legend, color)
        groups.setdefault((entry.name if entry else "", color), []).append(b)
    stands = Counter(round(b.at) for b in bars)
    unnamed = [g for k, g in groups.items() if not k[0]]
    if (
        len(groups) > 1
        and len(unnamed) == len(groups)
        and max(stands.values()) == 1
        and not any(b.stacked for b in bars)
    ):
        small = [g for g in groups.values() if len(g) == 1]
        if len(small) >= len(groups) - 1 or _evenly([b.at for b in bars]):
            return {("", None): bars}
    return groups


def _evenly(places: Sequence[float]) -> bool:
    ordered = sorted(places)
    gaps = [b - a for a, b in itertools.pairwise(ordered)]
    return len(gaps) > 1 and max(gaps) < 1.15 * min(gaps)


def _slots(bars: list[_Bar], names: Ruler | None, em: float) -> None:
    if names is not None:
        for b in bars:
            b.slot = names.index(b.at)
        return
    edges = sorted({round(b.at, 1) for b in bars})
    for b in bars:
        b.slot = next(i for i, e in enumerate(edges) if abs(e - round(b.at, 1)) < 0.05)
    del em


def _point(
    bar: _Bar,
    ruler: Ruler,
    names: Ruler | None,
    at_ticks: bool,
    bins: bool,
    labels: Sequence[Label],
    used: set[int],
    plot: Plot,
    em: float,
) -> Point:
    value = ruler.raw(bar.high)
    if bar.stacked or bar.floating:
        value -= ruler.raw(bar.low)
    y, source = ruler.rounded(value), PointSource.MEASURED
    printed = _printed(bar, ruler, value, labels, used, em)
    if printed is not None:
        y, source = printed, PointSource.PRINTED
    score = 0.6 if bar.floating else 1.0
    if bar.high < plot.box[ruler.along] - 1 or bar.high > plot.box[ruler.along + 2] + 1:
        score = 0.3
    across = 1 - ruler.along
    x: Value = ""
    end: Value | None = None
    if names is None:
        x = str(bar.slot + 1)
    elif bins:
        edges = sorted((bar.mark.bbox[across], bar.mark.bbox[across + 2]), reverse=names.slope < 0)
        x, end = names.value(edges[0]), names.value(edges[1])
    elif at_ticks:
        x = names.labels[bar.slot].text
    else:
        x = names.value(bar.at)
    return Point(x, y, end, score=score, source=source, bbox=bar.mark.bbox)


def _printed(
    bar: _Bar, ruler: Ruler, value: float, labels: Sequence[Label], used: set[int], em: float
) -> float | None:
    """The number printed at a bar's tip or in it, if it agrees with the bar's length."""
    along, across = ruler.along, 1 - ruler.along
    span = abs(ruler.slope * ruler.factor) * (max(ruler.places) - min(ruler.places))
    best: tuple[float, float, Label] | None = None
    for t in labels:
        number = number_of(t.text)
        if number is None or abs(t.middle(across) - bar.at) > max(0.6 * bar.wide, 0.7 * em):
            continue
        half = (t.bbox[along + 2] - t.bbox[along]) / 2
        off = abs(t.middle(along) - bar.high) - half
        within = min(bar.low, bar.high) - 1 <= t.middle(along) <= max(bar.low, bar.high) + 1
        if off > 1.2 * em and not within:
            continue
        for scale in (1.0, 1.0 / ruler.factor if ruler.factor else 1.0, ruler.factor):
            told = number[0] * scale
            near = abs(told - value) <= max(AGREE * span, 0.006 * abs(value))
            if near and ruler.scale is Scale.LINEAR and (best is None or abs(told - value) < best[0]):
                best = (abs(told - value), told, t)
    if best is None:
        return None
    used.add(id(best[2]))
    return best[1]
