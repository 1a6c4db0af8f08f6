"""One file in, one `Document` out: parse, recover figures, route, describe. Only here the stages meet.

Each stage is a plain function; here they are put in order and given the pixels they ask for.
"""

from __future__ import annotations

import os
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

from PIL import Image

from dic_ingest.captioning.deferred import number_of
from dic_ingest.captioning.engines.registry import make_captioner
from dic_ingest.captioning.request import Captioner, FigureRequest, crop_request, undescribed
from dic_ingest.classification.analysis import FigureAnalyses, own_drawing
from dic_ingest.classification.router import route_figures, route_name
from dic_ingest.diagrams.settings import SceneSettings
from dic_ingest.errors import DICIngestError, InputError, SettingsError
from dic_ingest.figures.behind_text import without_backgrounds
from dic_ingest.figures.chart_tables import write_chart_tables
from dic_ingest.figures.crops import crop_box, cut_crops, picture_pages, upright
from dic_ingest.figures.duplicates import mark_duplicates
from dic_ingest.figures.picture_tables import is_unread, read_picture_tables, resembles_table
from dic_ingest.figures.recovery import recover_figures
from dic_ingest.figures.references import link_references
from dic_ingest.figures.settings import CropSettings
from dic_ingest.figures.text.slide_titles import with_slide_titles
from dic_ingest.mineru.local import parse_local
from dic_ingest.mineru.output.find import SUFFIXES as OUTPUTS
from dic_ingest.mineru.output.find import holds_output
from dic_ingest.mineru.output.source import SavedOutput
from dic_ingest.mineru.server.client import parse_remote
from dic_ingest.model.box import Box, area, width_of
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Document, Figure, Route
from dic_ingest.model.drawing import Drawing
from dic_ingest.progress import OnProgress, Reporter, Stage
from dic_ingest.settings import Settings as Settings
from dic_ingest.sources.diagram_files.file import DiagramFile
from dic_ingest.sources.diagram_files.limits import SUFFIXES as DIAGRAMS
from dic_ingest.sources.diagram_files.picture import open_picture
from dic_ingest.sources.inputs import Input as Input
from dic_ingest.sources.inputs import local_file
from dic_ingest.sources.office.file import OfficeFile
from dic_ingest.sources.office.settings import SUFFIXES as OFFICE
from dic_ingest.sources.page_range import selected_pages
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.sources.pdf.hidden_text import without_hidden
from dic_ingest.sources.scan.document import PdfSource
from dic_ingest.sources.settings import PICTURES
from dic_ingest.sources.source import Source as Source
from dic_ingest.sources.unchanged import unchanged
from dic_ingest.vision.scripts import SCRIPT_NOT_READ, advice

BATCH = 8  # figures asked of an engine at once; bounds the crops in memory
SMALL_DPI = 100.0  # pictures that only features are taken from
MAX_READ_DPI = 400.0
MAX_READ_PIXELS = 12_000_000  # of a figure's picture given to an engine
UNSURE = 0.6  # a route of up to this score gives way to what was read in the drawing
NOT_DESCRIBED = "figure_not_described"
# warnings after which part of the content may be missing
LOSSES = frozenset(
    {
        "parser_failed",
        "page_limit",
        "page_cut",
        "figure_failed",
        NOT_DESCRIBED,
        "scan_limit",
        "not_rendered",
        "sheet_cut",
    }
    | {"picture_left_out", "picture_limit", "chapter_missing", "broken_text_left"}
)


