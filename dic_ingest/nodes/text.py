"""Running text, lists, formulas, tables and listings as node drafts.

Paragraphs of one section on one page are joined up to a target size; a page, a figure or a table ends the
run, so that a node's page is always right and reading order is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dic_ingest.model.box import Box
from dic_ingest.model.document import Block, Code, Equation, Heading, Table, Text
from dic_ingest.nodes.record import Metadata, NodeDraft, NodeSettings
from dic_ingest.nodes.splitting import pack, split_text, tokens
from dic_ingest.nodes.tokenizer import Count

FURNITURE = frozenset({"header", "footer", "page_number"})
APART = frozenset({"footnote", "aside"})  # kept, but not mixed into the paragraphs
TITLE_TOKENS = 40
SLACK = 1.25  # a run may grow this far over the target rather than leave a crumb


class TextRun:
    """Collects blocks until something ends the run; remembers the headings above."""

    def __init__(self, settings: NodeSettings) -> None:
        self.settings = settings
        self._count = settings.count
        self.section = ""
        self._headings: list[Heading] = []  # not yet in any node
        self._blocks: list[Block] = []
        self._size = 0

    def add(self, block: Block) -> Iterator[NodeDraft]:
        """Take a block in; yields the run that it ended, if any."""
        if isinstance(block, Heading) and is_title(block):
            yield from self.flush()
            self._headings.append(block)
            self.section = " ".join(block.text.split())
            return
        size = self._count(block.content)
        if not block.content.strip():
            return
        if self._blocks and (
            _lane(block) != _lane(self._blocks[-1]) or self._size + size > SLACK * self.settings.text_tokens
        ):
            yield from self.flush()
        self._blocks.append(block)
        self._size += size

    def flush(self, last: bool = False) -> Iterator[NodeDraft]:
        """End the run. `last` also tells headings that nothing followed."""
        blocks, self._blocks, self._size = self._blocks, [], 0
        if blocks:
            yield from self._drafts(blocks)
        elif last and self._headings:
            yield self._headings_alone()

    def _drafts(self, blocks: list[Block]) -> Iterator[NodeDraft]:
        kind = "equation" if all(isinstance(b, Equation) for b in blocks) else "text"
        heads, ids, boxes = self.take_headings(blocks[0].page)
        prefix = heads or self.section
        text = "\n\n".join(b.content.strip() for b in blocks)
        boxes += tuple(b.bbox for b in blocks if b.bbox)
        extra: Metadata = (
            {"role": blocks[0].role} if _lane(blocks[0])[1] and isinstance(blocks[0], Text) else {}
        )
        limit = round(SLACK * self.settings.text_tokens)
        for n, part in enumerate(split_text(text, limit, self._count)):
            held = tuple(b.id for b in blocks) if n == 0 else (blocks[0].id,)
            yield NodeDraft(
                kind,
                blocks[0].page,
                f"{prefix}\n\n{part}" if prefix else part,
                (*(ids if n == 0 else ()), *held),
                boxes,
                self.section,
                extra=extra,
            )
            prefix = self.section

    def headings(self) -> str:
        """The headings that no node shows yet, one a line; else the section's heading."""
        return "\n".join(" ".join(h.text.split()) for h in self._headings) or self.section

    def take_headings(self, page: int) -> tuple[str, tuple[str, ...], tuple[Box, ...]]:
        """The headings that no node shows yet: their lines, ids, and boxes of those on `page`."""
        taken, self._headings = self._headings, []
        boxes = tuple(h.bbox for h in taken if h.bbox and h.page == page)
        return "\n".join(" ".join(h.text.split()) for h in taken), tuple(h.id for h in taken), boxes

    def _headings_alone(self) -> NodeDraft:
        page = self._headings[-1].page
        text, ids, boxes = self.take_headings(page)
        return NodeDraft("text", page, text, ids, boxes, self.section)


def is_title(heading: Heading) -> bool:
    """Whether a heading names what follows; parsers also take whole bold paragraphs for headings."""
    return 0 < tokens(heading.text) <= TITLE_TOKENS


def _lane(block: Block) -> tuple[int, str]:
    role = block.role if isinstance(block, Text) and block.role in APART | FURNITURE else ""
    return block.page, role


def block_drafts(block: Table | Code, section: str, settings: NodeSettings) -> Iterator[NodeDraft]:
    """A table or listing as one node, or several cut between lines."""
    boxes = (block.bbox,) if block.bbox else ()
    if isinstance(block, Table):
        parts = table_parts(block, settings.table_tokens, settings.count)
        extra: Metadata = {"table_html": block.html if len(block.html) <= settings.mermaid_chars else ""}
    else:
        parts = line_parts(block.caption, "", block.text.splitlines(), settings.table_tokens, settings.count)
        extra = {"language": block.language} if block.language else {}
    for n, part in enumerate(parts, 1):
        yield NodeDraft(
            block.type,
            block.page,
            f"{section}\n\n{part}" if section else part,
            (block.id,),
            boxes,
            section,
            block.id if n == 1 else f"{block.id}-{n}",
            "" if n == 1 else block.id,
            extra=extra if n == 1 else {"part": n},
        )


def table_parts(table: Table, limit: int, count: Count = tokens) -> list[str]:
    """The table's text; a long one in parts that repeat caption and header row."""
    rows = [*table.text.splitlines(), *table.footnotes]
    if not table.text.strip():
        return [c] if (c := table.content.strip()) else []
    return line_parts(table.caption, rows[0], rows[1:], limit, count)


def line_parts(
    caption: str, header: str, lines: Sequence[str], limit: int, count: Count = tokens
) -> list[str]:
    """Lines in parts of about `limit` tokens, each under the caption and header."""
    top = "\n".join(filter(None, (caption.strip(), header.rstrip())))
    room = max(limit - count(top), limit // 2)
    short = [q for line in lines for q in (split_text(line, room, count) if count(line) > room else [line])]
    groups = pack(short, room, count)
    if not groups:
        return [top] if top else []
    return ["\n".join(filter(None, (top, *(line.rstrip() for line in group)))) for group in groups]
