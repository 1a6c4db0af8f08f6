"""A chart part of Office 2016 and later (`cx:chartSpace`: waterfall, histogram, box plot ...) -> a `Chart`.

In: the XML tree. Out: title, categories and the numbers that the file keeps. What the program works out when
it draws (bins, quartiles) is not in the file and is not made up here.
"""

from __future__ import annotations

from typing import Any

from dic_ingest.model.chart import Axis, Chart, ChartType, Point, Scale, Series, Source, Value
from dic_ingest.sources.office.charts import MAX_POINTS, finite
from dic_ingest.sources.office.drawingml import child, local, number

_TYPES = {
    "waterfall": ChartType.WATERFALL,
    "clusteredColumn": ChartType.HISTOGRAM,
    "boxWhisker": ChartType.BOX_PLOT,
    "paretoLine": ChartType.COMBINATION,
}
_WORKED_OUT = (ChartType.HISTOGRAM, ChartType.BOX_PLOT)


def read_extended_chart(space: Any) -> Chart | None:
    """The chart; None where the part is none of this kind."""
    data = child(space, "chartData")
    chart = child(space, "chart")
    region = None if chart is None else child(chart, "plotArea", "plotAreaRegion")
    if data is None or region is None:
        return None
    sets = {d.get("id", ""): d for d in data if local(d) == "data"}
    series: list[Series] = []
    kind = ChartType.OTHER
    for one in region:
        if local(one) != "series" or one.get("layoutId") == "paretoLine":
            continue
        kind = _TYPES.get(one.get("layoutId", ""), ChartType.OTHER)
        link = child(one, "dataId")
        values = sets.get("" if link is None else link.get("val", ""))
        if values is not None:
            series.append(Series(_words(child(one, "tx")), _points(values), "bar"))
    if not series:
        return None
    names = tuple(dict.fromkeys(str(p.x) for s in series for p in s.points if isinstance(p.x, str)))
    across = Axis(scale=Scale.CATEGORY, ticks=names, categories=names) if names else None
    told = ("the file keeps the values, not what is drawn of them",) if kind in _WORKED_OUT else ()
    return Chart(
        kind, _words(child(chart, "title")), across, None, tuple(series), unread=told, read_from="file"
    )


def _points(data: Any) -> tuple[Point, ...]:
    texts: dict[int, str] = {}
    numbers: dict[int, float] = {}
    for dimension in data:
        levels = [v for v in dimension if local(v) == "lvl"]
        for level in levels[:1]:
            for point in level:
                at = int(number(point, "idx", -1.0))
                if local(point) != "pt" or not 0 <= at < MAX_POINTS:
                    continue
                if local(dimension) == "strDim":
                    texts[at] = " ".join((point.text or "").split())
                elif local(dimension) == "numDim":
                    value = finite(point.text)
                    numbers.update({at: value} if value is not None else {})
    found = []
    for at, value in sorted(numbers.items()):
        place: Value = texts.get(at) or float(at + 1)
        found.append(Point(place, value, source=Source.FILE))
    return tuple(found)


def _words(holder: Any) -> str:
    if holder is None:
        return ""
    parts = [t.text or "" for t in holder.iter() if local(t) == "t"]
    parts = parts or [v.text or "" for v in holder.iter() if local(v) == "v"]
    return " ".join(" ".join(parts).split())
