"""Titles set with their letters apart, "S O L U T I O N", as words.

In: words in the order of the text layer. Out: the same, every run of single letters at even steps joined; a
wider step parts two words. Letters that count up (A B C D) stay: they are columns, panels, keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from dic_ingest.drawing import Word, union

LEAST = 5  # letters
WIDEST = 1.1  # of the font size: a wider gap is no letter-spacing
STEP = 1.7  # times the usual gap: another word begins


def joined_letters(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words with spaced-out ones joined."""
    out: list[Word] = []
    run: list[Word] = []
    for word in words:
        if not _letter(word) or (run and not _follows(run[-1], word)):
            out += _joined(run)
            run = []
        if _letter(word):
            run.append(word)
        else:
            out.append(word)
    return tuple(out + _joined(run))


def _letter(word: Word) -> bool:
    text = word.text
    return len(text) == 1 and text.isalpha() and text.upper() != text.lower() and word.angle % 360 == 0


def _gap(a: Word, b: Word) -> float:
    return b.bbox[0] - a.bbox[2]


def _follows(a: Word, b: Word) -> bool:
    """Whether two letters stand on one line, of one size, near enough."""
    size = max(a.size, 1.0)
    level = abs(a.bbox[3] - b.bbox[3]) < 0.2 * size and abs(a.size - b.size) < 0.1 * size
    return level and 0 <= _gap(a, b) < WIDEST * size


def _joined(run: list[Word]) -> list[Word]:
    if len(run) < LEAST or _counts_up(run):
        return run
    gaps = [_gap(a, b) for a, b in pairwise(run)]
    usual = median(gaps)
    groups = [[run[0]]]
    for gap, word in zip(gaps, run[1:], strict=True):
        if gap > STEP * usual + 0.05 * word.size:
            groups.append([])
        groups[-1].append(word)
    return [replace(g[0], text="".join(w.text for w in g), bbox=union(w.bbox for w in g)) for g in groups]


def _counts_up(run: Sequence[Word]) -> bool:
    codes = [ord(w.text.casefold()) for w in run]
    return all(b - a == 1 for a, b in pairwise(codes))
