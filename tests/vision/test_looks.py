"""What the network of looks says of pictures drawn for the test, and what that is worth for a kind."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dic_ingest.vision.figure_classifier import LOOKS, SIDE, as_seen, class_probabilities

NAMES = ("Gateway", "Broker", "Store", "Worker", "Cache", "Client")


def boxes(size: tuple[int, int] = (800, 500)) -> Image.Image:
    """Six boxes with names, joined by arrows."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for k in range(6):
        x, y = 60 + 250 * (k % 3), 80 + 220 * (k // 3)
        pen.rectangle((x, y, x + 150, y + 80), outline="black", width=2, fill=(225, 235, 250))
        pen.text((x + 20, y + 32), NAMES[k], fill="black")
        if k % 3 < 2:
            pen.line((x + 150, y + 40, x + 248, y + 40), fill="black", width=2)
            pen.polygon([(x + 250, y + 40), (x + 238, y + 34), (x + 238, y + 46)], fill="black")
    return picture


def bars() -> Image.Image:
    picture = Image.new("RGB", (640, 480), "white")
    pen = ImageDraw.Draw(picture)
    pen.line((70, 30, 70, 420, 610, 420), fill="black", width=2)
    for k, high in enumerate((120, 260, 180, 330, 90, 290)):
        pen.rectangle((100 + 82 * k, 420 - high, 150 + 82 * k, 419), fill=(31, 119, 180))
        pen.text((110 + 82 * k, 428), str(2018 + k), fill="black")
        pen.text((30, 410 - 65 * k), str(20 * k), fill="black")
    return picture


def grain() -> Image.Image:
    cells = Image.frombytes("RGB", (48, 32), random.Random(3).randbytes(48 * 32 * 3))
    return cells.resize((480, 320), Image.Resampling.BICUBIC)


def drawn(looks: dict[str, float]) -> float:
    return sum(p for name, p in looks.items() if LOOKS[name].is_diagram)


def test_probabilities_of_every_look_sum_to_one() -> None:
    looks = class_probabilities(boxes())
    assert list(looks) == list(LOOKS)
    assert sum(looks.values()) == pytest.approx(1.0, abs=1e-3)


def test_drawings_charts_and_photographs_look_different() -> None:
    assert drawn(class_probabilities(boxes())) > 0.8
    assert class_probabilities(bars())["chart"] > 0.5
    assert drawn(class_probabilities(grain())) < 0.3


@pytest.mark.parametrize("size", [(1, 1), (3000, 4), (5, 900), (192, 192)])
def test_any_size_fits_the_square(size: tuple[int, int]) -> None:
    seen = as_seen(Image.new("RGB", size, "black"))
    assert seen.shape == (SIDE, SIDE, 3)
    assert seen.dtype == np.uint8
    assert seen[SIDE // 2, SIDE // 2].max() < 128 or min(size) * SIDE < 2 * max(size)


def test_what_is_clear_is_seen_on_white() -> None:
    clear = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    ImageDraw.Draw(clear).rectangle((60, 60, 140, 140), outline="black", width=4)
    assert as_seen(clear)[5, 5].tolist() == [255, 255, 255]
