"""A chart in words: what is plotted, axes, extremes and trends, then its values as a Markdown table.

In: a Chart and the figure's printed caption. Out: plain text with one table per plot. Measured values are
rounded to what a drawing carries and marked "about"; values that are unsure carry "(?)". Nothing is added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from dic_ingest.model.chart import Axis, Chart, Point, Series, Value
from dic_ingest.render.names import flat, listed, quote, sentence

TABLE_ROWS = 24  # of one table in the caption; the rest goes to sibling nodes
REST_ROWS = 400  # of the tables in sibling nodes; all values stand in the CSV
WIDE = 8  # up to so many values along x a series is a row, above a column
NAMED = 8  # series described one by one
UNSURE = 0.5  # score below which a value is marked
_SHARES = ("pie", "donut")


def chart_text(chart: Chart, caption: str = "") -> str:
    """Statements, then tables of at most `TABLE_ROWS` rows each."""
    tables = [t for p in chart.plots for t in [plot_table(p, 0, TABLE_ROWS)] if t]
    return "\n\n".join([chart_prose(chart, caption), *tables])


def chart_prose(chart: Chart, caption: str = "") -> str:
    """The statements alone: head, then for each plot its axes, series and what was not read."""
    head = f"{_called(chart)} {quote(chart.title)}" if chart.title else _called(chart)
    lines = [" ".join(filter(None, (sentence(flat(caption)), sentence(head))))]
    for number, plot in enumerate(chart.plots, 1):
        said = plot_statements(plot)
        if chart.panels:
            title = f" {quote(plot.title)}" if plot.title else ""
            lines.append(sentence(f"Plot {number} of {len(chart.panels)}: {_called(plot)}{title}"))
        lines += said
    lines += [f"Not readable: {sentence(flat(u))}" for u in (chart.unread if chart.panels else ()) if u]
    return "\n".join(lines)


def rest_tables(chart: Chart) -> list[str]:
    """Rows of the tables that the caption leaves out, `TABLE_ROWS` to a piece, at most `REST_ROWS` a plot."""
    pieces = []
    for plot in chart.plots:
        for start in range(TABLE_ROWS, REST_ROWS, TABLE_ROWS):
            if table := plot_table(plot, start, TABLE_ROWS):
                title = f"{sentence(quote(plot.title))}\n" if plot.title else ""
                pieces.append(title + table)
    return pieces


def _called(chart: Chart) -> str:
    kind = str(chart.type)
    if kind == "multiple":
        return f"figure with {len(chart.panels)} charts"
    if kind in ("bar", "grouped bar", "stacked bar") and chart.horizontal:
        kind = f"{kind}, horizontal,"
    named = {"other": "chart", "histogram": "histogram", "box plot": "box plot", "heat map": "heat map"}
    if kind in named:
        return named[kind]
    return f"{kind} plot" if kind == "scatter" else f"{kind} chart".replace(", chart", " chart")


def plot_statements(plot: Chart) -> list[str]:
    """Axes, series and gaps of one plot, a statement each."""
    said = []
    axes = [("x axis", plot.x_axis), ("y axis", plot.y_axis), ("second y axis", plot.second_y_axis)]
    if told := [f"{name}{_axis(axis)}" for name, axis in axes if axis is not None]:
        said.append(sentence(", ".join(told)))
    said += [s for one in plot.series[:NAMED] if (s := _series(plot, one))]
    if len(plot.series) > NAMED:
        said.append(f"{len(plot.series) - NAMED} more series stand in the table.")
    found = {s.name for s in plot.series} | {str(p.x) for s in plot.series for p in s.points[:200]}
    if missing := [quote(n) for n in plot.legend if n not in found]:
        said.append(sentence(f"In the legend without a series that was read: {listed(missing)}"))
    if plot.annotations:
        said.append(sentence(f"Words in the plot: {', '.join(quote(a) for a in plot.annotations[:24])}"))
    return said + [f"Not readable: {sentence(flat(u))}" for u in plot.unread if u.strip()]


def _axis(axis: Axis) -> str:
    title = f" {quote(axis.label)}" if axis.label else ""
    if str(axis.scale) == "category" or axis.range is None:
        names = axis.categories or axis.ticks
        more = f" and {len(names) - 24} more" if len(names) > 24 else ""
        shown = ", ".join(quote(c) for c in names[:24]) + more
        return f"{title}: {shown}" if shown else title
    ends = (axis.ticks[0], axis.ticks[-1]) if len(axis.ticks) >= 2 else tuple(_plain(v) for v in axis.range)
    return f"{title} from {ends[0]} to {ends[1]}" + (", logarithmic" if str(axis.scale) == "log" else "")


def _series(plot: Chart, series: Series) -> str:
    """Name, extremes and trend of one series; shares of a pie in full."""
    known = [(p, p.y) for p in series.points if p.y is not None]
    name = (
        quote(series.name)
        if series.name
        else {"line": "the line", "point": "the points"}.get(series.mark, f"the {series.mark or 'value'}s")
    )
    if series.trend:
        name = f"the trend line {quote(series.name)}" if series.name else "a trend line"
    if series.trend and not series.points:
        return sentence(f"{name} is drawn")
    if not known:
        return sentence(f"{name}: values not read") if series.points or series.name else ""
    axis = value_axis(plot, series)
    if str(plot.type) in _SHARES or len(known) == 1:
        return sentence(
            f"{name}: " + ", ".join(f"{_x(plot, p)} {_said(p, axis)}" for p, _ in known[:TABLE_ROWS])
        )
    if str(plot.type) == "scatter" or series.mark == "point":
        return sentence(f"{name}: {len(known)} points, {_range(plot, series, axis)}")
    low, high = min(known, key=lambda k: k[1])[0], max(known, key=lambda k: k[1])[0]
    if low.y == high.y:
        return sentence(f"{name}: {_said(low, axis)} throughout")
    said = f"{name}: lowest {_said(low, axis)} at {_x(plot, low)}"
    said += f", highest {_said(high, axis)} at {_x(plot, high)}"
    trend = _trend([y for _, y in known]) if series.mark in ("line", "area") else ""
    return sentence(f"{said}, {trend}" if trend else said)


def _range(plot: Chart, series: Series, axis: Axis | None) -> str:
    xs = sorted(p.x for p in series.points if isinstance(p.x, float))
    ys = sorted((p for p in series.points if p.y is not None), key=lambda p: p.y or 0.0)
    across = f"x from {_number(xs[0], plot.x_axis)} to {_number(xs[-1], plot.x_axis)}, " if xs else ""
    return f"{across}y from {_said(ys[0], axis)} to {_said(ys[-1], axis)}"


def _trend(values: Sequence[float]) -> str:
    """Whether values rise or fall from each to the next; "" where they do both or there are too few."""
    steps = [b - a for a, b in pairwise(values)]
    if len(steps) < 2:
        return ""
    slack = 0.02 * (max(values) - min(values))  # a drawing's own accuracy
    if all(s >= -slack for s in steps) and values[-1] > values[0]:
        return "rising throughout"
    if all(s <= slack for s in steps) and values[-1] < values[0]:
        return "falling throughout"
    return ""


def value_axis(plot: Chart, series: Series) -> Axis | None:
    """The axis along which a series' values run."""
    if plot.horizontal:
        return plot.x_axis
    return plot.second_y_axis if series.secondary else plot.y_axis


