"""Start dots and bull's eyes in pictures; letters, arrowheads and bullets are none."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from dic_ingest.diagrams.raster.dots import find_dots
from dic_ingest.diagrams.scene import Shape
from dic_ingest.model.drawing import Word
from dic_ingest.vision.line_segmentation import read_maps

FONT = 28.0


def dots_of(picture: Image.Image, words: tuple[Word, ...] = ()) -> list[Shape]:
    rgb = np.asarray(picture, dtype=np.uint8)
    return find_dots(rgb, FONT, words, [], read_maps(rgb, FONT, 1))


def state_machine() -> Image.Image:
    picture = Image.new("RGB", (400, 480), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((186, 26, 214, 54), fill="black")
    draw.line((200, 54, 200, 140), fill="black", width=2)
    draw.polygon([(192, 126), (208, 126), (200, 142)], fill="black")
    draw.rounded_rectangle((120, 142, 280, 202), 8, outline="black", width=2)
    draw.line((200, 202, 200, 396), fill="black", width=2)
    draw.polygon([(192, 382), (208, 382), (200, 398)], fill="black")
    draw.ellipse((184, 398, 216, 430), outline="black", width=3)
    draw.ellipse((192, 406, 208, 422), fill="black")
    return picture


def test_a_start_and_an_end_are_found_and_arrowheads_are_not() -> None:
    found = sorted(dots_of(state_machine()), key=lambda s: (s.bbox[1], s.bbox[0]))
    assert len(found) == 3  # the dot, the ring, the dot in it
    start, ring, core = found
    assert abs(start.bbox[0] - 186) < 3 and abs(start.bbox[3] - 54) < 3
    assert start.fill is not None and max(start.fill) < 40
    assert ring.fill is None and ring.bbox[0] < core.bbox[0] and ring.bbox[3] > core.bbox[3]


def test_a_dot_in_a_word_is_a_letter_and_an_end_read_as_letters_is_found() -> None:
    word = Word("status: ok", (150.0, 20.0, 260.0, 60.0))
    eyed = Word(">O", (170.0, 380.0, 230.0, 440.0))
    found = dots_of(state_machine(), (word, eyed))
    assert len(found) == 2 and all(s.bbox[1] > 380 for s in found)


def test_many_dots_are_a_chart() -> None:
    picture = Image.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(picture)
    for k in range(12):
        draw.ellipse((20 + 30 * k, 300 - 20 * k, 44 + 30 * k, 324 - 20 * k), fill="black")
    assert dots_of(picture) == []
