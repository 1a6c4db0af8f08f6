"""All that is seen of a figure before its kind is decided: paths, pixels, scene, appearance.

In: a figure, what the page draws, a small picture of it. Out: `FigureEvidence`. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from dic_ingest.classification.drawing_features import Features, features_of
from dic_ingest.classification.pixel_features import Pixels, pixels_of
from dic_ingest.diagrams.kind_traits import Traits, traits_of
from dic_ingest.diagrams.vector.scene import scene_from_drawing
from dic_ingest.model.drawing import Box, Drawing, area, intersection, overlap, union
from dic_ingest.vision.figure_classifier import class_probabilities

IMAGES_COUNT = 0.3  # share of a figure's area from which placed images are looked at as pixels


@dataclass(frozen=True, slots=True)
class FigureEvidence:
    """What is seen of one figure. `traits` is None where what matters is in pixels."""

    features: Features
    pixels: Pixels | None  # of the placed images; None where they hardly count
    looks: Mapping[str, float]  # what the whole figure looks like: probability per class
    traits: Traits | None
    is_picture: bool  # what matters is in placed images


def evidence_of(box: Box, drawing: Drawing, crop: Image.Image) -> FigureEvidence:
    """Everything that is measured in `box` of a page, once. `crop` shows it at a low resolution."""
    features = features_of(drawing, box)
    picture = is_picture(features)
    part = _picture_part(crop, box, drawing)
    return FigureEvidence(
        features,
        pixels_of(part) if picture or features.image_share > IMAGES_COUNT else None,
        class_probabilities(part if picture else crop),
        None if picture else traits_of(scene_from_drawing(drawing.within(box))),
        picture,
    )


def is_picture(f: Features) -> bool:
    """Whether what matters is in pixels: placed images, and hardly a shape or word drawn over them."""
    if f.paths == 0 and (f.words < 8 or f.flat_images):
        return True
    drawn = f.boxes + f.connectors + f.arrowheads
    return f.image_share > 0.5 and (drawn < 4 or f.words < 6)


def _picture_part(crop: Image.Image, box: Box, drawing: Drawing) -> Image.Image:
    """The crop without what stands around the placed images: labels, captions."""
    parts = [intersection(i.bbox, box) for i in drawing.images if overlap(i.bbox, box) > 0]
    if not parts or area(union(parts)) < 0.4 * area(box):
        return crop
    x0, y0, x1, y1 = union(parts)
    sx, sy = crop.width / max(box[2] - box[0], 0.1), crop.height / max(box[3] - box[1], 0.1)
    left, top = round((x0 - box[0]) * sx), round((y0 - box[1]) * sy)
    right, bottom = round((x1 - box[0]) * sx), round((y1 - box[1]) * sy)
    return crop.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
