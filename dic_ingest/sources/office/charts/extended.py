"""Charts of Office 2016 and later (`cx:chartSpace`) -> a `Chart` with every number that the file holds.

Waterfall, funnel, treemap, sunburst, histogram, Pareto, box plot, map. What Excel works out when it draws
(bins, quartiles, running shares) is not in the file and not made up here.
"""

from __future__ import annotations

from typing import Any

from dic_ingest.model.chart import Axis, Chart, ChartType, Point, PointSource, Scale, Series, Value
from dic_ingest.sources.office.charts.read import MAX_POINTS, finite, joined_levels
from dic_ingest.sources.office.drawing.drawingml import child, local

_TYPES = {
    "waterfall": ChartType.WATERFALL,
    "funnel": ChartType.FUNNEL,
    "treemap": ChartType.TREEMAP,
    "sunburst": ChartType.SUNBURST,
    "clusteredColumn": ChartType.HISTOGRAM,
    "boxWhisker": ChartType.BOX_PLOT,
    "regionMap": ChartType.MAP,
}
_MARKS = {"treemap": "cell", "regionMap": "cell", "sunburst": "sector", "boxWhisker": "box"}
_WORKED_OUT = (ChartType.HISTOGRAM, ChartType.BOX_PLOT)
PARETO = "paretoLine"


def read_extended_chart(space: Any) -> Chart | None:
    """The chart; None where the part is none of this kind."""
    data, chart = child(space, "chartData"), child(space, "chart")
    area = None if chart is None else child(chart, "plotArea")
    region = None if area is None else child(area, "plotAreaRegion")
    if data is None or area is None or region is None:
        return None
    sets = {d.get("id", ""): d for d in data if local(d) == "data"}
    shown = [s for s in region if local(s) == "series" and s.get("hidden") not in ("1", "true")]
    series = [made for one in shown if (made := _series(one, sets)) is not None]
    layouts = [s.get("layoutId", "") for s in shown if s.get("layoutId") != PARETO]
    if not layouts or not any(s.points for s in series):
        return None
    kind = _TYPES.get(layouts[0], ChartType.OTHER)
    if kind is ChartType.HISTOGRAM and any(s.trend for s in series):
        kind = ChartType.COMBINATION  # a Pareto chart
    names = tuple(dict.fromkeys(p.x for s in series for p in s.points if isinstance(p.x, str)))
    along, up = _axes(area, names)
    legend = tuple(s.name for s in series if s.name) if child(chart, "legend") is not None else ()
    lying = kind is ChartType.FUNNEL
    note = ("the file keeps the values, not what is drawn of them",) if kind in _WORKED_OUT else ()
    return Chart(
        kind,
        _words(child(chart, "title")),
        up if lying else along,
        along if lying else up,
        tuple(series),
        legend=legend,
        horizontal=lying,
        unread=note,
        read_from="file",
    )


def _series(one: Any, sets: dict[str, Any]) -> Series | None:
    """A series; a Pareto line has no values of its own. None where its values are missing."""
    layout = one.get("layoutId", "")
    name = _words(child(one, "tx"))
    if layout == PARETO:
        return Series(name or "Pareto line", (), "line", None, True, True)
    link = child(one, "dataId")
    values = sets.get("" if link is None else link.get("val", ""))
    return None if values is None else Series(name, _points(values), _MARKS.get(layout, "bar"))


def _axes(area: Any, names: tuple[str, ...]) -> tuple[Axis | None, Axis | None]:
    """The axis of the categories and that of the values."""
    along: Axis | None = None
    up: Axis | None = None
    for element in area:
        if local(element) != "axis" or element.get("hidden") in ("1", "true"):
            continue
        label = _words(child(element, "title"))
        scaling = child(element, "valScaling")
        if scaling is not None:
            low, high = finite(scaling.get("min")), finite(scaling.get("max"))
            span = (low, high) if low is not None and high is not None else None
            up = up or Axis(label, range=span)
        elif along is None:
            along = Axis(label)
    if names:
        label = along.label if along is not None else ""
        along = Axis(label, scale=Scale.CATEGORY, ticks=names, categories=names)
    return along, up


def _points(data: Any) -> tuple[Point, ...]:
    """The values of a set, each with its category; a category of several levels is the way down to it."""
    texts: dict[int, Value] = {}
    numbers: dict[int, float] = {}
    for dimension in data:
        levels = [v for v in dimension if local(v) == "lvl"]
        if local(dimension) == "strDim":
            texts |= joined_levels(levels).at
        elif local(dimension) == "numDim":
            for point in levels[0] if levels else ():
                at, value = finite(point.get("idx")), finite(point.text)
                if at is not None and value is not None and 0 <= at < MAX_POINTS:
                    numbers[int(at)] = value
    found = []
    for at, value in sorted(numbers.items()):
        place: Value = texts.get(at) or float(at + 1)
        found.append(Point(place, value, source=PointSource.FILE))
    return tuple(found)


def _words(holder: Any) -> str:
    if holder is None:
        return ""
    parts = [t.text or "" for t in holder.iter() if local(t) == "t"]
    parts = parts or [v.text or "" for v in holder.iter() if local(v) == "v"]
    return " ".join(" ".join(parts).split())
