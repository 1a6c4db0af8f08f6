"""Read a corpus of drawings once and store their scenes, as recognising words in pictures is slow.

    python read_scenes.py CORPUS SCENES [--pixels] [--seconds N]

In: the corpus folder. Out: SCENES/<set>-<vector|pixels>-<id>.json with the scene and what its picture
shows. Scenes that are there already are kept.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from cases import SCENE
from PIL import Image

from dic_ingest.diagrams.raster.scene import scene_from_picture
from dic_ingest.diagrams.scene import Scene
from dic_ingest.diagrams.vector.scene import scene_from_drawing
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.vision.figure_classifier import class_probabilities
from dic_ingest.vision.ocr import read_words

FOLDERS = {
    "sources": ("real_sources/pdf", "real_sources/png"),
    "mermaid": ("diagrams", "diagrams"),
    "images": (None, "real_images/images"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("scenes", type=Path)
    parser.add_argument("--pixels", action="store_true", help="read the pictures instead of the PDF files")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so much time")
    given = parser.parse_args()
    given.scenes.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + given.seconds
    route = "pixels" if given.pixels else "vector"
    for group, folders in FOLDERS.items():
        folder = folders[given.pixels]
        for path in sorted((given.corpus / folder).iterdir()) if folder else ():
            target = given.scenes / f"{group}-{route}-{path.stem}.json"
            drawn = path.suffix == ".pdf"
            if drawn is given.pixels or path.suffix == ".json" or target.exists():
                continue
            if time.monotonic() > until:
                return
            scene, looks = _pixels(path) if given.pixels else (_vector(path), {})
            stored = {"scene": SCENE.dump_python(scene, mode="json"), "looks": looks}
            target.write_text(json.dumps(stored), "utf-8")


def _vector(path: Path) -> Scene:
    with PdfFile(path) as file:
        return scene_from_drawing(file.drawing(1))


def _pixels(path: Path) -> tuple[Scene, dict[str, float]]:
    image = Image.open(path).convert("RGB")
    looks = class_probabilities(image)
    return scene_from_picture(image, read_words(image), mirrored=looks["sequence"] < 0.25), looks


if __name__ == "__main__":
    main()
