"""A chart's numbers as shapes to look at, where no office program renders it: bars, lines, points, names.

In: a `Chart` and the place it has. Out: shapes. Plain on purpose: the numbers themselves are in the chart.
"""

from __future__ import annotations

from dic_ingest.model.box import Box, Point, height_of, width_of
from dic_ingest.model.chart import Chart, Series
from dic_ingest.model.drawing import Color
from dic_ingest.sources.office.drawing.shapes import BOX, LINE, OfficeShape, box_of

COLORS: tuple[Color, ...] = (
    *((68, 114, 196), (237, 125, 49), (165, 165, 165), (255, 192, 0)),
    *((91, 155, 213), (112, 173, 71)),
)
MAX_MARKS = 2_000
BLACK: Color = (0, 0, 0)


def chart_shapes(chart: Chart, frame: OfficeShape) -> list[OfficeShape]:
    """Shapes that show the chart inside its frame."""
    x0, y0, x1, y1 = frame.bbox
    pen = _ChartPen(frame)
    size = max(6.0, min(12.0, (y1 - y0) / 16))
    pen.box(frame.bbox, None, BLACK)
    pen.words(chart.title, (x0, y0, x1, y0 + 2 * size), size)
    legend = "   ".join(chart.legend)[:200]
    pen.words(legend, (x0, y1 - 1.6 * size, x1, y1), size)
    plot = (x0 + 4 * size, y0 + 2.2 * size, x1 - size, y1 - 4 * size)
    series = [s for s in chart.series if any(p.y is not None for p in s.points)]
    if not series or plot[2] <= plot[0] or plot[3] <= plot[1]:
        return pen.shapes
    low, high = _range(series)
    pen.words(f"{high:g}", (x0, plot[1], plot[0], plot[1] + size), size * 0.8)
    pen.words(f"{low:g}", (x0, plot[3] - size, plot[0], plot[3]), size * 0.8)
    places = list(dict.fromkeys(str(p.x) for p in series[0].points))[:40]
    step = width_of(plot) / max(len(places), 1)
    for i, name in enumerate(places):
        left = plot[0] + i * step
        pen.words(name[:40], (left, plot[3], left + step, plot[3] + 2 * size), size * 0.8)
    pen.line([(plot[0], plot[1]), (plot[0], plot[3]), (plot[2], plot[3])], BLACK)
    for at, one in enumerate(series):
        _marks(pen, one, at, len(series), plot, (low, high))
    return pen.shapes


class _ChartPen:
    """Collects shapes of one chart."""

    def __init__(self, frame: OfficeShape) -> None:
        self.frame = frame
        self.shapes: list[OfficeShape] = []

    def _name(self) -> str:
        return f"{self.frame.id}/{len(self.shapes)}"

    def box(self, box: Box, fill: Color | None, stroke: Color | None) -> None:
        """A rectangle."""
        corners = ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))
        shape = OfficeShape(self._name(), BOX, box, corners, fill=fill, stroke=stroke, order=self.frame.order)
        self.shapes.append(shape)

    def words(self, text: str, box: Box, size: float) -> None:
        """Words in the middle of a box."""
        if text:
            shape = OfficeShape(self._name(), BOX, box, (), lines=(text,), size=size, order=self.frame.order)
            self.shapes.append(shape)

    def line(self, points: list[Point], color: Color) -> None:
        """A polyline."""
        if len(points) > 1:
            path = tuple(points)
            shape = OfficeShape(self._name(), LINE, box_of(path), path, stroke=color, order=self.frame.order)
            self.shapes.append(shape)


def _range(series: list[Series]) -> tuple[float, float]:
    values = [p.y for s in series for p in s.points if p.y is not None]
    low, high = min(0.0, *values), max(0.0, *values)
    return (low, high) if high > low else (low, low + 1.0)


def _marks(pen: _ChartPen, series: Series, at: int, count: int, plot: Box, span: tuple[float, float]) -> None:
    color = COLORS[at % len(COLORS)]
    points = series.points[:MAX_MARKS]
    step = width_of(plot) / max(len(points), 1)
    numbers = [p.x for p in points if isinstance(p.x, (int, float))]
    first, last = (min(numbers), max(numbers)) if len(numbers) == len(points) and numbers else (0.0, 0.0)

    def upright(value: float) -> float:
        return plot[3] - (value - span[0]) / (span[1] - span[0]) * height_of(plot)

    line: list[Point] = []
    for i, point in enumerate(points):
        if point.y is None:
            continue
        middle = plot[0] + (i + 0.5) * step
        if last > first and isinstance(point.x, (int, float)):
            middle = plot[0] + (point.x - first) / (last - first) * width_of(plot)
        y = upright(point.y)
        if series.mark in ("bar", "sector", "box"):
            wide = 0.7 * step / count
            left = plot[0] + (i + 0.15) * step + at * wide
            pen.box((left, min(y, upright(0.0)), left + wide, max(y, upright(0.0))), color, None)
        else:
            line.append((middle, y))
            if series.mark in ("point", ""):
                pen.box((middle - 2, y - 2, middle + 2, y + 2), color, None)
    if series.mark in ("line", "area"):
        pen.line(line, color)
