"""Drafts of figures into a page's blocks: words change hands, captions leave the text, nothing is said twice.

In: a page's blocks, its words, the drafts. Out: the page's blocks anew, figures in reading order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dic_ingest.figures.captions import PrintedCaption
from dic_ingest.figures.page.page_view import PageView
from dic_ingest.figures.text.lines import WordLine, join_lines, lines_of, paragraphs_of, text_key
from dic_ingest.figures.text.listings import Listing
from dic_ingest.model.box import Box, area, inside, overlap, shared_width, union, width_of
from dic_ingest.model.document import (
    SET_AS_TEXT,
    Block,
    Code,
    Equation,
    Figure,
    Heading,
    Hint,
    List,
    Table,
    Text,
    block_id,
)
from dic_ingest.model.drawing import Word
from dic_ingest.text.spacing import respaced

TEXT_HINT = Hint("layout", SET_AS_TEXT)
SPACED = re.compile(r"(?<!\w)(?:[^\W\d_] ){4,}[^\W\d_](?!\w)")  # letters apart, as titles have them


@dataclass(frozen=True, slots=True)
class FigureDraft:
    """A figure before it is a block. `words` belong to it alone."""

    bbox: Box
    words: tuple[Word, ...] = ()
    caption: PrintedCaption | None = None
    text: bool = False  # a listing, a form, a note: no graph is read in it


def compose(view: PageView, drafts: Sequence[FigureDraft], sha256: str) -> list[Block]:
    """The page's blocks in reading order; `order` is left to the caller."""
    owned = {id(w) for d in drafts for w in d.words}
    owned |= {id(w) for d in drafts if d.caption for line in d.caption.lines for w in line.words}
    by_parser = [b for b in view.blocks if isinstance(b, Figure)]
    keep: list[tuple[float, Block]] = []
    gone: dict[int, Block] = {}
    told: set[int] = set()
    words = Words(view.drawing.words)
    listings = [listing for listing in view.listings if _is_free(listing, owned)]
    owned |= {id(w) for listing in listings for line in listing.lines for w in line.words}
    for index, block in enumerate(view.blocks):
        if isinstance(block, Figure):
            gone[index] = block
            continue
        left = _without(block, words, owned, told, drafts)
        if left is None:
            gone[index] = block
        else:
            keep.append((float(index), left))
    for number, draft in enumerate(drafts):
        place = _place(draft.bbox, draft.caption, view.blocks, gone)
        keep.append((place + 0.001 * number, _figure(draft, view, by_parser, sha256)))
    for listing in listings:
        place = _place(listing.bbox, None, view.blocks, gone)
        keep.append((place + 0.0005, _code(listing, view, sha256)))
    keep += _left_over(view, owned, told, text_key(" ".join(b.content for _, b in keep)), sha256)
    return [b for _, b in sorted(keep, key=lambda item: item[0])]


def _is_free(listing: Listing, owned: set[int]) -> bool:
    """Whether no figure holds the words of a listing."""
    words = [id(w) for line in listing.lines for w in line.words]
    return not any(w in owned for w in words)


def _code(listing: Listing, view: PageView, sha256: str) -> Code:
    identity = block_id(sha256, "code", view.page.number, listing.bbox, listing.text)
    return Code(identity, view.page.number, listing.bbox, 0, listing.text)


class Words:
    """A page's words with their boxes in one array, to ask quickly what stands in a box."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self.boxes = np.array([w.bbox for w in words], dtype=np.float64).reshape(-1, 4)

    def within(self, box: Box) -> list[Word]:
        """Words of which half stands in the box, in the page's order."""
        low = np.maximum(self.boxes[:, :2], box[:2])
        high = np.minimum(self.boxes[:, 2:], box[2:])
        shared = np.clip(high - low, 0.0, None).prod(axis=1)
        whole = (self.boxes[:, 2:] - self.boxes[:, :2]).prod(axis=1)
        hit = (whole > 0) & (shared >= 0.5 * whole)
        return [self.words[int(i)] for i in np.flatnonzero(hit)]


def _without(
    block: Block, words: Words, owned: set[int], told: set[int], drafts: Sequence[FigureDraft]
) -> Block | None:
    """The block without words of figures; None when nothing is left. Adds what it tells to `told`."""
    if block.bbox is None:
        return block
    within = words.within(block.bbox)
    if not within:
        covered = any(inside(block.bbox, d.bbox, 0.8) for d in drafts)
        return None if covered and not isinstance(block, Table) else block
    said = text_key(block.content)
    mine = [w for w in within if not said or text_key(w.text) in said]
    lost = [w for w in mine if id(w) in owned]
    left = [w for w in mine if id(w) not in owned and id(w) not in told]
    if lost and len(lost) >= 0.9 * len(mine) and len(left) <= 1:
        return None
    if isinstance(block, Table | Code | Equation) and len(lost) > 0.6 * len(mine):
        return None  # a drawing that was taken for a table; words that are left stand for themselves
    told.update(id(w) for w in left)
    if lost or not said or (isinstance(block, Text | Heading) and SPACED.search(block.text)):
        return _reworded(block, left)
    return _apart(block, within) if isinstance(block, Table) else block


def _apart(table: Table, within: Sequence[Word]) -> Table:
    """The table with blanks between words that the parser ran together."""
    words = {w.text for w in within}
    return replace(
        table,
        text=respaced(table.text, words),
        html=respaced(table.html, words),
        caption=respaced(table.caption, words),
    )


