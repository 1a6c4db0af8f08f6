"""What is seen of a figure, measured once: its drawing as a scene, its pixels, how it appears, words around.

In: a figure, what the page draws, a small picture of it. Out: a `FigureAnalysis`, which routing decides its
kind on and reading goes on from. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from PIL import Image

from dic_ingest.classification.drawing_features import Features, features_of
from dic_ingest.classification.pixel_features import Pixels, pixels_of
from dic_ingest.classification.text_cues import TextCues
from dic_ingest.diagrams.kind_traits import Traits, traits_of
from dic_ingest.diagrams.scene import Scene
from dic_ingest.diagrams.settings import SceneSettings
from dic_ingest.diagrams.vector.scene import scene_from_drawing
from dic_ingest.figures.crops import crop_box
from dic_ingest.figures.settings import CropSettings
from dic_ingest.model.box import Box, area, height_of, intersection, overlap, union, width_of
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Figure
from dic_ingest.model.drawing import Drawing, PlacedImage
from dic_ingest.vision.figure_classifier import class_probabilities

IMAGES_COUNT = 0.3  # share of a figure's area from which placed images are looked at as pixels
DEFAULTS = SceneSettings()
MOST_ELEMENTS = 200_000  # outlines, lines and texts of the scenes that are kept from routing to reading


@dataclass(frozen=True, slots=True)
class FigureEvidence:
    """What is measured of one figure. `traits` is None where what matters is in pixels that were not read."""

    features: Features
    pixels: Pixels | None  # of the placed images; None where they hardly count
    looks: Mapping[str, float]  # probability of each class of the figure classifier
    traits: Traits | None
    is_picture: bool  # what matters is in placed images


@dataclass(frozen=True, slots=True)
class KindVerdict:
    """A kind, how sure (0..1), and why.

    `drawn_as` is the likeliest kind of drawing, whatever `kind` is, and `chart` the share of charts.
    """

    kind: Kind
    score: float
    reason: str
    drawn_as: Kind = Kind.BLOCK
    drawn_score: float = 0.0
    chart: float = 0.0


@dataclass(frozen=True, slots=True)
class FigureAnalysis:
    """One figure, analysed once. `scene`: of its vector drawing, in points from the corner of its crop."""

    evidence: FigureEvidence
    cues: TextCues = field(default_factory=TextCues)
    scene: Scene | None = None
    verdict: KindVerdict | None = None
    settings: SceneSettings = DEFAULTS  # of its reading

    def read_as(self, scene: Scene) -> FigureAnalysis:
        """The analysis with what was read in the figure's pixels as its scene."""
        return replace(self, evidence=replace(self.evidence, traits=traits_of(scene)), scene=scene)


class FigureAnalyses:
    """The figures of a document, each analysed when it is asked for first.

    `drawing_of` gives what a page draws, `crop_of` a figure as an upright picture at a low resolution.
    """

    def __init__(
        self,
        drawing_of: Callable[[int], Drawing],
        crop_of: Callable[[Figure], Image.Image],
        crops: CropSettings | None = None,
        scenes: SceneSettings = DEFAULTS,
    ) -> None:
        self._drawing_of, self._crop_of, self._crops = drawing_of, crop_of, crops or CropSettings()
        self._scenes = scenes
        self._known: dict[str, FigureAnalysis] = {}
        self._elements = 0

    def of(self, figure: Figure) -> FigureAnalysis:
        """The analysis of a figure that has a box."""
        if figure.id not in self._known:
            assert figure.bbox is not None
            drawing = self._drawing_of(figure.page)
            drawn = own_drawing(drawing, crop_box(figure.bbox, (drawing.width, drawing.height), self._crops))
            upright = drawn.turned(figure.rotation)
            found = analyse(figure.bbox, drawing, self._crop_of(figure), upright, self._scenes)
            self.keep(figure, found)
        return self._known[figure.id]

    def keep(self, figure: Figure, analysis: FigureAnalysis) -> None:
        """Keep what is known of a figure; scenes beyond a number of elements are built again when needed."""
        before = self._known.get(figure.id)
        self._elements += _elements(analysis.scene) - (_elements(before.scene) if before else 0)
        if self._elements > MOST_ELEMENTS:
            self._elements -= _elements(analysis.scene)
            analysis = replace(analysis, scene=None)
        self._known[figure.id] = analysis

    def take(self, figure: Figure) -> FigureAnalysis | None:
        """What is known of a figure, for its reading; it is not kept any longer."""
        found = self._known.pop(figure.id, None)
        self._elements -= _elements(found.scene) if found else 0
        return found

    def drop_scenes(self, wanted: Callable[[str], bool]) -> None:
        """Forget the scenes of figures, by their ids, that are not read."""
        for name, known in list(self._known.items()):
            if known.scene is not None and not wanted(name):
                self._elements -= _elements(known.scene)
                self._known[name] = replace(known, scene=None)


