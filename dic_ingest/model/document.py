"""A parsed document: pages, and blocks in reading order, figures among them.

Frozen; a stage returns a new one (`Document.replace_blocks`). JSON round trip is exact.
Coordinates are PDF points, origin top-left, on the page as shown. Nothing here reads or writes files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from dic_ingest.errors import MALFORMED, FormatError, MissingExtraError
from dic_ingest.model.box import Box
from dic_ingest.model.chart import Chart
from dic_ingest.model.description import Change as Change
from dic_ingest.model.description import Description as Description
from dic_ingest.model.description import Evidence as Evidence
from dic_ingest.model.description import Statement as Statement
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.drawing import Word
from dic_ingest.model.representation import NotebookRepr, written
from dic_ingest.model.serialization import build

if TYPE_CHECKING:
    import pandas

SCHEMA = "dic_ingest.document/1"


@dataclass(frozen=True, slots=True)
class Page:
    """A page as shown: after its crop box, rotation and user unit."""

    number: int  # from 1
    width: float  # points
    height: float
    image: str = ""  # path of its picture below the folder, "" for none


@dataclass(frozen=True, slots=True)
class Warning:
    """Something that was lost, cut short or doubtful; `code` is stable, `message` is for people."""

    code: str
    message: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Parser:
    """Who laid the document out: program, version, and for MinerU its tier."""

    name: str
    version: str = ""
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """What all blocks share. `id` is content-derived (`block_id`), `order` counts from 0 in reading order."""

    type: ClassVar[str] = "block"
    id: str
    page: int
    bbox: Box | None  # None where the parser's output has no boxes
    order: int

    @property
    def content(self) -> str:
        """The block's text as a retriever should see it."""
        return ""


