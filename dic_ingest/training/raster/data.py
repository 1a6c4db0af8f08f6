"""Training pictures: packs of (picture, label bits), and random degraded crops from them.

    python -m dic_ingest.training.raster.data --rendered RENDERED --synthetic 900 --out PACKS --seed 0
A pack is one .npz: `picture` and `labels` as PNG bytes (labels: bit k of 16 is channel k), `font` in pixels.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.training.raster.canvas import CHANNELS, Canvas
from dic_ingest.training.raster.flow import paint_flow
from dic_ingest.training.raster.sequence import paint_sequence
from dic_ingest.training.raster.style import random_style

Array = NDArray[np.uint8]
THIN = {CHANNELS.index(n) for n in ("line", "outline", "frame", "rule")}
FONT = 13.0  # pixels: the text size at which the network sees a drawing


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
    maps["icon"] = np.zeros(ends.shape, bool)
    stacked = np.stack([maps[n] for n in CHANNELS]).astype(np.uint8) * 255
    return np.ascontiguousarray(picture[:, :, ::-1]), stacked, float(about["font"]) * float(about["scale"])


def save_pack(path: Path, picture: Array, maps: Array, font: float) -> None:
    """Writes one pack."""
    bits = np.zeros(maps.shape[1:], np.uint16)
    for k, m in enumerate(maps):
        bits |= (m > 127).astype(np.uint16) << k
    png = cv2.imencode(".png", picture[:, :, ::-1])[1]
    np.savez(path, picture=png, labels=cv2.imencode(".png", bits)[1], font=np.float32(font))


def _u8(picture: Any) -> Array:
    return np.asarray(picture, dtype=np.uint8)


class Packs:
    """All packs of a folder, compressed in memory; `crop` draws one degraded training crop."""

    def __init__(self, folder: Path) -> None:
        self.items: list[tuple[Array, Array, float]] = []
        for path in sorted(folder.glob("*.npz")):
            with np.load(path) as z:
                self.items.append((z["picture"], z["labels"], float(z["font"])))

    def crop(self, rng: random.Random, side: int) -> tuple[Array, NDArray[np.float32]]:
        """A picture (side, side, 3) and its maps (channels, side, side) in 0..1."""
        png, label_png, font = rng.choice(self.items)
        picture = _u8(cv2.imdecode(png, cv2.IMREAD_COLOR))[:, :, ::-1]
        bits = np.asarray(cv2.imdecode(label_png, cv2.IMREAD_UNCHANGED), dtype=np.uint16)
        scale = FONT * rng.choice([1.0, rng.uniform(0.72, 1.4)]) / font
        need = int(np.ceil(side / scale))
        picture, bits = _window(picture, bits, need, rng)
        picture = degrade(np.ascontiguousarray(picture), font, rng)
        return _fit(picture, bits, scale, side, rng)


def _window(
    picture: Array, bits: NDArray[np.uint16], need: int, rng: random.Random
) -> tuple[Array, NDArray[np.uint16]]:
    h, w = bits.shape
    pad_y, pad_x = max(0, need - h), max(0, need - w)
    if pad_y or pad_x:
        color = picture[0, 0].tolist()
        top, left = rng.randint(0, pad_y), rng.randint(0, pad_x)
        rim = (top, pad_y - top, left, pad_x - left, cv2.BORDER_CONSTANT)
        picture = _u8(cv2.copyMakeBorder(picture, *rim, value=color))
        bits = np.asarray(cv2.copyMakeBorder(bits, *rim, value=0), dtype=np.uint16)
        h, w = bits.shape
    y, x = rng.randint(0, h - need), rng.randint(0, w - need)
    marked = np.flatnonzero(bits[::4, ::4] & 0b11111) if rng.random() < 0.7 else np.zeros(0, int)
    if len(marked):  # around a connector
        cy, cx = divmod(int(marked[rng.randrange(len(marked))]), bits[::4, ::4].shape[1])
        y = min(max(0, cy * 4 - rng.randint(0, need)), h - need)
        x = min(max(0, cx * 4 - rng.randint(0, need)), w - need)
    return picture[y : y + need, x : x + need], bits[y : y + need, x : x + need]


def degrade(picture: Array, font: float, rng: random.Random) -> Array:
    """What scanners, screenshots and JPEG do to a drawing; the size stays."""
    h, w = picture.shape[:2]
    out = picture
    if rng.random() < 0.4:  # lost resolution
        f = min(1.0, rng.uniform(7.5, 14) / font)
        size = (max(8, int(w * f)), max(8, int(h * f)))
        small = _jpeg(_u8(cv2.resize(out, size, interpolation=cv2.INTER_AREA)), rng, 0.6)
        out = _u8(cv2.resize(small, (w, h), interpolation=rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])))
    if rng.random() < 0.12:
        out = _u8(cv2.GaussianBlur(out, (0, 0), rng.uniform(0.4, 1.3)))
    if rng.random() < 0.12:
        noise = np.random.default_rng(rng.randrange(1 << 30)).normal(0, rng.uniform(2, 14), out.shape[:2])
        out = np.clip(out + noise[:, :, None], 0, 255).astype(np.uint8)
    if rng.random() < 0.3:  # ink and paper tints
        gain, shift = rng.uniform(0.75, 1.1), rng.uniform(-15, 25)
        tint = np.array([rng.uniform(0.93, 1.04) for _ in range(3)])
        out = np.clip(out * (gain * tint) + shift, 0, 255).astype(np.uint8)
    if rng.random() < 0.05:  # a screen photographed
        yy, xx = np.mgrid[0:h, 0:w]
        a, p = rng.uniform(0, np.pi), rng.uniform(2.2, 7)
        wave = np.sin((xx * np.cos(a) + yy * np.sin(a)) * 2 * np.pi / p) * rng.uniform(3, 12)
        out = np.clip(out + wave[:, :, None], 0, 255).astype(np.uint8)
    if rng.random() < 0.1:
        out = 255 - out
    if rng.random() < 0.25:
        out = np.ascontiguousarray(out[:, :, rng.sample(range(3), 3)])
    if rng.random() < 0.1:
        out = np.repeat(out.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    return _jpeg(out, rng, 0.3)


def _jpeg(picture: Array, rng: random.Random, chance: float) -> Array:
    if rng.random() > chance:
        return picture
    code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(30, 95)])[1]
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), dtype=np.uint8)


def _fit(
    picture: Array, bits: NDArray[np.uint16], scale: float, side: int, rng: random.Random
) -> tuple[Array, NDArray[np.float32]]:
    size = (side, side)
    turn = None
    if rng.random() < 0.12:  # a page that lies askew
        turn = cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(-2.5, 2.5), 1.0)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    out = cv2.resize(picture, size, interpolation=method)
    maps = np.empty((len(CHANNELS), side, side), np.float32)
    grow = np.ones((int(np.ceil(1 / scale)),) * 2, np.uint8) if scale < 0.75 else None
    for k in range(len(CHANNELS)):
        m = ((bits >> k) & 1).astype(np.uint8) * 255
        if k in THIN and grow is not None:
            m = _u8(cv2.dilate(m, grow))
        maps[k] = cv2.resize(m, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR) / 255
    if turn is not None:
        out = cv2.warpAffine(out, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        maps = np.stack([cv2.warpAffine(m, turn, size, flags=cv2.INTER_LINEAR) for m in maps])
    if rng.random() < 0.5:
        out, maps = out[:, ::-1], maps[:, :, ::-1]
    return np.ascontiguousarray(out), np.ascontiguousarray(maps)


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
            save_pack(opt.out / f"rendered_{path.stem}.npz", *made)
    for k in range(opt.synthetic):
        save_pack(opt.out / f"synthetic_{k:05d}.npz", *synthesise(opt.seed * 1_000_000 + k))


if __name__ == "__main__":
    main()
