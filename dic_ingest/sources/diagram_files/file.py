"""A diagram file as a document of one figure a page, with the same doors as `PdfFile`.

In: a file of a suffix in `limits.SUFFIXES`. Out: pages in points, their graphs, drawings and pixels. Pages
are drawn
from the geometry in the file, or laid out here where it has none.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from PIL import Image

from dic_ingest.errors import EmptyFileError
from dic_ingest.model.box import Box
from dic_ingest.model.chart import Chart
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Document, Figure, Page, Parser, Warning, block_id
from dic_ingest.model.drawing import Drawing
from dic_ingest.render.draw import drawing_of
from dic_ingest.render.layout import placed
from dic_ingest.render.paint import paint
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.diagram_files.read import DiagramPage, read_pages
from dic_ingest.sources.file_bytes import read_file
from dic_ingest.sources.office.charts.picture import chart_shapes
from dic_ingest.sources.office.drawing.canvas import drawing_of as drawing_of_shapes
from dic_ingest.sources.office.drawing.shapes import FRAME, OfficeShape
from dic_ingest.sources.source import PageSource, PdfParser

MAX_SIDE = 14_400.0  # points; a larger drawing is scaled down
CHART = (480.0, 300.0)  # points of a chart that is drawn from its values


class DiagramFile(PageSource):
    """An open diagram file.

    Raises:
        InputError: one of its kinds, see `dic_ingest.errors`.
    """

    is_single_figure = True

    def __init__(
        self, source: Path | str | bytes, limits: DiagramLimits | None = None, suffix: str = ""
    ) -> None:
        self.limits = limits or DiagramLimits()
        self.cuts: dict[int, tuple[str, ...]] = {}
        named = not isinstance(source, bytes)
        self.name = Path(str(source)).name if named else f"diagram{suffix}"
        self.suffix = suffix or (Path(str(source)).suffix.lower() if named else "")
        data = (
            source
            if isinstance(source, bytes)
            else read_file(Path(source), self.limits.max_bytes, "DiagramLimits.max_bytes")
        )
        if not data.strip():
            raise EmptyFileError(f"{self.name} is empty. Fetch it again.")
        self.sha256 = hashlib.sha256(data).hexdigest()
        found = read_pages(data, self.name, self.suffix, self.limits)
        self.warnings: tuple[Warning, ...] = ()
        if not found:
            raise EmptyFileError(f"{self.name} holds no diagram: nothing is drawn in it.")
        if len(found) > self.limits.max_pages:
            found = found[: self.limits.max_pages]
            self.warnings = (Warning("page_limit", "pages over DiagramLimits.max_pages were left out"),)
        self._found = [_drawn(page) for page in found]
        self.pages = tuple(Page(n, d.width, d.height) for n, (_, d) in enumerate(self._found, 1))

    def __enter__(self) -> DiagramFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def drawing(self, number: int) -> Drawing:
        """What is drawn on a page."""
        return self._found[number - 1][1]

    def graph(self, number: int) -> Diagram | None:
        """The graph of a page, in its points; None for a page that is only drawn."""
        return self._found[number - 1][0].diagram

    def chart(self, number: int) -> Chart | None:
        """The chart of a page; None for another page."""
        return self._found[number - 1][0].chart

    def render(self, number: int, box: Box | None = None, dpi: float = 144.0) -> Image.Image:
        """RGB picture of a page or of `box` on it (points)."""
        return paint(self.drawing(number), box, dpi)

    def layout(self, name: str, parse_pdf: PdfParser) -> Document:
        """One figure a page; its title is the printed caption."""
        blocks = []
        for order, (page, drawing) in enumerate(self._found):
            box = (0.0, 0.0, drawing.width, drawing.height)
            blocks.append(
                Figure(
                    block_id(self.sha256, "figure", order + 1, box, page.title),
                    order + 1,
                    box,
                    order,
                    printed_caption=page.title if len(self._found) > 1 or page.named else "",
                    embedded_words=drawing.words,
                    reading=page.diagram,
                    chart=page.chart,
                )
            )
        parser = Parser("diagram_file", "", self.suffix.lstrip("."))
        return Document(name, self.sha256, parser, self.pages, tuple(blocks), self.warnings)


def _drawn(page: DiagramPage) -> tuple[DiagramPage, Drawing]:
    """The page with its graph placed, and what it draws."""
    if page.chart is not None:
        frame = OfficeShape("chart", FRAME, (0.0, 0.0, *CHART))
        return page, drawing_of_shapes(chart_shapes(page.chart, frame), *CHART)
    if page.diagram is None:
        assert page.drawing is not None
        return page, page.drawing
    graph = replace(placed(page.diagram), read_from="file")
    drawing = drawing_of(graph)
    side = max(drawing.width, drawing.height)
    if side > MAX_SIDE:
        graph = placed(graph.scaled(MAX_SIDE / side))
        drawing = drawing_of(graph)
    return DiagramPage(page.title, graph, None, page.named), drawing
