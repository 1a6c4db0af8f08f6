"""Bytes of a diagram file -> its pages, by suffix and by what lies inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dic_ingest.errors import BrokenFileError, InputError, UnsupportedFileError
from dic_ingest.model.chart import Chart
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.drawing import Drawing
from dic_ingest.sources.diagram_files import limits as l
from dic_ingest.sources.diagram_files.editors.bpmn import read_bpmn
from dic_ingest.sources.diagram_files.editors.drawio import read_drawio
from dic_ingest.sources.diagram_files.editors.embedded import embedded_pages
from dic_ingest.sources.diagram_files.editors.excalidraw import read_excalidraw
from dic_ingest.sources.diagram_files.editors.visio import read_visio
from dic_ingest.sources.diagram_files.languages.dot import read_dot
from dic_ingest.sources.diagram_files.languages.fences import suffix_of_bytes
from dic_ingest.sources.diagram_files.languages.mermaid.charts import read_mermaid_chart
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid
from dic_ingest.sources.diagram_files.languages.plantuml.read import read_plantuml
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.diagram_files.svg.drawing import svg_drawing


@dataclass(frozen=True, slots=True)
class DiagramPage:
    """A page: its graph or chart, or, for an SVG whose source is lost, only what is drawn. `named`: people
    gave the title."""

    title: str
    diagram: Diagram | None
    drawing: Drawing | None = None
    named: bool = False
    chart: Chart | None = None


def read_pages(data: bytes, name: str, suffix: str, limits: DiagramLimits) -> list[DiagramPage]:
    """The pages of a diagram file that hold something.

    Raises:
        BrokenFileError: damaged, or of another format than its suffix says. LimitError: over a bound.
        UnsupportedFileError: a suffix that is not read here.
    """
    for suffixes, reader in _READERS:
        if suffix in suffixes:
            pages = reader(data, name, limits)
            return [
                p
                for p in pages
                if p.drawing or p.chart or (p.diagram and (p.diagram.nodes or p.diagram.notes))
            ]
    raise UnsupportedFileError(
        f"{name} is no diagram file that is read here ({', '.join(sorted(l.SUFFIXES))})."
    )


def text_of(data: bytes) -> str:
    """The text of a file: UTF-8 or, with its mark, UTF-16; what is no text becomes a replacement
    character."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def _drawio(data: bytes, name: str, limits: DiagramLimits) -> list[DiagramPage]:
    return [DiagramPage(title, graph) for title, graph in read_drawio(data, name, limits)]


def _mermaid(data: bytes, name: str, limits: DiagramLimits) -> list[DiagramPage]:
    chart = read_mermaid_chart(text_of(data))
    if chart is not None:
        return [DiagramPage(chart.title, None, chart=chart)]
    graph = read_mermaid(text_of(data))
    if graph is None:
        raise BrokenFileError(
            f"{name} is no Mermaid diagram of a kind that is read here. Check its first line."
        )
    return [DiagramPage(graph.title, graph, None, bool(graph.title))]


def _excalidraw(data: bytes, name: str, limits: DiagramLimits) -> list[DiagramPage]:
    return [DiagramPage("", read_excalidraw(text_of(data), name, limits))]


def _plantuml(data: bytes, name: str, limits: DiagramLimits) -> list[DiagramPage]:
    graphs = read_plantuml(text_of(data))
    if not graphs:
        raise BrokenFileError(
            f"{name} holds no PlantUML diagram of a kind that is read here. Check its lines."
        )
    return [DiagramPage(g.title, g, None, bool(g.title)) for g in graphs]


def _dot(data: bytes, name: str, limits: DiagramLimits) -> list[DiagramPage]:
    graphs = read_dot(text_of(data), name, limits)
    return [DiagramPage(g.title, g, None, bool(g.title)) for g in graphs]


def _bpmn(data: bytes, name: str, limits: DiagramLimits) -> list[DiagramPage]:
    return [DiagramPage("", read_bpmn(data, name, limits))]


def _xml(data: bytes, name: str, limits: DiagramLimits) -> list[DiagramPage]:
    return (_bpmn if suffix_of_bytes(data) == ".bpmn" else _drawio)(data, name, limits)


def _visio(data: bytes, name: str, limits: DiagramLimits) -> list[DiagramPage]:
    return [DiagramPage(title, graph) for title, graph in read_visio(data, name, limits)]


def _svg(data: bytes, name: str, limits: DiagramLimits) -> list[DiagramPage]:
    """The source that it carries, else what it draws."""
    try:
        carried = embedded_pages(data, name, limits)
    except InputError:  # the drawing is there all the same
        carried = []
    if any(graph.nodes for _, graph in carried):
        return [DiagramPage(title, graph) for title, graph in carried]
    drawing = svg_drawing(data, name, limits)
    return [DiagramPage("", None, drawing)] if drawing.words or drawing.paths or drawing.images else []


_READERS: list[tuple[frozenset[str], Callable[[bytes, str, DiagramLimits], list[DiagramPage]]]] = [
    (l.DRAWIO, _drawio),
    (l.XML, _xml),
    (l.BPMN, _bpmn),
    (l.DOT, _dot),
    (l.EXCALIDRAW, _excalidraw),
    (l.MERMAID, _mermaid),
    (l.PLANTUML, _plantuml),
    (l.SVG, _svg),
    (l.VISIO, _visio),
]
