"""Outlines of connected parts in pixels: their longest contours, sharp corners and straight sides.

In: a mask of one part. Out: points in pixels.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dic_ingest.diagrams.charts.pixels.paints import Mask
from dic_ingest.model.box import Point


def longest_contour(part: Mask) -> NDArray[np.int32]:
    """The outer contour of a part, every pixel of it, shape (n, 1, 2)."""
    contours, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return max(contours, key=cv2.contourArea).astype(np.int32)


def with_corners(part: Mask, x: int, y: int, mask: Mask, by: int) -> tuple[Mask, int, int]:
    """A part of a mask with the sharp corners that smoothing took from it, and its new place."""
    top, left = max(0, y - by), max(0, x - by)
    around = mask[top : y + part.shape[0] + by, left : x + part.shape[1] + by]
    held = np.zeros_like(around)
    held[y - top : y - top + part.shape[0], x - left : x - left + part.shape[1]] = part * 255
    grown = cv2.bitwise_and(cv2.dilate(held, np.ones((2 * by + 1, 2 * by + 1), np.uint8)), around)
    return (grown > 0).astype(np.uint8), left, top


def outline_of(contour: NDArray[np.float64], off: float) -> list[Point]:
    """The corners of a traced outline that stand out by more than `off` pixels."""
    rough = cv2.approxPolyDP(contour.astype(np.int32).reshape(-1, 1, 2), off, True).reshape(-1, 2)
    return [(float(x), float(y)) for x, y in rough]
