"""Words of an upright scanned page into lines, paragraphs and tables, and blocks into reading order.

In: words and boxes in points. Out: lines, joined text, rows of cells, an order. Knows nothing of pictures.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from dic_ingest.model.box import Box, height_of, inside, overlap, shared_height, union
from dic_ingest.model.drawing import Word
from dic_ingest.model.word_lines import Placed, lines_along

Line = list[Word]
GUTTER = 0.6  # of the usual line height: less is no gap between columns


def lines_of(words: Sequence[Word], gap: float = 1.6, areas: Sequence[Box] = ()) -> list[Line]:
    """Words on one base line, no further apart than `gap` line heights; top to bottom, left to right.

    Words that stand in two different `areas` are never on one line.
    """
    area_of = {id(w): _area(w.bbox, areas) for w in words}

    def misfit(last: Placed, new: Placed) -> float | None:
        if not _follows(last[0], new[0], gap) or _differ(area_of[id(last[1])], area_of[id(new[1])]):
            return None
        return -shared_height(last[0], new[0])

    placed = ((w.bbox, w) for w in sorted(words, key=lambda w: (w.bbox[0], w.bbox[1])))
    widest = gap * max(1.0, *(height_of(w.bbox) for w in words)) if words else 0.0
    lines = lines_along(placed, misfit, lambda word: widest)
    return sorted(lines, key=lambda line: (line[0].bbox[1], line[0].bbox[0]))


def box_of(line: Sequence[Word]) -> Box:
    """Box around the words of a line."""
    return union(w.bbox for w in line)


def _area(box: Box, areas: Sequence[Box]) -> int:
    held = [(overlap(box, a), -i) for i, a in enumerate(areas) if inside(box, a)]
    return -max(held)[1] if held else -1


def _differ(a: int, b: int) -> bool:
    return a >= 0 and b >= 0 and a != b


def _follows(last: Box, box: Box, gap: float) -> bool:
    low = min(height_of(last), height_of(box))
    return shared_height(last, box) > 0.5 * low and -low < box[0] - last[2] < gap * max(low, 1.0)


def paragraphs_of(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines of one column into paragraphs: a wider gap, a first line set in, a line that ended early."""
    found: list[list[Line]] = []
    right = max((box_of(line)[2] for line in lines), default=0.0)
    left = min((box_of(line)[0] for line in lines), default=0.0)
    for line in lines:
        if found and _continues(box_of(found[-1][-1]), box_of(line), left, right):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def _continues(above: Box, below: Box, left: float, right: float) -> bool:
    height = max(height_of(above), 1.0)
    if not -height < below[1] - above[3] < 0.9 * height or not 0.7 < height_of(below) / height < 1.43:
        return False
    early = above[2] < right - 0.15 * (right - left)
    set_in = below[0] > above[0] + 0.8 * height and below[0] > left + 0.8 * height
    return not early and not set_in


def joined(lines: Sequence[Line]) -> str:
    """Lines as running text: hyphens at line ends dissolved, no spaces between ideographs."""
    text = ""
    for line in lines:
        said = line_text(line)
        if text.endswith("-") and text[-2:-1].isalpha() and said[:1].islower():
            text = text[:-1] + said
        else:
            text += ("" if not text or (_wide(text[-1]) and _wide(said[:1])) else " ") + said
    return text


def line_text(line: Sequence[Word]) -> str:
    """The words of a line with spaces where the script has them."""
    text = ""
    for word in line:
        text += ("" if not text or (_wide(text[-1]) and _wide(word.text[:1])) else " ") + word.text
    return text


def _wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in ("W", "F")


def reading_order(boxes: Sequence[Box], height: float) -> list[int]:
    """Numbers of the boxes as read: columns left to right, what spans them in between.

    `height` is the usual height of a line, in the unit of the boxes.
    """
    order: list[int] = []
    pending = [list(range(len(boxes)))]
    while pending:
        group = pending.pop()
        if len(group) < 2:
            order += group
            continue
        parts = _split(boxes, group, height)
        if len(parts) == 1:
            order += sorted(group, key=lambda i: (boxes[i][1], boxes[i][0]))
        else:
            pending += reversed(parts)
    return order


def _split(boxes: Sequence[Box], group: list[int], height: float) -> list[list[int]]:
    columns = _gaps(boxes, group, 0, GUTTER * height)
    if len(columns) > 1:
        return columns
    rows = _gaps(boxes, group, 1, 0.0)
    if len(rows) < 2:
        return rows
    # what stands alone, a title over two columns, is cut off first: columns above and below stay whole
    parts: list[list[int]] = []
    before = True
    for row in rows:
        alone = len(row) == 1
        if alone or before:
            parts.append(list(row))
        else:
            parts[-1] += row
        before = alone
    return parts if len(parts) > 1 else rows


def _gaps(boxes: Sequence[Box], group: list[int], axis: int, least: float) -> list[list[int]]:
    """The group cut wherever nothing stands across `axis` for more than `least`."""
    parts: list[list[int]] = []
    reached = float("-inf")
    for i in sorted(group, key=lambda i: boxes[i][axis]):
        if boxes[i][axis] - reached > least or not parts:
            parts.append([])
        parts[-1].append(i)
        reached = max(reached, boxes[i][axis + 2])
    return parts
