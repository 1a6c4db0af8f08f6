"""`dic-ingest describe`: figures only, one JSON object per line."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from PIL.PngImagePlugin import PngInfo

from dic_ingest.captioning.engines.registry import make_captioner, probe_engine
from dic_ingest.cli.options import IngestOptions, profile_option, shared_options
from dic_ingest.cli.terminal import one_line, say, say_json, show_profile
from dic_ingest.errors import DICIngestError
from dic_ingest.figures.places import graph_values, on_page, rounded
from dic_ingest.inspector.overlay import draw_overlay
from dic_ingest.model.box import scaled
from dic_ingest.model.chart import Axis, Chart, PointSource, Series
from dic_ingest.model.description import Description, Evidence
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.document import Document, Figure
from dic_ingest.owned_files import read_regular, write_file
from dic_ingest.pipeline import ingest, open_source
from dic_ingest.progress import Profile
from dic_ingest.render.chart import UNSURE
from dic_ingest.settings import Settings
from dic_ingest.sources.image import DPI as PICTURE_DPI
from dic_ingest.sources.inputs import local_file

OVERLAY_DPI = 100.0
MADE_BY = "dic-ingest describe"


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@shared_options
@profile_option
@click.option(
    "--overlay",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Also write page pictures with the figures' boxes, routes and reasons into this folder.",
)
def command(
    files: tuple[str, ...],
    overlay: Path | None,
    profile: bool,
    chosen: IngestOptions,
) -> int:
    """Read the figures of FILES and print one JSON object per figure.

    FILES are PDFs, pictures, Office or diagram files, what MinerU wrote (a folder, a zip of it, its JSON),
    or URLs (http, https, s3 ...).

    Figures that are routed away (decoration, duplicate, table ...) are printed too, with their route.
    A file that cannot be read is one line on standard error; the exit status is then 1.
    """
    settings, password = chosen.settings.ingest, chosen.password
    captioner = make_captioner(settings.engine, **settings.engine_options)
    probe_engine(settings.engine, **settings.engine_options)
    failed, total = 0, Profile()
    for file in files:
        try:
            started = time.perf_counter()
            with local_file(file, settings.input) as local:
                seen = Profile(file)
                document = ingest(
                    local.path, settings, None, captioner, password, chosen.pages, on_progress=seen
                )
                total.add(seen.to_dict())
                seconds = time.perf_counter() - started
                for line in figure_lines(document, local.path, seconds, local.source):
                    say_json(line)
                for warning in document.warnings:
                    say(f"{one_line(file)}: warning: {one_line(warning.message)}", err=True)
                if overlay is not None:
                    write_overlays(document, local.path, overlay, settings, password)
        except DICIngestError as error:
            failed += 1
            say(f"{one_line(file)}: error: {one_line(error)}", err=True)
    if profile:
        show_profile(total)
    return 1 if failed else 0


def figure_lines(
    document: Document, file: Path, seconds: float, source: str = ""
) -> Iterator[dict[str, Any]]:
    """The contract's object for every figure, in reading order; `seconds` of the file are shared out.

    `source` is what the file is called where `file` is a copy of it.
    """
    figures = document.figures
    unit = PICTURE_DPI / 72 if document.parser.name == "image" else 1.0
    for number, figure in enumerate(figures, 1):
        name = file.stem if number == 1 else f"{file.stem}#{number}"
        yield figure_line(figure, source or str(file), name, seconds / len(figures), unit)


def evidence_values(evidence: Evidence) -> dict[str, Any]:
    """How far a caption is held up, as JSON values."""
    return {
        "recall": evidence.recall,
        "precision": evidence.precision,
        "unsupported": list(evidence.unsupported),
        "needs_review": evidence.needs_review,
        "changes": [asdict(c) for c in evidence.changes],
        "conflicts": list(evidence.conflicts),
    }


def figure_line(figure: Figure, file: str, name: str, seconds: float, unit: float = 1.0) -> dict[str, Any]:
    """One figure as the JSON object of `dic-ingest describe`; places are in points times `unit`."""
    said, route = figure.description, figure.route
    diagram = on_page(figure)
    table = figure.as_table
    words = said.words if said and said.words else figure.embedded_words
    return {
        "id": name,
        "file": file,
        "page": figure.page,
        "bbox": rounded(scaled(figure.bbox, unit)) if figure.bbox else None,
        "label": figure.label,
        "printed_caption": figure.printed_caption,
        "kind": str(route.kind if route else "other"),
        "kind_score": round(route.score, 3) if route else 0.0,
        "route": route.route if route else "other",
        "reason": route.reason if route else "",
        "caption": said.caption if said else table.content if table else figure.content,
        "words": [w.text for w in words] or (table.text.split() if table else []),
        "mermaid": diagram.to_mermaid() if diagram else "",
        **graph_values(diagram.scaled(unit) if diagram else Diagram(Kind.OTHER)),
        "chart": chart_line(said.chart) if said and said.chart else None,
        "table": {"rows": table.to_rows()} if table else None,
        "evidence": evidence_values(said.evidence) if said and said.evidence else {},
        "engine": said.engine if said else "none",
        "read_from": read_from(said),
        "graph_from": said.graph_from if said else "",
        "tokens": list(said.tokens) if said else [0, 0],
        "cost": round(said.cost, 6) if said else 0.0,
        "suspicious": list(said.suspicious) if said else [],
        "duplicate_of": figure.duplicate_of,
        "seconds": round(seconds, 3),
    }


def chart_line(chart: Chart) -> dict[str, Any]:
    """A chart with its series as points; those of several plots one after the other, and `panels` apart."""
    plots = chart.plots
    first = plots[0]
    line: dict[str, Any] = {
        "type": str(chart.type),
        "title": chart.title,
        "x_axis": axis_line(chart.x_axis or first.x_axis),
        "y_axis": axis_line(chart.y_axis or first.y_axis),
        "series": [series_line(s) for p in plots for s in p.series],
    }
    if chart.second_y_axis is not None:
        line["second_y_axis"] = axis_line(chart.second_y_axis)
    if chart.panels:
        line["panels"] = [chart_line(p) for p in plots]
    return line | {"unread": list(chart.unread), "read_from": chart.read_from, "score": round(chart.score, 3)}


def axis_line(axis: Axis | None) -> dict[str, Any] | None:
    """An axis as plain values."""
    return asdict(axis) if axis is not None else None


def series_line(series: Series) -> dict[str, Any]:
    """A series with its points as [x, y]; values that are unsure or printed are told by index."""
    return {
        "name": series.name,
        "points": [[p.x, p.y] for p in series.points],
        "mark": series.mark,
        "secondary": series.secondary,
        "printed": [i for i, p in enumerate(series.points) if p.source is PointSource.PRINTED],
        "unsure": [i for i, p in enumerate(series.points) if p.score < UNSURE],
    }


def read_from(said: Description | None) -> str:
    """Whence a figure's graph or values come: file, vector, pixels or model; "" where it has none."""
    if said is None:
        return ""
    if said.chart is not None:
        return str(said.chart.read_from)
    if said.diagram is None:
        return ""
    return said.diagram.read_from or "model"


def write_overlays(
    document: Document, file: Path, folder: Path, settings: Settings, password: str | None
) -> None:
    """Page pictures with the figures' boxes drawn on, for pages that have figures."""
    folder.mkdir(parents=True, exist_ok=True)
    with open_source(file, settings, password) as source:
        for number in sorted({f.page for f in document.figures}):
            picture = draw_overlay(source.render(number, dpi=OVERLAY_DPI), OVERLAY_DPI, document, number)
            path = folder / f"{file.stem}-p{number:03d}.png"
            held = io.BytesIO()
            picture.save(held, "PNG", pnginfo=_mark())
            write_file(path, held.getvalue(), _is_overlay)


def _mark() -> PngInfo:
    """What tells pictures of ours from others of the same name."""
    info = PngInfo()
    info.add_text("Software", MADE_BY)
    return info


def _is_overlay(path: Path) -> bool:
    return f"tEXtSoftware\0{MADE_BY}".encode() in read_regular(path, 200)
