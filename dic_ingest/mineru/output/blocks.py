"""Collecting blocks while a bundle is read: pages, boxes, ids, order, and what has to be warned of.

Every contract reader (`bundle_middle`, `bundle_content_list`, ...) writes into one `Collector`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from dic_ingest.errors import BundleError
from dic_ingest.model.box import Box
from dic_ingest.model.document import (
    Block,
    Code,
    Equation,
    Figure,
    Heading,
    Hint,
    List,
    Page,
    Table,
    Text,
    Warning,
    block_id,
)
from dic_ingest.text.html_tables import table_text

LETTER = (612.0, 792.0)  # points, for a page of unknown size
MAX_PAGES = 100_000
ROLES = {
    "header": "header",
    "page_header": "header",
    "footer": "footer",
    "page_footer": "footer",
    "page_number": "page_number",
    "aside_text": "aside",
    "page_aside_text": "aside",
    "page_footnote": "footnote",
}
FLASH, VLM = "flash", ("advanced", "vlm", "hybrid")


@dataclass(slots=True)
class Collector:
    """Blocks and warnings of one bundle. `known` are page sizes from the PDF; `picture` turns the parser's
    image path into a usable one ("" where there is none)."""

    sha256: str
    known: Mapping[int, Page] = field(default_factory=dict)
    picture: Callable[[str], str] = lambda _: ""
    tier: str = ""
    limit: int = 1_000_000  # blocks
    pages: dict[int, Page] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    guessed: set[int] = field(default_factory=set)
    ids: Counter[str] = field(default_factory=Counter)

    def page(self, number: int, size: tuple[float, float] | None = None) -> Page:
        """Page `number` (from 1): the PDF's size, else the bundle's, else US letter with a warning."""
        if number in self.known:
            self.pages[number] = self.known[number]
        elif number not in self.pages or number in self.guessed:
            if size is None or min(size) <= 0:
                self.guessed.add(number)
                size = LETTER
            else:
                self.guessed.discard(number)
            self.pages[number] = Page(number, *size)
        return self.pages[number]

    def add(self, block: Block, also: str = "") -> None:
        """Number the block; one without any content is dropped, figures, tables and formulas excepted."""
        if len(self.blocks) >= self.limit:
            raise BundleError(f"more than {self.limit} blocks (BundleLimits.max_blocks). Raise it, or split.")
        if not block.content.strip() and not isinstance(block, Figure | Table | Equation):
            return
        content = "" if isinstance(block, Figure) and block.bbox else block.content + also
        name = block_id(self.sha256, block.type, block.page, block.bbox, content)
        self.ids[name] += 1
        if self.ids[name] > 1:
            name = f"{name}-{self.ids[name]}"
        self.blocks.append(replace(block, id=name, order=len(self.blocks)))

    def text(self, page: int, bbox: Box | None, text: str, role: str = "body") -> None:
        """Running text or page furniture."""
        self.add(Text("", page, bbox, 0, text.strip(), role))

    def heading(self, page: int, bbox: Box | None, text: str, level: int) -> None:
        """A title."""
        self.add(Heading("", page, bbox, 0, text.strip(), level))

    def list(self, page: int, bbox: Box | None, items: tuple[str, ...]) -> None:
        """Items, blank ones left out."""
        self.add(List("", page, bbox, 0, tuple(i.rstrip() for i in items if i.strip())))

    def equation(self, page: int, bbox: Box | None, latex: str) -> None:
        """A display formula; outer dollar signs go."""
        stripped = latex.strip()
        if len(stripped) >= 4 and stripped.startswith("$$") and stripped.endswith("$$"):
            stripped = stripped[2:-2].strip()
        self.add(Equation("", page, bbox, 0, stripped))

    def code(self, page: int, bbox: Box | None, text: str, caption: str, language: str = "") -> None:
        """A listing or algorithm."""
        self.add(Code("", page, bbox, 0, text.strip("\n"), language, caption))

    def table(
        self, page: int, bbox: Box | None, html: str, caption: tuple[str, ...], notes: tuple[str, ...]
    ) -> None:
        """A table; `html` may be Markdown or empty."""
        markup = html.strip() if "<" in html else ""
        self.add(Table("", page, bbox, 0, markup, table_text(html), " ".join(caption), notes))

    def figure(self, found: ParsedFigure) -> None:
        """A figure; its picture is looked up."""
        figure = Figure(
            "",
            found.page,
            found.bbox,
            0,
            printed_caption=" ".join(found.caption),
            caption_boxes=found.caption_boxes,
            footnotes=found.footnotes,
            hint=self.hint(found),
            image=self.picture(found.image) if found.image else "",
        )
        self.add(figure, found.image[:200])

    def hint(self, found: ParsedFigure) -> Hint | None:
        """What the parser said of a figure, with its provenance: only some tiers look at the picture."""
        kind = "/".join(dict.fromkeys(filter(None, ("chart" if found.chart else "", found.sub_type.strip()))))
        content = found.content.strip()
        if not kind and not content:
            return None
        seen = bool(content) and (found.chart or found.sub_type not in ("", "seal"))
        if self.tier == FLASH:
            source = "embedded_text"
        elif self.tier.startswith(VLM) or (not self.tier and seen):
            source = "mineru_vlm"
        else:
            source = "layout"
        return Hint(source, kind, content)

    def unknown_block(self, kind: str, page: int, bbox: Box | None, text: str) -> None:
        """A block of a type this reader does not know: its text stays."""
        self.unknown[kind[:40] or "(none)"] += 1
        self.text(page, bbox, text)

    def warnings(self) -> tuple[Warning, ...]:
        """One warning per sort of trouble."""
        found = []
        if self.unknown:
            kinds = ", ".join(f"{k} ({n})" for k, n in sorted(self.unknown.items())[:20])
            found.append(Warning("unknown_block", f"blocks of unknown types were kept as text: {kinds}"))
        if self.guessed and any(b.bbox for b in self.blocks):
            message = (
                f"{len(self.guessed)} pages have no known size; US letter was assumed. Give the PDF too."
            )
            found.append(Warning("page_size", message))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class ParsedFigure:
    """A figure as the parser's output gives it."""

    page: int
    bbox: Box | None
    chart: bool = False
    image: str = ""
    caption: tuple[str, ...] = ()
    caption_boxes: tuple[Box, ...] = ()
    footnotes: tuple[str, ...] = ()
    content: str = ""
    sub_type: str = ""
