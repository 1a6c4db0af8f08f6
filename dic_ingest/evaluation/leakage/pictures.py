"""One drawing in two pictures: cropped, recoloured, scaled, compressed, one word exchanged.

In: two pictures. Out: the share of the ink of each that lies on the other's, once keypoints (ORB, Rublee et
al. 2011) have laid one over the other. Ink is compared, not colour: dark paper is turned light first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE = 512  # pixels: the side of a square as large as the pictures are when they are compared
LONGEST = 3  # times that: the longer side at most
KEYPOINTS = 800
_LEAST = 8  # matched keypoints from which a transform is estimated
_SCALE = (0.8, 1.25)  # of one picture laid over the other, both being of one size
_NEAR = 2  # pixels by which ink may lie beside ink
_DARK = 110  # of 255: the median below which paper is dark
_INK = 24  # of 255: the step in grey at which there is an edge
Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sketch:
    """A picture's edges at a common size, thick and thin, and its keypoints."""

    grey: Grey
    thin: Grey
    points: npt.NDArray[np.float32]
    marks: Grey | None


def sketch_of(picture: Image.Image) -> Sketch:
    """What is compared of a picture."""
    grey = np.asarray(picture.convert("L"), np.uint8)
    scale = min(SIDE / float(grey.size) ** 0.5, LONGEST * SIDE / max(grey.shape))
    size = (max(8, round(grey.shape[1] * scale)), max(8, round(grey.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(grey, size, interpolation=way), np.uint8)
    if float(np.median(small)) < _DARK:
        small = np.asarray(255 - small, np.uint8)
    orb: Any = cv2.ORB_create(KEYPOINTS, fastThreshold=8)  # type: ignore[attr-defined]
    found, marks = orb.detectAndCompute(small, None)
    points = np.array([k.pt for k in found], np.float32).reshape(-1, 2)
    return Sketch(small, _edges(small), points, marks)


def overlap(one: Sketch, other: Sketch) -> float:
    """0..1: the smaller of the shares of ink that two pictures have in common; the best of two alignments."""
    moves = [m for m in (_scaled(one, other), _aligned(one, other)) if m is not None]
    return max(_common(one, other, move) for move in moves)


def _scaled(one: Sketch, other: Sketch) -> npt.NDArray[np.float64]:
    """Corner upon corner: what a change of size alone does."""
    (h, w), (height, width) = one.grey.shape, other.grey.shape
    return np.array([[width / w, 0, 0], [0, height / h, 0]], np.float64)


def _aligned(one: Sketch, other: Sketch) -> npt.NDArray[np.float64] | None:
    """The shift and scale that lay most keypoints of one upon those of the other."""
    if one.marks is None or other.marks is None or min(len(one.points), len(other.points)) < _LEAST:
        return None
    matcher: Any = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True)
    pairs = matcher.match(one.marks, other.marks)
    if len(pairs) < _LEAST:
        return None
    here = np.array([one.points[p.queryIdx] for p in pairs])
    there = np.array([other.points[p.trainIdx] for p in pairs])
    cv2.setRNGSeed(1)
    move, _ = cv2.estimateAffinePartial2D(here, there, ransacReprojThreshold=3.0)
    if move is None or not _SCALE[0] <= float(np.hypot(move[0, 0], move[1, 0])) <= _SCALE[1]:
        return None
    found: npt.NDArray[np.float64] = np.asarray(move, np.float64)
    return found


def _common(one: Sketch, other: Sketch, move: npt.NDArray[np.float64]) -> float:
    height, width = other.grey.shape
    whole = np.asarray(
        cv2.warpAffine(one.grey, move, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
    moved = _edges(whole)
    kernel = np.ones((2 * _NEAR + 1,) * 2, np.uint8)
    shares = []
    for thin, against in ((moved, other.thin), (other.thin, moved)):
        thick = np.asarray(cv2.dilate(against, kernel), np.uint8)
        shares.append(float((thick[thin > 0] > 0).mean()) if thin.any() else 0.0)
    return min(shares)


def _edges(grey: Grey) -> Grey:
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    strength = np.hypot(across, down) / 4
    return np.asarray((strength > _INK) * 255, np.uint8)
