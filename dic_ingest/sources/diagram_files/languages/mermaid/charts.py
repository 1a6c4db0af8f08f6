"""Mermaid's charts (pie, xychart, quadrantChart, radar) -> a `Chart` with every number of the source.

In: source text. Out: the chart; None for another grammar or a source without a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from dic_ingest.model.chart import Axis, Chart, ChartType, Point, PointSource, Scale, Series, Value
from dic_ingest.sources.diagram_files.languages.mermaid.text import label, without_directives

_HEAD = re.compile(r"(pie|xychart|quadrantChart|radar)(?:-beta)?\b[^\S\n]*:?")
_TITLE = re.compile(r"(?:^|\s)title\b[^\S\n]*(.*)$")
_SLICE = re.compile(r'^"([^"]*)"\s*:\s*(\S+)')
_ITEM = re.compile(r'\s*("[^"]*"|[^,]+)')
_AXIS = re.compile(r"^([xy])-axis\b(.*)$")
_RANGE = re.compile(r"(?:^|\s)(-?[\d.]+)\s*-->\s*(-?[\d.]+)\s*$")
_PLOT = re.compile(r'^(bar|line)\b\s*("[^"]*"|[^\["]*)\s*\[([^\]]*)\]')
_PLACED = re.compile(r"^([^\[]+?)\s*:\s*\[([^\],]+),([^\]]+)\]")
_QUADRANT = re.compile(r"^quadrant-([1-4])\s+(.+)$")
_NAMED = re.compile(r'(\w+)\s*(?:\["([^"]*)"\])?')
_CURVE = re.compile(r'(\w+)\s*(?:\["([^"]*)"\])?\s*\{([^{}]*)\}')
_CLASS = re.compile(r":::[\w-]+")
_CORNERS = {"1": "upper right", "2": "upper left", "3": "lower left", "4": "lower right"}


def read_mermaid_chart(source: str) -> Chart | None:
    """The chart that a source describes; None for another grammar, or where it holds no number."""
    text = without_directives(source)
    head = _HEAD.match(text)
    if head is None:
        return None
    first, *rest = text[head.end() :].split("\n")
    made = _READERS[head[1]](first.strip(), [line for line in (x.strip() for x in rest) if line])
    return made if any(p.y is not None for s in made.series for p in s.points) else None


def _pie(first: str, lines: list[str]) -> Chart:
    found = [m for line in lines if (m := _SLICE.match(line))]
    points = tuple(_point(label(m[1]), m[2]) for m in found)
    names = tuple(str(p.x) for p in points)
    series = (Series("", points, "sector"),) if points else ()
    return Chart(ChartType.PIE, _title([first, *lines]), series=series, legend=names, read_from="file")


def _xychart(first: str, lines: list[str]) -> Chart:
    axes = {m[1]: m[2].strip() for line in lines if (m := _AXIS.match(line))}
    plots = [m for line in lines if (m := _PLOT.match(line))]
    values = [_items(m[3]) for m in plots]
    across, places = _across(axes.get("x", ""), max(map(len, values), default=0))
    series = tuple(
        Series(_text(m[2]), tuple(_point(x, v) for x, v in zip(places, found, strict=False)), m[1])
        for m, found in zip(plots, values, strict=True)
    )
    lying = first.split(" ")[0] == "horizontal"
    upright = _ranged(axes.get("y", ""))
    marks = [s.mark for s in series]
    kind = ChartType.COMBINATION if len(set(marks)) > 1 else ChartType.LINE
    if set(marks) == {"bar"}:
        single = ChartType.HORIZONTAL_BAR if lying else ChartType.BAR
        kind = ChartType.GROUPED_BAR if len(marks) > 1 else single
    return Chart(
        kind,
        _title(lines),
        upright if lying else across,
        across if lying else upright,
        series,
        horizontal=lying,
        read_from="file",
    )


def _across(text: str, count: int) -> tuple[Axis, Sequence[Value]]:
    """The axis of categories or of a range, and the place of each value along it."""
    before, bracket, rest = text.partition("[")
    if bracket:
        names = tuple(_text(item) for item in _items(rest.rpartition("]")[0]))
        return Axis(_text(before), scale=Scale.CATEGORY, ticks=names, categories=names), names
    axis = _ranged(text)
    if axis.range is None:
        return axis, [float(k) for k in range(1, count + 1)]
    low, high = float(axis.range[0]), float(axis.range[1])
    return axis, [low + (high - low) * k / max(count - 1, 1) for k in range(count)]


def _ranged(text: str) -> Axis:
    found = _RANGE.search(text)
    ends = [_number(found[k]) for k in (1, 2)] if found else []
    if found is None or ends[0] is None or ends[1] is None:
        return Axis(_text(text))
    return Axis(_text(text[: found.start()]), range=(ends[0], ends[1]))


def _quadrants(first: str, lines: list[str]) -> Chart:
    axes = {m[1]: Axis(_text(m[2]), range=(0.0, 1.0)) for line in lines if (m := _AXIS.match(line))}
    names = [m for line in lines if (m := _QUADRANT.match(line))]
    series = []
    for line in lines:
        found = _PLACED.match(line)
        x = _number(found[2]) if found else None
        if found is not None and x is not None:
            series.append(Series(_text(_CLASS.sub("", found[1])), (_point(x, found[3]),), "point"))
    return Chart(
        ChartType.SCATTER,
        _title([first, *lines]),
        axes.get("x"),
        axes.get("y"),
        tuple(series),
        annotations=tuple(f"{_CORNERS[m[1]]}: {_text(m[2])}" for m in names),
        read_from="file",
    )


def _radar(first: str, lines: list[str]) -> Chart:
    listed = [line[4:] for line in lines if line.startswith("axis ")]
    axes = {m[1]: label(m[2] or m[1]) for line in listed for m in _NAMED.finditer(line)}
    series = []
    for found in _CURVE.finditer("\n".join(lines)):
        points = []
        for name, item in zip(axes, _items(found[3]), strict=False):
            own, colon, value = item.rpartition(":")
            points.append(_point(axes.get(own.strip() if colon else name, own.strip()), value))
        series.append(Series(label(found[2] or found[1]), tuple(points), "line"))
    names = tuple(axes.values())
    along = Axis(scale=Scale.CATEGORY, ticks=names, categories=names)
    legend = tuple(s.name for s in series)
    return Chart(
        ChartType.RADAR, _title([first, *lines]), along, None, tuple(series), legend=legend, read_from="file"
    )


_READERS: dict[str, Callable[[str, list[str]], Chart]] = {
    "pie": _pie,
    "xychart": _xychart,
    "quadrantChart": _quadrants,
    "radar": _radar,
}


def _point(x: Value, value: str) -> Point:
    return Point(x, _number(value), source=PointSource.FILE)


def _items(text: str) -> list[str]:
    return [item.strip() for item in _ITEM.findall(text) if item.strip()]


def _title(lines: list[str]) -> str:
    found = next((m for line in lines if (m := _TITLE.search(line)) and not line.startswith('"')), None)
    return _text(found[1]) if found else ""


def _text(text: str) -> str:
    return label(text.strip().strip('"'))


def _number(text: str) -> float | None:
    """A finite number; None for other text."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
