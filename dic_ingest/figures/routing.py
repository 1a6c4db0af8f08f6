"""For every figure: what it is, where it goes, how sure, and why.

In: a document with whole figures, what the PDF draws, small crops. Out: the document with `Figure.route` set.
Reasons are words that a person can check against the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image

from dic_ingest.diagram import DIAGRAM_KINDS, Kind
from dic_ingest.document import Document, Figure, Route
from dic_ingest.drawing import Drawing
from dic_ingest.errors import SettingsError
from dic_ingest.figures.features import Features, features_of
from dic_ingest.figures.picture import Pixels, pixels_of
from dic_ingest.figures.verdicts import Verdict, decoration, judge

DrawingOf = Callable[[int], Drawing]
CropOf = Callable[[Figure], Image.Image]
ROUTES = {
    Kind.CHART: "chart",
    Kind.PHOTO: "photo",
    Kind.SCREENSHOT: "screenshot",
    Kind.TABLE: "table",
    Kind.FORMULA: "formula",
    Kind.DECORATION: "decoration",
    Kind.OTHER: "other",
}


@dataclass(frozen=True, slots=True)
class RoutingSettings:
    """What is described and what is left out."""

    allow: frozenset[str] = frozenset()  # kinds; empty allows all
    deny: frozenset[str] = frozenset()
    min_size: float = 24.0  # points of the shorter side
    max_per_page: int = 40
    max_per_document: int = 2000

    def __post_init__(self) -> None:
        unknown = (self.allow | self.deny) - {str(k) for k in Kind}
        if unknown:
            raise SettingsError(
                f"RoutingSettings knows no kind {sorted(unknown)}; kinds: {[str(k) for k in Kind]}"
            )
        if self.min_size < 0 or self.max_per_page < 1 or self.max_per_document < 1:
            raise SettingsError("RoutingSettings needs min_size >= 0 and limits of at least 1")


def route_figures(
    document: Document, drawing_of: DrawingOf, crop_of: CropOf, settings: RoutingSettings | None = None
) -> Document:
    """The document with every figure routed; what goes over a limit is skipped and says so."""
    settings = settings or RoutingSettings()
    per_page: dict[int, int] = {}
    kept = 0

    def route(figure: Figure) -> Figure:
        nonlocal kept
        found = route_of(figure, drawing_of(figure.page), crop_of, settings)
        if found.kept:
            if per_page.get(figure.page, 0) >= settings.max_per_page or kept >= settings.max_per_document:
                found = replace(found, route="skipped", reason=f"budget; it would be: {found.reason}")
            else:
                per_page[figure.page] = per_page.get(figure.page, 0) + 1
                kept += 1
        return replace(figure, route=found)

    return document.replace_figures(route)


def route_of(figure: Figure, drawing: Drawing, crop_of: CropOf, settings: RoutingSettings) -> Route:
    """The route of one figure."""
    if figure.bbox is None:
        return Route("other", Kind.OTHER, 0.3, "no place on a page is known")
    features = features_of(drawing, figure.bbox)
    pixels: Pixels | None = None
    if features.image_share > 0.2 or features.paths == 0:
        pixels = pixels_of(crop_of(figure))
    verdict = _verdict(figure, features, pixels, settings)
    if (settings.allow and verdict.kind not in settings.allow) or verdict.kind in settings.deny:
        return Route("skipped", verdict.kind, verdict.score, f"kind {verdict.kind} is not asked for")
    name = "diagram" if verdict.kind in DIAGRAM_KINDS else ROUTES[verdict.kind]
    return Route(name, verdict.kind, round(verdict.score, 2), verdict.reason)


def _verdict(figure: Figure, features: Features, pixels: Pixels | None, settings: RoutingSettings) -> Verdict:
    if not figure.label:
        if min(features.width, features.height) < settings.min_size:
            return Verdict(Kind.DECORATION, 0.8, f"shorter side under {settings.min_size:g} points")
        away = decoration(features, pixels)
        if away is not None:
            return away
    return judge(features, pixels, figure.hint.sub_type if figure.hint else "")
