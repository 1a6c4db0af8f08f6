"""Pages made of pictures put in places, with the doors of `PdfFile`: `drawing` and `render`.

In: page sizes and pictures with their boxes, in points. Out: pixels and drawings. The file's text is not
on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from PIL import Image

from dic_ingest.model.box import Box, height_of, size_of, union, width_of
from dic_ingest.model.document import Page
from dic_ingest.model.drawing import Drawing, PlacedImage
from dic_ingest.sources.diagram_files.picture import picture_of_bytes
from dic_ingest.sources.image import PictureFile
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.settings import PictureLimits

MAX_PIXELS = 40e6
MARGIN = 2.0  # points around a drawing cut out of its page


class RenderedPages(Protocol):
    """An open file of pages: a picture, a PDF, shapes."""

    def drawing(self, number: int) -> Drawing:
        """What is drawn on a page."""
        ...

    def render(self, number: int, box: Box | None = None, dpi: float = 144.0) -> Image.Image:
        """A page, or a box on it, as pixels."""
        ...


class StoredPicture:
    """A picture inside an archive, opened again for each look: a long deck holds none of them in memory."""

    def __init__(self, read: Callable[[], bytes | None]) -> None:
        self._read = read

    def drawing(self, number: int) -> Drawing:
        """What is drawn on a page."""
        with self._opened() as file:
            return file.drawing(number)

    def render(self, number: int, box: Box | None = None, dpi: float = 96.0) -> Image.Image:
        """RGB picture of it, or of `box` in it (points)."""
        with self._opened() as file:
            return file.render(number, box, dpi)

    def _opened(self) -> PictureFile:
        return picture_of_bytes(self._read() or b"", PictureLimits(max_frames=1))


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels and drawing of one figure: a frame of a picture file, or a box on a page of a PDF."""

    file: RenderedPages
    page: int
    box: Box

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of its own, points."""
        return size_of(self.box)

    def render(self, box: Box, dpi: float) -> Image.Image:
        """RGB picture of `box`, relative to the picture's own corner."""
        return self.file.render(self.page, _moved(box, self.box[0], self.box[1]), dpi)

    def placed(self, place: Box) -> Drawing:
        """What is drawn in it, in the coordinates of the page it is put on at `place`."""
        own = self.file.drawing(self.page).within(self.box)
        same = abs(width_of(place) - self.size[0]) < 1 and abs(height_of(place) - self.size[1]) < 1
        if not same:  # a picture file, shown larger or smaller than it is
            return replace(own, images=tuple(PlacedImage(place, i.pixels, i.order) for i in own.images))
        x, y = self.box[0] - place[0], self.box[1] - place[1]
        return own.cut((x, y, x, y))  # moved, whatever the size


class PlacedPages:
    """The pages; `on` has the pictures of each page with their boxes."""

    def __init__(self, pages: tuple[Page, ...], on: dict[int, list[tuple[Box, Picture]]]) -> None:
        self.pages = pages
        self._on = on
        self._last: tuple[int, Drawing] | None = None

    def drawing(self, number: int) -> Drawing:
        """What the page's pictures draw."""
        if self._last is not None and self._last[0] == number:
            return self._last[1]
        page = self.pages[number - 1]
        parts = [picture.placed(place) for place, picture in self._on.get(number, ())]
        drawing = Drawing(
            page.width,
            page.height,
            tuple(w for p in parts for w in p.words),
            tuple(x for p in parts for x in p.paths),
            tuple(i for p in parts for i in p.images),
            tuple(n for p in parts for n in p.notes),
        )
        self._last = number, drawing
        return drawing

    def render(self, number: int, box: Box | None = None, dpi: float = 144.0) -> Image.Image:
        """RGB picture of a page or of `box` on it, from the pictures' own pixels; white between them."""
        page = self.pages[number - 1]
        wanted = box or (0.0, 0.0, page.width, page.height)
        width, height = max(width_of(wanted), 0.1), max(height_of(wanted), 0.1)
        scale = min(dpi / 72.0, (MAX_PIXELS / (width * height)) ** 0.5)
        ground = Image.new("RGB", (max(1, round(width * scale)), max(1, round(height * scale))), "white")
        for place, picture in self._on.get(number, ()):
            shown = (
                max(place[0], wanted[0]),
                max(place[1], wanted[1]),
                min(place[2], wanted[2]),
                min(place[3], wanted[3]),
            )
            if shown[2] <= shown[0] or shown[3] <= shown[1]:
                continue
            zoom = width_of(place) / picture.size[0], height_of(place) / picture.size[1]
            part = _moved(shown, -place[0], -place[1])
            own = part[0] / zoom[0], part[1] / zoom[1], part[2] / zoom[0], part[3] / zoom[1]
            tile = picture.render(own, 72.0 * scale * max(zoom))
            size = max(1, round(width_of(shown) * scale)), max(1, round(height_of(shown) * scale))
            if tile.size != size:
                tile = tile.resize(size, Image.Resampling.LANCZOS)
            ground.paste(tile, (round((shown[0] - wanted[0]) * scale), round((shown[1] - wanted[1]) * scale)))
        return ground


def drawn_on(pdf: PdfFile | None, number: int) -> Picture | None:
    """What is drawn on a page, as a picture of its own; None for an empty page."""
    if pdf is None or number > len(pdf.pages):
        return None
    drawing = pdf.drawing(number)
    boxes = [
        *(w.bbox for w in drawing.words),
        *(p.bbox for p in drawing.paths),
        *(i.bbox for i in drawing.images),
    ]
    boxes = [b for b in boxes if width_of(b) < 0.995 * drawing.width or height_of(b) < 0.995 * drawing.height]
    if not boxes:
        return None
    x0, y0, x1, y1 = union(boxes)
    box = (
        max(0.0, x0 - MARGIN),
        max(0.0, y0 - MARGIN),
        min(drawing.width, x1 + MARGIN),
        min(drawing.height, y1 + MARGIN),
    )
    return Picture(pdf, number, box)


def _moved(box: Box, x: float, y: float) -> Box:
    return box[0] + x, box[1] + y, box[2] + x, box[3] + y
