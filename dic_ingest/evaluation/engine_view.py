"""Figures of a set as an engine is asked about them: through the pipeline, with the text around them.

In: pairs or questions and their folder. Out: an `EngineView` for each picture: the request and what dic-small
reads in it, without pixels, which are rendered again when they are needed. Views can be kept as JSON by the
content of what they follow from. Training and evaluation ask by these, so that both ask as the engine does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from PIL import Image

from dic_ingest.captioning.chat import Question as Asked
from dic_ingest.captioning.deferred import request_from_dict, request_to_dict
from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.engines.small import MODEL, DicSmall
from dic_ingest.captioning.pictures import pictures_of, shows_print
from dic_ingest.captioning.prompts import Prompt
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.errors import MALFORMED, BrokenFileError, InputError
from dic_ingest.evaluation.figure_set import Pair, PairQuestion
from dic_ingest.image_files import open_picture
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Figure
from dic_ingest.model.drawing import Drawing
from dic_ingest.model.serialization import build
from dic_ingest.pipeline import ingest, open_source
from dic_ingest.settings import Settings

CONTEXT = "context"  # key of a pair's `extra` under which a `FigureContext` lies as JSON
PLACEHOLDER = Image.new("RGB", (1, 1))  # stands for pixels that are not held


@dataclass(frozen=True, slots=True)
class FigureContext:
    """What a document says around a figure, and how the pipeline saw it there.

    `width` and `height` (points) and `kind` are known for figures of a run alone; then `reading` is that
    run's, and the picture is the run's crop. Without them the picture goes through the pipeline as a file.
    """

    label: str = ""
    printed_caption: str = ""
    references: tuple[str, ...] = ()  # sentences that refer to the figure
    section: str = ""
    hint: str = ""  # the layout parser's own Mermaid
    kind: str = ""  # as routed, which need not be the true one
    width: float = 0.0
    height: float = 0.0
    reading: Description | None = None

    def around(self, request: FigureRequest) -> FigureRequest:
        """The request with this text around it."""
        return replace(
            request,
            label=self.label or request.label,
            printed_caption=self.printed_caption or request.printed_caption,
            references=self.references or request.references,
            section=self.section or request.section,
            hint=self.hint or request.hint,
        )


@dataclass(frozen=True, slots=True)
class EngineView:
    """`request` has a placeholder instead of its crop; `reading` is None where nothing depends on it."""

    image: Path
    request: FigureRequest
    reading: Description | None

    def whole(self) -> FigureRequest:
        """The request with its crop. Raises BrokenFileError for a picture that cannot be read."""
        try:
            if self.request.drawing is not None and not self.request.drawing.images:
                with open_picture(self.image) as picture:
                    return replace(self.request, crop=picture.convert("RGB"))
            with open_source(self.image, Settings()) as opened:
                return replace(self.request, crop=opened.render(1, None, self.request.dpi))
        except (OSError, ValueError, InputError) as error:
            raise BrokenFileError(f"{self.image} is no picture that can be read: {error}") from error

    def ask(self, prompt: Prompt, settings: GroundingSettings, structured: bool = False) -> Asked:
        """The prompt with the pictures that the engine would send along. Raises BrokenFileError."""
        words = self.reading.words if self.reading else ()
        images = pictures_of(self.whole(), settings.max_side, settings.tiles, words)
        return Asked(images, prompt.system, prompt.user, structured)


Views: TypeAlias = Mapping[str, EngineView]  # by the picture's path as the records name it


def context_of(pair: Pair) -> FigureContext:
    """What the pair's `extra` tells of the text around its figure. Raises InputError where it is damaged."""
    try:
        found: FigureContext = build(FigureContext, pair.extra.get(CONTEXT) or {})
        if found.kind:
            Kind(found.kind)
    except MALFORMED as error:
        raise InputError(f"the context of the pair {pair.id} cannot be read: {error}") from error
    return found


def figure_context(figure: Figure, request: FigureRequest, size: tuple[float, float]) -> FigureContext:
    """What is to travel with a figure of a run: `size` is its crop's in points."""
    return FigureContext(
        request.label,
        request.printed_caption,
        request.references,
        request.section,
        request.hint,
        str(request.kind),
        *size,
        reading=figure.description,
    )


def engine_views(
    records: Sequence[Pair | PairQuestion],
    folder: Path,
    settings: GroundingSettings,
    kept: Path | None = None,
) -> dict[str, EngineView]:
    """A view for every picture that the records name.

    `kept`: folder in which views are kept, made if it is not there; seconds a picture are saved by it.

    Raises:
        InputError: a picture that cannot be read, a context that is damaged.
    """
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
    found: dict[str, EngineView] = {}
    for record in records:
        if record.image not in found:
            context = context_of(record) if isinstance(record, Pair) else FigureContext()
            found[record.image] = _kept_view(folder / record.image, context, settings, kept)
    return found


def _kept_view(
    image: Path, context: FigureContext, settings: GroundingSettings, kept: Path | None
) -> EngineView:
    if kept is None:
        return _view(image, context, settings)
    try:
        content = image.read_bytes()
    except OSError as error:
        raise InputError(f"{image} cannot be read: {error}") from error
    asked = f"{MODEL} {settings.prompt.reading} {settings.max_side} {settings.tiles} {asdict(context)} "
    path = kept / f"{hashlib.sha256(asked.encode('utf-8', 'replace') + content).hexdigest()}.json"
    try:
        data = json.loads(path.read_text("utf-8"))
        reading = build(Description, data["reading"]) if data["reading"] else None
        return EngineView(image, request_from_dict(data["request"], PLACEHOLDER), reading)
    except (OSError, *MALFORMED):
        pass  # not there, or half written
    view = _view(image, context, settings)
    told: dict[str, Any] = {"request": request_to_dict(view.request)}
    told["reading"] = asdict(view.reading) if view.reading else None
    path.write_text(json.dumps(told), encoding="utf-8")
    return view


def _view(image: Path, context: FigureContext, settings: GroundingSettings) -> EngineView:
    if context.width and context.height and context.reading is not None:
        return _of_run(image, context)
    recorder = _Recorder(context, settings)
    ingest(image, Settings(engine="none"), None, recorder)
    if recorder.request is None:
        raise InputError(f"{image} gives no figure that an engine would be asked about")
    request = replace(recorder.request, crop=PLACEHOLDER)
    return EngineView(image, request, recorder.reading)


def _of_run(image: Path, context: FigureContext) -> EngineView:
    """A figure as a run saw it in its document; the picture is the run's crop."""
    with open_picture(image) as picture:
        dpi = 72.0 * picture.width / context.width
    drawing = Drawing(context.width, context.height)
    request = FigureRequest(PLACEHOLDER, dpi, drawing, Kind(context.kind or Kind.OTHER))
    return EngineView(image, context.around(request), context.reading)


class _Recorder:
    """A captioner that takes down what the pipeline asks, and what dic-small answers where it matters."""

    name = "recorder"

    def __init__(self, context: FigureContext, settings: GroundingSettings) -> None:
        self.context, self.settings = context, settings
        self.request: FigureRequest | None = None
        self.reading: Description | None = None

    def caption(self, requests: Sequence[FigureRequest]) -> list[Description]:
        """Nothing is said of the figures."""
        for request in requests[: 1 if self.request is None else 0]:
            self.request = self.context.around(request)
            printed = shows_print(request.crop.size, self.settings.max_side, self.settings.tiles)
            if self.settings.prompt.reading or printed:
                (self.reading,) = DicSmall().caption([self.request])
        return [Description("") for _ in requests]
