"""A picture that carries its editable source: shown by its own pixels, read from the source.

In: a PNG. Out: a `PictureFile` whose figure has a reading, placed on the pixels as the export placed it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dic_ingest.errors import InputError
from dic_ingest.model.box import height_of, width_of
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Document, Figure
from dic_ingest.model.drawing import Drawing
from dic_ingest.render.draw import drawing_of
from dic_ingest.render.layout import placed
from dic_ingest.sources.diagram_files.editors.canvas import extent
from dic_ingest.sources.diagram_files.editors.embedded import PNG, embedded_pages
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.image import PictureFile
from dic_ingest.sources.settings import PictureLimits
from dic_ingest.sources.source import PdfParser

HEAD_BYTES = 8


class PictureWithSource(PictureFile):
    """An open picture; `graph` is what the source in it says, in points of the page."""

    def __init__(self, source: Path | str | bytes, limits: PictureLimits | None, graph: Diagram) -> None:
        super().__init__(source, limits)
        whole = fitted(graph, self.pages[0].width, self.pages[0].height)
        self.graph = replace(whole, read_from="file")

    def drawing(self, number: int) -> Drawing:
        """The placed image, and the words of the source over it."""
        drawn = super().drawing(number)
        return replace(drawn, words=drawing_of(self.graph).words) if number == 1 else drawn

    def layout(self, name: str, parse_pdf: PdfParser) -> Document:
        """The picture's figure with its reading."""
        document = super().layout(name, parse_pdf)
        first = document.figures[0].id
        return document.replace_figures(lambda f: self._read(f) if f.id == first else f)

    def _read(self, figure: Figure) -> Figure:
        return replace(figure, reading=self.graph, embedded_words=self.drawing(1).words)


def open_picture(
    path: Path | str, limits: PictureLimits | None = None, bounds: DiagramLimits | None = None
) -> PictureFile:
    """The picture file; one that carries its source comes with its graph.

    Raises:
        InputError: one of its kinds, see `dic_ingest.errors`.
    """
    plain = PictureFile(path, limits)
    graph = _carried(Path(path), bounds or DiagramLimits())
    if graph is None:
        return plain
    plain.__exit__(None, None, None)
    return PictureWithSource(path, limits, graph)


def picture_of_bytes(data: bytes, limits: PictureLimits | None = None) -> PictureFile:
    """The same for the bytes of a picture.

    Raises:
        InputError: one of its kinds, see `dic_ingest.errors`.
    """
    graph = _graph_in(data, "picture", DiagramLimits()) if data.startswith(PNG) else None
    return PictureFile(data, limits) if graph is None else PictureWithSource(data, limits, graph)


def _carried(path: Path, bounds: DiagramLimits) -> Diagram | None:
    """The graph in a picture file."""
    try:
        with path.open("rb") as file:
            if file.read(HEAD_BYTES) != PNG:
                return None
        if path.stat().st_size > bounds.max_bytes:
            return None
        return _graph_in(path.read_bytes(), path.name, bounds)
    except OSError:
        return None


def _graph_in(data: bytes, name: str, bounds: DiagramLimits) -> Diagram | None:
    """The graph of a source that is whole; a damaged one leaves a picture like any other."""
    try:
        pages = embedded_pages(data, name, bounds)
    except InputError:
        return None
    graph = pages[0][1] if len(pages) == 1 else None  # of several pages nobody knows which one is shown
    return graph if graph is not None and graph.nodes else None


def fitted(graph: Diagram, width: float, height: float) -> Diagram:
    """The graph scaled and moved so that what it draws fills a page of that size."""
    graph = placed(graph)
    box = extent(graph)
    if box is None:
        return graph
    wide, tall = max(width_of(box), 1.0), max(height_of(box), 1.0)
    scale = min(width / wide, height / tall)
    left, top = (width - wide * scale) / 2, (height - tall * scale) / 2
    return graph.scaled(scale).moved(left - box[0] * scale, top - box[1] * scale)
