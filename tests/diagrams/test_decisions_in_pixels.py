"""Decisions in pictures are diamonds however thick their outline."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from dic_ingest.diagrams.raster.regions import kind_of_outline

BOX = (10.0, 10.0, 150.0, 80.0)


def kind_of(points: list[tuple[float, float]]) -> str:
    contour = np.array([[(x * 140 + 10, y * 70 + 10)] for x, y in points], np.int32)
    return kind_of_outline(contour, cv2.contourArea(contour) / (140 * 70), BOX)


@pytest.mark.parametrize("cut", [0.0, 0.08, 0.15])
def test_a_diamond_with_blunt_corners_is_one(cut: float) -> None:
    # an outline drawn thick leaves an inside whose corners are cut
    middles = [(0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)]
    inner = [(0.5 + (x - 0.5) * (1 - cut), 0.5 + (y - 0.5) * (1 - cut)) for x, y in middles]
    assert kind_of(inner) == "diamond"


def test_a_parallelogram_stays_one() -> None:
    assert kind_of([(0.3, 0.0), (1.0, 0.0), (0.7, 1.0), (0.0, 1.0)]) == "parallelogram"