def ingest(
    source: Input,
    settings: Settings | dict[str, Any] | None = None,
    folder: Path | str | None = None,
    captioner: Captioner | None = None,
    password: str | None = None,
    pages: str = "",
    *,
    name: str = "",
    page_range: str = "",
    on_progress: OnProgress | None = None,
) -> Document:
    """Read one file: text in order, figures whole, routed and described.

    `source` is the path of a PDF, picture, Office or diagram file, or of what MinerU wrote: its folder, a
    zip of it, or its `*_middle.json`, `middle_json.json` or `*_content_list.json`, whose layout is taken as
    it is. It may also be bytes, a file that is open in binary mode, or a URL (http, https, and what fsspec
    opens: s3, memory ...) within `settings.input`. `name` ("report.docx") is what bytes or an open file are
    called; without it their content tells the format.

    `settings` may be given as a dictionary of tables, as in TOML. `folder` receives `figures/*.png` and
    `Figure.image` is relative to it; without it no file is written. `captioner` overrides the engine of the
    settings. `password` opens encrypted files. `pages` are those to read, as MinerU writes them
    ("1-5,8,r1"; r1 is the last); `page_range` is the old name. `on_progress` is called, in this thread, with
    a `ProgressEvent` as stages begin and end and as figures are described; what it raises ends the reading
    and is raised here as it is.

    Raises:
        InputError: the file itself. ParserError: MinerU or its server. SettingsError: a setting.
    """
    if page_range:
        warn_of_old_name()
        pages = pages or page_range
    settings = _checked_settings(settings)
    if not isinstance(pages, str):
        raise SettingsError(f'pages must be text such as "1-5,8", got {pages!r}.')
    folder = None if folder is None else _writable(Path(folder))
    captioner = captioner or make_captioner(settings.engine, **settings.engine_options)
    with local_file(source, settings.input, name) as file:
        reporter = Reporter(name or file.source or file.path.name, on_progress)
        document = _ingest_file(file.path, settings, folder, captioner, password, pages, reporter)
        return replace(document, source=file.source or document.sha256) if file.is_copy else document


def _checked_settings(settings: Settings | dict[str, Any] | None) -> Settings:
    if isinstance(settings, str | PurePath):
        raise SettingsError(f"settings must be Settings, got {settings!r}. Use Settings.from_toml(path).")
    if not isinstance(settings, Settings):
        return Settings.from_dict(settings or {})
    return settings


