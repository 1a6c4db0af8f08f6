"""What is known of the figures of many files, stored once, so that models can be tried on it.

    python -m research.kind_weights.collect FILES.tsv ROWS.jsonl [--crops FOLDER]

In: lines "owner <tab> repository <tab> path <tab> local file". Out: a JSON line per figure with its evidence,
the words around it and where it stands; with --crops also a small picture, to label by eye.
PDFs are laid out as `ingest` does, on pages that have a figure's caption, or on all where few pages have one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from dic_ingest.classification.analysis import analyse, own_drawing
from dic_ingest.classification.router import texts_around
from dic_ingest.diagrams.kind_traits import Traits, traits_of
from dic_ingest.diagrams.reader import scene_of_picture
from dic_ingest.errors import DICIngestError
from dic_ingest.figures.crops import crop_box, upright
from dic_ingest.figures.recovery import recover_figures
from dic_ingest.figures.references import link_references
from dic_ingest.figures.settings import CropSettings
from dic_ingest.image_files import open_picture
from dic_ingest.model.document import Document, Figure, Parser
from dic_ingest.pipeline import SMALL_DPI, open_source, parse
from dic_ingest.settings import Settings
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.source import Source
from dic_ingest.vision.ocr import read_words

CAPTION = re.compile(r"\b(?:Figure|FIGURE|Fig\.|FIG\.|Abbildung)\s+[A-Z]?\d[\d.]*\s*[.:]")
MOST_PAGES = 10  # of a document
SIDE = 512  # pixels of the longer side of a stored picture


def main() -> None:
    """Collect, file by file; a file that fails is left out."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("files", type=Path)
    args.add_argument("rows", type=Path)
    args.add_argument("--root", type=Path, default=Path())
    args.add_argument("--crops", type=Path)
    args.add_argument("--figures", type=Path, help="figures.jsonl of annotated documents: boxes as marked")
    args.add_argument("--every-page", action="store_true", help="of PDFs, not the ones with captions alone")
    args.add_argument("--read", action="store_true", help="recognise lines and words of picture files")
    opt = args.parse_args()
    marked = _marked(opt.figures) if opt.figures else None
    done = {json.loads(x)["file"] for x in opt.rows.open()} if opt.rows.exists() else set()
    with opt.rows.open("a", encoding="utf-8") as out:
        for line in opt.files.read_text("utf-8").splitlines():
            owner, repo, path, local = line.split("\t")[:4]
            if local in done:
                continue
            try:
                file = opt.root / local
                found = (
                    _marked_rows(file, marked.get(file.name, []), opt.crops)
                    if marked is not None
                    else _rows_of(file, opt.crops, opt.every_page)
                )
                for row in found:
                    if opt.read and row["evidence"]["is_picture"] and row["single"]:
                        row["evidence"]["traits"] = asdict(_read_traits(file, row["evidence"]["looks"]))
                    whose = {"owner": owner, "repo": repo, "path": path, "file": local}
                    out.write(json.dumps({**whose, **row}) + "\n")
            except (DICIngestError, OSError, ValueError) as error:
                print(local, type(error).__name__, flush=True)
            out.flush()


def _rows_of(path: Path, crops: Path | None, every: bool) -> Iterator[dict[str, Any]]:
    settings = Settings()
    pages = _pages_with_captions(path) if path.suffix == ".pdf" and not every else ""
    with open_source(path, settings) as opened:
        document, upright = opened.with_scans_read(
            parse(path, opened, settings, page_range=pages), settings.scans
        )
        if not opened.is_single_figure:
            document = recover_figures(
                document, upright.drawing, settings.recovery, lambda n, dpi: upright.render(n, dpi=dpi)
            )
        document = link_references(document)
        around = texts_around(document)
        for figure in document.figures:
            if figure.bbox is not None and not figure.parent and not figure.set_as_text:
                yield _row(document, figure, upright, around.get(figure.id, ()), crops)


def _read_traits(path: Path, appearance: dict[str, float]) -> Traits:
    """Traits of what is recognised in a picture, as its kind is decided on once it was read."""
    with open_picture(path) as opened:
        image = opened.convert("RGB")
    return traits_of(scene_of_picture(image, read_words(image), appearance))


def _marked(path: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in path.read_text("utf-8").splitlines():
        item = json.loads(line)
        found.setdefault(item["file"], []).append(item)
    return found


def _marked_rows(path: Path, figures: list[dict[str, Any]], crops: Path | None) -> Iterator[dict[str, Any]]:
    """Figures where a person marked them, with the caption copied there."""
    with open_source(path, Settings()) as opened:
        pages = {p.number for p in opened.pages}
        for item in figures:
            if item["page"] in pages:
                x0, y0, x1, y1 = item["bbox"]
                figure = Figure("", item["page"], (x0, y0, x1, y1), 0, item["label"], item["caption"])
                row = _row(Document("", "", Parser(""), opened.pages, ()), figure, opened, (), crops)
                yield {**row, "kind": item["kind"]}


def _pages_with_captions(path: Path) -> str:
    with PdfFile(path) as pdf:
        count = len(pdf.pages)
        found = [n for n in range(1, count + 1) if CAPTION.search(_words(pdf, n))][:MOST_PAGES]
        return ",".join(map(str, found or range(1, min(count, MOST_PAGES) + 1)))


def _words(pdf: PdfFile, number: int) -> str:
    return " ".join(w.text for w in pdf.drawing(number).words)


def _row(
    document: Document, figure: Figure, source: Source, around: tuple[str, ...], crops: Path | None
) -> dict[str, Any]:  # fmt: skip
    assert figure.bbox is not None
    drawing = source.drawing(figure.page)
    crop = upright(source.render(figure.page, figure.bbox, SMALL_DPI), figure.rotation)
    outer = len(document.pages) > 1 and figure.page in (document.pages[0].number, document.pages[-1].number)
    drawn = own_drawing(drawing, crop_box(figure.bbox, (drawing.width, drawing.height), CropSettings()))
    seen = analyse(figure.bbox, drawing, crop, drawn.turned(figure.rotation)).evidence
    name = hashlib.sha256(crop.tobytes()).hexdigest()[:16]
    if crops is not None:
        small = crop.copy()
        small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        small.save(crops / f"{name}.png")
    return {
        "hash": name,
        "page": figure.page,
        "bbox": [round(v, 1) for v in figure.bbox],
        "single": source.is_single_figure,
        "evidence": asdict(seen),
        "texts": {
            "label": figure.label,
            "caption": figure.printed_caption,
            "mentions": [r.sentence for r in figure.references[:4]],
            "around": list(around),
            "section": figure.section,
        },
        "hint": figure.hint.sub_type if figure.hint else "",
        "outer": outer,
    }


if __name__ == "__main__":
    main()
