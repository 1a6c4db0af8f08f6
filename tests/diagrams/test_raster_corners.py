"""Round corners measured in the picture itself, letters on lines that look like marks."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dic_ingest.diagrams.raster.lines import _between, _is_letter
from dic_ingest.diagrams.raster.markers import RasterMarker
from dic_ingest.diagrams.raster.outlines import corner_depths, is_rounded
from dic_ingest.diagrams.scene import Shape

BOX = (40.0, 30.0, 200.0, 90.0)


@pytest.mark.parametrize("fill", ["#ececff", "white"])
@pytest.mark.parametrize(("radius", "told"), [(0, False), (8, True), (20, True)])
def test_a_small_arc_is_told_from_a_corner(radius: int, told: bool, fill: str) -> None:
    picture = Image.new("RGB", (240, 120), "white")
    ImageDraw.Draw(picture).rounded_rectangle(BOX, radius, fill, "#9370db", 2)
    rgb = np.asarray(picture)
    for off in (-2.0, 0.0, 2.0):  # boxes come from the network's smaller scale
        box = (BOX[0] + off, BOX[1] - off, BOX[2] - off, BOX[3] + off)
        assert is_rounded(rgb, box) is told


def test_a_box_at_the_rim_or_without_an_outline_is_left_as_it_is() -> None:
    rgb = np.full((120, 240, 3), 255, np.uint8)
    assert corner_depths(rgb, BOX) == []
    assert corner_depths(rgb, (0.0, 0.0, 239.0, 119.0)) == []
    assert not is_rounded(rgb, (1.0, 1.0, 9.0, 9.0))


@pytest.mark.parametrize(
    ("role", "x", "told"),
    [("arrow", 60, True), ("mark", 60, True), ("arrow", 92, False), ("mark", 92, True), ("mark", 120, False)],
)
def test_marks_within_a_word_are_letters_and_arrows_before_it_are_not(role: str, x: int, told: bool) -> None:
    ys, xs = np.mgrid[18:24, x : x + 6]
    mark = RasterMarker(np.stack([xs.ravel(), ys.ravel()], axis=1).astype(float), role, True)
    assert _is_letter(mark, [(40.0, 12.0, 90.0, 30.0)], [], 13.0) is told


def test_a_head_at_an_outline_may_touch_a_word() -> None:
    ys, xs = np.mgrid[18:24, 60:66]
    mark = RasterMarker(np.stack([xs.ravel(), ys.ravel()], axis=1).astype(float), "arrow", True)
    box = (68.0, 0.0, 160.0, 60.0)
    outline = ((68.0, 0.0), (160.0, 0.0), (160.0, 60.0), (68.0, 60.0))
    assert not _is_letter(mark, [(40.0, 12.0, 90.0, 30.0)], [Shape(box, outline, "rect")], 13.0)


def test_what_lies_between_two_lines_of_a_text_lies_in_it() -> None:
    upper, lower, beside = (40.0, 10.0, 120.0, 24.0), (50.0, 28.0, 110.0, 42.0), (200.0, 28.0, 300.0, 42.0)
    assert _between([lower, beside, upper]) == [(50.0, 10.0, 110.0, 42.0)]
    assert _between([upper, (40.0, 60.0, 120.0, 74.0)]) == []
    assert len(_between([(0.0, 10.0 + k, 80.0, 24.0 + k) for k in range(500)])) <= 500
