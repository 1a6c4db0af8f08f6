"""Blanks that a parser lost between words: "Themembersinvolved" told apart by the words that stand there.

In: a block's text and the page's words within it. Out: the text with its words apart, all else as it was.
"""

from __future__ import annotations

import re
from collections.abc import Collection

LEAST = 8  # letters of a run that is looked at
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