def _reworded(block: Block, left: Sequence[Word]) -> Block | None:
    """The block with its text read anew from the words that are left to it."""
    if not left:
        return block if not isinstance(block, Text | Heading | List) else None
    lines = lines_of(left)
    text = join_lines([line.text for line in lines])
    bbox = union(w.bbox for w in left)
    match block:
        case Text() | Heading():
            return replace(block, text=text, bbox=bbox)
        case List():
            return replace(block, items=tuple(line.text for line in lines), bbox=bbox)
        case Code():
            return replace(block, text="\n".join(line.text for line in lines), bbox=bbox)
        case Equation():
            return block if block.latex else replace(block, text=text)
        case Table():
            return block if block.text else replace(block, text="\n".join(line.text for line in lines))
    return block


def _figure(draft: FigureDraft, view: PageView, by_parser: Sequence[Figure], sha256: str) -> Figure:
    """The block of a draft, with what the parser knew of it."""
    same = [f for f in by_parser if f.bbox is not None and overlap(f.bbox, draft.bbox) > 0.5 * area(f.bbox)]
    label = draft.caption.label if draft.caption else ""
    return Figure(
        id=block_id(sha256, "figure", view.page.number, draft.bbox, label),
        page=view.page.number,
        bbox=draft.bbox,
        order=0,
        label=label,
        printed_caption=draft.caption.text if draft.caption else "",
        caption_boxes=(draft.caption.bbox,) if draft.caption else (),
        embedded_words=draft.words,
        hint=TEXT_HINT if draft.text else _hint(same),
        rotation=_rotation(draft),
    )


def _hint(same: Sequence[Figure]) -> Hint | None:
    """What the parser said of the largest piece; its texts of all pieces."""
    hints = [f.hint for f in sorted(same, key=lambda f: -area(f.bbox or (0, 0, 0, 0))) if f.hint is not None]
    if not hints:
        return None
    content = "\n".join(dict.fromkeys(h.content for h in hints if h.content))
    return replace(hints[0], content=content)


def _rotation(draft: FigureDraft) -> int:
    """Quarter turns that put most of a figure's words upright, degrees clockwise."""
    turned = draft.caption.lines if draft.caption and draft.caption.turn else ()
    words = [*draft.words, *(w for line in turned for w in line.words)]
    turns = Counter(round(w.angle / 90) * 90 % 360 for w in words if len(w.text) > 1)
    if sum(turns.values()) < 4:
        return 0
    angle, count = turns.most_common(1)[0]
    return (360 - angle) % 360 if count >= 0.7 * sum(turns.values()) else 0


def _place(
    box: Box, caption: PrintedCaption | None, blocks: Sequence[Block], gone: dict[int, Block]
) -> float:
    """Where in the page's order a new block stands: at what it replaces, at its caption, or by geometry."""
    replaced = [
        i for i, b in gone.items() if b.bbox is not None and overlap(b.bbox, box) > 0.5 * area(b.bbox) > 0
    ]
    if replaced:
        return float(min(replaced))
    if caption is not None:
        holders = [
            i
            for i, b in enumerate(blocks)
            if b.bbox is not None and overlap(b.bbox, caption.bbox) > 0.3 * area(caption.bbox)
        ]
        if holders:
            return min(holders) - 0.5
    return _by_geometry(box, blocks)


def _by_geometry(box: Box, blocks: Sequence[Block]) -> float:
    """Before the first block that stands below in the same column; else after the last one above."""
    after = -0.5
    for i, block in enumerate(blocks):
        if block.bbox is None:
            continue
        shared = shared_width(block.bbox, box)
        if shared <= 0.2 * min(width_of(block.bbox), width_of(box)):
            continue
        if block.bbox[1] >= box[1]:
            return i - 0.4
        after = i + 0.5
    return after if after >= 0 else len(blocks) + 0.5


def _left_over(
    view: PageView, owned: set[int], told: set[int], said: str, sha256: str
) -> list[tuple[float, Block]]:
    """Words that neither a block nor a figure holds, as paragraphs in their place."""
    texts = [w for w in view.drawing.words if id(w) not in owned and text_key(w.text)]
    lines = lines_of([w for w in texts if id(w) not in told])
    printed = Counter(text_key(line.text) for line in lines_of(texts)) if lines else Counter[str]()
    # captions of tables are said by blocks outside their boxes; a heading may stand in the page's header too
    keys = [text_key(line.text) for line in lines]
    untold = [len(k) < 4 or said.count(k) < max(printed[k], 1) for k in keys]
    missing = [w for line, lost in zip(lines, untold, strict=True) if lost for w in line.words]
    out: list[tuple[float, Block]] = []
    for paragraph in paragraphs_of(lines_of(missing)):
        text = paragraph.text
        identity = block_id(sha256, "text", view.page.number, paragraph.bbox, text)
        block = Text(identity, view.page.number, paragraph.bbox, 0, text)
        out.append((_by_geometry(paragraph.bbox, view.blocks), block))
    return out


def words_in(box: Box, lines: Sequence[WordLine]) -> tuple[Word, ...]:
    """Words of lines that stand in a box, each once."""
    return tuple({id(w): w for line in lines for w in line.words if inside(w.bbox, box, 0.5)}.values())
