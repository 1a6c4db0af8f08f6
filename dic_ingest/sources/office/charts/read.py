"""Office charts (`c:chartSpace`) -> a `Chart` with every number that the file holds."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dic_ingest.model.chart import Axis, Chart, ChartType, Point, PointSource, Scale, Series, Value
from dic_ingest.sources.office.drawing.drawingml import child, local

MAX_POINTS = 100_000  # of one chart
Cells = Callable[[str], Sequence[Any]]
_TYPES = {
    "bar": ChartType.BAR,
    "line": ChartType.LINE,
    "stock": ChartType.LINE,
    "area": ChartType.AREA,
    "scatter": ChartType.SCATTER,
    "bubble": ChartType.SCATTER,
    "pie": ChartType.PIE,
    "ofPie": ChartType.PIE,
    "doughnut": ChartType.DONUT,
    "radar": ChartType.RADAR,
    "surface": ChartType.HEAT_MAP,
}
_MARKS = {"bar": "bar", "line": "line", "stock": "line", "radar": "line", "area": "area", "surface": "cell"}
_TRENDS = {
    "linear": "Linear",
    "exp": "Exponential",
    "log": "Logarithmic",
    "movingAvg": "Moving average",
    "poly": "Polynomial",
    "power": "Power",
}
MAX_TRENDS = 20  # of one series
_SECTORS = ("pie", "ofPie", "doughnut")


@dataclass(frozen=True, slots=True)
class _Values:
    """Values of a reference by their places; `dates` where its format is that of a day."""

    at: dict[int, Value]
    count: int
    dates: bool = False

    def get(self, index: int) -> Value | None:
        """The value at a place."""
        return self.at.get(index)


def read_chart(space: Any, cells: Cells = lambda _: ()) -> Chart | None:
    """The chart; None where the part holds none that is known here.

    `cells` gives the values of a range ("Sheet1!$A$2:$A$5") in order, () where it is not known.
    """
    chart = child(space, "chart") if local(space) != "chart" else space
    area = None if chart is None else child(chart, "plotArea")
    if area is None:
        return None
    groups = [g for g in area if _name(g) in _TYPES]
    if not groups:
        return None
    axes = {_flag(a, "axId"): a for a in area if local(a) in _AXES}
    second = _second_axes(groups, axes)
    dated = _dated(space)
    left = MAX_POINTS
    series: list[Series] = []
    for group in groups:
        for one in _ordered(group):
            made = _series(one, group, cells, second, dated, left)
            series += made
            left -= sum(len(s.points) for s in made)
    title = _title(child(chart, "title"))
    if not title and len([s for s in series if not s.trend]) == 1 and _flag(chart, "autoTitleDeleted") != "1":
        title = series[0].name
    return _assembled(chart, groups, series, axes, second, title)


_AXES = ("catAx", "dateAx", "valAx", "serAx")


def _assembled(
    chart: Any,
    groups: list[Any],
    series: list[Series],
    axes: dict[str, Any],
    second: set[str],
    title: str,
) -> Chart:
    kinds = {_name(g) for g in groups}
    lying = _flag(groups[0], "barDir") == "bar"
    kind = _type(groups, [s for s in series if not s.trend], lying)
    own = [axes[i] for g in groups[:1] for i in _axis_ids(g) if i in axes]
    along = next((a for a in own if local(a) in ("catAx", "dateAx")), own[0] if own else None)
    up = next((a for a in own if local(a) == "valAx" and a is not along), None)
    known = [s for s in series if s.points]
    across = _axis(along, known)
    upright = _axis(up, ())
    other = next((a for i, a in axes.items() if i in second and local(a) == "valAx"), None)
    shown = child(chart, "legend") is not None
    names = [str(p.x) for s in series[:1] for p in s.points] if kinds & set(_SECTORS) else []
    return Chart(
        kind,
        title,
        upright if lying else across,
        across if lying else upright,
        tuple(series),
        _axis(other, ()),
        tuple(names or [s.name for s in series if s.name]) if shown else (),
        lying,
        read_from="file",
    )


def _type(groups: list[Any], series: list[Series], lying: bool) -> ChartType:
    kinds = {_TYPES[_name(g)] for g in groups}
    if len(kinds) > 1:
        return ChartType.COMBINATION
    kind = kinds.pop()
    if kind is not ChartType.BAR:
        return kind
    if any("tacked" in _flag(g, "grouping") for g in groups) and len(series) > 1:
        return ChartType.STACKED_BAR
    if len(series) > 1:
        return ChartType.GROUPED_BAR
    return ChartType.HORIZONTAL_BAR if lying else ChartType.BAR


def _series(one: Any, group: Any, cells: Cells, second: set[str], dated: bool, left: int) -> list[Series]:
    """A series; a bubble's sizes are a second one, its trend lines follow, with no values of their own."""
    kind = _name(group)
    name = _text_of(child(one, "tx"), cells)
    x = _values(child(one, "xVal" if kind in ("scatter", "bubble") else "cat"), cells, dated)
    y = _values(child(one, "yVal" if kind in ("scatter", "bubble") else "val"), cells, dated)
    mark = "sector" if kind in _SECTORS else _MARKS.get(kind, "point")
    secondary = bool(second & set(_axis_ids(group)))
    spans = _error_bars(one, cells, dated)
    count = max(0, min(max(x.count, y.count), left))

    def points(values: _Values, ends: bool) -> tuple[Point, ...]:
        found = []
        for i in range(count):
            value = values.get(i)
            number = float(value) if isinstance(value, (int, float)) else None
            if number is None and x.get(i) is None:
                continue
            low, high = spans(i, number) if ends and number is not None else (None, None)
            label = x.get(i)
            place: Value = label if label is not None else float(i + 1)
            found.append(Point(place, number, None, low, high, 1.0, PointSource.FILE))
        return tuple(found)

    made = [Series(name, points(y, True), mark, None, secondary)]
    sizes = child(one, "bubbleSize")
    if sizes is not None:
        told = f"{name} (bubble size)".strip()
        made.append(Series(told, points(_values(sizes, cells, dated), False), "point", None, secondary))
    fitted = [t for t in one if local(t) == "trendline"][:MAX_TRENDS]
    return made + [Series(_trend_name(t, name), (), "line", None, secondary, True) for t in fitted]


