"""The reasons that a drawing's kind is told from, as numbers, for every rendered drawing.

In: the items and a folder of one-page PDFs. Out: JSON lines {name, kind, repo, held, reasons}.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from dic_ingest.diagrams.kind_traits import traits_of
from dic_ingest.diagrams.kinds import reasons_of
from dic_ingest.diagrams.vector.scene import scene_from_drawing
from dic_ingest.errors import DICIngestError
from dic_ingest.sources.pdf.document import PdfFile


def main() -> None:
    """Read every PDF that was drawn."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--items", type=Path, required=True)
    args.add_argument("--pdfs", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    opt = args.parse_args()
    with opt.out.open("w", encoding="utf-8") as file:
        for line in opt.items.read_text("utf-8").splitlines():
            item = json.loads(line)
            path = opt.pdfs / f"{item['name']}.pdf"
            if not path.exists():
                continue
            try:
                with PdfFile(path) as pdf:
                    traits = traits_of(scene_from_drawing(pdf.drawing(1)))
            except DICIngestError:
                continue
            row = {k: item[k] for k in ("name", "kind", "repo", "held")}
            file.write(json.dumps({**row, "reasons": reasons_of(traits)}) + "\n")


if __name__ == "__main__":
    main()