def _writable(folder: Path) -> Path:
    """The folder, made; raises DICIngestError where nothing can be put there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DICIngestError(f"{folder} cannot be made: {error.strerror}. Give another folder.") from error
    if not os.access(folder, os.W_OK):
        raise DICIngestError(f"{folder} cannot be written. Give another folder, or change its permissions.")
    return folder


def _ingest_file(
    source: Path,
    settings: Settings,
    folder: Path | None,
    captioner: Captioner | None,
    password: str | None,
    pages: str,
    reporter: Reporter,
) -> Document:
    """All stages in order, for a file of this machine."""
    with open_source(source, settings, password) as opened:
        reporter.begin(Stage.PARSE, len(opened.pages))
        document = parse(source, opened, settings, password, pages)
        reporter.end()
        reporter.begin(Stage.SCANS, len(document.pages))
        document, upright = opened.with_scans_read(document, settings.scans)
        reporter.end()
        reporter.begin(Stage.FIGURES, len(document.pages))
        if not opened.is_single_figure:
            document = recover_figures(document, upright.drawing, settings.recovery, _pictures_of(upright))
        document = link_references(document)
        reporter.end()
        reporter.begin(Stage.ROUTE, len(document.figures))
        document, analyses = _routed(document, opened, upright, settings)
        document = cut_crops(document, upright.render, folder, settings.crops)
        reporter.end()
        if captioner is not None:
            document = describe_figures(
                document, captioner, lambda f: figure_request(f, upright, settings.crops, analyses), reporter
            )
            if all(number_of(f) is None for f in document.figures):  # else they wait for a model
                document = read_picture_tables(document, upright.render, upright.drawing, is_unread)
                document = without_backgrounds(document)
            if folder is not None:
                write_chart_tables(document, folder)
            reporter.end()
        document = upright.to_page_coordinates(document)
        return _with_cuts(picture_pages(document, opened.render, folder, settings.crops), opened)


def _routed(
    document: Document, opened: Source, upright: Source, settings: Settings
) -> tuple[Document, FigureAnalyses]:
    """The document with the kind of each figure, tables read and duplicates marked; what was measured."""
    small = _small_pictures(upright)
    scenes = SceneSettings(settings.vector, settings.raster)
    analyses = FigureAnalyses(upright.drawing, small, settings.crops, scenes)
    document = route_figures(document, analyses, settings.routing)
    document = _with_denied(document)
    document = read_picture_tables(document, upright.render, upright.drawing, resembles_table)
    if opened.is_single_figure:
        document = document.replace_figures(_asked_for)
    document = mark_duplicates(document, small, settings.duplicates)
    described = {f.id for f in document.figures if _is_described(f)}
    analyses.drop_scenes(lambda name: name in described)
    return document, analyses


def _is_described(figure: Figure) -> bool:
    return figure.route is not None and figure.route.kept and not figure.duplicate_of


def warn_of_old_name() -> None:
    """Say that `page_range` is called `pages` now, to whoever calls what was given it."""
    warnings.warn("page_range is called pages now, as on the command line", DeprecationWarning, stacklevel=3)


@contextmanager
def open_source(source: Path | str, settings: Settings, password: str | None = None) -> Iterator[Source]:
    """The file, opened by what it is: by its suffix, saved MinerU output by its JSON, anything else as a PDF.

    Raises:
        InputError: one of its kinds; at the end ChangedFileError, where the file was written to meanwhile.
        BundleError: JSON or a zip that is no MinerU output.
    """
    with unchanged(source) as reading, _opener(source, settings, password) as opened:
        reading.sha256 = opened.sha256
        yield opened


def _opener(source: Path | str, settings: Settings, password: str | None) -> AbstractContextManager[Source]:
    path = Path(source)
    suffix = path.suffix.lower()
    if suffix in OUTPUTS or (path.is_dir() and holds_output(path)):
        return SavedOutput(path, settings.pdf, settings.picture, password)
    if suffix in PICTURES:
        return open_picture(source, settings.picture, settings.diagram)
    if suffix in OFFICE:
        return OfficeFile(source, settings.office)
    if suffix in DIAGRAMS:
        return DiagramFile(source, settings.diagram)
    return _pdf(path, settings, password)


@contextmanager
def _pdf(source: Path, settings: Settings, password: str | None) -> Iterator[Source]:
    with PdfFile(source, password, settings.pdf) as pdf:
        yield PdfSource(pdf)


def parse(
    source: Path | str,
    opened: Source,
    settings: Settings,
    password: str | None = None,
    page_range: str = "",
) -> Document:
    """The layout of an open file, of the pages of the range; PDFs by MinerU, here or on a server."""

    def parse_pdf(path: Path, pdf: PdfFile) -> Document:
        return _parse_pdf(path, pdf, settings, password, page_range)

    document = opened.layout(str(source), parse_pdf)
    return _chosen(document, page_range, len(opened.pages)) if page_range else document


def _parse_pdf(
    path: Path, pdf: PdfFile, settings: Settings, password: str | None, page_range: str
) -> Document:
    if settings.server.url:
        document = parse_remote(path, settings.server, password, page_range, pdf)
    else:
        document = parse_local(path, settings.parse, password, page_range, pdf)
    document = _chosen(document, page_range, len(pdf.pages))  # the parser may speak of more pages
    document = with_slide_titles(without_hidden(document, pdf), pdf.drawing)
    if len(pdf.pages) < pdf.page_count:
        left = pdf.page_count - len(pdf.pages)
        document = document.warn(
            "page_limit", f"the last {left} pages are over PdfLimits.max_pages; left out"
        )
    return document


def _chosen(document: Document, page_range: str, count: int) -> Document:
    """The document with the pages of the range alone."""
    chosen = set(selected_pages(page_range, count))
    pages = tuple(p for p in document.pages if p.number in chosen)
    return replace(document, pages=pages, blocks=tuple(b for b in document.blocks if b.page in chosen))


def describe_figures(
    document: Document,
    captioner: Captioner,
    request_of: Callable[[Figure], FigureRequest],
    reporter: Reporter | None = None,
) -> Document:
    """Every kept figure with a description; one that shows the same as an earlier one takes over its own.

    The stage begins in `reporter` and is left for the caller to end.
    """
    wanted = [f for f in document.figures if _is_described(f)]
    reporter = reporter or Reporter(document.source)
    reporter.begin(Stage.DESCRIBE, len(wanted))
    said: dict[str, Description] = {}
    batch = getattr(captioner, "batch", BATCH)
    for start in range(0, len(wanted), batch):
        began = time.perf_counter()
        figures = wanted[start : start + batch]
        document, asked = _requested(document, figures, request_of)
        answers = captioner.caption([request for _, request in asked])
        said.update(zip((name for name, _ in asked), answers, strict=True))
        each = (time.perf_counter() - began) / len(figures)  # one call of the captioner for all
        for done, figure in enumerate(figures, start + 1):
            reporter.figure(done, figure.label or figure.id, figure.page, each)
    first = {f.id: f for f in wanted}

    def described(figure: Figure) -> Figure:
        own = said.get(figure.duplicate_of or figure.id)
        original = first.get(figure.duplicate_of)
        return with_description(figure, _renamed(own, original, figure) if own and original else own)

    return with_undescribed(document.replace_figures(described))


def _requested(
    document: Document, figures: Sequence[Figure], request_of: Callable[[Figure], FigureRequest]
) -> tuple[Document, list[tuple[str, FigureRequest]]]:
    """Requests by the figures' ids; the document warns of figures that cannot be rendered."""
    asked: list[tuple[str, FigureRequest]] = []
    for figure in figures:
        try:
            asked.append((figure.id, request_of(figure)))
        except (InputError, OSError, ValueError, MemoryError) as error:  # one bad figure, not the document
            name = figure.label or f"a figure on page {figure.page}"
            message = f"{name} could not be rendered: {error}"
            document = document.warn("figure_failed", message, figure.page)
    return document, asked


