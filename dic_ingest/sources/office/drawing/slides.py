"""Pages of shapes with the methods of `PdfFile`: `drawing` by the shapes themselves, `render` by a PDF.

In: pages, shapes and pictures by page, the PDF that an office program made, if any. Without it the shapes are
drawn from their geometry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PIL import Image

from dic_ingest.model.box import Box, area, height_of, intersection, width_of
from dic_ingest.model.document import Page
from dic_ingest.model.drawing import Drawing
from dic_ingest.render.paint import paint
from dic_ingest.sources.office.drawing.canvas import drawing_of
from dic_ingest.sources.office.drawing.shapes import OfficeShape
from dic_ingest.sources.office.pages import Picture
from dic_ingest.sources.pdf.document import PdfFile

BACKGROUND = 0.6  # of the page: larger pictures lie behind the drawing, and are left out of it
MOST_DPI = 600.0


class SlidePages:
    """Slides, or other pages that are made of shapes."""

    def __init__(
        self,
        pages: tuple[Page, ...],
        shapes: Mapping[int, Sequence[OfficeShape]],
        pictures: Mapping[int, Mapping[str, Picture]],
        pdf: PdfFile | None = None,
    ) -> None:
        self.pages = pages
        self._shapes, self._pictures, self._pdf = shapes, pictures, pdf
        self.shown: Picture | None = None  # a better picture of the only page

    def drawing(self, number: int) -> Drawing:
        """What stands on a page, as data."""
        page = self.pages[number - 1]
        return drawing_of(self._shapes.get(number, ()), page.width, page.height)

    def render(self, number: int, box: Box | None = None, dpi: float = 144.0) -> Image.Image:
        """RGB picture of a page, or of `box` on it (points)."""
        page = self.pages[number - 1]
        wanted = box or (0.0, 0.0, page.width, page.height)
        if self._pdf is not None:
            return self._pdf.render(number, wanted, dpi)
        if self.shown is not None:
            across = self.shown.size[0] / max(page.width, 0.1)
            down = self.shown.size[1] / max(page.height, 0.1)
            part = wanted[0] * across, wanted[1] * down, wanted[2] * across, wanted[3] * down
            return self.shown.render(part, dpi / max(across, 0.01))
        sheet = paint(self.drawing(number), wanted, dpi)
        scale = sheet.width / max(width_of(wanted), 0.1)
        pictures = self._pictures.get(number, {})
        for shape in self._shapes.get(number, ()):
            if shape.id in pictures and area(shape.bbox) < BACKGROUND * page.width * page.height:
                _paste(sheet, pictures[shape.id], shape.bbox, wanted, scale)
        return sheet


def _paste(sheet: Image.Image, picture: Picture, place: Box, wanted: Box, scale: float) -> None:
    """The part of a picture that lies in `wanted`, over what is drawn."""
    shown = intersection(place, wanted)
    size = round(width_of(shown) * scale), round(height_of(shown) * scale)
    if min(size) < 1:
        return
    zoom = [picture.size[i] / max(place[i + 2] - place[i], 0.1) for i in (0, 1)]
    own = (
        (shown[0] - place[0]) * zoom[0],
        (shown[1] - place[1]) * zoom[1],
        (shown[2] - place[0]) * zoom[0],
        (shown[3] - place[1]) * zoom[1],
    )
    tile = picture.render(own, min(72.0 * size[0] / max(width_of(own), 0.1), MOST_DPI)).resize(size)
    sheet.paste(tile, (round((shown[0] - wanted[0]) * scale), round((shown[1] - wanted[1]) * scale)))
