"""Regions of pages with what they are, as rows of features.

    python -m research.figure_or_text.regions [--drawn DIR] [--corpus DIR] [--whole DIR ...] --out rows.jsonl

In: pages of `pages.py`, whose names tell; documents whose figures are annotated (`pdf/`, `annotations/`,
`pdf2/`, `annotations2/`); files that are one drawing each, named with their owner ("owner+repository").
Out: a line per piece and region. What lies half in a figure is left out; tables and formulas are text.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dic_ingest.figures.page.component_types import Sort, sort_of
from dic_ingest.figures.page.components import Component, PageMark, repeated_elements
from dic_ingest.figures.page.page_view import PageView, view_page
from dic_ingest.figures.regions import regions_of
from dic_ingest.figures.text.regions import LEAST_LINES, region_features
from dic_ingest.model.box import Box, area, inside, overlap
from dic_ingest.sources.pdf.document import PdfFile

TEXT_KINDS = ("table", "formula")
Row = dict[str, Any]


def views(path: Path, pages: set[int] | None = None) -> Iterator[PageView]:
    """Pages as figure recovery sees them, without the blocks of a parser."""
    with PdfFile(path) as pdf:
        template = repeated_elements((pdf.drawing(p.number) for p in pdf.pages), 0.6)
        for page in pdf.pages:
            if pages is None or page.number in pages:
                yield view_page(page, pdf.drawing(page.number), (), template)


def candidates(view: PageView) -> Iterator[tuple[Box, tuple[PageMark, ...], bool]]:
    """Boxes and marks of pieces and regions, and whether today's rules call them text."""
    for piece in view.pieces:
        sort = sort_of(piece, view, rules_only=True)
        if sort is not Sort.RULE:
            yield piece.bbox, piece.marks, sort in (Sort.PANEL, Sort.GRID)
    for region in regions_of(view):
        if len(region.pieces) > 1:
            rule = sort_of(Component(region.bbox, region.marks), view, rules_only=True) in (
                Sort.PANEL,
                Sort.GRID,
            )
            yield region.bbox, region.marks, rule


def rows(view: PageView, owner: str, document: str, truth: Any) -> Iterator[Row]:
    """Rows of a page; `truth(box)` says 1 for text, 0 for a drawing, None for neither."""
    for box, marks, rule in candidates(view):
        lines = [line for line in view.lines if inside(line.bbox, box, 0.5)]
        text = truth(box)
        if len(lines) < LEAST_LINES or text is None:
            continue
        yield {
            "owner": owner,
            "document": document,
            "page": view.page.number,
            "box": [round(v, 1) for v in box],
            "text": text,
            "rule": int(rule),
            "features": {k: round(v, 4) for k, v in region_features(box, marks, lines).items()},
        }


def drawn(folder: Path) -> Iterator[Row]:
    """Rows of the pages drawn for this purpose; the sort of page stands for an owner."""
    for path in sorted(folder.glob("*-*.pdf")):
        what, sort, _ = path.stem.split("-")
        for view in views(path):
            yield from rows(view, f"drawn {sort}", path.stem, lambda box, t=int(what == "text"): t)


def whole(folder: Path) -> Iterator[Row]:
    """Rows of files that are one drawing each."""
    for path in sorted(folder.glob("*.pdf")):
        found = re.search(r"([A-Za-z0-9-]+)\+", path.stem)
        for view in views(path, {1}):
            yield from rows(view, found[1] if found else path.stem, path.stem, lambda box: 0)


def annotated(folder: Path, annotations: Path) -> Iterator[Row]:
    """Rows of the pages that were annotated completely."""
    covered = json.loads((annotations / "covered.json").read_text())
    figures: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for line in (annotations / "figures.jsonl").read_text().splitlines():
        found = json.loads(line)
        figures[found["file"], found["page"]].append(found)
    for file, pages in covered.items():
        path = folder / file
        if not path.exists():
            continue
        for view in views(path, set(pages)):
            known = figures[file, view.page.number]
            yield from rows(view, file.split("+")[0], file, lambda box, known=known: _truth(box, known))


def _truth(box: Box, figures: list[Any]) -> int | None:
    shares = [(overlap(f["bbox"], box) / max(area(box), 1.0), f["kind"]) for f in figures]
    share, kind = max(shares, default=(0.0, ""))
    if share < 0.1:
        return 1
    if share < 0.6 or kind == "decoration":
        return None
    return int(kind in TEXT_KINDS)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drawn", type=Path)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--whole", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with options.out.open("w", encoding="utf-8") as out:
        if options.drawn:
            out.writelines(json.dumps(row) + "\n" for row in drawn(options.drawn))
        for folder in options.whole:
            out.writelines(json.dumps(row) + "\n" for row in whole(folder))
        for pdfs, notes in (("pdf", "annotations"), ("pdf2", "annotations2")) if options.corpus else ():
            found = annotated(options.corpus / pdfs, options.corpus / notes)
            out.writelines(json.dumps(row) + "\n" for row in found)


if __name__ == "__main__":
    main()
