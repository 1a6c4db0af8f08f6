"""Whole figures out of a parsed document: pieces joined, words gathered, captions bound.

In: a `Document` from any parser, and a callable that gives what a page draws. Out: the document
with its figures recovered, their words and captions out of the running text. Does not route, crop or describe.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dic_ingest.document import Block, Document, Figure, Heading
from dic_ingest.drawing import Drawing
from dic_ingest.errors import SettingsError
from dic_ingest.figures.compose import compose
from dic_ingest.figures.drafts import drafts_of
from dic_ingest.figures.marks import repeated_elements
from dic_ingest.figures.view import view_page

DrawingOf = Callable[[int], Drawing]


@dataclass(frozen=True, slots=True)
class RecoverySettings:
    """How pieces become figures."""

    reach: float = 0.03  # how far apart pieces of one drawing may stand, of the page's longer side
    template_share: float = (
        0.6  # an element on this share of the pages, at one place, belongs to the page template
    )

    def __post_init__(self) -> None:
        if not 0.0 <= self.reach <= 0.5:
            raise SettingsError(f"RecoverySettings.reach must lie in 0..0.5, got {self.reach}")
        if not 0.0 < self.template_share <= 1.0:
            raise SettingsError(
                f"RecoverySettings.template_share must lie in 0..1, got {self.template_share}"
            )


def recover_figures(
    document: Document, drawing_of: DrawingOf, settings: RecoverySettings | None = None
) -> Document:
    """The document with whole figures; blocks without boxes are left as they are."""
    settings = settings or RecoverySettings()
    numbers = [p.number for p in document.pages]
    template = repeated_elements((drawing_of(n) for n in numbers), settings.template_share)
    by_page: dict[int, list[Block]] = {n: [] for n in numbers}
    for block in document.blocks:
        by_page.setdefault(block.page, []).append(block)
    blocks: list[Block] = []
    for page in document.pages:
        mine = by_page.pop(page.number)
        drawing = drawing_of(page.number)
        if any(b.bbox is None for b in mine) or not (drawing.words or drawing.paths or drawing.images):
            blocks += mine
            continue
        view = view_page(page, drawing, mine, template)
        drafts, missing = drafts_of(view, settings.reach)
        blocks += compose(view, drafts, document.sha256)
        for caption in missing:
            document = document.warn(
                "figure_not_found",
                f"{caption.label} is captioned on page {page.number}, but no drawing was found near it.",
                page.number,
            )
    for rest in by_page.values():
        blocks += rest
    return replace(document, blocks=_numbered(blocks))


def _numbered(blocks: list[Block]) -> tuple[Block, ...]:
    """Blocks with their order, figures with the heading that they stand under."""
    out: list[Block] = []
    section = ""
    for order, block in enumerate(blocks):
        if isinstance(block, Heading):
            section = block.text
        changed = replace(block, order=order)
        out.append(replace(changed, section=section) if isinstance(changed, Figure) else changed)
    return tuple(out)
