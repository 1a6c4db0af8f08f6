"""What an engine says of a figure, and how far the figure holds it up.

Plain values, frozen; nothing here judges or captions. Boxes are points relative to the figure's crop.
"""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.model.box import Box
from dic_ingest.model.chart import Chart
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.drawing import Word
from dic_ingest.model.representation import NotebookRepr


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim of a caption and its support: "graph", "words", "printed", "critic", "file", "" for none."""

    text: str
    support: str = ""
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A statement that was corrected (`before` and `after`), removed (no `after`) or added (no `before`)."""

    before: str
    after: str
    reason: str  # flipped, no line, label, invented, count, instruction, silent, order, left out


@dataclass(frozen=True, slots=True)
class Evidence:
    """How far a caption is held up by the figure.

    recall: share of the figure's words that stand in the caption or graph.
    precision: share of statements supported. Both are None where nothing was claimed: a figure whose
    structure was not read.
    """

    recall: float | None
    precision: float | None
    unsupported: tuple[str, ...] = ()
    needs_review: bool = False
    statements: tuple[Statement, ...] = ()
    changes: tuple[Change, ...] = ()  # what the critic did to the engine's own words
    conflicts: tuple[str, ...] = ()  # where the engine's graph and the exact reading disagree, in words


@dataclass(frozen=True, slots=True)
class Description(NotebookRepr):
    """What an engine says of a figure. `caption` is prose; `diagram` and `chart` what was read."""

    caption: str
    diagram: Diagram | None = None
    engine: str = ""
    model: str = ""
    prompt: str = ""
    evidence: Evidence | None = None
    words: tuple[Word, ...] = ()  # words read by OCR where the figure has no text layer
    suspicious: tuple[str, ...] = ()  # words in or around the figure that look like instructions to a machine
    tokens: tuple[int, int] = (0, 0)  # read and written by a model for this figure
    cost: float = 0.0  # of those tokens at the prices of the settings
    draft: str = ""  # a model's caption before the critic
    graph_from: str = ""  # "drawing", "file", "model" or "parser": who read `diagram`
    unread_lines: int = 0  # lines of text in a script that nothing installed reads
    chart: Chart | None = None  # axes and values, where the figure is a chart and they could be read
    deferred: int | None = None  # the number under which its request waits for an engine
    kind: Kind | None = None  # of drawing, decided again with what was recognised in pixels
    kind_score: float = 0.0  # 0..1, confidence in it
