"""Panels (a), (b), (c) of one figure: their lettered lines found on the page, the figure's parts told apart.

In: paragraphs and pieces of a page; a whole figure. Out: the lettered paragraphs; child `Figure`s with
`parent`. The whole figure stays as it is and keeps all its words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.figures.page.components import Component
from dic_ingest.figures.text.lines import Paragraph, join_lines
from dic_ingest.model.box import Box, area, inside, overlap, shared_width, size_of, union
from dic_ingest.model.document import Block, Figure, block_id

LETTER = re.compile(r"^\(?([a-h])\)(?:\s+|$)")
NEAR = 2.2  # font sizes between a panel and its letter
WHOLE = 0.6  # of the figure: what is larger serves all panels
MAX_PIECES = 3000
MAX_LABELLED = 60  # large pieces whose tick labels are looked for


def lettered(paragraphs: Sequence[Paragraph], pieces: Sequence[Component]) -> tuple[Paragraph, ...]:
    """Paragraphs "(a) Before", "(b) After" right under or over something drawn; none unless two are."""
    found: dict[str, Paragraph] = {}
    large = [p.bbox for p in pieces[:MAX_PIECES] if min(size_of(p.bbox)) > 20]
    boxes = [_with_tick_labels(box, paragraphs) for box in large[:MAX_LABELLED]] + large[MAX_LABELLED:]
    for paragraph in paragraphs:
        match = LETTER.match(paragraph.lines[0].text)
        if match and len(paragraph.lines) <= 3 and any(stands_at(paragraph, box) for box in boxes):
            found.setdefault(match[1], paragraph)
    row = _in_order(found)
    return tuple(found[letter] for letter in row)


def _with_tick_labels(box: Box, paragraphs: Sequence[Paragraph]) -> Box:
    """What is drawn and the short texts right below it, the names at an axis."""
    under = [
        p.bbox
        for p in paragraphs
        if not p.running
        and len(p.lines) <= 3
        and -0.3 * p.size < p.bbox[1] - box[3] < p.size
        and box[0] - p.size < (p.bbox[0] + p.bbox[2]) / 2 < box[2] + p.size
    ]
    return union([box, *under]) if len(under) >= 2 else box


def _in_order(found: dict[str, Paragraph]) -> str:
    """Letters from "a" on without a gap; "" for fewer than two."""
    row = ""
    while len(row) < 8 and chr(ord("a") + len(row)) in found:
        row += chr(ord("a") + len(row))
    return row if len(row) >= 2 else ""


def stands_at(paragraph: Paragraph, box: Box) -> bool:
    """Whether a letter's paragraph stands right under or over a box."""
    line = paragraph.bbox
    gap = max(line[1] - box[3], box[1] - line[3])
    across = shared_width(line, box)
    return -0.3 * paragraph.size < gap < NEAR * paragraph.size and across > 0.4 * min(
        size_of(line)[0], size_of(box)[0]
    )


def with_parts(
    blocks: Sequence[Block], letters: Sequence[Paragraph], pieces: Sequence[Component], sha256: str
) -> list[Block]:
    """The page's blocks, each figure that has panels followed by them."""
    out: list[Block] = []
    for block in blocks:
        out.append(block)
        if isinstance(block, Figure) and block.bbox is not None and block.label and not block.rotation:
            mine = [p for p in letters if inside(p.bbox, block.bbox, 0.8)]
            within = [p.bbox for p in pieces[:MAX_PIECES] if inside(p.bbox, block.bbox, 0.8)]
            out += _parts(block, block.bbox, mine, within, sha256)
    return out


def _parts(
    figure: Figure, whole: Box, letters: Sequence[Paragraph], pieces: Sequence[Box], sha256: str
) -> list[Figure]:
    """A child for every letter; none where the panels cannot be told apart."""
    if len(letters) < 2:
        return []
    own = [b for b in pieces if area(b) < WHOLE * area(whole)]
    for below in (True, False):
        boxes = _shared_out(own, letters, below)
        if boxes is not None:
            return [_part(figure, p, b, sha256) for p, b in zip(letters, boxes, strict=True)]
    return []


def _shared_out(pieces: Sequence[Box], letters: Sequence[Paragraph], below: bool) -> list[Box] | None:
    """The box of each letter's panel with its letter; None where one has nothing or two overlap."""
    mine: list[list[Box]] = [[] for _ in letters]
    for box in pieces:
        ranked = sorted((_far(box, p.bbox, below), i) for i, p in enumerate(letters))
        if ranked[0][0] < float("inf"):
            mine[ranked[0][1]].append(box)
    if not all(mine):
        return None
    boxes = [union([*m, p.bbox]) for m, p in zip(mine, letters, strict=True)]
    apart = all(overlap(a, b) <= 0.03 * min(area(a), area(b)) for i, a in enumerate(boxes) for b in boxes[:i])
    return boxes if apart else None


def _far(box: Box, letter: Box, below: bool) -> float:
    """How far a letter's line is from a piece, rows first; infinite on the wrong side of it."""
    middle = (box[1] + box[3]) / 2
    down = letter[1] - middle if below else middle - letter[3]
    if down < 0:
        return float("inf")
    return down + 2 * abs((box[0] + box[2] - letter[0] - letter[2]) / 2)


def _part(figure: Figure, letter: Paragraph, box: Box, sha256: str) -> Figure:
    match = LETTER.match(letter.lines[0].text)
    name = match[1] if match else ""
    label = f"{figure.label} ({name})"
    text = LETTER.sub("", join_lines([line.text for line in letter.lines]), count=1)
    said = {w.bbox for line in letter.lines for w in line.words}
    words = tuple(w for w in figure.embedded_words if inside(w.bbox, box, 0.5) and w.bbox not in said)
    return replace(
        figure,
        id=block_id(sha256, "figure", figure.page, box, label),
        bbox=box,
        label=label,
        printed_caption=text or _in_caption(figure.printed_caption, name),
        caption_boxes=(letter.bbox,),
        embedded_words=words,
        hint=None,
        parent=figure.id,
    )


def _in_caption(caption: str, name: str) -> str:
    """What the whole figure's caption says of a panel: "The queue (a) empty and (b) full" -> "empty and"."""
    match = re.search(rf"\({name}\)\s*([^()]+)", caption)
    return match[1].strip(" ,;.") if match else ""
