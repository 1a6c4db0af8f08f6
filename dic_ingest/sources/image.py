"""A picture file as a document of one figure per frame, with the same doors as `PdfFile`.

Points are pixels at 96 dpi, so a box of the figure maps back to its pixels by 4/3.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import TracebackType

from PIL import Image, ImageOps

from dic_ingest.errors import BrokenFileError, EmptyFileError, LimitError
from dic_ingest.image_files import open_picture
from dic_ingest.model.box import Box
from dic_ingest.model.document import Document, Figure, Page, Parser, block_id
from dic_ingest.model.drawing import Drawing, PlacedImage
from dic_ingest.sources.file_bytes import read_file
from dic_ingest.sources.settings import PictureLimits as PictureLimits
from dic_ingest.sources.source import PageSource, PdfParser

DPI = 96.0


class PictureFile(PageSource):
    """An open picture file.

    Raises:
        InputError: one of its kinds, see `dic_ingest.errors`.
    """

    is_single_figure = True

    def __init__(self, source: Path | str | bytes, limits: PictureLimits | None = None) -> None:
        self.limits = limits or PictureLimits()
        self.cuts: dict[int, tuple[str, ...]] = {}
        self.name = "picture" if isinstance(source, bytes) else Path(source).name
        data = (
            source
            if isinstance(source, bytes)
            else read_file(Path(source), self.limits.max_bytes, "PictureLimits.max_bytes")
        )
        if not data:
            raise EmptyFileError(f"{self.name} is empty (0 bytes). Fetch it again.")
        self.sha256 = hashlib.sha256(data).hexdigest()
        self._image = open_picture(data, self.limits.max_pixels, self.name)
        frames = min(getattr(self._image, "n_frames", 1), self.limits.max_frames)
        if self._image.format == "GIF":
            frames = 1  # an animation is one figure
        try:
            self.pages = tuple(self._page(i) for i in range(frames))
        except (OSError, SyntaxError, ValueError, EOFError) as error:  # Pillow reads on to find EXIF data
            raise BrokenFileError(f"{self.name} is damaged: {error}. Fetch it again.") from error

    def __enter__(self) -> PictureFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._image.close()

    def drawing(self, number: int) -> Drawing:
        """One placed image that fills the page."""
        page = self.pages[number - 1]
        pixels = round(page.width * DPI / 72), round(page.height * DPI / 72)
        return Drawing(
            page.width, page.height, images=(PlacedImage((0.0, 0.0, page.width, page.height), pixels, 0),)
        )

    def render(self, number: int, box: Box | None = None, dpi: float = DPI) -> Image.Image:
        """RGB picture of a frame or of `box` in it (points); transparency on white."""
        self._image.seek(number - 1)
        try:
            # EXIF may turn the picture; sizes in `pages` are of the turned one
            frame = ImageOps.exif_transpose(self._image)
            flat = _flatten(frame)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise BrokenFileError(f"{self.name} is damaged: {error}. Fetch it again.") from error
        if box is not None:
            flat = flat.crop(tuple(round(v * DPI / 72) for v in box))  # type: ignore[arg-type]
        scale = dpi / DPI
        if abs(scale - 1.0) > 0.01:
            size = max(1, round(flat.width * scale)), max(1, round(flat.height * scale))
            flat = flat.resize(size, Image.Resampling.LANCZOS)
        return flat

    def layout(self, name: str, parse_pdf: PdfParser) -> Document:
        """One figure per frame, nothing else."""
        blocks = []
        for order, page in enumerate(self.pages):
            box = (0.0, 0.0, page.width, page.height)
            blocks.append(Figure(block_id(self.sha256, "figure", page.number, box), page.number, box, order))
        return Document(name, self.sha256, Parser("image"), self.pages, tuple(blocks))

    def _page(self, index: int) -> Page:
        self._image.seek(index)
        width, height = self._image.size
        if width * height > self.limits.max_pixels:
            raise LimitError(
                f"{self.name} has {width} x {height} pixels, over PictureLimits.max_pixels. "
                "Raise it, or scale the picture down."
            )
        if self._image.getexif().get(0x0112, 1) in (5, 6, 7, 8):  # orientations on their side
            width, height = height, width
        return Page(index + 1, width * 72 / DPI, height * 72 / DPI)


def _flatten(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, rgba).convert("RGB")
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.point(lambda v: v / 256).convert("L").convert("RGB")
    return image.convert("RGB")
