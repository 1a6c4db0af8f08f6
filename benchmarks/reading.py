"""Where the time of reading a drawing goes: what the PDF draws, OCR, structure; medians over the corpus.

    OMP_NUM_THREADS=1 python benchmarks/reading.py [--every 5]
Seconds of the machine it runs on, which should have nothing else to do. Without ../shared/corpus it says so.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from machine import machine
from PIL import Image

from dic_ingest.captioning.figure_reading import read_drawing, read_picture
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.vision.ocr import read_words

CORPUS = Path(__file__).resolve().parent.parent.parent / "shared" / "corpus"


def vectors(files: Sequence[Path]) -> dict[str, float]:
    """Median seconds per drawing: what the PDF draws on the page, its structure, both."""
    rows = []
    for path in files:
        with PdfFile(path) as pdf:
            began = time.perf_counter()
            drawing = pdf.drawing(1)
            drawn = time.perf_counter()
            read_drawing(drawing)
            rows.append((drawn - began, time.perf_counter() - drawn))
    return told(rows, ("drawing", "structure"))


def pictures(files: Sequence[Path]) -> dict[str, float]:
    """Median seconds per picture: OCR, structure, both."""
    rows = []
    for path in files:
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        began = time.perf_counter()
        words = tuple(read_words(image))
        seen = time.perf_counter()
        read_picture(image, words)
        rows.append((seen - began, time.perf_counter() - seen))
    return told(rows, ("OCR", "structure"))


def told(rows: Sequence[tuple[float, float]], names: tuple[str, str]) -> dict[str, float]:
    """Medians by name, and of the sums."""
    parts = {name: median(r[k] for r in rows) for k, name in enumerate(names)}
    return {name: round(v, 3) for name, v in {**parts, "both": median(map(sum, rows))}.items()}


def main() -> None:
    """Times all three sets."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--every", type=int, default=5, help="every so many-th picture")
    opt = args.parse_args()
    if not CORPUS.is_dir():
        print(f"Nothing to time: {CORPUS} is not there.")
        return
    diagrams, real = CORPUS / "diagrams", CORPUS / "real_images" / "images"
    print(machine())
    print("vector PDFs", vectors(sorted(diagrams.glob("*.pdf"))))
    print("clean pictures", pictures(sorted(diagrams.glob("*.png"))[:: opt.every]))
    print("real pictures", pictures(sorted(real.iterdir())[:: opt.every]))


if __name__ == "__main__":
    main()
