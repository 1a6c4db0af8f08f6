"""A page that is one drawing: parts that stand far apart are still one figure when nothing else is there.

In: the blocks of the only page of a file. Out: the same, or one figure. Captions and running text prevent it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.document import Block, Figure, block_id
from dic_ingest.drawing import union


def as_one_drawing(blocks: Sequence[Block], sha256: str) -> list[Block]:
    """One figure around all, if the page holds two or more figures without labels and nothing else."""
    figures = [b for b in blocks if isinstance(b, Figure) and b.bbox is not None]
    plain = all(not (f.label or f.printed_caption or f.parent) for f in figures)
    if len(figures) < 2 or len(figures) < len(blocks) or not plain:
        return list(blocks)
    first = figures[0]
    box = union(f.bbox for f in figures if f.bbox is not None)
    words = tuple(w for f in figures for w in f.embedded_words)
    name = block_id(sha256, Figure.type, first.page, box)
    return [replace(first, id=name, bbox=box, embedded_words=words, hint=None)]
