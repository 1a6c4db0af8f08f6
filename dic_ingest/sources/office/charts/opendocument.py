"""OpenDocument charts (`chart:chart`) -> a `Chart` with every number that the file holds.

In: the content of an embedded chart, a way to the cells of the sheet around it. Out: series with their names,
places, values and error bars; a trend line is a series without values. The chart's own copy of its cells is
taken before the sheet's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dic_ingest.model.chart import Axis, Chart, ChartType, Point, PointSource, Scale, Series, Value
from dic_ingest.sources.office.charts.read import MAX_POINTS, MAX_TRENDS, Cells, finite
from dic_ingest.sources.office.drawing.drawingml import local
from dic_ingest.sources.office.drawing.odf import attribute

_TYPES = {
    "bar": ChartType.BAR,
    "line": ChartType.LINE,
    "stock": ChartType.LINE,
    "area": ChartType.AREA,
    "scatter": ChartType.SCATTER,
    "bubble": ChartType.SCATTER,
    "circle": ChartType.PIE,
    "ring": ChartType.DONUT,
    "radar": ChartType.RADAR,
    "filled-radar": ChartType.RADAR,
    "surface": ChartType.HEAT_MAP,
    "gantt": ChartType.GANTT,
}
_MARKS = {"bar": "bar", "line": "line", "stock": "line", "radar": "line", "area": "area", "surface": "cell"}
_SECTORS = ("circle", "ring")
_TRENDS = {
    "linear": "Linear",
    "logarithmic": "Logarithmic",
    "exponential": "Exponential",
    "power": "Power",
    "polynomial": "Polynomial",
    "moving-average": "Moving average",
}
_RANGE = re.compile(
    r"^\$?(?:('(?:[^']|'')*'|[^.':\s]*)\.)?\$?([A-Z]{1,3})\$?(\d{1,7})"
    r"(?::\$?(?:(?:'(?:[^']|'')*'|[^.':\s]*)\.)?\$?([A-Z]{1,3})\$?(\d{1,7}))?$"
)
_PARTS = re.compile(r"(?:'(?:[^']|'')*'|[^'\s])+")  # of a list of ranges
MAX_COLUMNS = 16_384


class CellRange(NamedTuple):
    """A rectangle of cells: rows and columns from 0, the last ones included."""

    table: str
    top: int
    left: int
    bottom: int
    right: int


def cell_range(text: str) -> CellRange | None:
    """The range that an address such as `'My sheet'.$A$2:.$A$9` names; None where it names none."""
    found = _RANGE.match(text.strip())
    if found is None:
        return None
    table = found[1] or ""
    if table.startswith("'"):
        table = table[1:-1].replace("''", "'")
    first = _column(found[2]), int(found[3]) - 1
    last = (_column(found[4]), int(found[5]) - 1) if found[4] else first
    if min(*first, *last) < 0 or max(first[0], last[0]) >= MAX_COLUMNS:
        return None
    (left, right), (top, bottom) = sorted((first[0], last[0])), sorted((first[1], last[1]))
    return CellRange(table, top, left, bottom, right)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


@dataclass
class CellTable:
    """Values of a table by row and column, from 0; `named`: where the copy of a range begins."""

    at: dict[tuple[int, int], Value] = field(default_factory=dict)
    named: dict[str, tuple[int, int]] = field(default_factory=dict)

    def values(self, wanted: CellRange) -> list[Value | None]:
        """The values of a range, row by row; [] of one that is too large."""
        rows, columns = wanted.bottom - wanted.top + 1, wanted.right - wanted.left + 1
        if rows * columns > MAX_POINTS:
            return []
        return [
            self.at.get((r, c))
            for r in range(wanted.top, wanted.bottom + 1)
            for c in range(wanted.left, wanted.right + 1)
        ]


def odf_value(cell: Any) -> Value | None:
    """The value of a table cell: a number, an ISO date, or its words; None where it is empty."""
    values = {str(k).rsplit("}", 1)[-1]: v for k, v in cell.attrib.items()}
    number = finite(values.get("value"))
    if number is not None:
        return number
    for name in ("date-value", "time-value"):
        if values.get(name):
            return str(values[name])
    said = " ".join(" ".join("".join(p.itertext()) for p in cell if local(p) == "p").split())
    return said or None


def read_odf_chart(content: Any, cells: Cells = lambda _: ()) -> Chart | None:
    """The chart; None where the content holds none that is known here."""
    chart = next((c for c in content.iter("{*}chart") if attribute(c, "class")), None)
    area = None if chart is None else next((a for a in chart if local(a) == "plot-area"), None)
    if area is None:
        return None
    return _OdfChart(content, chart, area, cells).read()


class _OdfChart:
    def __init__(self, content: Any, chart: Any, area: Any, cells: Cells) -> None:
        self.chart, self.area, self.sheet = chart, area, cells
        self.own = _own_table(chart)
        self.styles = {attribute(s, "name"): s for s in content.iter("{*}style")}
        self.kind = _short(attribute(chart, "class"))
        self.axes = [a for a in area if local(a) == "axis"]
        self.left = MAX_POINTS

    def read(self) -> Chart | None:
        """The chart with its axes; None of a class that is not known."""
        elements = [s for s in self.area if local(s) == "series"]
        kinds = [_short(attribute(s, "class")) or self.kind for s in elements] or [self.kind]
        if not set(kinds) & set(_TYPES):
            return None
        shared = self._shared_places(elements)
        series: list[Series] = []
        for element, kind in zip(elements, kinds, strict=False):
            series += self._series(element, kind, shared)
        lying = self._style(self.area).get("vertical") == "true" and "bar" in kinds
        known = [s for s in series if s.points]
        sectors = bool(set(kinds) & set(_SECTORS))
        across, upright = self._axis("x", "primary", known), self._axis("y", "primary", ())
        if sectors:
            across = upright = None
        shown = any(local(e) == "legend" for e in self.chart)
        names = [str(p.x) for s in series[:1] for p in s.points] if sectors else []
        return Chart(
            self._type(kinds, known, lying),
            _text_of(next((t for t in self.chart if local(t) == "title"), None)),
            upright if lying else across,
            across if lying else upright,
            tuple(series),
            self._axis("y", "secondary", ()),
            tuple(names or [s.name for s in series if s.name]) if shown else (),
            lying,
            read_from="file",
        )

    def _type(self, kinds: list[str], series: list[Series], lying: bool) -> ChartType:
        found = {_TYPES[k] for k in kinds if k in _TYPES}
        if len(found) > 1:
            return ChartType.COMBINATION
        kind = found.pop()
        if kind is not ChartType.BAR:
            return kind
        style = self._style(self.area)
        if len(series) > 1:
            piled = "true" in (style.get("stacked"), style.get("percentage"))
            return ChartType.STACKED_BAR if piled else ChartType.GROUPED_BAR
        return ChartType.HORIZONTAL_BAR if lying else ChartType.BAR

    def _shared_places(self, elements: list[Any]) -> list[Value | None]:
        """The categories, or the places of the first series that has any, which the others use too."""
        for axis in self.axes:
            listed = next((c for c in axis if local(c) == "categories"), None)
            if listed is not None:
                return self._values(attribute(listed, "cell-range-address"))
        for element in elements:
            domains = _domains(element)
            if domains:
                return self._values(domains[-1])
        return []

    def _series(self, element: Any, kind: str, shared: list[Value | None]) -> list[Series]:
        """A series, then a bubble's sizes as a second one, then its trend lines."""
        label = self._values(attribute(element, "label-cell-address"))
        name = " ".join(str(v) for v in label if v is not None) or attribute(element, "label-string").strip(
            '"'
        )
        values = self._values(attribute(element, "values-cell-range-address"))
        domains = [self._values(d) for d in _domains(element)]
        sizes: list[Value | None] = []
        places = shared
        if kind == "bubble" and domains:  # the values are sizes there, the first domain the heights
            sizes, values, places = values, domains[0], domains[1] if len(domains) > 1 else shared
        elif kind == "scatter" and domains:
            places = domains[0]
        mark = "sector" if kind in _SECTORS else _MARKS.get(kind, "point")
        second = attribute(element, "attached-axis").startswith("secondary")
        spans = self._error_bars(element)
        made = [Series(name, self._points(places, values, spans), mark, None, second)]
        if sizes:
            told = f"{name} (bubble size)".strip()
            made.append(Series(told, self._points(places, sizes, None), "point", None, second))
        fitted = [t for t in element if local(t) in ("regression-curve", "mean-value")][:MAX_TRENDS]
        return made + [Series(self._trend_name(t, name), (), "line", None, second, True) for t in fitted]

    def _points(
        self,
        places: Sequence[Value | None],
        values: Sequence[Value | None],
        spans: Callable[[int, float], tuple[float | None, float | None]] | None,
    ) -> tuple[Point, ...]:
        found = []
        for i in range(min(max(len(places), len(values)), self.left)):
            value = values[i] if i < len(values) else None
            place = places[i] if i < len(places) else None
            number = value if isinstance(value, float) else None
            if number is None and place is None:
                continue
            low, high = spans(i, number) if spans is not None and number is not None else (None, None)
            at: Value = place if place is not None else float(i + 1)
            found.append(Point(at, number, None, low, high, 1.0, PointSource.FILE))
        self.left -= len(found)
        return tuple(found)

    def _error_bars(self, element: Any) -> Callable[[int, float], tuple[float | None, float | None]] | None:
        """The ends of a point's error bar, by its place and value; None where there are none."""
        bars = next((e for e in element if local(e) == "error-indicator"), None)
        if bars is None or attribute(bars, "dimension") == "x":
            return None
        style = self._style(bars)
        kind = style.get("error-category", "")
        ranges = [self._values(style.get(f"error-{side}-range", "")) for side in ("lower", "upper")]
        fixed = [finite(style.get(f"error-{side}-limit")) for side in ("lower", "upper")]
        share = finite(style.get("error-percentage"))
        drawn = [style.get(f"error-{side}-indicator") == "true" for side in ("lower", "upper")]

        def length(side: int, index: int, value: float) -> float | None:
            if kind == "cell-range":
                found = ranges[side][index] if index < len(ranges[side]) else None
                return found if isinstance(found, float) else None
            if kind == "percentage" and share is not None:
                return abs(value) * share / 100
            return fixed[side] if kind == "constant" else None

        def ends(index: int, value: float) -> tuple[float | None, float | None]:
            down, up = (length(side, index, value) if drawn[side] else None for side in (0, 1))
            return None if down is None else value - down, None if up is None else value + up

        return ends

    def _trend_name(self, trend: Any, series: str) -> str:
        style = self._style(trend)
        own = attribute(trend, "regression-name") or style.get("regression-name", "")
        method = "Mean" if local(trend) == "mean-value" else _TRENDS.get(style.get("regression-type", ""), "")
        return own or " ".join(filter(None, (method, f"({series})" if series else "")))

    def _axis(self, dimension: str, rank: str, series: Sequence[Series]) -> Axis | None:
        own = [a for a in self.axes if attribute(a, "dimension") == dimension]
        element = next((a for a in own if (attribute(a, "name") or "primary").startswith(rank)), None)
        if element is None:
            return None
        label = _text_of(next((t for t in element if local(t) == "title"), None))
        style = self._style(element)
        places = list(dict.fromkeys(p.x for s in series for p in s.points))
        listed = any(local(c) == "categories" for c in element)
        if listed or (places and not all(isinstance(p, float) for p in places)):
            if attribute(element, "axis-type") == "date" and places:
                texts = sorted(str(p) for p in places)
                return Axis(label, "", Scale.DATE, tuple(texts), (), (texts[0], texts[-1]))
            names = tuple(p if isinstance(p, str) else f"{p:.12g}" for p in places)
            return Axis(label, "", Scale.CATEGORY, names, names)
        low, high = finite(style.get("minimum")), finite(style.get("maximum"))
        span = (low, high) if low is not None and high is not None else None
        return Axis(label, "", Scale.LOG if style.get("logarithmic") == "true" else Scale.LINEAR, range=span)

    def _style(self, element: Any) -> dict[str, str]:
        """The chart properties of an element's style, by their local names."""
        style = self.styles.get(attribute(element, "style-name"))
        found = [] if style is None else [p for p in style if local(p) == "chart-properties"]
        return {str(k).rsplit("}", 1)[-1]: v for p in found for k, v in p.attrib.items()}

    def _values(self, text: str) -> list[Value | None]:
        """The values of one range or several, from the chart's own copy of them or from the sheet."""
        found: list[Value | None] = []
        for part in _PARTS.findall(text):
            wanted = cell_range(part)
            if wanted is None:
                continue
            start = self.own.named.get(part)
            if wanted.table == "local-table":
                found += self.own.values(wanted)
            elif start is not None:  # the copy stands in a column, whatever way the sheet runs
                count = (wanted.bottom - wanted.top + 1) * (wanted.right - wanted.left + 1)
                found += [self.own.at.get((start[0] + i, start[1])) for i in range(min(count, MAX_POINTS))]
            else:
                found += list(self.sheet(part))
        return found[:MAX_POINTS]


def _own_table(chart: Any) -> CellTable:
    """The copy of its cells that a chart carries, with the ranges that they were copied from."""
    made = CellTable()
    table = next((t for t in chart if local(t) == "table"), None)
    rows = [] if table is None else [r for r in table.iter("{*}table-row")]
    for row, element in enumerate(rows[:MAX_POINTS]):
        cells = [c for c in element if local(c) == "table-cell"]
        for column, cell in enumerate(cells[:MAX_COLUMNS]):
            value = odf_value(cell)
            if value is not None and len(made.at) < MAX_POINTS:
                made.at[row, column] = value
            for described in cell.iter("{*}desc"):
                made.named.setdefault((described.text or "").strip(), (row, column))
    return made


def _domains(element: Any) -> list[str]:
    return [attribute(d, "cell-range-address") for d in element if local(d) == "domain"]


def _short(name: str) -> str:
    return name.rpartition(":")[2]


def _text_of(holder: Any) -> str:
    if holder is None:
        return ""
    return " ".join(" ".join("".join(p.itertext()) for p in holder.iter("{*}p")).split())
