"""Words into lines along the direction of the text: each word joins the line that it continues best.

In: words with boxes in a frame in which the text runs to the right, and a rule for what continues a word.
Out: lines of words, in the order of their first words. The rule is the caller's: a drawing's label, a page
under OCR and the row of a table part words at different gaps.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeAlias

from dic_ingest.model.box import Box, center
from dic_ingest.model.drawing import Word

Placed: TypeAlias = tuple[Box, Word]  # a word and its box in the frame of the text
BANDS = 2  # bands above and below a word's own in which lines are searched that it may continue


def lines_along(
    placed: Iterable[Placed],
    misfit: Callable[[Placed, Placed], float | None],
    reach: Callable[[Word], float] = lambda word: math.inf,
    band: float = math.inf,
) -> list[list[Word]]:
    """Lines of words that run to the right.

    Args:
        placed: words in the order in which they are taken, by the left sides of their boxes.
        misfit: of a line's last word and the next one, how badly they go together; None where the second
            does not continue the first. The line of the least misfit takes the word.
        reach: how far left of a word a line may end and still be open to it, in the boxes' unit.
        band: height of the bands by which lines are found, in the boxes' unit; no bands where infinite.
    """
    lines: list[list[Placed]] = []
    open_lines: dict[int, list[int]] = defaultdict(list)
    for box, word in placed:
        own = int(center(box)[1] // band) if band < math.inf else 0
        near: list[int] = []
        for b in range(own - BANDS, own + BANDS + 1):
            # words come from left to right: a line that ended well before this word is complete
            open_lines[b] = [i for i in open_lines[b] if lines[i][-1][0][2] > box[0] - reach(word)]
            near.extend(open_lines[b])
        fits = ((misfit(lines[i][-1], (box, word)), i) for i in near)
        best = min(((m, at, i) for at, (m, i) in enumerate(fits) if m is not None), default=None)
        if best is None:
            open_lines[own].append(len(lines))
            lines.append([(box, word)])
        else:
            lines[best[2]].append((box, word))
            if best[2] not in open_lines[own]:
                open_lines[own].append(best[2])
    return [[w for _, w in line] for line in lines]
