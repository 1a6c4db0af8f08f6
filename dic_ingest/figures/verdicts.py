"""Rules from features to kinds, each with its reason.

In: `Features` and `Pixels` of one figure. Out: a `Verdict`. Thresholds are of the geometry named in the rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.diagram import Kind
from dic_ingest.figures.features import Features
from dic_ingest.figures.picture import Pixels


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind, how sure (0..1), and why."""

    kind: Kind
    score: float
    reason: str


def decoration(f: Features, p: Pixels | None) -> Verdict | None:
    """A verdict where a figure without caption is there for looks."""
    if f.edges >= 2 and f.words <= 12 and f.connectors == 0 and f.page_share > 0.08:
        return Verdict(Kind.DECORATION, 0.85, f"bleeds off {f.edges} edges of the page, {f.words} words")
    if f.edges >= 2 and f.connectors + f.arrowheads == 0 and f.boxes <= 3 and f.page_share > 0.3:
        return Verdict(Kind.DECORATION, 0.75, "the ground of a cover")
    if f.words == 0 and f.image_share == 0 and f.connectors == 0 and f.boxes <= 1 and f.colours <= 3:
        return Verdict(Kind.DECORATION, 0.7, "lettering or a shape of one colour, without words")
    if f.flat_images >= max(1, f.images) and f.words <= 6 * f.images and f.paths <= 4:
        return Verdict(Kind.FORMULA, 0.7, f"{f.images} pictures as high as a line of text")
    if f.page_share < 0.02 and f.words <= 3 and f.connectors + f.arrowheads <= 2:
        return Verdict(Kind.DECORATION, 0.7, "small art with next to no words")
    if f.big_words >= max(1, 0.6 * f.words) and f.connectors == 0 and f.paths <= 6 and f.images == 0:
        return Verdict(Kind.DECORATION, 0.75, "a shape behind a title")
    return None


def judge(f: Features, p: Pixels | None, prior: str) -> Verdict:
    """The kind of a figure that has something to say."""
    if p is not None and f.image_share > 0.6 and f.words <= 4 * max(1, f.images):
        return _raster(f, p)
    return _vector(f)


def _raster(f: Features, p: Pixels) -> Verdict:
    if p.ground < 0.25 and p.soft > 0.45:
        return Verdict(Kind.PHOTO, 0.8, f"soft gradients in {p.soft:.0%} of it, no ground colour")
    if p.ground < 0.35 and p.colours > 60:
        return Verdict(Kind.PHOTO, 0.6, f"{p.colours} colours, no ground colour")
    return Verdict(Kind.BLOCK, 0.4, f"a picture on a ground of one colour ({p.ground:.0%})")


def _vector(f: Features) -> Verdict:
    if f.uprights >= 2 and f.levels >= 3 and f.levels >= 0.5 * f.uprights and f.ticks < 4:
        return Verdict(Kind.SEQUENCE, 0.8, f"{f.uprights} lifelines with {f.levels} messages between them")
    if f.ticks >= 4 and (f.numbers >= 0.3 * f.words or f.bars >= 3):
        return Verdict(Kind.CHART, 0.85, f"{f.ticks} numbers at even steps along an axis")
    if f.stacks >= 2 and f.stacks >= 0.3 * f.boxes:
        return Verdict(Kind.CLASS, 0.7, f"{f.stacks} boxes with compartments")
    if f.diamonds >= 1 and f.boxes >= 2:
        return Verdict(Kind.FLOWCHART, 0.8, f"{f.diamonds} decisions among {f.boxes} boxes")
    if f.boxes >= 3 and f.arrowheads >= 0.4 * f.boxes:
        return Verdict(Kind.FLOWCHART, 0.6, f"{f.boxes} boxes, {f.arrowheads} arrowheads")
    if f.boxes >= 2:
        return Verdict(Kind.BLOCK, 0.5, f"{f.boxes} boxes, {f.arrowheads} arrowheads")
    return Verdict(Kind.OTHER, 0.4, f"{f.paths} paths, {f.images} pictures, no form that is known")
