"""What a figure's kind is decided on, but for words around it: one row of named numbers.

In: `FigureEvidence` and the rules' weights. Out: a row; what is not known is `MISSING`.
Where a figure stands, and how large its page is, is left out: pictures that are files have neither.
"""

from __future__ import annotations

import math
from dataclasses import fields

from dic_ingest.classification.classifier import Scales
from dic_ingest.classification.drawing_features import Features
from dic_ingest.classification.evidence import FigureEvidence
from dic_ingest.classification.pixel_features import Pixels
from dic_ingest.diagrams.kind_traits import Traits
from dic_ingest.diagrams.kinds import reasons_of
from dic_ingest.model.diagram import Kind
from dic_ingest.vision.figure_classifier import LOOKS

MISSING = -1.0
LEFT_OUT = frozenset({"width", "height", "page_share", "edges", "cover", "flat_images"})
WEIGHED = (
    Kind.CHART, Kind.PHOTO, Kind.SCREENSHOT, Kind.FLOWCHART, Kind.SEQUENCE, Kind.STATE, Kind.CLASS, Kind.ER,
    Kind.BLOCK, Kind.TIMING, Kind.OTHER, Kind.DECORATION,
)  # fmt: skip
Row = dict[str, float]


def kind_features(seen: FigureEvidence, scales: Scales) -> Row:
    """Named numbers of one figure. `scales`: the rules' weights."""
    drawn = seen.features
    row: Row = {"is picture": float(seen.is_picture), "aspect": math.log(_ratio(drawn.width, drawn.height))}
    for f in fields(Features):
        if f.name not in LEFT_OUT:
            row[f"drawn {f.name}"] = _damped(float(getattr(drawn, f.name)))
    for f in fields(Pixels):
        value = MISSING if seen.pixels is None else float(getattr(seen.pixels, f.name))
        row[f"pixels {f.name}"] = _damped(value)
    row |= {f"appears {name}": seen.looks.get(name, 0.0) for name in LOOKS}
    row |= scene_features(seen.traits)
    sums = dict(scales.weights)
    sums[Kind.BLOCK] = max(sums.get(Kind.BLOCK, 0.0), sums.pop(Kind.TOPOLOGY, 0.0))
    heaviest = max(sums.values(), default=0.0)
    row |= {f"weight {kind}": sums.get(kind, 0.0) - heaviest for kind in WEIGHED}
    return row


def scene_features(traits: Traits | None) -> Row:
    """The part of a row that the lines, outlines and texts of a scene give."""
    known = traits or Traits()
    row: Row = {"scene known": float(traits is not None)}
    for f in fields(Traits):
        value = getattr(known, f.name)
        if isinstance(value, int | float):
            row[f"scene {f.name}"] = MISSING if traits is None else _damped(float(value))
    seen = reasons_of(known)
    row |= {f"seen {name}": MISSING if traits is None else value for name, value in seen.items()}
    return row


def _ratio(width: float, height: float) -> float:
    return max(width, 1.0) / max(height, 1.0)


def _damped(value: float) -> float:
    """Counts by their logarithm, shares hardly changed."""
    return math.log1p(value) if value > 0 else value