def _renamed(description: Description, original: Figure, figure: Figure) -> Description:
    """A description of a figure that shows the same, under this figure's own label and caption."""
    theirs, own = (": ".join(filter(None, (f.label, f.printed_caption))) for f in (original, figure))
    if not theirs or not description.caption.startswith(theirs):
        return description
    rest = description.caption[len(theirs) :]
    return replace(description, caption=own + rest if own else rest.lstrip(" .:\n"))


def with_undescribed(document: Document) -> Document:
    """The document with one warning for each figure that its engine was asked for and did not describe."""
    others = tuple(w for w in document.warnings if w.code not in (NOT_DESCRIBED, SCRIPT_NOT_READ))
    document = replace(document, warnings=others)
    for figure in document.figures:
        why = "" if figure.duplicate_of else undescribed(figure.description)
        if why:
            name = figure.label or f"a figure on page {figure.page}"
            message = f"{name} was not described by the engine: {why}. Describe it by dic-ingest backfill."
            document = document.warn(NOT_DESCRIBED, message, figure.page)
    return _with_scripts(document)


def _with_scripts(document: Document) -> Document:
    """The document with a warning for each page with figures whose text is in a script that is not read."""
    lines = Counter[int]()
    for figure in document.figures:
        lines[figure.page] += figure.description.unread_lines if figure.description else 0
    for page, count in sorted((+lines).items()):
        document = document.warn(SCRIPT_NOT_READ, f"figures on page {page}: {advice(count)}.", page)
    return document


def _with_denied(document: Document) -> Document:
    """The document with one warning that counts the figures of kinds that the settings leave out."""
    kinds = Counter(str(f.route.kind) for f in document.figures if f.route and f.route.is_denied)
    if not kinds:
        return document
    which = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    message = f"figures left out by [ingest.routing] allow and deny: {which}; their captions are kept."
    return document.warn("denied", message)


