"""From what is seen to what it is: weights for every kind, each with its reason; the heaviest wins.

In: features of paths, of pixels, the scene's own reasons, words around. Out: a `KindVerdict`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from dic_ingest.classification.analysis import FigureEvidence, KindVerdict
from dic_ingest.classification.drawing_features import Features
from dic_ingest.classification.pixel_features import Pixels
from dic_ingest.diagrams.kinds import weights_of
from dic_ingest.model.diagram import Kind
from dic_ingest.vision.figure_classifier import LOOKS

# weights of what a picture looks like; chosen on held-out pictures and real drawings, `benchmarks/looks.py`
LOOK, DRAWN, KINDRED = 1.8, 1.0, 1.0
WORDS = {
    "class": "classes",
    "er": "entities",
    "art": "art",
    "text": "text",
    "timing": "turns in time",
    "illustration": "an illustration",
}
LEAST = 0.1  # a smaller chance is no reason
LOST = 0.25  # where the best answer is less likely, the network has none
DRAWN_SHARE, DRAWN_BOXES = 0.5, 3  # from which a picture without words beside it still shows a drawing
SURE = 2.5  # how steeply a lead in weight becomes confidence


@dataclass(slots=True)
class Scales:
    """Weights gathered per kind."""

    weights: dict[Kind, float] = field(default_factory=dict)
    reasons: dict[Kind, list[tuple[float, str]]] = field(default_factory=dict)

    def add(self, kind: Kind, weight: float, reason: str) -> None:
        """One reason for a kind, or against it where the weight is negative."""
        if weight:
            self.weights[kind] = self.weights.get(kind, 0.0) + weight
            self.reasons.setdefault(kind, []).append((weight, reason))

    def verdict(self) -> KindVerdict:
        """The heaviest kind."""
        if not self.weights:
            return KindVerdict(Kind.OTHER, 0.3, "no form that is known")
        best = max(self.weights, key=lambda k: self.weights[k])
        total = sum(math.exp(SURE * (w - self.weights[best])) for w in self.weights.values()) + math.exp(
            -SURE * self.weights[best]
        )
        return KindVerdict(best, round(1.0 / total, 2), self.reason(best) or "no form that is known")

    def reason(self, kind: Kind) -> str:
        """What speaks most for a kind, in words."""
        strongest = [r for w, r in sorted(self.reasons.get(kind, []), reverse=True) if w > 0][:3]
        return ", ".join(strongest)


def decoration(f: Features, outer: bool) -> KindVerdict | None:
    """A verdict where a figure without caption is there for looks; `outer`: on the first or last page."""
    if f.page_share > 0.97:
        return None  # the page is the figure
    lines = f.connectors + f.arrowheads
    if f.edges >= 2 and f.words <= 12 and f.connectors == 0 and f.page_share > 0.08:
        return KindVerdict(Kind.DECORATION, 0.85, f"bleeds off {f.edges} edges of the page, {f.words} words")
    if f.edges >= 2 and lines == 0 and f.boxes <= 3 and f.page_share > 0.3:
        return KindVerdict(Kind.DECORATION, 0.75, "the ground of a cover")
    if f.words == 0 and f.image_share == 0 and f.connectors == 0 and f.boxes <= 1 and f.colours <= 3:
        return KindVerdict(Kind.DECORATION, 0.7, "lettering or a shape of one colour, without words")
    if f.page_share < 0.02 and f.words <= 3 and lines <= 2:
        return KindVerdict(Kind.DECORATION, 0.7, "small art with next to no words")
    titled = f.big_words >= max(1, 0.6 * f.words) and f.connectors == 0 and f.paths <= 6
    if titled and f.image_share < 0.15 and f.images <= 2:  # a logo may stand on it too
        return KindVerdict(Kind.DECORATION, 0.75, "a shape behind a title")
    if outer and f.cover and f.page_share < 0.3 and lines == 0 and f.boxes <= 2:
        return KindVerdict(Kind.DECORATION, 0.7, "art or a logo on a page with next to no text")
    return None


def shows_a_drawing(looks: Mapping[str, float], p: Pixels | None) -> bool:
    """Whether the network of looks sees a diagram in a picture, and boxes are found in its pixels."""
    drawn = sum(share for name, share in looks.items() if LOOKS[name].is_diagram)
    return drawn >= DRAWN_SHARE and p is not None and p.boxes >= DRAWN_BOXES


def formula(f: Features, p: Pixels | None) -> KindVerdict | None:
    """A verdict for formulas that are set as pictures, in line with text."""
    flat = f.images and f.flat_images == f.images and f.words <= 6 * f.images and f.paths <= 4
    if not flat or p is None or p.colours > 24 or p.saturation > 0.15:
        return None
    return KindVerdict(Kind.FORMULA, 0.7, f"{f.images} pictures as high as a line of text, in black")


def weigh(seen: FigureEvidence) -> Scales:
    """Weights set by hand for every kind, each with its reason, of what is seen alone."""
    scales = Scales()
    for kind, reasons in ({} if seen.traits is None else weights_of(seen.traits)).items():
        for reason, weight in reasons.items():
            scales.add(kind, weight, reason)
    if seen.is_picture and seen.pixels is not None:
        _weigh_pixels(scales, seen.pixels)
    else:
        _weigh_drawing(scales, seen.features)
        if seen.pixels is not None and seen.pixels.soft > 0.2 and seen.pixels.colours > 55:
            images = 1.3 + min(0.8, 0.2 * seen.features.images)
            scales.add(Kind.OTHER, images, "photographs or shaded drawings with labels")
    if seen.is_picture and max(seen.looks.values(), default=0.0) >= LOST:
        _weigh_appearance(scales, seen.looks)
    return scales


def _weigh_drawing(scales: Scales, f: Features) -> None:
    scales.add(Kind.OTHER, 0.5, "drawn lines without a form that is known")
    if f.images >= 3:
        scales.add(Kind.BLOCK, min(0.8, 0.2 * f.images), f"{f.images} placed pictures among the shapes")
    if f.diagonals >= 6 and f.diagonals > 2 * f.boxes:
        scales.add(Kind.OTHER, 1.0, f"{f.diagonals} slanting lines, {f.boxes} boxes")
    if f.curves + f.outlines > 60 and f.words < 0.05 * (f.curves + f.outlines):
        scales.add(Kind.OTHER, 0.8, "free outlines, next to no words")
    if f.circles >= 8 and f.boxes >= 2 and f.time_words >= 4:
        scales.add(
            Kind.TIMING,
            min(2.4, 0.25 * f.time_words),
            f"marks on lines beside {f.time_words} dates or releases",
        )


def _weigh_pixels(scales: Scales, p: Pixels) -> None:
    _weigh_photo(scales, p)
    _weigh_screen(scales, p)
    _weigh_plot(scales, p)
    plain = p.ground > 0.5 and p.soft < 0.2
    scales.add(Kind.BLOCK, 0.5 if plain else 0.3, f"drawn on a ground of one colour ({p.ground:.0%})")
    if p.boxes >= 3:
        scales.add(Kind.BLOCK, min(0.6, 0.06 * p.boxes), f"{p.boxes} boxes")
    if p.rim > 0.4 and p.soft > 0.14 and p.slants > 30 and p.ground < 0.65:
        scales.add(Kind.OTHER, 0.9, "shaded forms up to the rim: an illustration or a map")
    if p.boxes <= 1 and p.largest_disc > 0.35 and p.saturation > 0.3:
        scales.add(Kind.OTHER, 0.5, "large round areas")
    if p.light < 0.4 and p.letters > 80 and p.boxes <= 3:
        scales.add(Kind.OTHER, 0.9, "lines of bright text on a dark ground")


def _weigh_appearance(scales: Scales, looks: Mapping[str, float]) -> None:
    """What the network of looks says. That a figure is drawn speaks for every kind of drawing that something
    else speaks for, and for blocks; flowcharts and blocks look alike, so words tell these apart."""
    drawn = sum(p for name, p in looks.items() if LOOKS[name].is_diagram)
    boxes = scales.weights.get(Kind.BLOCK, 0.0)
    for kind in {Kind.BLOCK, *(k for k in scales.weights if k.is_diagram)}:
        scales.add(kind, DRAWN * drawn, f"looks drawn ({drawn:.0%})")
    for name, share in looks.items():
        kind = LOOKS[name]
        if share < LEAST or kind in (Kind.BLOCK, Kind.FLOWCHART):
            continue
        weight = LOOK * share
        if kind.is_diagram:  # boxes and a plain ground speak for what it looks like, not for blocks alone
            moved = boxes * share / drawn
            scales.add(Kind.BLOCK, -moved, "")
            weight = KINDRED * share + moved
        scales.add(kind, weight, f"looks like {WORDS.get(name, 'a ' + name)} ({share:.0%})")


def _weigh_photo(scales: Scales, p: Pixels) -> None:
    if p.soft > 0.28 and p.ground < 0.5 and p.boxes < 8:
        scales.add(Kind.PHOTO, 1.2 + min(0.4, p.soft - 0.28), f"gradients and grain in {p.soft:.0%} of it")
    elif p.colours > 110 and p.ground < 0.5:
        scales.add(Kind.PHOTO, 0.7, f"{p.colours} colours")


def _weigh_screen(scales: Scales, p: Pixels) -> None:
    # a drawing in a frame has several boxes and flat colours, a window has shades
    drawn = p.boxes > 3 and p.soft < 0.05
    if p.rim > 0.75 and p.ground > 0.55 and p.light > 0.8 and p.soft < 0.2 and p.slants < 25 and not drawn:
        scales.add(Kind.SCREENSHOT, 1.1, f"a frame around it, as windows have ({p.rim:.0%} of the rim)")
    if p.letters > 90 and p.boxes <= 1 and p.slants < 5 and p.rows <= 1 and p.saturation < 0.4:
        scales.add(Kind.SCREENSHOT, 0.8, f"rows of text ({p.letters} letters), nothing drawn")


def _weigh_plot(scales: Scales, p: Pixels) -> None:
    if p.axes and p.rim < 0.3 and p.boxes <= 3:
        scales.add(Kind.CHART, 1.1, "two axes that meet")
    if p.grid >= 4 and p.rim < 0.3:
        scales.add(Kind.CHART, 0.6, f"{p.grid} lines at even steps")
    if p.bars >= 3:
        backed = (p.axes or p.grid >= 3 or p.rows >= 3) and p.boxes <= p.bars + 6  # else boxes in a row
        scales.add(
            Kind.CHART,
            (1.3 if p.bars >= 5 else 0.9) if backed else 0.3,
            f"{p.bars} coloured bars on one base",
        )
    if p.sectors >= 2:
        scales.add(Kind.CHART, 1.2, f"a disc of {p.sectors} colours")
