"""Diagrams drawn, each by the tool of its look, many in a row.

In: jobs and a size. Out: a PNG for each, or what went wrong. Browser and programs are started once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.image_files import open_picture
from dic_ingest.model.diagram import Diagram
from dic_ingest.training.synthesise.drawing.dot import to_dot
from dic_ingest.training.synthesise.drawing.editors import to_svg
from dic_ingest.training.synthesise.drawing.faults import damaged
from dic_ingest.training.synthesise.drawing.plantuml import to_plantuml
from dic_ingest.training.synthesise.drawing.render_style import EDITORS, Look
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
        elif browser is not None and job.look.tool in EDITORS:
            wrong[job.out] = _painted(job, side, browser)
        elif browser is not None:
            wrong[job.out] = browser.draw(mermaid_item(job.diagram, job.look, job.out, side))
        else:
            wrong[job.out] = "no browser was started"
    wrong |= draw_plantuml(sources, side)
    for job in jobs:
        if job.look.fault and not wrong[job.out]:
            _damage(job)
    return [wrong[job.out] for job in jobs]


def needs_browser(tools: Iterable[str]) -> bool:
    """Whether one of the tools is drawn by the browser."""
    return bool({"mermaid", *EDITORS} & set(tools))


def _painted(job: Job, side: int, browser: MermaidBrowser) -> str:
    """A drawing as an editor makes it."""
    frames = {g.id for g in job.diagram.groups}
    if any(end in frames for e in job.diagram.edges for end in (e.source, e.target)):
        return "lines at frames are not drawn in this look"
    svg = to_svg(job.diagram, job.look)
    if not svg:
        return "labels would hide other texts"
    item = {"svg": svg, "out": str(job.out), "config": {}, "side": side,
            "scale": job.look.scale, "paper": "white"}  # fmt: skip
    return browser.draw(item)


def _damage(job: Job) -> None:
    with open_picture(job.out) as picture:
        worse = damaged(picture.convert("RGB"), job.look.fault, job.look.seed)
    worse.save(job.out)
