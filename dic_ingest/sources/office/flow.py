"""Text that flows, with pictures in it, as blocks and pages: what docx, xlsx, html, epub and md share.

In: blocks in order, pictures among them. Out: a `Flow` whose pages hold their pictures stacked, so that boxes
and pixels work as they do for a PDF. Text blocks have no boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dic_ingest.errors import EmptyFileError, InputError
from dic_ingest.model.box import Box
from dic_ingest.model.chart import Chart
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.document import Block, Code, Figure, Hint, Page, Warning, block_id
from dic_ingest.sources.diagram_files.file import DiagramFile
from dic_ingest.sources.diagram_files.languages.fences import suffix_of_bytes
from dic_ingest.sources.diagram_files.picture import PictureWithSource, picture_of_bytes
from dic_ingest.sources.office.pages import Picture, PlacedPages
from dic_ingest.sources.settings import PictureLimits

BLANK = (595.0, 842.0)  # least size of a page; A4
MARGIN = 36.0  # points around the pictures of a page: they bleed off no edge
GAP = 12.0  # points between stacked pictures
MAX_SIDE = 20_000.0  # points that a picture may be wide or high


@dataclass(slots=True)
class Flow:
    """A document on its way: blocks in order, the pictures of its figures by place in `blocks`."""

    name: str
    max_pictures: int = 2_000
    blocks: list[Block] = field(default_factory=list)
    pictures: dict[int, Picture] = field(default_factory=dict)
    warnings: list[Warning] = field(default_factory=list)

    def add(self, block: Block) -> None:
        """A block of text; one that says nothing is left out."""
        if block.content.strip():
            self.blocks.append(block)

    def add_picture(self, page: int, data: bytes, alt: str = "", caption: str = "") -> None:
        """A figure from the bytes of a picture file; a damaged or foreign one is a warning."""
        suffix = suffix_of_bytes(data)
        try:
            if suffix:
                self._add_pages(page, DiagramFile(data, suffix=suffix), alt, caption)
                return
            file = picture_of_bytes(data, PictureLimits(max_frames=1))
            size = file.pages[0]
        except EmptyFileError:  # nothing is drawn: no loss
            if not suffix:
                self.warn("picture_left_out", "a picture is empty", page)
            return
        except InputError as error:
            self.warn("picture_left_out", f"a picture could not be read: {error}", page)
            return
        whole = Picture(file, 1, (0.0, 0.0, size.width, size.height))
        self.add_figure(
            page, whole, alt, caption, file.graph if isinstance(file, PictureWithSource) else None
        )

    def add_diagram(self, page: int, text: str, suffix: str, caption: str = "") -> None:
        """A figure a page from the source of a diagram; one that cannot be read stays a listing."""
        try:
            file = DiagramFile(text.encode("utf-8", "replace"), suffix=suffix)
        except InputError:
            self.add(Code("", page, None, 0, text, suffix.lstrip("."), caption))
            return
        self._add_pages(page, file, "", caption)

    def _add_pages(self, page: int, file: DiagramFile, alt: str, caption: str) -> None:
        for number, size in enumerate(file.pages, 1):
            whole = Picture(file, number, (0.0, 0.0, size.width, size.height))
            self.add_figure(page, whole, alt, caption, file.graph(number), file.chart(number))

    def add_figure(
        self,
        page: int,
        picture: Picture,
        alt: str = "",
        caption: str = "",
        reading: Diagram | None = None,
        chart: Chart | None = None,
    ) -> None:
        """A figure from its picture; `reading` is the graph that the file holds, in the picture's own
        points, `chart` the chart."""
        if len(self.pictures) >= self.max_pictures:
            self.warn("picture_limit", "pictures over OfficeSettings.max_pictures were left out")
            return
        if max(picture.size) > MAX_SIDE or min(picture.size) <= 0:
            self.warn("picture_left_out", "a picture without a usable size was left out", page)
            return
        self.pictures[len(self.blocks)] = picture
        hint = Hint("alt_text", "", alt) if alt.strip() else None
        figure = Figure("", page, None, 0, printed_caption=caption, hint=hint, reading=reading, chart=chart)
        self.blocks.append(figure)

    def insert(self, index: int, block: Block) -> None:
        """A block of text before block `index`."""
        self.blocks.insert(index, block)
        self.pictures = {k + (k >= index): v for k, v in self.pictures.items()}

    def insert_figure(self, index: int, page: int, picture: Picture, alt: str = "") -> None:
        """A figure before block `index`."""
        later = self.blocks[index:]
        moved = {k: v for k, v in self.pictures.items() if k >= index}
        del self.blocks[index:]
        self.pictures = {k: v for k, v in self.pictures.items() if k < index}
        self.add_figure(page, picture, alt)
        shift = len(self.blocks) - index
        self.blocks += later
        self.pictures |= {k + shift: v for k, v in moved.items()}

    def warn(self, code: str, message: str, page: int | None = None) -> None:
        """A warning, told once."""
        warning = Warning(code, message, page)
        if warning not in self.warnings:
            self.warnings.append(warning)

    def by_page(self) -> None:
        """Puts the blocks into the order of their pages, on one page as they came."""
        order = sorted(range(len(self.blocks)), key=lambda i: self.blocks[i].page)
        self.blocks = [self.blocks[i] for i in order]
        self.pictures = {at: self.pictures[i] for at, i in enumerate(order) if i in self.pictures}

    def laid_out(self, sha256: str) -> tuple[PlacedPages, tuple[Block, ...]]:
        """Pages with their pictures under one another, and the blocks with ids, order and figures' boxes."""
        on: dict[int, list[tuple[Box, Picture]]] = {}
        boxes: dict[int, Box] = {}
        for index, picture in sorted(self.pictures.items()):
            stack = on.setdefault(self.blocks[index].page, [])
            top = stack[-1][0][3] + GAP if stack else MARGIN
            boxes[index] = (MARGIN, top, MARGIN + picture.size[0], top + picture.size[1])
            stack.append((boxes[index], picture))
        blocks = [replace(b, bbox=boxes.get(i)) for i, b in enumerate(self.blocks)]
        count = max((b.page for b in blocks), default=1)
        pages = tuple(Page(n, *_size(on.get(n, []))) for n in range(1, count + 1))
        return PlacedPages(pages, on), identified(blocks, sha256)


def _size(stack: Sequence[tuple[Box, Picture]]) -> tuple[float, float]:
    right = max((box[2] for box, _ in stack), default=0.0)
    bottom = max((box[3] for box, _ in stack), default=0.0)
    return max(BLANK[0], right + MARGIN), max(BLANK[1], bottom + MARGIN)


def identified(blocks: Sequence[Block], sha256: str) -> tuple[Block, ...]:
    """Blocks with order and ids; equal text twice gets two ids."""
    seen: dict[str, int] = {}
    done: list[Block] = []
    for order, block in enumerate(blocks):
        content = "" if isinstance(block, Figure) else block.content
        base = block_id(sha256, block.type, block.page, block.bbox, content)
        seen[base] = seen.get(base, 0) + 1
        done.append(replace(block, order=order, id=base if seen[base] == 1 else f"{base}-{seen[base]}"))
    return tuple(done)
