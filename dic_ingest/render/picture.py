"""A `Diagram` as a picture: SVG, drawn from the places that were read, or laid out where there are none."""

from __future__ import annotations

import json

from dic_ingest.model.diagram import Diagram
from dic_ingest.render.draw import drawing_of
from dic_ingest.render.layout import placed
from dic_ingest.render.paint import to_svg as svg_of


def to_svg(diagram: Diagram) -> str:
    """An SVG document without scripts or links."""
    return svg_of(drawing_of(placed(diagram)))


def to_json(diagram: Diagram) -> str:
    """The diagram's fields as JSON; `Diagram.from_dict` is the inverse."""
    return json.dumps(diagram.to_dict(), ensure_ascii=False, indent=1)
