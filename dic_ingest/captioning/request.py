"""What every engine is asked, and the Protocol that every engine fulfils."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from PIL import Image

from dic_ingest.model.chart import Chart
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.document import Figure
from dic_ingest.model.drawing import Drawing


@dataclass(frozen=True, slots=True)
class FigureRequest:
    """One figure to describe.

    `crop` is the upright RGB picture at `dpi`; `drawing` what the PDF itself draws there (coordinates
    relative to the crop's top-left corner, in points), None if unknown. Texts are the document's: untrusted.
    """

    crop: Image.Image
    dpi: float = 144.0
    drawing: Drawing | None = None
    kind: Kind = Kind.OTHER
    label: str = ""
    printed_caption: str = ""
    references: tuple[str, ...] = ()
    section: str = ""
    hint: str = ""  # the layout parser's own Mermaid, one witness more
    reading: Diagram | None = None  # the graph that the file holds as data, in the drawing's coordinates
    chart: Chart | None = None  # the chart that the file holds as data
    set_as_text: bool = False  # a listing, a form, a note: no graph is to be read
    # the `FigureAnalysis` of routing, never written down; its module loads OpenCV, which a run that finds
    # everything done does without, and a name that is imported for typing alone does not resolve in workers
    analysis: Any = field(default=None, compare=False)


NO_REPLY = "no usable reply"  # in what conflicts of a description whose engine gave none begin with


def undescribed(said: Description | None) -> str:
    """Why the engine that was asked did not describe a figure; "" where it did, or none was asked."""
    conflicts = said.evidence.conflicts if said is not None and said.evidence is not None else ()
    return next((c for c in conflicts if c.partition(": ")[2].startswith(NO_REPLY)), "")


@runtime_checkable
class Captioner(Protocol):
    """An engine behind DICModel."""

    name: str

    def caption(self, requests: Sequence[FigureRequest]) -> list[Description]:
        """One description per request, in order; a figure that fails gets one that says so, no exception."""
        ...


def crop_request(figure: Figure, crop: Image.Image) -> FigureRequest:
    """What is asked of a figure of which only the crop is at hand."""
    return FigureRequest(
        crop,
        figure.dpi or 144.0,
        None,
        figure.route.kind if figure.route else Kind.OTHER,
        figure.label,
        figure.printed_caption,
        tuple(r.sentence for r in figure.references),
        figure.section,
        parsers_graph(figure),
        figure.reading,
        figure.chart,
        figure.set_as_text,
    )


def parsers_graph(figure: Figure) -> str:
    """The layout parser's own Mermaid for a figure (MinerU's tier advanced), "" where it wrote none."""
    return figure.hint.content if figure.hint and figure.hint.source == "mineru_vlm" else ""
