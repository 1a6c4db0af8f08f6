"""Thick arrows among the regions of a picture, at any angle; what is none."""

import math

import cv2
import numpy as np
import pytest

from dic_ingest.diagrams.raster.regions import block_arrow

ONE = np.array([(0, 20), (60, 20), (60, 5), (95, 30), (60, 55), (60, 40), (0, 40)], float)
TWO = np.array(
    [(0, 30), (25, 5), (25, 20), (70, 20), (70, 5), (95, 30), (70, 55), (70, 40), (25, 40), (25, 55)], float
)
NONE = {
    "diamond": [(0, 30), (50, 0), (100, 30), (50, 60)],
    "box": [(0, 0), (90, 0), (90, 40), (0, 40)],
    "triangle": [(0, 0), (90, 30), (0, 60)],
    "house": [(0, 0), (60, 0), (95, 30), (60, 60), (0, 60)],
    "cross": [(20, 0), (40, 0), (40, 20), (60, 20), (60, 40), (40, 40),
              (40, 60), (20, 60), (20, 40), (0, 40), (0, 20), (20, 20)],
}  # fmt: skip


def _contour(corners, angle):
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turned = np.asarray(corners, float) @ np.array([[c, s], [-s, c]])
    turned += 9 - turned.min(axis=0)
    mask = np.zeros((170, 170), np.uint8)
    cv2.fillPoly(mask, [turned.round().astype(np.int32).reshape(-1, 1, 2)], 1)
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return found[0].reshape(-1, 2), turned


@pytest.mark.parametrize("angle", range(0, 360, 15))
def test_one_head_points_where_it_is_drawn(angle):
    contour, corners = _contour(ONE, angle)
    arrow = block_arrow(contour, 13.0)
    assert len(arrow) == 7
    assert math.dist(arrow[0], corners[3]) < 4


@pytest.mark.parametrize("angle", range(0, 180, 15))
def test_two_heads(angle):
    contour, corners = _contour(TWO, angle)
    arrow = block_arrow(contour, 13.0)
    assert len(arrow) == 10
    tips = sorted(arrow[k] for k in (0, 5)), sorted(map(tuple, corners[[0, 5]]))
    assert all(math.dist(a, b) < 4 for a, b in zip(*tips, strict=True))


@pytest.mark.parametrize("name", NONE)
@pytest.mark.parametrize("angle", (0, 30, 90))
def test_what_is_no_arrow(name, angle):
    assert block_arrow(_contour(NONE[name], angle)[0], 13.0) is None


def test_a_thin_arrow_is_left_to_the_tracer():
    thin = [(0, 29), (60, 29), (60, 20), (80, 30), (60, 40), (60, 31), (0, 31)]
    assert block_arrow(_contour(thin, 0)[0], 13.0) is None
