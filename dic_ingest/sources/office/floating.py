"""Shapes that float over cells or between paragraphs -> figures in a `Flow`, each with its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.model.box import size_of
from dic_ingest.model.chart import Chart
from dic_ingest.model.document import Figure, Page
from dic_ingest.sources.office.drawing.frames import chart_figure
from dic_ingest.sources.office.drawing.graph.drawings import find_drawing
from dic_ingest.sources.office.drawing.shapes import OfficeShape, moved_shape
from dic_ingest.sources.office.drawing.slides import SlidePages
from dic_ingest.sources.office.flow import Flow
from dic_ingest.sources.office.pages import Picture

CHART = (360.0, 216.0)  # points of a chart whose size is not known
LEAST_SIDE = 10.0  # points: a frame with a shorter side has no size that can be used


def add_drawing(flow: Flow, page: int, shapes: Sequence[OfficeShape]) -> set[str]:
    """Add the drawing that shapes make, if they make one; gives the ids of the shapes in it."""
    drawn = find_drawing(shapes)
    if drawn is None:
        return set()
    x0, y0, x1, y1 = drawn.box
    size = max(x1 - x0, 1.0), max(y1 - y0, 1.0)
    sketch = _sketch([moved_shape(s, -x0, -y0) for s in drawn.shapes], size)
    flow.add_figure(page, Picture(sketch, 1, (0.0, 0.0, *size)), reading=drawn.reading)
    return {s.id for s in drawn.shapes}


def add_chart(flow: Flow, page: int, chart: Chart, frame: OfficeShape) -> SlidePages:
    """Add a chart in the size of its frame; gives the pages that show it."""
    wide, high = size_of(frame.bbox)
    size = (wide, high) if min(wide, high) > LEAST_SIDE else CHART
    figure, shapes = chart_figure(chart, replace(frame, bbox=(0.0, 0.0, *size)))
    return add_sketch(flow, page, shapes, size, figure)


def add_sketch(
    flow: Flow, page: int, shapes: list[OfficeShape], size: tuple[float, float], figure: Figure
) -> SlidePages:
    """Add what a figure holds as data, shown by shapes on a page of their own; gives that page."""
    sketch = _sketch(shapes, size)
    alt = figure.hint.content if figure.hint is not None else ""
    whole = Picture(sketch, 1, (0.0, 0.0, *size))
    flow.add_figure(page, whole, alt, reading=figure.reading, chart=figure.chart)
    return sketch


def _sketch(shapes: list[OfficeShape], size: tuple[float, float]) -> SlidePages:
    return SlidePages((Page(1, *size),), {1: shapes}, {})
