"""Words that lost or gained blanks: titles set with their letters apart, and blanks that a parser lost."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from dic_ingest.model.box import union
from dic_ingest.model.drawing import Word

# Titles set with their letters apart, "S O L U T I O N", as words.


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


# Blanks that a parser lost between words: "Themembersinvolved" told apart by the words that stand there.


LEAST_GAIN = 8  # letters of a run that is looked at
MOST = 2000
SHORTEST = 1.8  # letters a word on average: single letters can make up anything
GLUED = re.compile(rf"[^\s<>\t]{{{LEAST},}}")


def respaced(text: str, words: Collection[str]) -> str:
    """The text with every run that is two or more of the words taken apart; other runs stay."""
    known = {w for w in words if w}
    lengths = sorted({len(w) for w in known}, reverse=True)

    def apart(match: re.Match[str]) -> str:
        run = match[0]
        if run in known or len(run) > MOST:
            return run
        return " ".join(_split(run, known, lengths) or (run,))

    return GLUED.sub(apart, text)


def _split(run: str, known: set[str], lengths: list[int]) -> list[str]:
    """Fewest words that make the run; none where no words do."""
    best: list[tuple[int, int]] = [(0, 0)] + [(0, -1)] * len(run)  # words so far, where the last begins
    for end in range(1, len(run) + 1):
        for length in lengths:
            start = end - length
            if start < 0 or best[start][1] < 0 or run[start:end] not in known:
                continue
            count = best[start][0] + 1
            if best[end][1] < 0 or count < best[end][0]:
                best[end] = (count, start)
    if best[-1][1] < 0 or len(run) < SHORTEST * best[-1][0]:
        return []
    out: list[str] = []
    end = len(run)
    while end > 0:
        start = best[end][1]
        out.append(run[start:end])
        end = start
    return out[::-1]
