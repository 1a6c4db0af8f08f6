"""Captions of figures in text that flows, where blocks have no boxes: by order alone.

In: the blocks of a page in reading order. Out: the same, captions bound to their figures and out of the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dic_ingest.document import Block, Figure, Text
from dic_ingest.figures.labels import opens_caption, split_label

LONGEST = 600  # characters: what is longer is no caption


def bind_in_flow(blocks: Sequence[Block]) -> list[Block]:
    """Blocks whose figures have the captions that stand right below or right above them."""
    out = list(blocks)
    taken: set[int] = set()
    for index, block in enumerate(blocks):
        if not isinstance(block, Figure) or block.label:
            continue
        if block.printed_caption:
            label, text = split_label(block.printed_caption)
            out[index] = replace(block, label=label, printed_caption=text)
            continue
        for beside in (index + 1, index - 1):
            if beside not in taken and 0 <= beside < len(blocks) and _is_caption(blocks[beside]):
                label, text = split_label(blocks[beside].content)
                out[index] = replace(block, label=label, printed_caption=text)
                taken.add(beside)
                break
    return [b for i, b in enumerate(out) if i not in taken]


def _is_caption(block: Block) -> bool:
    return isinstance(block, Text) and len(block.text) <= LONGEST and opens_caption(block.text)
