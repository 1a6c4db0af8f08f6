"""What a figure holds as a graph or a chart: analysed, decided, read. Used by dic-small and wherever one
drawing or picture is read by itself.

In: a drawing or a picture with its words, and what is known of it already. Out: `FigureReading`.
The kind is decided once, in `classification`: for vectors before the reading, for pixels when their lines and
words have been recognised, as only then its evidence is whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from dic_ingest.classification.analysis import FigureAnalysis, KindVerdict, analyse_alone
from dic_ingest.classification.kind_decision import decide_kind
from dic_ingest.classification.text_cues import TextCues
from dic_ingest.diagrams.charts import read_chart
from dic_ingest.diagrams.charts.belief import is_convincing
from dic_ingest.diagrams.charts.pixels import NUMBERS, read_chart_picture
from dic_ingest.diagrams.reader import (
    graph_of,
    is_believable,
    scene_of_picture,
)
from dic_ingest.diagrams.vector.scene import scene_from_drawing
from dic_ingest.model.chart import Chart
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.drawing import Drawing, Word

CHARTS = 0.02  # least share of charts in the decision from which axes are looked for


@dataclass(frozen=True, slots=True)
class FigureReading:
    """What was read. `verdict`: the kind by what was recognised in pixels; None where it was known before."""

    found: Diagram | Chart | None
    verdict: KindVerdict | None = None


def read_vectors(
    drawing: Drawing, kind: Kind, analysis: FigureAnalysis, picture: Image.Image | None = None
) -> FigureReading:
    """The graph or chart of a vector drawing, in its coordinates. `kind` as decided; `picture` shows it.

    A graph is given however unbelievable: `is_believable` tells.
    """
    verdict = analysis.verdict or decide_kind(analysis.evidence, analysis.cues)
    may_be_chart = kind is Kind.CHART or verdict.chart >= CHARTS
    chart = read_chart(drawing, picture) if may_be_chart else None
    if chart is not None and is_convincing(chart, drawing.words, kind):
        return FigureReading(chart)
    scene = analysis.scene or scene_from_drawing(drawing, analysis.settings.vector)
    drawn_as = kind if kind.is_diagram else verdict.drawn_as
    graph = graph_of(scene, drawn_as, analysis.evidence.looks, least=0.0)
    if chart is not None and kind is Kind.CHART and not (graph and is_believable(graph)):
        return FigureReading(chart)
    return FigureReading(graph)


def read_pixels(
    image: Image.Image, words: tuple[Word, ...], kind: Kind, analysis: FigureAnalysis
) -> FigureReading:
    """The graph or chart of a picture, in pixels; `words` are those recognised on it. `kind` as decided
    before anything was recognised; a kind of drawing is decided again with what was."""
    if kind in (Kind.CHART, Kind.OTHER):
        chart = read_chart_picture(image, words, numbers=0 if kind is Kind.CHART else NUMBERS)
        if chart is not None and is_convincing(chart, words, kind):
            return FigureReading(chart)
    scene = scene_of_picture(image, words, analysis.evidence.looks, analysis.settings.raster)
    verdict = decide_kind(analysis.read_as(scene).evidence, analysis.cues)
    return FigureReading(graph_of(scene, verdict.drawn_as, analysis.evidence.looks), verdict)


def read_drawing(
    drawing: Drawing, picture: Image.Image | None = None, kind: Kind | None = None
) -> Diagram | Chart | None:
    """The graph or chart of a vector drawing by itself. `picture` shows it; `kind` where it is known.

    A graph may be unbelievable: `is_believable` tells.
    """
    blank = Image.new("RGB", (1, 1), "white")
    analysis = analyse_alone(picture or blank, 72.0, drawing, TextCues())
    verdict = decide_kind(analysis.evidence, analysis.cues)
    return read_vectors(drawing, kind or verdict.kind, analysis, picture).found


def read_picture(
    image: Image.Image, words: tuple[Word, ...] = (), kind: Kind | None = None
) -> Diagram | Chart | None:
    """The graph or chart of a picture by itself, in pixels; `words` are those recognised on it.

    `kind` where it is known.
    """
    analysis = analyse_alone(image, 72.0, None, TextCues())
    if kind is not None and kind.is_diagram:
        scene = scene_of_picture(image, words, analysis.evidence.looks)
        return graph_of(scene, kind, analysis.evidence.looks)
    first = kind or decide_kind(analysis.evidence, analysis.cues).kind
    return read_pixels(image, words, first, analysis).found
