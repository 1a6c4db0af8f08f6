"""What a graphic frame of PowerPoint, Word or Excel holds as data: a chart with its numbers, SmartArt.

In: the frame's XML, its place, a way to the parts that it relates to. Out: a figure, and shapes that show it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dic_ingest.model.box import Box
from dic_ingest.model.chart import Chart
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Figure, Hint
from dic_ingest.sources.office.charts.extended import read_extended_chart
from dic_ingest.sources.office.charts.picture import chart_shapes
from dic_ingest.sources.office.charts.read import Cells, read_chart
from dic_ingest.sources.office.drawing.canvas import words_of
from dic_ingest.sources.office.drawing.drawingml import RELATION, local, read_shapes
from dic_ingest.sources.office.drawing.graph.drawings import find_drawing
from dic_ingest.sources.office.drawing.shapes import OfficeShape, moved_shape
from dic_ingest.sources.office.drawing.smartart import (
    category_of,
    drawing_relation,
    layout_name,
    read_smartart,
    shape_names,
)
from dic_ingest.sources.office.package import parse_xml


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that a slide, document or sheet relates to. `read` gives bytes by relationship id, or None;
    `cells` the values of a range for charts that keep no copy of them."""

    read: Callable[[str], bytes | None]
    cells: Cells = lambda _: ()

    def xml(self, relation: str) -> Any:
        """A part as a tree; None where there is none."""
        data = self.read(relation)
        return None if data is None else parse_xml(data)


def framed_figure(element: Any, frame: OfficeShape, parts: Parts) -> tuple[Figure, list[OfficeShape]] | None:
    """The figure of a frame and the shapes that show it, its page left open; None where it holds no data."""
    chart = chart_in(element, parts)
    if chart is not None:
        return chart_figure(chart, frame)
    hint = Hint("alt_text", "", frame.alt) if frame.alt else None
    found = smartart_in(element, frame.bbox, parts)
    if found is None:
        return None
    diagram, shapes = found
    shapes = [replace(s, order=frame.order, id=f"{frame.id}/{s.id}") for s in shapes]
    words = tuple(w for s in shapes for w in words_of(s))
    return Figure("", 0, frame.bbox, 0, hint=hint, embedded_words=words, reading=diagram), shapes


def chart_figure(chart: Chart, frame: OfficeShape) -> tuple[Figure, list[OfficeShape]]:
    """The figure of a chart in its frame, its page left open, and the shapes that show it."""
    hint = Hint("alt_text", "", frame.alt) if frame.alt else None
    shapes = chart_shapes(chart, frame)
    words = tuple(w for s in shapes for w in words_of(s))
    return Figure("", 0, frame.bbox, 0, hint=hint, embedded_words=words, chart=chart), shapes


def chart_in(element: Any, parts: Parts) -> Chart | None:
    """The chart that an element links to."""
    for inner in element.iter():
        if local(inner) == "chart" and inner.get(f"{RELATION}id"):
            space = parts.xml(inner.get(f"{RELATION}id"))
            if space is None:
                continue
            return read_chart(space, parts.cells) or read_extended_chart(space)
    return None


def smartart_in(element: Any, place: Box, parts: Parts) -> tuple[Diagram, list[OfficeShape]] | None:
    """The SmartArt that an element links to: its graph from the corner of `place`, and its shapes."""
    links = next((e for e in element.iter() if local(e) == "relIds"), None)
    model = None if links is None else parts.xml(links.get(f"{RELATION}dm", ""))
    if links is None or model is None:
        return None
    layout = parts.xml(links.get(f"{RELATION}lo", ""))
    relation = drawing_relation(model)
    drawing = parts.xml(relation) if relation else None
    tree = None if drawing is None else next((e for e in drawing.iter() if local(e) == "spTree"), None)
    shapes = [] if tree is None else read_shapes(tree)
    names = [] if tree is None else shape_names(tree)
    names = names if len(names) == len(shapes) else []
    diagram = read_smartart(model, category_of(layout, layout_name(model)), shapes, names)
    if not any(n.label for n in diagram.nodes):  # the drawing part may say more than a damaged model
        drawn = find_drawing(shapes)
        if drawn is None:
            return None
        diagram = drawn.diagram
    return diagram, [moved_shape(s, place[0], place[1]) for s in shapes]