@dataclass(frozen=True, slots=True)
class Text(Block):
    """Running text. `role` is body, header, footer, page_number, footnote or aside."""

    type: ClassVar[str] = "text"
    text: str = ""
    role: str = "body"

    @property
    def content(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Heading(Block):
    """A title; level 1 is the highest."""

    type: ClassVar[str] = "heading"
    text: str = ""
    level: int = 1

    @property
    def content(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class List(Block):
    """Items in order, bullets kept as printed."""

    type: ClassVar[str] = "list"
    items: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        return "\n".join(self.items)


@dataclass(frozen=True, slots=True)
class Table(Block):
    """A table; `html` where the parser gave structure, `text` always (cells by row, tab-separated)."""

    type: ClassVar[str] = "table"
    html: str = ""
    text: str = ""
    caption: str = ""
    footnotes: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        return "\n".join(filter(None, (self.caption, self.text, *self.footnotes)))

    def to_rows(self) -> list[list[str]]:
        """Cells by row, rows of one length; a cell that spans several places stands in each."""
        rows: list[list[str]] = written("table grid", self.html, self.text)
        return rows

    @property
    def tabbed(self) -> str:
        """Cells by row, parted by tabs."""
        return "\n".join("\t".join(row) for row in self.to_rows())

    def to_dataframe(self) -> pandas.DataFrame:
        """A pandas DataFrame; the first row gives the columns.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtraError("pandas", "explore") from error
        rows = self.to_rows()
        return pd.DataFrame(rows[1:], columns=rows[0] if rows else [])


@dataclass(frozen=True, slots=True)
class Equation(Block):
    """A display formula; `latex` may be empty on tiers that do not read formulas."""

    type: ClassVar[str] = "equation"
    latex: str = ""
    text: str = ""

    @property
    def content(self) -> str:
        return self.latex or self.text


@dataclass(frozen=True, slots=True)
class Code(Block):
    """A listing or algorithm."""

    type: ClassVar[str] = "code"
    text: str = ""
    language: str = ""
    caption: str = ""

    @property
    def content(self) -> str:
        return "\n".join(filter(None, (self.caption, self.text)))


@dataclass(frozen=True, slots=True)
class Reference:
    """A sentence elsewhere that speaks of a figure ("see Figure 3")."""

    block_id: str
    page: int
    sentence: str


NOT_ASKED_FOR = "is not asked for"  # ends the reason of a route that the settings leave out


@dataclass(frozen=True, slots=True)
class Route:
    """Where a figure goes, and why. `route` is diagram, chart, photo, screenshot, other, or a reason to
    leave it out: table, formula, decoration, duplicate, skipped."""

    route: str
    kind: Kind
    score: float  # 0..1, confidence in `kind`
    reason: str

    @property
    def kept(self) -> bool:
        """Whether the figure is described and emitted as a node."""
        return self.route not in ("table", "formula", "decoration", "duplicate", "skipped")

    @property
    def is_denied(self) -> bool:
        """Whether the settings leave out figures of this kind: no node, and no words of it in the text."""
        return self.route == "skipped" and self.reason.endswith(NOT_ASKED_FOR)


SET_AS_TEXT = "set_as_text"  # `Hint.sub_type` of a figure that is a listing, a form, a note: it has no graph


@dataclass(frozen=True, slots=True)
class Hint:
    """What the layout parser knew of a figure. `source` is embedded_text, mineru_vlm or layout."""

    source: str
    sub_type: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Figure(Block, NotebookRepr):
    """A whole figure, with everything that was found about it."""

    type: ClassVar[str] = "figure"
    label: str = ""  # "Figure 3", "Fig. 2-1", as printed
    printed_caption: str = ""  # without the label
    caption_boxes: tuple[Box, ...] = ()
    footnotes: tuple[str, ...] = ()
    embedded_words: tuple[Word, ...] = ()
    references: tuple[Reference, ...] = ()
    section: str = ""  # heading above it
    hint: Hint | None = None
    route: Route | None = None
    description: Description | None = None
    image: str = ""  # crop: path relative to document.json, or absolute
    dpi: float = 0.0
    crop_sha256: str = ""
    crop_bbox: Box | None = (
        None  # what was cut out of the page: the description's places count from its corner
    )
    duplicate_of: str = ""  # id of the figure that shows the same
    parent: str = ""  # id of the figure this is a part of: (a), (b)
    continues: str = ""  # id of the figure on an earlier page that this one continues
    rotation: int = 0  # degrees clockwise by which the crop was turned to be upright
    # the graph that the file itself holds as data; its origin is the corner of `bbox`
    reading: Diagram | None = None
    chart: Chart | None = None  # the chart that the file itself holds as data
    table: str = ""  # HTML of the cells, where the figure shows a table

    @property
    def set_as_text(self) -> bool:
        """Whether it is text that carries a figure's caption: a listing, a form, a note."""
        return self.hint is not None and self.hint.sub_type == SET_AS_TEXT

    @property
    def as_table(self) -> Table | None:
        """The table that the figure shows, in its place; None where its cells were not read."""
        if not self.table:
            return None
        caption = ": ".join(filter(None, (self.label, self.printed_caption)))
        table = Table(self.id, self.page, self.bbox, self.order, self.table, "", caption, self.footnotes)
        return replace(table, text=table.tabbed)

    @property
    def content(self) -> str:
        """Label, printed caption, description."""
        head = ": ".join(filter(None, (self.label, self.printed_caption)))
        said = self.description.caption if self.description else ""
        return "\n".join(filter(None, (head if head not in said else "", said, *self.footnotes)))


B = TypeVar("B", bound=Block)


@dataclass(frozen=True, slots=True)
class Document(NotebookRepr):
    """One file, parsed. `blocks` are in reading order; `sha256` is of the file's bytes."""

    source: str  # path or URL as given
    sha256: str
    parser: Parser
    pages: tuple[Page, ...]
    blocks: tuple[Block, ...]
    warnings: tuple[Warning, ...] = ()

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures, in reading order."""
        return tuple(b for b in self.blocks if isinstance(b, Figure))

    def replace_blocks(self, change: Callable[[Block], Block | None]) -> Document:
        """A document whose blocks went through `change`; None drops a block."""
        changed = (change(b) for b in self.blocks)
        return replace(self, blocks=tuple(b for b in changed if b is not None))

    def replace_figures(self, change: Callable[[Figure], Figure]) -> Document:
        """A document whose figures went through `change`; other blocks stay."""
        return self.replace_blocks(lambda b: change(b) if isinstance(b, Figure) else b)

    def warn(self, code: str, message: str, page: int | None = None) -> Document:
        """A document with one warning more.

        Args:
            code: what programs know the warning by, such as "figure_failed".
            message: for people.
            page: number from 1, None for the whole document.
        """
        return replace(self, warnings=(*self.warnings, Warning(code, message, page)))

    def __iter__(self) -> Iterator[Block]:
        return iter(self.blocks)

    def to_markdown(self) -> str:
        """The whole document as Markdown, figures in their places (crop, caption, graph as Mermaid)."""
        text: str = written("markdown", self)
        return text

    def to_html(self) -> str:
        """The whole document as one HTML page without scripts."""
        text: str = written("document html", self)
        return text

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` is the exact inverse."""
        blocks = [{"type": b.type, **asdict(b)} for b in self.blocks]
        return {**asdict(replace(self, blocks=())), "schema": SCHEMA, "blocks": blocks}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Document:
        """Rebuild from `data`, `to_dict` output or its JSON; raises FormatError on another schema."""
        return document_from_dict(data)


def block_id(document_sha256: str, kind: str, page: int, bbox: Box | None, content: str = "") -> str:
    """Stable id of a block: of the file, then of what stands where in it."""
    place = "" if bbox is None else ",".join(f"{v:.0f}" for v in bbox)
    text = f"{kind}|{page}|{place}|{content}"
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    return f"{document_sha256[:12]}-{digest[:12]}"


BLOCKS: dict[str, type[Block]] = {c.type: c for c in (Text, Heading, List, Table, Equation, Code, Figure)}


def document_from_dict(data: dict[str, Any]) -> Document:
    """A `Document` from `Document.to_dict` output.

    Raises:
        FormatError: another schema, an unknown block type, a value of the wrong shape.
    """
    if not isinstance(data, dict):
        raise FormatError(f"expected a JSON object, got {type(data).__name__}; ingest the file again")
    if data.get("schema") != SCHEMA:
        raise FormatError(f"expected schema {SCHEMA}, got {data.get('schema')!r}; ingest the file again")
    try:
        head = build(
            Document, {k: v for k, v in data.items() if k not in ("schema", "blocks")} | {"blocks": ()}
        )
        blocks = tuple(block_from_dict(b) for b in data["blocks"])
    except FormatError:
        raise
    except MALFORMED as error:
        raise FormatError(f"not a document: {error!r}; ingest the file again") from error
    return Document(head.source, head.sha256, head.parser, head.pages, blocks, head.warnings)


def block_from_dict(data: dict[str, Any]) -> Block:
    """One block; raises FormatError on an unknown type."""
    kind = data.get("type")
    if kind not in BLOCKS:
        raise FormatError(f"unknown block type {kind!r}; ingest the file again")
    block: Block = build(BLOCKS[kind], {k: v for k, v in data.items() if k != "type"})
    return block
