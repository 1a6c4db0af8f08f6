"""Lines with what their two ends are attached to.

Data only: `assemble_ends` finds the attachments, `assemble_joins` makes one line of broken ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dic_ingest.diagram import End
from dic_ingest.drawing import Point
from dic_ingest.structure.scene import Line


class To(StrEnum):
    """What kind of thing a line end is attached to."""

    PART = "part"  # a node or a group
    TEXT = "text"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Hit:
    """A line end's attachment: `index` into the parts, blocks or lines; `gap` in text heights."""

    to: To
    index: int
    gap: float


@dataclass(slots=True)
class Wire:
    """A line with what its two ends are attached to."""

    line: Line
    start: Hit | None = None
    end: Hit | None = None

    def tip(self, at_start: bool) -> Point:
        """The start or end point."""
        return self.line.points[0 if at_start else -1]

    def hit(self, at_start: bool) -> Hit | None:
        """The attachment of the start or the end."""
        return self.start if at_start else self.end

    def attach(self, at_start: bool, hit: Hit | None) -> None:
        """Set the attachment of the start or the end."""
        if at_start:
            self.start = hit
        else:
            self.end = hit

    def mark(self, at_start: bool) -> End:
        """What is drawn at the start or the end."""
        return self.line.start if at_start else self.line.end