def own_drawing(drawing: Drawing, box: Box) -> Drawing:
    """What stands in a box of a page, the box's corner as origin."""
    return drawing.within(box).cut(box)


def analyse(
    box: Box,
    drawing: Drawing,
    crop: Image.Image,
    drawn: Drawing | None = None,
    settings: SceneSettings = DEFAULTS,
) -> FigureAnalysis:
    """Everything that is measured in `box` of a page, once. `crop` shows it at a low resolution.

    `drawn` is the figure's own drawing, upright, where it is at hand; its scene is kept for reading.
    """
    features = features_of(drawing, box)
    picture = is_picture(features)
    part = _picture_part(crop, box, drawing)
    scene = None
    if not picture:
        own = drawn if drawn is not None else own_drawing(drawing, box)
        scene = scene_from_drawing(own, settings.vector)
    evidence = FigureEvidence(
        features,
        pixels_of(part) if picture or features.image_share > IMAGES_COUNT else None,
        class_probabilities(part if picture else crop),
        None if scene is None else traits_of(scene),
        picture,
    )
    return FigureAnalysis(evidence, scene=scene, settings=settings)


def analyse_alone(crop: Image.Image, dpi: float, drawing: Drawing | None, cues: TextCues) -> FigureAnalysis:
    """A figure without a page around it: `drawing` in points, its corner as origin, None for pixels alone."""
    if drawing is None:
        width, height = crop.width * 72.0 / dpi, crop.height * 72.0 / dpi
        box = (0.0, 0.0, width, height)
        drawing = Drawing(width, height, images=(PlacedImage(box, crop.size),))
    box = (0.0, 0.0, drawing.width, drawing.height)
    return replace(analyse(box, drawing, crop, drawing), cues=cues)


def is_picture(f: Features) -> bool:
    """Whether what matters is in pixels: placed images, and hardly a shape or word drawn over them."""
    if f.paths == 0 and (f.words < 8 or f.flat_images):
        return True
    drawn = f.boxes + f.connectors + f.arrowheads
    return f.image_share > 0.5 and (drawn < 4 or f.words < 6)


def _elements(scene: Scene | None) -> int:
    return 0 if scene is None else len(scene.shapes) + len(scene.lines) + len(scene.texts)


def _picture_part(crop: Image.Image, box: Box, drawing: Drawing) -> Image.Image:
    """The crop without what stands around the placed images: labels, captions."""
    parts = [intersection(i.bbox, box) for i in drawing.images if overlap(i.bbox, box) > 0]
    if not parts or area(union(parts)) < 0.4 * area(box):
        return crop
    x0, y0, x1, y1 = union(parts)
    sx, sy = crop.width / max(width_of(box), 0.1), crop.height / max(height_of(box), 0.1)
    left, top = round((x0 - box[0]) * sx), round((y0 - box[1]) * sy)
    right, bottom = round((x1 - box[0]) * sx), round((y1 - box[1]) * sy)
    return crop.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
