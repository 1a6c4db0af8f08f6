"""Training pictures: packs made of what render.mjs drew and of synthetic drawings.

python -m research.line_segmentation.data --rendered RENDERED --synthetic 900 --out PACKS --seed 0
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.vision.line_segmentation import CHANNELS
from research.line_segmentation.canvas import Canvas
from research.line_segmentation.flow import paint_flow
from research.line_segmentation.packs import save_pack, to_bits
from research.line_segmentation.sequence import paint_sequence
from research.line_segmentation.style import random_style

Array = NDArray[np.uint8]


def synthesise(seed: int) -> tuple[Array, Array, float]:
    """Picture (h, w, 3), maps (channels, h, w) and font size of one synthetic drawing."""
    rng = random.Random(seed)
    style = random_style(rng)
    canvas = Canvas(rng.randint(380, 950), rng.randint(320, 800), style.paper, rng, style.jitter)
    (paint_sequence if rng.random() < 0.22 else paint_flow)(canvas, style, rng)
    picture, maps = canvas.result()
    return picture, maps, style.size


def from_render(base: Path) -> tuple[Array, Array, float] | None:
    """The same for one drawing made by render.mjs; None where it has no text to set the scale."""
    about = json.loads(base.with_suffix(".json").read_text())
    if not about["font"]:
        return None
    picture, a, b = (cv2.imread(str(base) + end) for end in (".png", ".a.png", ".b.png"))
    if picture is None or a is None or b is None or not picture.shape == a.shape == b.shape:
        return None
    ends = b[:, :, 2].astype(int)
    grades = {"arrow": (245, 255), "triangle": (70, 95), "diamond": (96, 155), "mark": (156, 244)}
    maps = {n: ((ends >= low) & (ends <= high)) for n, (low, high) in grades.items()}
    maps |= {
        "line": a[:, :, 2] > 90,
        "outline": b[:, :, 1] > 90,
        "frame": a[:, :, 0] > 90,
        "rule": b[:, :, 0] > 90,
    }
    maps["inside"] = (a[:, :, 1] > 90) & ~maps["outline"]
    maps["icon"] = (a[:, :, 1] > 140) & (a[:, :, 1] < 200)
    stacked = np.stack([maps[n] for n in CHANNELS]).astype(np.uint8) * 255
    return np.ascontiguousarray(picture[:, :, ::-1]), stacked, float(about["font"]) * float(about["scale"])


def main() -> None:
    """Makes the packs."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--rendered", type=Path, help="output folder of render.mjs")
    args.add_argument("--synthetic", type=int, default=900)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--seed", type=int, default=0)
    opt = args.parse_args()
    opt.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    for path in sorted(opt.rendered.glob("?????.json")) if opt.rendered else []:
        made = from_render(path.with_suffix(""))
        if made is not None:
            picture, maps, font = made
            save_pack(opt.out / f"rendered_{path.stem}.npz", picture, to_bits(maps), font)
    for k in range(opt.synthetic):
        picture, maps, font = synthesise(opt.seed * 1_000_000 + k)
        save_pack(opt.out / f"synthetic_{k:05d}.npz", picture, to_bits(maps), font)


if __name__ == "__main__":
    main()
