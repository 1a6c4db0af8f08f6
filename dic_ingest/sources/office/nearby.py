"""Which shapes lie near a place, without looking at all of them: an index by space (shapely's STR tree)."""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from dic_ingest.model.drawing import Box, Point, grow
from dic_ingest.sources.office.shapes import Shape


class Nearby:
    """The shapes of one drawing by their boxes."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self.shapes = list(shapes)
        self._tree = shapely.STRtree([shapely.box(*s.bbox) for s in self.shapes])

    def touching(self, box: Box, reach: float = 0.0) -> list[Shape]:
        """Shapes whose boxes come within `reach` of a box, in their order."""
        return [self.shapes[i] for i in self.places(box, reach)]

    def at(self, point: Point, reach: float = 0.0) -> list[Shape]:
        """Shapes whose boxes come within `reach` of a point."""
        return self.touching((*point, *point), reach)

    def places(self, box: Box, reach: float = 0.0) -> list[int]:
        """Their indexes, in order."""
        return sorted(int(i) for i in self._tree.query(shapely.box(*grow(box, reach))))