def _trend_name(trend: Any, series: str) -> str:
    """The name of a trend line: its own, else its method and the series that it was fitted to."""
    own = next((" ".join((n.text or "").split()) for n in trend if local(n) == "name"), "")
    method = _TRENDS.get(_flag(trend, "trendlineType"), "")
    return own or " ".join(filter(None, (method, f"({series})" if series else "")))


def _error_bars(
    one: Any, cells: Cells, dated: bool
) -> Callable[[int, float], tuple[float | None, float | None]]:
    """The ends of the error bar of a point, by its place and value."""
    bars = next((b for b in one if local(b) == "errBars" and _flag(b, "errDir") in ("", "y")), None)
    if bars is None:
        return lambda _, __: (None, None)
    way, kind = _flag(bars, "errBarType"), _flag(bars, "errValType")
    plus, minus = (_values(child(bars, side), cells, dated) for side in ("plus", "minus"))
    fixed = finite(_flag(bars, "val"))

    def ends(index: int, value: float) -> tuple[float | None, float | None]:
        up: Value | None
        down: Value | None
        if kind == "cust":
            up, down = plus.get(index), minus.get(index)
        elif kind in ("fixedVal", "percentage") and fixed is not None:
            up = down = abs(value) * fixed / 100 if kind == "percentage" else fixed
        else:
            return None, None
        low = value - down if isinstance(down, (int, float)) and way != "plus" else None
        high = value + up if isinstance(up, (int, float)) and way != "minus" else None
        return low, high

    return ends


def _values(holder: Any, cells: Cells, dated: bool) -> _Values:
    """What a reference or literal holds; of a category of several levels the levels joined."""
    if holder is None:
        return _Values({}, 0)
    levels = [v for v in holder.iter() if local(v) == "lvl"]
    if levels:
        return joined_levels(levels)
    cache = next((c for c in holder.iter() if local(c) in ("numCache", "strCache", "numLit", "strLit")), None)
    formula = next((f.text or "" for f in holder.iter() if local(f) == "f"), "")
    if cache is None or child(cache, "pt") is None:
        found = list(cells(formula))[:MAX_POINTS] if formula else []
        return _Values({i: _plain(v) for i, v in enumerate(found) if v is not None}, len(found))
    numeric = local(cache).startswith("num")
    code = next((c.text or "" for c in cache if local(c) == "formatCode"), "")
    dates = numeric and is_date_format(code)
    at: dict[int, Value] = {}
    for point in cache:
        if local(point) != "pt" or len(at) >= MAX_POINTS:
            continue
        text = next((v.text or "" for v in point if local(v) == "v"), "")
        number = finite(text)
        index = finite(point.get("idx")) or 0.0
        if 0 <= index < MAX_POINTS and (not numeric or number is not None):
            day = dates and number is not None
            at[int(index)] = _day(number or 0.0, dated) if day else _kept(text, number, numeric)
    count = finite(_flag(cache, "ptCount")) or 0.0
    most = max(at, default=-1) + 1
    return _Values(at, int(max(most, min(count, MAX_POINTS))), dates)


def _kept(text: str, number: float | None, numeric: bool) -> Value:
    return number if numeric and number is not None else " ".join(text.split())