def name_axis(plot: Chart) -> Axis | None:
    """The axis of the points' `x`."""
    return plot.y_axis if plot.horizontal else plot.x_axis


def plot_table(plot: Chart, start: int, count: int) -> str:
    """Rows `start` to `start + count` of a plot's values as a Markdown table; "" where there are none."""
    series = [s for s in plot.series if s.points]
    if not series:
        return ""
    columns = _shared(series)
    if columns is None:
        return _long(plot, series, start, count)
    titles = [flat(s.name) or s.mark or "value" for s in series]
    at: list[dict[object, Point]] = [{p.x: p for p in s.points} for s in series]
    axes = [value_axis(plot, s) for s in series]
    along = name_axis(plot)
    corner = flat(along.label if along else "") or "x"
    names = [_plain_x(plot, x) for x in columns]

    def cell(i: int, x: Value) -> str:
        return _cell(at[i][x], axes[i]) if x in at[i] else ""

    if len(columns) <= WIDE:
        rows = [[titles[i], *(cell(i, x) for x in columns)] for i in range(len(series))][
            start : start + count
        ]
        return _markdown([corner, *names], rows)
    if start >= len(columns):
        return ""
    shown = list(zip(columns, names, strict=True))[start : start + count]
    return _markdown([corner, *titles], [[n, *(cell(i, x) for i in range(len(series)))] for x, n in shown])


def _shared(series: Sequence[Series]) -> list[Value] | None:
    """All x values in order, where the series share them and each has one value at each; else None."""
    order: dict[Value, None] = {}
    for s in series:
        own = [p.x for p in s.points]
        if len(set(own)) < len(own):
            return None
        order.update(dict.fromkeys(own))
    if len(series) > 1 and len(order) > 1.5 * max(len(s.points) for s in series):
        return None
    columns = list(order)
    if all(isinstance(x, float) for x in columns):
        return sorted(columns, key=lambda x: x if isinstance(x, float) else 0.0)
    return columns


def _long(plot: Chart, series: Sequence[Series], start: int, count: int) -> str:
    every = [(s, p) for s in series for p in s.points][start : start + count]
    rows = [[flat(s.name) or s.mark, _plain_x(plot, p.x), _cell(p, value_axis(plot, s))] for s, p in every]
    heads = [
        (axis.label if axis else "") or name for axis, name in ((name_axis(plot), "x"), (plot.y_axis, "y"))
    ]
    return _markdown(["series", *(flat(h) for h in heads)], rows) if rows else ""


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"

    return "\n".join([line(head), "|" + " --- |" * len(head), *map(line, rows)]) if rows else ""


def _cell(point: Point, axis: Axis | None) -> str:
    if point.y is None:
        return "?"
    shown = _number(point.y, axis) if str(point.source) == "measured" else _plain(point.y)
    return f"{shown} (?)" if point.score < UNSURE else shown


def _said(point: Point, axis: Axis | None) -> str:
    about = "about " if str(point.source) == "measured" else ""
    return about + _cell(point, axis)


def _x(plot: Chart, point: Point) -> str:
    return quote(point.x) if isinstance(point.x, str) else _plain_x(plot, point.x)


def _plain_x(plot: Chart, x: Value) -> str:
    return flat(x) if isinstance(x, str) else _number(x, name_axis(plot))


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.12g}"


def _number(value: float, axis: Axis | None) -> str:
    """As many digits as a drawing carries: a hundredth of the axis; two digits on a logarithmic one."""
    ends = [v for v in (axis.range if axis and axis.range else ()) if isinstance(v, float | int)]
    span = abs(ends[1] - ends[0]) if len(ends) == 2 else abs(value)
    if (axis is not None and str(axis.scale) == "log") or span <= 0:
        return f"{float(f'{value:.2g}'):g}"
    digits = min(8, max(0, 2 - math.floor(math.log10(span))))
    return f"{round(value, digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{round(value)}"
