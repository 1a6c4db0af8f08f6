"""Which values of a chart that was traced in pixels are given: those of marks that were traced whole.

In: a `Chart` as read from the traced drawing. Out: the same without values that cannot be trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.model.chart import Chart, ChartType, Series, Value
from dic_ingest.model.chart import Point as DataPoint

TRUSTED = ("bar", "sector")  # marks whose values are kept
DOUBTED = (ChartType.COMBINATION, ChartType.HISTOGRAM)
ALIGNED = 0.01  # share of the way across within which corners of several lines stand at one place
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
    series = _at_symbols(chart.series)
    kind = chart.type
    if kind is ChartType.COMBINATION and {s.mark for s in series} == {"line"}:
        kind = ChartType.LINE
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


def _aligned(series: Sequence[Series]) -> list[Series]:
    """Lines whose corners stand nearly at one place across have one value there: a row of a table."""
    found = [(p.bbox[0], p.x) for s in series if s.mark == "line" for p in s.points if p.bbox]
    places = sorted(found, key=lambda at: at[0])
    if len(places) < 2:
        return list(series)
    near = ALIGNED * (places[-1][0] - places[0][0])
    x_of: dict[float, Value] = {}
    first, x = places[0]
    for at, own in places:
        if at - first > near:
            first, x = at, own
        x_of[at] = x
    return [
        replace(s, points=tuple(replace(p, x=x_of[p.bbox[0]]) if p.bbox else p for p in s.points))
        if s.mark == "line"
        else s
        for s in series
    ]


def _is_full(chart: Chart) -> bool:
    """Whether every series of a stacked chart has a bar in each category: else cells were taken for bars."""
    names = chart.y_axis if chart.horizontal else chart.x_axis
    wanted = len(names.categories) if names is not None else 0
    return all(len(s.points) == len({str(p.x) for p in s.points}) == wanted for s in chart.series)


def _at_symbols(series: Sequence[Series]) -> list[Series]:
    """Lines of which every corner has a symbol have their values there: the symbols and the line are one."""
    marked = {
        s.color: replace(s, mark="line", points=tuple(sorted(s.points, key=_place)))
        for s in series
        if s.mark == "point" and len(s.points) >= LEAST_SYMBOLS and _reaches(s, series)
    }
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
    if len(places) < 2 or series.mark == "area" or (series.mark == "line" and places != sorted(places)):
        return False
    if series.mark == "point":
        return True
    spans = [max(at) - min(at) for o in others if (at := _places(o))]
    return max(places) - min(places) > ALONG * max(spans)
