"""Diagrams drawn, each by the tool of its look, many in a row.

In: jobs and a size. Out: a PNG for each, or what went wrong. Browser and programs are started once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.model.diagram import Diagram
from dic_ingest.training.synthesise.drawing.dot import to_dot
from dic_ingest.training.synthesise.drawing.plantuml import to_plantuml
from dic_ingest.training.synthesise.drawing.render_style import Look
from dic_ingest.training.synthesise.drawing.rendering import (
    MermaidBrowser,
    draw_graphviz,
    draw_plantuml,
    mermaid_item,
)


@dataclass(frozen=True, slots=True)
class Job:
    """A diagram, how it looks, and the absolute path of its picture."""

    diagram: Diagram
    look: Look
    out: Path


def draw_all(jobs: Sequence[Job], side: int, browser: MermaidBrowser | None) -> list[str]:
    """For each job "" or what went wrong. `side`: most pixels of a picture's longer side.

    Raises MissingExtraError where a tool is absent, DICIngestError when the browser ended.
    """
    wrong: dict[Path, str] = {}
    sources: dict[Path, str] = {}
    for job in jobs:
        if job.look.tool == "graphviz":
            source = to_dot(job.diagram, job.look)
            wrong[job.out] = draw_graphviz(source, job.out, job.look.scale, side)
        elif job.look.tool == "plantuml":
            sources[job.out] = to_plantuml(job.diagram, job.look)
        elif browser is not None:
            wrong[job.out] = browser.draw(mermaid_item(job.diagram, job.look, job.out, side))
        else:
            wrong[job.out] = "no browser was started"
    wrong |= draw_plantuml(sources, side)
    return [wrong[job.out] for job in jobs]
