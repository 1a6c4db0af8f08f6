"""For every figure: what it is, where it goes, how sure, and why.

In: a document with whole figures, each analysed once. Out: the document with `Figure.route` set.
Reasons are words that a person can check against the picture.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from dic_ingest.classification.analysis import FigureAnalyses, FigureEvidence, KindVerdict
from dic_ingest.classification.classifier import decoration, formula, shows_a_drawing
from dic_ingest.classification.kind_decision import decide_kind
from dic_ingest.classification.text_cues import cues_of
from dic_ingest.figures.settings import RoutingSettings as RoutingSettings
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import NOT_ASKED_FOR, Document, Figure, Route, Text

ROUTES = {
    Kind.CHART: "chart",
    Kind.PHOTO: "photo",
    Kind.SCREENSHOT: "screenshot",
    Kind.TABLE: "table",
    Kind.FORMULA: "formula",
    Kind.DECORATION: "decoration",
    Kind.OTHER: "other",
}

SURE = 0.75  # a kind with this score is beyond doubt


def route_figures(
    document: Document, analyses: FigureAnalyses, settings: RoutingSettings | None = None
) -> Document:
    """The document with every figure routed; what goes over a limit is skipped and says so.

    `analyses` keep what each figure's kind was decided on.
    """
    settings = settings or RoutingSettings()
    around = texts_around(document)
    outer = {document.pages[0].number, document.pages[-1].number} if len(document.pages) > 1 else set()

    def routed(figure: Figure, common: Kind | None) -> Route:
        place = Surroundings(around.get(figure.id, ()), figure.page in outer, common)
        return _route_of(figure, analyses, settings, place)

    labels = {f.id: f.label or "a figure" for f in document.figures}
    parts = {f.id: _part(labels.get(f.parent, "a figure")) for f in document.figures if f.parent}
    first = {f.id: parts.get(f.id) or routed(f, None) for f in document.figures}
    common = common_kind(list(first.values()))
    if common is not None:
        doubtful = [
            f for f in document.figures if first[f.id].route == "diagram" and first[f.id].score < SURE
        ]
        first.update({f.id: routed(f, common) for f in doubtful})
    return _within_budget(document, first, settings)


def _part(whole: str) -> Route:
    """The route of a panel: told with its whole figure, not once more."""
    return Route("skipped", Kind.OTHER, 1.0, f"part of {whole}")


def common_kind(routes: list[Route]) -> Kind | None:
    """The kind of most diagrams of a document, where several are beyond doubt."""
    sure = Counter(r.kind for r in routes if r.route == "diagram" and r.score >= SURE)
    if not sure:
        return None
    kind, count = sure.most_common(1)[0]
    return kind if count >= 4 and count >= 0.7 * sure.total() else None


def _within_budget(document: Document, found_of: dict[str, Route], settings: RoutingSettings) -> Document:
    per_page: dict[int, int] = {}
    kept = 0

    def route(figure: Figure) -> Figure:
        nonlocal kept
        found = found_of[figure.id]
        if found.kept:
            if per_page.get(figure.page, 0) >= settings.max_per_page or kept >= settings.max_per_document:
                found = replace(found, route="skipped", reason=f"budget; it would be: {found.reason}")
            else:
                per_page[figure.page] = per_page.get(figure.page, 0) + 1
                kept += 1
        return replace(figure, route=found)

    return document.replace_figures(route)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a figure stands in its document."""

    around: tuple[str, ...] = ()  # the end of the text before it, the beginning of the text after it
    outer: bool = False  # on the first or the last of several pages
    common: Kind | None = None  # kind of most of the document's diagrams


def texts_around(document: Document) -> dict[str, tuple[str, ...]]:
    """By figure: the end of the text before it and the beginning of the text after it, on its page."""
    out: dict[str, tuple[str, ...]] = {}
    body = [b for b in document.blocks if not isinstance(b, Text) or b.role == "body"]
    for i, block in enumerate(body):
        if isinstance(block, Figure):
            near = [
                b.content for b in body[max(i - 1, 0) : i + 2] if isinstance(b, Text) and b.page == block.page
            ]
            out[block.id] = tuple(t[-160:] if k == 0 else t[:160] for k, t in enumerate(near))
    return out


def _route_of(
    figure: Figure, analyses: FigureAnalyses, settings: RoutingSettings, place: Surroundings
) -> Route:
    """The route of one figure, which is analysed where that is needed."""
    if figure.reading is not None or figure.chart is not None:
        kind = figure.reading.kind if figure.reading is not None else Kind.CHART
        return Route(route_name(kind), kind, 1.0, "read from the file, which holds it as data")
    if figure.set_as_text:
        return Route("other", Kind.OTHER, 0.9, "text that is set as a figure")
    if figure.bbox is None:
        return Route("other", Kind.OTHER, 0.3, "no place on a page is known")
    analysis = analyses.of(figure)
    cues = cues_of(figure, place.around, place.common)
    verdict = _aside(figure, analysis.evidence, settings, place) or decide_kind(analysis.evidence, cues)
    analyses.keep(figure, replace(analysis, cues=cues, verdict=verdict))
    if not is_asked_for(verdict.kind, settings):
        return Route("skipped", verdict.kind, verdict.score, f"kind {verdict.kind} {NOT_ASKED_FOR}")
    return Route(route_name(verdict.kind), verdict.kind, verdict.score, verdict.reason)


def is_asked_for(kind: Kind, settings: RoutingSettings) -> bool:
    """Whether the settings want figures of a kind described."""
    return (not settings.allow or kind in settings.allow) and kind not in settings.deny


def rerouted(route: Route, settings: RoutingSettings) -> Route:
    """A route that was chosen under other settings, as far as it depends on the kinds they ask for."""
    if not is_asked_for(route.kind, settings):
        return replace(route, route="skipped")
    if route.is_denied:
        return replace(route, route=route_name(route.kind))
    return route


def route_name(kind: Kind) -> str:
    """Where figures of a kind go."""
    return "diagram" if kind.is_diagram else ROUTES[kind]


def _aside(
    figure: Figure, seen: FigureEvidence, settings: RoutingSettings, place: Surroundings
) -> KindVerdict | None:
    """A verdict for what needs no describing; a printed label speaks against it."""
    if figure.label:
        return None
    features, pixels = seen.features, seen.pixels
    if min(features.width, features.height) < settings.min_size:
        return formula(features, pixels) or KindVerdict(
            Kind.DECORATION, 0.8, f"shorter side under {settings.min_size:g} points"
        )
    if seen.is_picture and shows_a_drawing(seen.looks, pixels):
        return None  # its words and lines are pixels: that the page holds none beside it says nothing
    return formula(features, pixels) or decoration(features, place.outer)
