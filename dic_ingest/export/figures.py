"""Figures as a data set in the layout of Hugging Face's `imagefolder`: pictures and a table of what was read.

`load_dataset("imagefolder", data_dir=DIR)` gives rows of picture, print, caption, and graph.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dic_ingest.model.document import Document, Figure
from dic_ingest.nodes.build import file_name
from dic_ingest.owned_files import file_inside

TABLE = "metadata.jsonl"


def write_rows(document: Document, name: str, folder: Path, to: Path) -> Iterator[dict[str, Any]]:
    """The rows of one document's figures; copies their crops from `folder`, its results, into `to`.

    Figures without a crop, and those that show what an earlier one shows, are left out.
    """
    for number, figure in enumerate(document.figures, 1):
        crop = file_inside(folder, figure.image) if figure.image else None
        if crop is None or figure.duplicate_of:
            continue
        picture = f"{name}-{number}{crop.suffix.lower()}"
        shutil.copyfile(crop, to / picture)
        yield {"file_name": picture, **_row(figure, document, number)}


def _row(figure: Figure, document: Document, number: int) -> dict[str, Any]:
    said = figure.description
    graph = said.diagram if said else None
    return {
        "id": figure.id,
        "document": file_name(document.source),
        "page": figure.page,
        "figure": number,
        "label": figure.label,
        "printed_caption": figure.printed_caption,
        "kind": str(figure.route.kind) if figure.route else "other",
        "caption": said.caption if said else "",
        "caption_engine": said.engine if said else "",
        "needs_review": bool(said and said.evidence and said.evidence.needs_review),
        "graph": json.dumps(graph.to_dict(), ensure_ascii=False) if graph else "",
        "mermaid": graph.to_mermaid() if graph else "",
    }
