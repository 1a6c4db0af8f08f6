"""Recognised words of a picture as lines of text that stop at what is drawn: none runs over a node's border.

In: words, the shapes found in the picture. Out: `TextLine`s, without drawings that were taken for letters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.drawing import Word, area, overlap
from dic_ingest.structure.geometry import center
from dic_ingest.structure.raster_maps import Maps
from dic_ingest.structure.scene import Shape, TextLine
from dic_ingest.structure.texts import text_lines

_ROUND = frozenset("oO0QqC◎○●◯°⊙□口◇X×")  # what recognition makes of an empty outline, a dot, a cross


def settled(words: Sequence[Word]) -> tuple[Word, ...]:
    """Words whose slight turn is put straight: the angle of a short word is not to be trusted."""
    return tuple(_straight(w) for w in words)


def _straight(word: Word) -> Word:
    turn = (word.angle + 45) % 90 - 45  # off the nearest of the four upright directions
    w, h = word.bbox[2] - word.bbox[0], word.bbox[3] - word.bbox[1]
    if turn and (abs(turn) < 4 or (abs(turn) < 14 and max(w, h) < 4 * min(w, h))):
        return replace(word, angle=round((word.angle - turn) / 90) * 90 % 360)
    return word


def is_mark(word: Word, maps: Maps) -> bool:
    """One or two signs where the network sees an arrowhead or another line end: no word."""
    if len(word.text) > 2:
        return False
    x0, y0, x1, y1 = (round(v * maps.scale) for v in word.bbox)
    part = maps.ends[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]
    return part.size > 0 and float((part > 0.5).mean()) > 0.2


def lines_within(words: Sequence[Word], shapes: Sequence[Shape], em: float) -> list[TextLine]:
    """Lines of text, each inside one node or outside all; top to bottom, then left to right."""
    holders = [s for s in shapes if s.bbox[3] - s.bbox[1] < 9 * em and s.kind != "icon"]
    holders.sort(key=lambda s: area(s.bbox))
    grouped: dict[int, list[Word]] = defaultdict(list)
    for word in words:
        if any(_is_drawn(word, s) for s in shapes):
            continue
        home = next((k for k, s in enumerate(holders) if _holds(s, word)), -1)
        grouped[home].append(word)
    lines = [t for group in grouped.values() for t in text_lines(tuple(group))]
    return sorted(lines, key=lambda t: (t.bbox[1], t.bbox[0]))


def _holds(shape: Shape, word: Word) -> bool:
    x, y = center(word.bbox)
    x0, y0, x1, y1 = shape.bbox
    roomy = x1 - x0 > 0.9 * (word.bbox[2] - word.bbox[0]) and y1 - y0 > 0.6 * (word.bbox[3] - word.bbox[1])
    return x0 < x < x1 and y0 < y < y1 and roomy


def _is_drawn(word: Word, shape: Shape) -> bool:
    """One sign as large as a small outline: the outline itself."""
    if len(word.text) > 1 or word.text not in _ROUND:
        return False
    return overlap(word.bbox, shape.bbox) > 0.3 * max(area(shape.bbox), area(word.bbox))
