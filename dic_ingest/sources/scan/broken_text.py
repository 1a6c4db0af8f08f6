"""Words of a text layer that are no text: the font does not map its glyphs to characters.

In: the words of a page's text layer and those that OCR reads there. Out: how much of the layer is broken, and
the words to take in its place.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from dic_ingest.model.box import grow, inside
from dic_ingest.model.drawing import Word

LEAST = 4  # letters without meaning on a page before it is looked at
MOSTLY = 0.3  # share of a page's letters from which all of it is read anew
SAME = 60.0  # of 100: likeness of OCR and text layer from which the layer is believed
SAMPLE = 200  # words compared with what OCR reads
MOST = 2000  # broken words replaced on a page that has others
TRUSTED = 2  # pages on which OCR agrees before the others are not tried
REACH = 2.0  # points around a broken word within which OCR's stand for it
MANY = 120  # characters from which the share of letters tells something
LETTERS = 0.35  # share of letters and digits below which no language is written
LEADERS = frozenset(".·…_-–—=|*•")  # signs that stand in rows


def broken_share(words: Sequence[Word]) -> float:
    """Share of the letters that mean nothing, 0 where they are too few to matter."""
    letters = sum(len(w.text) for w in words)
    broken = sum(len(w.text) for w in words if not w.confidence)
    if broken >= LEAST:
        return broken / letters
    plain = [c for w in words for c in w.text if c not in LEADERS]
    if len(plain) >= MANY and sum(map(str.isalnum, plain)) < LETTERS * len(plain):
        return 1.0
    return 0.0


def agrees(layer: Sequence[Word], seen: Sequence[Word]) -> bool:
    """Whether OCR (`seen`) reads in the places of the broken words what the layer says."""
    broken = [w for w in layer if not w.confidence][:SAMPLE] or list(layer[:SAMPLE])
    found = _within(broken, seen)
    if not found:
        return True  # signs that are no letters, an icon font
    return fuzz.ratio("".join(w.text for w in broken), "".join(w.text for w in found)) >= SAME


def repaired(layer: Sequence[Word], seen: Sequence[Word]) -> tuple[Word, ...]:
    """The words of the layer that mean something, and OCR's in the places of the others."""
    if broken_share(layer) >= MOSTLY:
        return tuple(seen)
    broken = [w for w in layer if not w.confidence][:MOST]
    good = [w for w in layer if w.confidence]
    free = [w for w in _within(broken, seen) if not any(inside(g.bbox, w.bbox) for g in good)]
    return (*good, *free)


def _within(places: Sequence[Word], seen: Sequence[Word]) -> list[Word]:
    boxes = [grow(p.bbox, REACH) for p in places]
    return [w for w in seen if any(inside(w.bbox, b) or inside(b, w.bbox) for b in boxes)]
