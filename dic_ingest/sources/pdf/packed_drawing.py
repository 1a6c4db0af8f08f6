"""Drawings of pages kept small: a path's points are a sixth of their size as numbers in a row."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from itertools import islice

from dic_ingest.model.drawing import Drawing, Path

POINTS = 6  # of them take the room of one other item


@dataclass(frozen=True, slots=True)
class PackedDrawing:
    """A drawing whose subpaths have given their points away: `counts` of them each, x and y in turn."""

    bare: Drawing
    counts: array[int]
    numbers: array[float]

    def drawing(self) -> Drawing:
        """What was packed, value for value."""
        points = zip(self.numbers[::2], self.numbers[1::2], strict=True)
        counts = iter(self.counts)

        def whole(path: Path) -> Path:
            own = (replace(s, points=tuple(islice(points, next(counts)))) for s in path.subpaths)
            return replace(path, subpaths=tuple(own))

        return replace(self.bare, paths=tuple(map(whole, self.bare.paths)))


def weight(drawing: Drawing) -> int:
    """Items that the packed drawing keeps in memory."""
    subpaths = [s for p in drawing.paths for s in p.subpaths]
    points = sum(len(s.points) for s in subpaths)
    return len(drawing.words) + len(drawing.paths) + len(subpaths) + points // POINTS


def pack(drawing: Drawing) -> PackedDrawing:
    """The drawing in little room."""
    subpaths = [s for p in drawing.paths for s in p.subpaths]
    bare = tuple(replace(p, subpaths=tuple(replace(s, points=()) for s in p.subpaths)) for p in drawing.paths)
    return PackedDrawing(
        replace(drawing, paths=bare),
        array("I", [len(s.points) for s in subpaths]),
        array("d", [v for s in subpaths for point in s.points for v in point]),
    )
