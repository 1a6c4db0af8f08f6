"""A scene as a graph, read as the kind of drawing that it was decided to be.

In: a `Scene`, of a vector drawing or of pixels, and a kind. Out: a `Diagram`, or None where the scene holds
none. No kind is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PIL import Image

from dic_ingest.diagrams.bit_fields import read_fields
from dic_ingest.diagrams.decisions.believability import believability
from dic_ingest.diagrams.graph.builder import assemble_graph
from dic_ingest.diagrams.kinds import leaning
from dic_ingest.diagrams.raster.scene import scene_from_picture
from dic_ingest.diagrams.scene import Scene
from dic_ingest.diagrams.sequence.builder import assemble_sequence
from dic_ingest.diagrams.settings import RasterSettings
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.drawing import Word

ALONE = frozenset({Kind.SEQUENCE, Kind.CLASS, Kind.ER})  # one class with its members says something
BELIEVABLE = 0.2  # least chance that half of the edges are right; see `decisions/believability.json`
_SEQUENCE = 0.25  # from this chance on a picture is looked at once
RASTER = RasterSettings()
Appearance = Mapping[str, float]  # probability of each class of the figure classifier


def scene_of_picture(
    image: Image.Image,
    words: tuple[Word, ...],
    appearance: Appearance,
    settings: RasterSettings = RASTER,
) -> Scene:
    """The scene of a picture, in pixels; its mirror image is traced as well, unless it appears a sequence."""
    # two traces err less than one; but sequences have loops at the right, as the network learnt them
    mirrored = appearance.get("sequence", 0.0) < _SEQUENCE
    return scene_from_picture(image, words, settings, mirrored)


def graph_of(
    scene: Scene, kind: Kind, appearance: Appearance | None = None, least: float = BELIEVABLE
) -> Diagram | None:
    """The graph of a scene, read as `kind`; None where that kind has none, or too few nodes were found.

    A graph that is less believable than `least` is none; `appearance` helps to judge that.
    """
    if not kind.is_diagram:
        return None
    if kind is Kind.TIMING and (fields := read_fields(scene)).nodes:
        return fields
    diagram = assemble_sequence(scene) if kind is Kind.SEQUENCE else assemble_graph(scene, kind)
    if len(diagram.nodes) < (1 if kind in ALONE else 2):
        return None
    _, clarity = leaning(scene, (lambda: appearance) if appearance else None)
    diagram = replace(diagram, score=believability(diagram, scene, clarity))
    return diagram if is_believable(diagram, least) else None


def is_believable(graph: Diagram, least: float = BELIEVABLE) -> bool:
    """Whether a graph that was read is given to a user: likely enough, or without any connection to claim."""
    return graph.score >= least or (graph.kind in ALONE and not graph.edges)
