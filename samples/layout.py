"""Page layout of the samples: styles, figures in the flow of text, and the truth that they leave behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import figures
from figures import Spec
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)
from sketch import Sketch

BODY = ParagraphStyle(
    "body", fontName="Times-Roman", fontSize=10, leading=13, alignment=TA_JUSTIFY, spaceAfter=6
)
HEAD = ParagraphStyle(
    "head", fontName="Helvetica-Bold", fontSize=12.5, leading=16, spaceBefore=8, spaceAfter=4
)
TITLE = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=17, leading=22, spaceAfter=10)
ITEM = ParagraphStyle("item", parent=BODY, leftIndent=16, bulletIndent=4, spaceAfter=2)
CAPTION = ParagraphStyle(
    "caption",
    fontName="Times-Italic",
    fontSize=9,
    leading=11,
    alignment=TA_CENTER,
    spaceBefore=4,
    spaceAfter=10,
)


class Truth:
    """Collects the graph of every drawn figure."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def add(self, file: str, page: int, spec: Spec, bbox: tuple[float, ...], sketch: Sketch) -> None:
        stem = Path(file).stem
        taken = any(line["file"] == file for line in self.lines)
        self.lines.append(
            {
                "id": f"{stem}-{spec.label.split()[-1]}" if taken else stem,
                "file": file, "page": page, "label": spec.label, "caption": spec.caption, "kind": spec.kind,
                "bbox": [round(v, 1) for v in bbox], "nodes": sketch.nodes, "edges": sketch.edges,
            }
        )  # fmt: skip

    def same_as(self, file: str, other: str, bbox: tuple[float, ...], label: bool = True) -> None:
        """The one figure of `other` stands in `file` as well."""
        line = next(x for x in self.lines if x["file"] == other)
        printed = {} if label else {"label": "", "caption": ""}
        box = [round(v, 1) for v in bbox]
        stem = Path(file).stem
        name = file if any(x["id"] == stem for x in self.lines) else stem
        self.lines.append({**line, "id": name, "file": file, "bbox": box, **printed})


class Drawn(Flowable):
    """A figure in the flow of text."""

    def __init__(self, spec: Spec, file: str, truth: Truth, page_height: float = A4[1]) -> None:
        super().__init__()
        self.spec, self.file, self.truth, self.page_height = spec, file, truth, page_height
        self.width, self.height = spec.width, spec.height
        self.hAlign = "CENTER"

    def draw(self) -> None:
        x, y = self.canv.absolutePosition(0, 0)
        sketch = Sketch(self.canv, self.height, self.spec.kind, self.spec.font)
        self.spec.draw(sketch)
        top = self.page_height - y - self.height
        box = (x, top, x + self.width, top + self.height)
        self.truth.add(self.file, self.canv.getPageNumber(), self.spec, box, sketch)


def figure(spec: Spec, file: str, truth: Truth) -> KeepTogether:
    """A figure with its caption below."""
    return KeepTogether(
        [Spacer(1, 6), Drawn(spec, file, truth), Paragraph(f"{spec.label}: {spec.caption}", CAPTION)]
    )


def flow(file: str, truth: Truth, table: Callable[[], Flowable] | None = None) -> list[Flowable]:
    """The words of `file` as flowables: words/<stem>.md, where `[figure NAME]` places a figure of figures.py,
    `[table]` the table, and `---` ends the page."""
    words = (Path(__file__).parent / "words" / f"{Path(file).stem}.md").read_text(encoding="utf-8")
    return [_flowable(part.replace("\n", " ").strip(), file, truth, table) for part in words.split("\n\n")]


def _flowable(part: str, file: str, truth: Truth, table: Callable[[], Flowable] | None) -> Flowable:
    if part.startswith("[figure "):
        return figure(getattr(figures, part[8:-1]), file, truth)
    if part == "[table]" and table is not None:
        return table()
    if part == "---":
        return PageBreak()
    for mark, style in (("# ", TITLE), ("## ", HEAD), ("- ", ITEM)):
        if part.startswith(mark):
            return Paragraph(part.removeprefix(mark), style, "\u2022" if style is ITEM else None)
    return Paragraph(part, BODY)


def document(path: Path, title: str, frames: list[Frame], on_page: Any = None) -> BaseDocTemplate:
    """An empty A4 document without dates or random ids."""
    doc = BaseDocTemplate(str(path), pagesize=A4, title=title, author="dic_ingest samples", invariant=1)
    doc.addPageTemplates(PageTemplate(frames=frames, onPage=on_page or (lambda canvas, _: None)))
    return doc


def one_frame(top: float = 25 * mm) -> list[Frame]:
    return [Frame(25 * mm, 22 * mm, A4[0] - 50 * mm, A4[1] - 22 * mm - top, 0, 0, 0, 0)]
