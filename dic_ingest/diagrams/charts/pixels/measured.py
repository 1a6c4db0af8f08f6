"""Which values of a chart that was traced in pixels are given: those of marks that were traced whole.

In: a `Chart` as read from the traced drawing. Out: the same without values that cannot be trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from dic_ingest.diagrams.charts.pixels.tracer import INK
from dic_ingest.model.chart import Chart, ChartType, Series, Value
from dic_ingest.model.chart import Point as DataPoint
from dic_ingest.model.drawing import Color

TRUSTED = ("bar", "sector", "cell", "box")  # marks whose values are kept
LONE = {"line": ChartType.LINE, "point": ChartType.SCATTER, "area": ChartType.AREA}
PIECE = 0.2  # of the longest line of its paint: a shorter one is what a crossing or a dash left
STRAIGHT = 2.0  # pixels off level or upright
DOUBTED = (ChartType.COMBINATION,)
FOLLOWED = ("line", "area")  # marks with corners
ALIGNED = 0.015  # share of the way across within which corners of several lines stand at one place
LEAST_SYMBOLS = 3  # of one paint, of a line whose values stand at symbols
ALONG = 0.8  # share of the longest series that a whole one spans
SCORE = 0.7  # of a value measured in pixels


def measurable(chart: Chart) -> Chart:
    """The chart without values that tracing cannot be trusted with: those of a line in pieces or doubled.

    A line with symbols has its values at them; where lines of like paints cross, or one lies behind another,
    the traced pieces are not the data's.
    """
    if chart.panels:
        return replace(chart, panels=tuple(measurable(p) for p in chart.panels))
    series = _at_symbols(_without_pieces([s for s in chart.series if not _is_frame(s)]))
    marks = {s.mark for s in series}
    kind = chart.type
    if kind is ChartType.COMBINATION and len(marks) == 1:
        kind = LONE.get(marks.pop(), kind)
    paints = Counter(s.color for s in series)
    kept = [
        s
        for s in series
        if kind not in DOUBTED
        and (kind is not ChartType.STACKED_BAR or _is_full(chart))
        and (s.mark in TRUSTED or (paints[s.color] == 1 and _is_whole(s, series)))
    ]
    sure = tuple(
        replace(s, score=SCORE, points=tuple(replace(v, score=min(v.score, SCORE)) for v in s.points))
        for s in _aligned(kept)
    )
    if len(sure) == len(series):
        return replace(chart, type=kind, series=sure, score=min(chart.score, SCORE))
    lost = sorted({s.name or "a series" for s in series if s not in kept})
    note = f"values of {', '.join(lost)}: not measured in pixels"
    kind = ChartType.OTHER if kind is ChartType.COMBINATION else kind
    return replace(chart, type=kind, series=sure, unread=(*chart.unread, note), score=0.4)


def _is_frame(series: Series) -> bool:
    """Whether a line is the frame of a legend or of the plot, in pieces: level and upright strokes alone."""
    if series.mark != "line" or series.color != INK:
        return False
    at = [p.bbox[:2] for p in series.points if p.bbox]
    return all(min(abs(a[0] - b[0]), abs(a[1] - b[1])) < STRAIGHT for a, b in pairwise(at))


def _without_pieces(series: Sequence[Series]) -> list[Series]:
    """Without the edges of areas, and without short pieces beside a long line of their paint."""
    areas = {s.color for s in series if s.mark == "area"}
    spans = {id(s): max(at) - min(at) if (at := _places(s)) else 0.0 for s in series}
    longest: dict[Color | None, float] = {}
    for s in series:
        if s.mark == "line":
            longest[s.color] = max(longest.get(s.color, 0.0), spans[id(s)])
    return [
        s
        for s in series
        if s.mark != "line" or (s.color not in areas and spans[id(s)] >= PIECE * longest[s.color])
    ]


def _aligned(series: Sequence[Series]) -> list[Series]:
    """Lines and areas with values at common places: where most have a corner, all have a value."""
    found = [(p.bbox[0], p.x) for s in series if s.mark in FOLLOWED for p in s.points if p.bbox]
    places = sorted(found, key=lambda at: at[0])
    if len(places) < 2:
        return list(series)
    near = ALIGNED * (places[-1][0] - places[0][0])
    groups: list[list[tuple[float, Value]]] = []
    for at in places:
        if groups and at[0] - groups[-1][0][0] <= near:
            groups[-1].append(at)
        else:
            groups.append([at])
    return [_at_places(s, groups, series) if s.mark in FOLLOWED else s for s in series]


def _at_places(
    series: Series, groups: Sequence[Sequence[tuple[float, Value]]], all_: Sequence[Series]
) -> Series:
    """A series with a value at each group of corners: its own, or between its own where most have one."""
    own = {p.bbox[0]: p for p in series.points if p.bbox}
    others = [_places(s) for s in all_ if s.mark == series.mark]
    low, high = min(own), max(own)
    points = []
    for group in groups:
        first, last, x = group[0][0], group[-1][0], group[0][1]
        here = [p for at, p in own.items() if first <= at <= last]
        common = sum(any(first <= at <= last for at in o) for o in others) >= max(1, len(others) / 2)
        if series.mark == "area" and not common:
            continue  # where a word or the legend cuts it
        points += [replace(p, x=x) for p in here[: 1 if series.mark == "area" else None]]
        if not here and common and len(others) > 1 and low < first < high:
            points.append(_between(own, (first + last) / 2, x))
    return replace(series, points=tuple(points))


def _between(own: dict[float, DataPoint], at: float, x: Value) -> DataPoint:
    """The value of a straight piece between two corners."""
    a, b = max(k for k in own if k < at), min(k for k in own if k > at)
    one, two, share = own[a], own[b], (at - a) / (b - a)
    if one.y is None or two.y is None or not one.bbox or not two.bbox:
        return replace(one, x=x, y=None)
    place = one.bbox[1] + (two.bbox[1] - one.bbox[1]) * share
    return replace(one, x=x, y=one.y + (two.y - one.y) * share, bbox=(at, place, at, place))


def _is_full(chart: Chart) -> bool:
    """Whether a stacked chart has one bar at most of a series in each category, and one series in all.

    Where that does not hold, cells or pieces were taken for bars.
    """
    names = chart.y_axis if chart.horizontal else chart.x_axis
    wanted = len(names.categories) if names is not None else 0
    counts = [len({str(p.x) for p in s.points}) for s in chart.series]
    once = all(len(s.points) == n for s, n in zip(chart.series, counts, strict=True))
    return (
        once and max(counts, default=0) == wanted and not any("stand on nothing" in u for u in chart.unread)
    )


def _at_symbols(series: Sequence[Series]) -> list[Series]:
    """Lines of which every corner has a symbol have their values there: the symbols and the line are one."""
    marked = {
        s.color: replace(s, mark="line", points=tuple(sorted(s.points, key=_place)))
        for s in series
        if s.mark == "point" and len(s.points) >= LEAST_SYMBOLS and _reaches(s, series)
    }
    lines = {s.color for s in series if s.mark == "line"}
    series = [s for s in series if s.mark != "point" or s.color in marked or s.color not in lines]
    return [
        marked[s.color] if s.mark == "point" and s.color in marked else s
        for s in series
        if s.mark != "line" or s.color not in marked
    ]


def _place(point: DataPoint) -> float:
    return point.bbox[0] if point.bbox else 0.0


def _places(series: Series) -> list[float]:
    """Where its values stand across, in their order."""
    return [p.bbox[0] for p in series.points if p.bbox]


def _reaches(symbols: Series, series: Sequence[Series]) -> bool:
    """Whether symbols stand all along the lines of their paint."""
    own = _places(symbols)
    drawn = [at for s in series if s.mark == "line" and s.color == symbols.color for at in _places(s)]
    return bool(own and drawn) and max(own) - min(own) > ALONG * (max(drawn) - min(drawn))


def _is_whole(series: Series, others: Sequence[Series]) -> bool:
    """Whether a traced series runs once from left to right, over about as much of the plot as the longest."""
    places = _places(series)
    if len(places) < 2 or (series.mark == "line" and places != sorted(places)):
        return False
    if series.mark == "point":
        return True
    spans = [max(at) - min(at) for o in others if (at := _places(o))]
    return max(places) - min(places) > ALONG * max(spans)
