"""Pages of draw.io files for drawio.mjs, without those that are drawings which are measured with.

    python -m research.line_segmentation.drawio_pages FOLDER... --without sources.jsonl --out pages.jsonl
In: folders of `.drawio` and `.xml` files, the first part of a path under a folder is its owner. `--without`:
JSON lines {"source"} of drawings kept for measuring; a page that has most of one's labels is left out.
"""

from __future__ import annotations

import argparse
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import tostring

from dic_ingest.errors import DICIngestError
from dic_ingest.sources.diagram_files.editors.drawio import models_of
from dic_ingest.sources.diagram_files.limits import DiagramLimits

_LARGEST = 2_000_000  # characters of a page
_SHARED = 0.6  # share of the smaller drawing's labels, from which two are one


def pages_of(data: str, name: str) -> Iterator[str]:
    """The models of a file's pages as XML; none of a file that is no draw.io drawing, or damaged."""
    try:
        for _, model in models_of(data, name, DiagramLimits()):
            yield tostring(model, encoding="unicode")
    except DICIngestError:
        return


def labels_of(model: str) -> frozenset[str]:
    """The words of a page's labels, without markup, in small letters."""
    values = re.findall(r'\b(?:value|label)="([^"]*)"', model)
    plain = (re.sub(r"<[^>]*>", " ", html.unescape(v)).split() for v in values)
    return frozenset(" ".join(words).lower() for words in plain if words)


def main() -> None:
    """Writes the pages."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folders", nargs="+", type=Path)
    args.add_argument("--without", type=Path, help="JSON lines of drawings that are measured with")
    args.add_argument("--out", type=Path, required=True)
    opt = args.parse_args()
    kept = []
    for line in opt.without.read_text("utf-8").splitlines() if opt.without else []:
        kept += [labels_of(page) for page in pages_of(json.loads(line).get("source") or "", "measured")]
    seen: set[frozenset[str]] = set()
    with opt.out.open("w", encoding="utf-8") as out:
        for folder in opt.folders:
            for path in sorted(p for p in folder.rglob("*") if p.suffix in (".drawio", ".xml", ".dio")):
                owner = path.relative_to(folder).parts[0]
                for k, model in enumerate(pages_of(path.read_text("utf-8", "replace"), path.name)):
                    labels = labels_of(model)
                    one = any(len(labels & o) > _SHARED * min(len(labels), len(o)) for o in kept if o)
                    if len(labels) < 3 or len(model) > _LARGEST or labels in seen or one:
                        continue
                    seen.add(labels)
                    source = f'<mxfile><diagram name="p">{model}</diagram></mxfile>'
                    row = {"id": f"{path.stem}_{k}", "owner": owner, "source": source, "scale": 1 + k % 2}
                    out.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
