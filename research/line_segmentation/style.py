"""The look of one synthetic drawing: paper, inks, fonts, line habits."""

from __future__ import annotations

import colorsys
import random
from dataclasses import dataclass

import skia

from dic_ingest.errors import InputError
from research.line_segmentation.canvas import Rgb
from research.line_segmentation.sources import label

FAMILIES = ("Liberation Sans", "DejaVu Sans", "Nimbus Sans", "Liberation Serif", "DejaVu Serif", "URW Gothic",
            "DejaVu Sans Mono", "Liberation Sans Narrow", "Z003", "URW Bookman", "Lato", "Roboto",
            "Open Sans")  # fmt: skip
HANDS = ("Comic Neue", "Humor Sans", "Z003")  # for sketchy drawings; what is missing falls back


@dataclass(frozen=True)
class Style:
    """Choices that hold for a whole drawing."""

    dark: bool
    paper: Rgb
    ink: Rgb
    line: Rgb
    size: float  # font size, pixels
    width: float  # connector width
    jitter: float
    palette: tuple[Rgb, ...]
    fill: str  # none, flat, gradient, hatch, mixed
    border: float  # outline width, 0 for none
    shadow: bool
    faces: tuple[skia.Typeface, ...]
    rounded: float
    head: str
    head_size: float
    dash: tuple[float, ...]

    def face(self, rng: random.Random) -> skia.Typeface:
        """Mostly the main font."""
        return self.faces[0] if rng.random() < 0.8 else rng.choice(self.faces)


def hsv(h: float, s: float, v: float) -> Rgb:
    """Colour from hue, saturation and value, each 0..1."""
    r, g, b = colorsys.hsv_to_rgb(h % 1.0, s, v)
    return round(r * 255), round(g * 255), round(b * 255)


def luminance(c: Rgb) -> float:
    """Perceived brightness, 0..255."""
    return 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2]


def _face(family: str, style: skia.FontStyle) -> skia.Typeface:
    """That font, or the first of the others that this machine has."""
    fonts = skia.FontMgr()
    for name in (family, *FAMILIES):
        if (face := fonts.matchFamilyStyle(name, style)) is not None:
            return face
    raise InputError("none of the fonts to draw with is installed: on Debian, fonts-liberation has some.")


def random_style(rng: random.Random) -> Style:
    """A style from plain office drawings to dark, glossy or hand-drawn ones."""
    dark = rng.random() < 0.13
    tone = rng.random()
    v = rng.randint(8, 50)
    if dark:
        paper = (v, v, v) if tone < 0.5 else hsv(rng.random(), rng.uniform(0.2, 0.7), rng.uniform(0.08, 0.25))
    else:
        paper = (
            (255, 255, 255) if tone < 0.78 else hsv(rng.random(), rng.uniform(0, 0.12), rng.uniform(0.9, 1))
        )
    plain = (235, 235, 235) if dark else (0, 0, 0)
    grey = rng.randint(60, 150)
    saturated = hsv(
        rng.random(), rng.uniform(0.5, 1), rng.uniform(0.75, 1) if dark else rng.uniform(0.3, 0.85)
    )
    pale = hsv(rng.random(), rng.uniform(0.2, 0.5), 0.6 if dark else 0.85)
    line = rng.choices([plain, (grey, grey, grey), saturated, pale], [0.5, 0.2, 0.25, 0.05])[0]
    hue, fills = rng.random(), []
    strong = rng.random() < 0.25
    for _ in range(rng.randint(1, 5)):
        h = hue + rng.uniform(-0.06, 0.06) if rng.random() < 0.5 else rng.random()
        if strong:
            fills.append(hsv(h, rng.uniform(0.4, 1), rng.uniform(0.3, 0.9)))
        elif dark:
            fills.append(hsv(h, rng.uniform(0, 0.8), rng.uniform(0.15, 0.5)))
        else:
            fills.append(hsv(h, rng.uniform(0.0, 0.35), rng.uniform(0.88, 1)))
    weight = (skia.FontStyle.Normal(), skia.FontStyle.Bold(), skia.FontStyle.Italic())
    family = rng.choice(FAMILIES[:6] if rng.random() < 0.75 else FAMILIES)
    jitter = rng.uniform(0.6, 1.8) if rng.random() < 0.16 else 0.0
    if rng.random() < (0.7 if jitter else 0.04):
        family = rng.choice(HANDS)
    fill = rng.choices(["none", "flat", "gradient", "hatch", "mixed"], [0.25, 0.5, 0.1, 0.0, 0.15])[0]
    if jitter and rng.random() < 0.4:
        fill = "hatch"
    return Style(
        dark, paper, plain if rng.random() < 0.85 else line, line, rng.uniform(10.5, 16.0),
        rng.choices([0.8, 1.0, 1.5, 2.0, 3.0, 4.5], [0.12, 0.4, 0.2, 0.16, 0.08, 0.04])[0],
        jitter, tuple(fills), fill,
        0.0 if fill in ("flat", "gradient") and rng.random() < 0.3 else rng.choice([0.8, 1, 1, 1.5, 2, 3]),
        rng.random() < 0.15, tuple(_face(family, w) for w in weight), rng.choice([0, 0, 4, 8, 14]),
        rng.choices(["filled", "open", "slim", "none"], [0.6, 0.2, 0.12, 0.08])[0], rng.uniform(0.7, 1.7),
        rng.choice([(3, 3), (6, 4), (2, 4), (8, 8), (1, 2), (8, 3, 2, 3), (5, 5), (12, 8)]),
    )  # fmt: skip


def words(rng: random.Random, most: int = 4) -> str:
    """A short label."""
    return label(rng, most)
