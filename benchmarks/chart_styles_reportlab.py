"""Charts of known data by ReportLab's own chart classes: a tool that no development style uses."""

from __future__ import annotations

import random
from typing import Any

from reportlab.graphics import renderPDF
from reportlab.graphics.charts.barcharts import HorizontalBarChart, VerticalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.charts.lineplots import LinePlot, ScatterPlot
from reportlab.graphics.charts.piecharts import Pie
from reportlab.graphics.shapes import Drawing, String
from reportlab.lib import colors

PAINTS = (
    (
        colors.steelblue,
        colors.tomato,
        colors.seagreen,
        colors.goldenrod,
        colors.purple,
        colors.teal,
        colors.brown,
    ),
    (
        colors.darkblue,
        colors.darkorange,
        colors.darkgreen,
        colors.crimson,
        colors.grey,
        colors.pink,
        colors.olive,
    ),
)


def draw_reportlab(spec: Any, chance: random.Random) -> tuple[bytes, list[dict[str, Any]]]:
    """A one-page PDF and its truth."""
    drawing = Drawing(460, 300)
    paints = chance.choice(PAINTS)
    kind = spec.kind
    truth: dict[str, Any] = {"type": kind, "x_label": "", "y_label": "", "title": spec.title}
    rows = list(zip(spec.names, spec.ys, strict=False))
    truth["series"] = [
        {"name": n, "points": [[x, y] for x, y in zip(spec.xs, ys, strict=True)]} for n, ys in rows
    ]
    chart = _chart(kind, spec, paints)
    chart.x, chart.y, chart.width, chart.height = (130, 60, 180, 180) if kind == "pie" else (60, 50, 270, 190)
    drawing.add(chart)
    if spec.title:
        drawing.add(String(190, 275, spec.title, fontSize=13, textAnchor="middle"))
    if kind == "pie":
        total = sum(spec.ys[0])
        truth["series"][0]["points"] = [[x, 100 * y / total] for x, y in truth["series"][0]["points"]]
        truth |= {"x_span": 1.0, "y_span": 100.0}
    else:
        axis = chart.yValueAxis if hasattr(chart, "yValueAxis") else chart.valueAxis
        truth |= _spans(chart, axis, kind, spec)
        if len(rows) > 1:
            drawing.add(_legend([n for n, _ in rows], paints))
    return renderPDF.drawToString(drawing), [truth]


def _chart(kind: str, spec: Any, paints: Any) -> Any:
    if kind == "pie":
        chart = Pie()
        chart.data, chart.labels = spec.ys[0], spec.xs
        chart.sideLabels = False
        for i in range(len(spec.xs)):
            chart.slices[i].fillColor = paints[i % len(paints)]
        return chart
    if kind in ("line", "scatter"):
        chart = ScatterPlot() if kind == "scatter" else LinePlot()
        chart.data = [list(zip(spec.xs, ys, strict=True)) for ys in spec.ys]
        for i in range(len(spec.ys)):
            chart.lines[i].strokeColor = paints[i]
        if kind == "scatter":
            chart.xLabel = chart.yLabel = ""
        return chart
    chart = HorizontalBarChart() if kind == "horizontal bar" else VerticalBarChart()
    chart.data, chart.categoryAxis.categoryNames = [tuple(ys) for ys in spec.ys], [str(x) for x in spec.xs]
    chart.valueAxis.valueMin = 0
    if kind == "stacked bar":
        chart.categoryAxis.style = "stacked"
    for i in range(len(spec.ys)):
        chart.bars[i].fillColor = paints[i]
    return chart


def _spans(chart: Any, axis: Any, kind: str, spec: Any) -> dict[str, Any]:
    """Spans of the data, for the tolerance; the axes' own are a little larger."""
    del chart, axis
    values = [y for ys in spec.ys for y in ys]
    if kind == "stacked bar":
        values = [sum(column) for column in zip(*spec.ys, strict=True)]
    numbers = [x for x in spec.xs if isinstance(x, float)]
    scales = {"x_scale": "linear" if numbers else "category", "y_scale": "linear"}
    if kind == "horizontal bar":
        scales = {"x_scale": "linear", "y_scale": "category", "horizontal": True}
    low = 0.0 if "bar" in kind else min(values)
    return {"y_span": max(values) - low, "x_span": max(numbers) - min(numbers) if numbers else 1.0, **scales}


def _legend(names: list[str], paints: Any) -> Legend:
    legend = Legend()
    legend.x, legend.y, legend.fontSize, legend.columnMaximum = 350, 230, 9, 8
    legend.alignment = "right"
    legend.colorNamePairs = list(zip(paints, names, strict=False))
    return legend
