"""The turn that puts a scanned page upright: quarter turns by how its text runs, and the skew left over.

In: OCR words in pixels with their angles. Out: a `Turn` that maps points, boxes, words and pictures to the
upright page and boxes back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image

from dic_ingest.model.box import Box, Point
from dic_ingest.model.drawing import Word

LEAST = 0.3  # degrees: less skew than this is left alone
MOST = 20.0  # degrees: more than this between lines of one page is no skew of the paper
CORNERS = ((0, 1), (2, 1), (2, 3), (0, 3))


@dataclass(frozen=True, slots=True)
class Turn:
    """Rotates a page of `width` x `height` counter-clockwise by `quarter` (0, 90, 180, 270) and `skew`
    degrees. A quarter turn swaps the sides; skew is taken about the centre and keeps them."""

    width: float
    height: float
    quarter: int = 0
    skew: float = 0.0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the upright page."""
        return (self.height, self.width) if self.quarter % 180 else (self.width, self.height)

    @property
    def still(self) -> bool:
        """Whether the page is upright as it is."""
        return not self.quarter and not self.skew

    def scaled(self, factor: float) -> Turn:
        """The same turn in another unit."""
        return replace(self, width=self.width * factor, height=self.height * factor)

    def forward(self, point: Point) -> Point:
        """A point of the page as shown, on the upright page."""
        return self._turned(point, (self.width, self.height), self.size, self.quarter + self.skew)

    def back(self, box: Box) -> Box:
        """A box of the upright page, around the same on the page as shown; clipped to the page."""
        degrees = -(self.quarter + self.skew)
        corners = [
            self._turned((box[i], box[j]), self.size, (self.width, self.height), degrees) for i, j in CORNERS
        ]
        return (
            min(max(min(x for x, _ in corners), 0.0), self.width),
            min(max(min(y for _, y in corners), 0.0), self.height),
            max(min(max(x for x, _ in corners), self.width), 0.0),
            max(min(max(y for _, y in corners), self.height), 0.0),
        )

    def word(self, word: Word) -> Word:
        """A word as it stands on the upright page; its box drawn close around the turned text."""
        angle = (word.angle - self.quarter - self.skew + 180.0) % 360.0 - 180.0
        x0, y0, x1, y1 = word.bbox
        center = self.forward(((x0 + x1) / 2, (y0 + y1) / 2))
        width, height = x1 - x0, y1 - y0
        lean = math.radians(word.angle)
        tall = min(word.size / 0.75, max(width, height))
        across, down = abs(math.cos(lean)), abs(math.sin(lean))
        run = (width - tall * down) / across if across > down else (height - tall * across) / down
        half = max(run, 0.5 * tall) / 2, tall / 2
        if abs(angle) > 45 and abs(abs(angle) - 180) > 45:
            half = half[1], half[0]
        box = center[0] - half[0], center[1] - half[1], center[0] + half[0], center[1] + half[1]
        return replace(word, bbox=box, angle=0.0 if abs(angle) < MOST else round(angle, 1))

    def picture(self, image: Image.Image) -> Image.Image:
        """The page's picture, upright; white where the turn bares a corner."""
        if self.quarter:
            image = image.transpose(_QUARTERS[self.quarter])
        if self.skew:
            image = image.rotate(self.skew, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
        return image

    @staticmethod
    def _turned(point: Point, source: Point, target: Point, degrees: float) -> Point:
        lean = math.radians(degrees)
        x, y = point[0] - source[0] / 2, point[1] - source[1] / 2
        return (
            x * math.cos(lean) + y * math.sin(lean) + target[0] / 2,
            -x * math.sin(lean) + y * math.cos(lean) + target[1] / 2,
        )


_QUARTERS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


def turn_of(words: Sequence[Word], width: float, height: float) -> Turn:
    """The turn that makes most of the text run to the right; none where there is no text."""
    votes = {q: 0.0 for q in (0, 90, 180, 270)}
    leans: dict[int, list[tuple[float, float]]] = {q: [] for q in votes}
    for word in words:
        quarter = round(word.angle / 90.0) * 90
        weight = float(len(word.text))
        votes[quarter % 360] += weight
        if len(word.text) > 1:
            leans[quarter % 360].append((word.angle - quarter, weight))
    quarter = max(votes, key=lambda q: (votes[q], -q))
    skew = _median(leans[quarter])
    return Turn(width, height, quarter, round(skew, 2) if LEAST <= abs(skew) <= MOST else 0.0)


def _median(values: Sequence[tuple[float, float]]) -> float:
    total, run = sum(w for _, w in values), 0.0
    for value, weight in sorted(values):
        run += weight
        if run >= total / 2:
            return value
    return 0.0
