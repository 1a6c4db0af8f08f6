"""Boxes with compartments: a class's or entity's name, and its members row by row.

In: the texts of one box, the rules and cells inside it. Out: name and members.
"""

from __future__ import annotations

import re

from dic_ingest.drawing import Box
from dic_ingest.structure.geometry import center
from dic_ingest.structure.scene import TextLine
from dic_ingest.structure.text_blocks import read_on, rows

# «interface», <<enumeration>>, {abstract}: says what a class is, not how it is called
STEREOTYPE = re.compile(r"^\s*(«.*»|<<.*>>|\{.*\})\s*$")


def name_and_members(
    box: Box, texts: list[TextLine], levels: list[float], em: float
) -> tuple[str, tuple[str, ...]]:
    """Name compartment as one string without stereotypes; each row below as one member.

    `levels`: heights at which rules cross the box from side to side.
    """
    inner = sorted(y for y in levels if box[1] + 0.5 * em < y < box[3] - 0.2 * em)
    heads: list[TextLine] = []
    while inner and not heads:
        first = inner.pop(0)
        heads = [t for t in texts if center(t.bbox)[1] < first]
    if not heads:
        return _name([t.text for row in rows(texts) for t in row]), ()
    below = [t for t in texts if t not in heads]
    members = tuple(read_on(row) for row in rows(below))
    return _name([t.text for row in rows(heads) for t in row]), members


def _name(lines: list[str]) -> str:
    """What stands below the last stereotype; all that is none where nothing does."""
    tags = [i for i, t in enumerate(lines) if STEREOTYPE.match(t)]
    below = lines[tags[-1] + 1 :] if tags else []
    plain = [t for t in lines if not STEREOTYPE.match(t)]
    return " ".join(below or plain or lines)


def crossing_levels(box: Box, segments: list[tuple[Box, bool]], em: float) -> list[float]:
    """Heights of the rules, and of the cells' edges, that span the box. `segments`: their boxes, is a
    cell.
    """
    found: list[float] = []
    for (x0, y0, x1, y1), is_cell in segments:
        if x0 > box[0] + 0.6 * em or x1 < box[2] - 0.6 * em or y1 < box[1] or y0 > box[3]:
            continue
        if is_cell:
            found.extend((y0, y1))
        elif y1 - y0 < 0.4 * em:
            found.append((y0 + y1) / 2)
    return found
