"""What the network of looks adds to the router, on pictures of packages that it never saw.

    python benchmarks/looks.py --debian FOLDER
In: unpacked Debian packages (`research/figure_classifier/README.md`); the corpus, where it lies beside the
checkout. Out: a Markdown table, right of all, for drawings of any kind and each other kind. Pictures alone
count here: no caption, no page.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from dic_ingest.classification.analysis import FigureEvidence
from dic_ingest.classification.classifier import weigh
from dic_ingest.classification.drawing_features import Features
from dic_ingest.classification.pixel_features import pixels_of
from dic_ingest.model.diagram import Kind
from dic_ingest.vision.figure_classifier import LOOKS, class_probabilities
from dic_ingest.vision.ocr import flatten
from research.figure_classifier.sources import HELD, labelled

REAL = Path(__file__).resolve().parent.parent.parent / "shared" / "corpus" / "real_images" / "images"
NOTHING = Features(**{f.name: 0 for f in dataclasses.fields(Features)})  # no path, no word: pixels alone


def pictures(debian: Path) -> Iterator[tuple[str, Image.Image, Kind]]:
    """Set, picture and kind."""
    for image, look, package in labelled(debian):
        if package in HELD:
            yield "held out", image, LOOKS[look]
    for path in sorted(REAL.iterdir()) if REAL.is_dir() else ():
        with Image.open(path) as image:
            yield "real drawings", flatten(image), Kind.BLOCK


def main() -> None:
    """Measures."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--debian", type=Path, required=True)
    opt = args.parse_args()
    counts: Counter[tuple[str, str, str]] = Counter()
    for name, image, kind in pictures(opt.debian):
        told = "drawing" if kind.is_diagram else str(kind)
        counts[name, told, "all"] += 1
        pixels = pixels_of(image)
        for way, looks in (("features", {}), ("with looks", class_probabilities(image))):
            found = weigh(FigureEvidence(NOTHING, pixels, looks, None, True)).verdict().kind
            counts[name, told, way] += found.is_diagram if kind.is_diagram else found is kind
    print("| set | kind | pictures | features | with looks |\n|---|---|---|---|---|")
    for name, told, _ in sorted(k for k in counts if k[2] == "all"):
        numbers = " | ".join(str(counts[name, told, way]) for way in ("all", "features", "with looks"))
        print(f"| {name} | {told} | {numbers} |")


if __name__ == "__main__":
    main()