def _asked_for(figure: Figure) -> Figure:
    """A picture given as a file is a figure whatever it looks like."""
    route = figure.route
    exact = figure.reading is not None or figure.chart is not None  # the file said what it is
    if exact or figure.table or route is None or route.is_denied:
        return figure
    if route.kept:
        score = min(route.score, UNSURE) if route.route == "other" else route.score
        return replace(figure, route=replace(route, score=score))
    return replace(
        figure, route=Route("other", Kind.OTHER, 0.5, f"given as a file; looks like: {route.reason}")
    )


def with_description(figure: Figure, description: Description | None) -> Figure:
    """The figure with what an engine says of it, and its kind as decided with what was read."""
    if description is None:
        return figure
    if figure.set_as_text and description.diagram is not None:
        description = replace(description, diagram=None, graph_from="")
    figure = replace(figure, description=description)
    diagram, route = description.diagram, figure.route
    if route is None or not route.kept:
        return figure
    if description.chart is not None:
        return replace(figure, route=replace(route, route=route_name(Kind.CHART), kind=Kind.CHART))
    kind = None
    if route.route == "diagram":
        kind = description.kind
    elif diagram is not None and route.route in ("other", "screenshot"):
        kind = diagram.kind
        if route.kind is Kind.OTHER and route.score > UNSURE:
            kind = None  # beyond doubt no drawing
    if kind is None:
        return figure
    score = description.kind_score or route.score
    return replace(figure, route=replace(route, route=route_name(kind), kind=kind, score=score))


def figure_request(
    figure: Figure, opened: Source, crops: CropSettings, analyses: FigureAnalyses | None = None
) -> FigureRequest:
    """What an engine is asked of a figure: its picture, upright, what the file itself draws there, and what
    routing measured of it."""
    page = next(p for p in opened.pages if p.number == figure.page)
    whole = (0.0, 0.0, page.width, page.height)
    box = crop_box(figure.bbox, (page.width, page.height), crops) if figure.bbox else whole
    drawing = own_drawing(opened.drawing(figure.page), box).turned(figure.rotation)
    dpi = _reading_dpi(box, drawing, figure.dpi or crops.min_dpi)
    crop = upright(opened.render(figure.page, box, dpi), figure.rotation)
    analysis = analyses.take(figure) if analyses is not None else None
    request = replace(crop_request(figure, crop), dpi=dpi, drawing=drawing, analysis=analysis)
    if figure.reading is not None and figure.bbox is not None:
        moved = figure.reading.moved(figure.bbox[0] - box[0], figure.bbox[1] - box[1])
        request = replace(request, reading=moved)
    return request


def is_partial(document: Document) -> bool:
    """Whether some of the file's content may be missing."""
    return any(w.code in LOSSES for w in document.warnings)


def _reading_dpi(box: Box, drawing: Drawing, dpi: float) -> float:
    """The crop's dpi, or a placed picture's own resolution where that is finer."""
    large = [i for i in drawing.images if area(i.bbox) > area(box) / 4]
    own = [min(72.0 * i.pixels[0] / max(width_of(i.bbox), 1.0), MAX_READ_DPI) for i in large]
    most: float = 72.0 * (MAX_READ_PIXELS / max(area(box), 1.0)) ** 0.5
    return min(max([dpi, *own]), most)


def _pictures_of(opened: Source) -> Callable[[int, float], Image.Image] | None:
    """Whole pages as pictures, for the layout network; a picture file is one figure and needs no look."""
    return None if opened.is_single_figure else lambda page, dpi: opened.render(page, dpi=dpi)


def _small_pictures(opened: Source) -> Callable[[Figure], Image.Image]:
    """Figures at a low resolution; few are kept, so that memory does not grow with the pages."""

    @lru_cache(maxsize=16)
    def picture(page: int, box: Box | None, rotation: int) -> Image.Image:
        return upright(opened.render(page, box, SMALL_DPI), rotation)

    return lambda figure: picture(figure.page, figure.bbox, figure.rotation)


def _with_cuts(document: Document, opened: Source) -> Document:
    """Limits that cut a page short become warnings."""
    for number, notes in sorted(opened.cuts.items()):
        for note in notes:
            document = document.warn("page_cut", f"page {number}: {note}", number)
    return document