def joined_levels(levels: list[Any]) -> _Values:
    """Categories of several levels: the innermost stands first; an outer one lasts until the next."""
    rows: list[dict[int, str]] = []
    for level in levels:
        row: dict[int, str] = {}
        for point in level:
            index = finite(point.get("idx")) if local(point) == "pt" else None
            if index is not None and 0 <= index < MAX_POINTS:
                text = next((v.text or "" for v in point if local(v) == "v"), point.text or "")
                row[int(index)] = " ".join(text.split())
        rows.append(row)
    count = max((max(r, default=-1) + 1 for r in rows), default=0)
    at: dict[int, Value] = {}
    last = [""] * len(rows)
    for i in range(count):
        for n, row in enumerate(rows):
            last[n] = row.get(i, last[n] if n else "")
        at[i] = " / ".join(part for part in reversed(last) if part)
    return _Values(at, count)


def _axis(element: Any, series: Sequence[Series]) -> Axis | None:
    """An axis; `series` are those whose places along it are categories."""
    if element is None:
        return None
    scaling = child(element, "scaling")
    low, high = (finite(_flag(scaling, k)) if scaling is not None else None for k in ("min", "max"))
    label = _title(child(element, "title"))
    places = list(dict.fromkeys(p.x for s in series for p in s.points))
    span = (low, high) if low is not None and high is not None else None
    if local(element) in ("catAx", "dateAx"):
        if local(element) == "dateAx" and places:
            texts = sorted(str(p) for p in places)
            return Axis(label, "", Scale.DATE, tuple(texts), (), (texts[0], texts[-1]))
        names = tuple(p if isinstance(p, str) else f"{p:.12g}" for p in places)
        return Axis(label, "", Scale.CATEGORY, names, names)
    log = scaling is not None and child(scaling, "logBase") is not None
    return Axis(label, "", Scale.LOG if log else Scale.LINEAR, range=span)


def _second_axes(groups: list[Any], axes: dict[str, Any]) -> set[str]:
    """Ids of the value axes of later groups that the first group does not use."""
    values = [{i for i in _axis_ids(g) if i in axes and local(axes[i]) == "valAx"} for g in groups]
    return {i for used in values[1:] if not used & values[0] for i in used}


def _axis_ids(group: Any) -> list[str]:
    return [a.get("val", "") for a in group if local(a) == "axId"]


def _ordered(group: Any) -> list[Any]:
    series = [s for s in group if local(s) == "ser"]
    return sorted(series, key=lambda s: finite(_flag(s, "order")) or 0.0)


def _name(group: Any) -> str:
    name = local(group)
    return name.removesuffix("Chart").removesuffix("3D") if name.endswith("Chart") else ""


def _flag(element: Any, name: str) -> str:
    """The value of a child element; "" where it is absent."""
    found = child(element, name) if element is not None else None
    return "" if found is None else str(found.get("val", ""))


def _title(title: Any) -> str:
    return "" if title is None else _text_of(child(title, "tx"), lambda _: ())


def _text_of(holder: Any, cells: Cells) -> str:
    """Rich text, a cached string, or the cell that a name refers to."""
    if holder is None:
        return ""
    lines = []
    for paragraph in holder.iter():
        if local(paragraph) == "p":
            lines.append("".join(t.text or "" for t in paragraph.iter() if local(t) == "t"))
    if not lines:
        lines = [v.text or "" for v in holder.iter() if local(v) == "v"]
    if not lines:
        formula = next((f.text or "" for f in holder.iter() if local(f) == "f"), "")
        lines = [str(v) for v in (cells(formula) if formula else ()) if v is not None]
    return " ".join(" ".join(lines).split())


def _dated(space: Any) -> bool:
    """Whether days are counted from 1904."""
    found = child(space, "date1904") if local(space) == "chartSpace" else None
    return found is not None and found.get("val", "1") in ("1", "true")


def is_date_format(code: str) -> bool:
    """Whether a number format shows a day: letters of years or days outside of quotes and brackets."""
    plain, quoted = [], ""
    for char in code.lower():
        if quoted:
            quoted = "" if char == quoted else quoted
        elif char in '"[':
            quoted = '"' if char == '"' else "]"
        else:
            plain.append(char)
    text = "".join(plain)
    return text != "general" and ("y" in text or "d" in text)


def _day(number: float, from_1904: bool) -> Value:
    first = datetime.datetime(1904, 1, 1) if from_1904 else datetime.datetime(1899, 12, 30)
    try:
        moment = first + datetime.timedelta(days=number)
    except (OverflowError, ValueError):
        return number
    return moment.date().isoformat() if number == int(number) else moment.isoformat(timespec="seconds")


def _plain(value: Any) -> Value:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()[:10] if str(value).endswith("00:00:00") else value.isoformat()
    return " ".join(str(value).split())


def finite(text: str | None) -> float | None:
    """A finite number; None for other text."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
