"""What is told while a document is read: `ProgressEvent`, and `Profile`, the seconds that its stages took."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

log = logging.getLogger(__name__)

SLOWEST = 10  # figures of a profile that are kept


class Stage(StrEnum):
    """The stages of `ingest`, in order. The first three count pages, the others figures."""

    PARSE = "parse"  # opening and layout
    SCANS = "scans"  # words of scanned pages
    FIGURES = "figures"  # figures found and made whole
    ROUTE = "route"  # kinds, tables, duplicates, crops
    DESCRIBE = "describe"  # what the engine says of each figure


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """A stage of a document began (`done` is 0), ended (`done` is `total`), or described one more figure.

    `done` and `total` count pages in `parse`, `scans` and `figures`, figures in `route` and `describe`.
    `seconds` passed since the document's previous step, so that the sum over its events is the time it took.
    """

    document: str
    stage: Stage
    done: int
    total: int
    seconds: float = 0.0
    page: int = 0  # of the figure, from 1; 0: the event is of the whole document
    figure: str = ""  # label, or id where it has none


OnProgress = Callable[[ProgressEvent], None]


class Reporter:
    """Makes the events of one document, tells them, and logs the end of each stage (level INFO)."""

    def __init__(self, document: str, on_progress: OnProgress | None = None) -> None:
        self.document, self.on_progress = document, on_progress
        self._stage, self._total, self._spent = Stage.PARSE, 0, 0.0
        self._last = time.perf_counter()

    def begin(self, stage: Stage, total: int) -> None:
        """`stage` begins, with `total` pages or figures."""
        self._stage, self._total, self._spent = stage, total, 0.0
        self._tell(ProgressEvent(self.document, stage, 0, total))

    def figure(self, done: int, name: str, page: int, seconds: float) -> None:
        """`done` figures of the stage are described; the last, `name` on `page`, took `seconds`."""
        self._last += seconds
        self._spent += seconds
        self._tell(ProgressEvent(self.document, self._stage, done, self._total, seconds, page, name))

    def end(self) -> None:
        """The stage is over."""
        now = time.perf_counter()
        rest, self._last = max(now - self._last, 0.0), now
        self._spent += rest
        log.info("%s: %s, %d in %.2f s", self.document, self._stage, self._total, self._spent)
        self._tell(ProgressEvent(self.document, self._stage, self._total, self._total, rest))

    def _tell(self, event: ProgressEvent) -> None:
        if self.on_progress is not None:
            self.on_progress(event)


@dataclass(slots=True)
class Profile:
    """Seconds by stage and the slowest figures, gathered from events; give the object as `on_progress`.

    `document` is what its events' documents are called, where that is not their own name.
    """

    document: str = ""
    stages: dict[str, float] = field(default_factory=lambda: dict.fromkeys(map(str, Stage), 0.0))
    figures: list[dict[str, Any]] = field(default_factory=list)  # slowest first

    def __call__(self, event: ProgressEvent) -> None:
        """Count an event."""
        self.stages[event.stage] += event.seconds
        if event.figure:
            place = {"document": self.document or event.document, "page": event.page, "figure": event.figure}
            self._keep([{**place, "seconds": round(event.seconds, 3)}])

    def add(self, other: dict[str, Any]) -> None:
        """Count what `to_dict` of another profile gave."""
        for stage, seconds in other["stages"].items():
            self.stages[stage] += seconds
        self._keep(other["slowest_figures"])

    def to_dict(self) -> dict[str, Any]:
        """Seconds by stage, and the slowest figures with document and page, as JSON values."""
        stages = {stage: round(seconds, 3) for stage, seconds in self.stages.items()}
        return {"stages": stages, "slowest_figures": self.figures}

    def _keep(self, more: Iterable[dict[str, Any]]) -> None:
        self.figures = sorted([*self.figures, *more], key=lambda f: -float(f["seconds"]))[:SLOWEST]
