"""A figure as a graph or a chart, from its drawing or from its pixels.

In: a `Drawing` (vector route) or a picture with its words (raster route). Out: a `Diagram` or a `Chart`, or
None where the figure holds neither. What the figure is, is judged from what is drawn; where that tells
nothing, its usual kind stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from PIL import Image

from dic_ingest.diagrams.bit_fields import read_fields
from dic_ingest.diagrams.charts import read_chart
from dic_ingest.diagrams.charts.belief import is_convincing
from dic_ingest.diagrams.charts.pixels import read_chart_picture
from dic_ingest.diagrams.decisions.believability import believability
from dic_ingest.diagrams.graph.builder import assemble_graph
from dic_ingest.diagrams.kinds import kind_of
from dic_ingest.diagrams.raster.scene import scene_from_picture
from dic_ingest.diagrams.scene import Scene
from dic_ingest.diagrams.sequence.builder import assemble_sequence
from dic_ingest.diagrams.vector.scene import scene_from_drawing
from dic_ingest.model.chart import Chart
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.drawing import Drawing, Word
from dic_ingest.vision.figure_classifier import class_probabilities

ALIKE = frozenset({Kind.FLOWCHART, Kind.BLOCK, Kind.TOPOLOGY})  # drawn alike: caption and page tell better
ALONE = frozenset({Kind.SEQUENCE, Kind.CLASS, Kind.ER})  # one class with its members says something
BELIEVABLE = 0.2  # least chance that half of the edges are right; see `decisions/believability.json`
_SEQUENCE = 0.25  # from this chance on a picture is looked at once


def read_drawing(
    drawing: Drawing,
    usual: Kind = Kind.OTHER,
    picture: Image.Image | None = None,
) -> Diagram | Chart | None:
    """The graph or chart of a vector drawing, in its coordinates; None where there is neither.

    `picture` shows it. Axes with values at them make a chart, whatever its usual kind. A graph may be
    unbelievable: `is_believable` tells.
    """
    chart = read_chart(drawing, picture)
    if chart is not None and is_convincing(chart, drawing.words, usual):
        return chart
    scene = scene_from_drawing(drawing)
    graph = diagram_of(scene, usual, partial(class_probabilities, picture) if picture else None, least=0.0)
    if chart is not None and usual is Kind.CHART and not (graph and is_believable(graph)):
        return chart
    return graph


def read_picture(
    image: Image.Image, words: tuple[Word, ...] = (), usual: Kind = Kind.OTHER
) -> Diagram | Chart | None:
    """The graph or chart of a picture, in pixels; `words` are those recognised on it. None without either."""
    if usual in (Kind.CHART, Kind.OTHER):
        chart = read_chart_picture(image, words)
        if chart is not None and is_convincing(chart, words, usual):
            return chart
    seen = class_probabilities(image)
    # two looks err less than one; but sequences have their own loops at the right, as the network learnt them
    scene = scene_from_picture(image, words, mirrored=seen["sequence"] < _SEQUENCE)
    return diagram_of(scene, usual, lambda: seen)


def diagram_of(
    scene: Scene,
    usual: Kind = Kind.OTHER,
    looks: Callable[[], Mapping[str, float]] | None = None,
    least: float = BELIEVABLE,
) -> Diagram | None:
    """The graph of a scene; None where its kind has none, or too few nodes were found.

    `usual`, where it is a kind of boxes and lines, is its kind where nothing drawn tells: boxes in boxes
    without a line are some architecture. `looks` are asked for where what is drawn leaves doubt.
    A graph that is less believable than `least` is none.
    """
    kind, kind_score = kind_of(scene, looks)
    kind = usual if kind is Kind.OTHER and usual in ALIKE else kind
    if not kind.is_diagram:
        return None
    if kind is Kind.TIMING and (fields := read_fields(scene)).nodes:
        return fields
    diagram = assemble_sequence(scene) if kind is Kind.SEQUENCE else assemble_graph(scene, kind)
    if len(diagram.nodes) < (1 if kind in ALONE else 2):
        return None
    diagram = replace(diagram, score=believability(diagram, scene, kind_score))
    return diagram if is_believable(diagram, least) else None


def is_believable(graph: Diagram, least: float = BELIEVABLE) -> bool:
    """Whether a graph that was read is given to a user: likely enough, or without any connection to claim."""
    return graph.score >= least or (graph.kind in ALONE and not graph.edges)


def agreed_kind(graph: Diagram, routed: Kind) -> Kind:
    """The kind of a graph whose figure was routed as `routed`.

    Flowcharts, block diagrams and topologies are drawn alike, and caption and page tell better which it is;
    but a drawing that decides (a diamond with named ways out) is a flowchart by definition.
    """
    if not {graph.kind, routed} <= ALIKE:
        return graph.kind
    return Kind.FLOWCHART if _decides(graph) else routed


def _decides(graph: Diagram) -> bool:
    ways: Counter[str] = Counter(e.source for e in graph.edges if e.directed and e.label.strip())
    return any(n.shape == "diamond" and n.label.strip() and ways[n.id] >= 2 for n in graph.nodes)
