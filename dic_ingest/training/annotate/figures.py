"""The figures of a run folder (`dic-ingest run`) that an expert could caption, with how far they are held up.

In: a folder of results. Out: candidates with crop, draft caption, exact reading, the text around them and a
doubt between 0 and 1 with its reasons. Documents that cannot be read are left out; crops
outside their document's folder are never opened.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dic_ingest.captioning.figure_reading import read_picture
from dic_ingest.captioning.request import crop_request
from dic_ingest.errors import MALFORMED, InputError
from dic_ingest.evaluation.engine_view import PLACEHOLDER, FigureContext, figure_context
from dic_ingest.evaluation.graph_scores import compare_graphs
from dic_ingest.image_files import open_picture
from dic_ingest.model.box import size_of
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.document import Document, Figure
from dic_ingest.model.drawing import Word
from dic_ingest.vision.ocr import read_words

MAX_BYTES = 1 << 28  # of one document.json
UNSEEN = 0.5  # doubt of a figure whose caption was never held against anything


@dataclass(frozen=True, slots=True)
class Candidate:
    """A figure to be captioned. `key` is stable over runs, `image` an absolute path, `doubt` 1 the worst."""

    key: str
    document: str
    page: int
    label: str
    image: Path
    draft: str  # without the printed caption, which is no part of what is to be learnt
    diagram: Diagram
    doubt: float
    doubtful: tuple[str, ...] = ()  # statements that nothing supports
    context: FigureContext = field(default_factory=FigureContext)
    reasons: tuple[str, ...] = ()  # for the doubt, in words

    @property
    def printed(self) -> str:
        """The printed caption."""
        return self.context.printed_caption


def find_candidates(run: Path) -> list[Candidate]:
    """Candidates of every document below `run`, in the order of their names.

    Raises InputError where there is no document, or no figure that was described.
    """
    places = sorted(run.glob("*/document.json")) if run.is_dir() else []
    if run.is_dir() and (run / "document.json").is_file():
        places = [run / "document.json"]
    if not places:
        raise InputError(f"{run} holds no results. Make some: dic-ingest run FILES --out {run}")
    found = [c for place in places for c in _of_document(place)]
    if not found:
        raise InputError(
            f"no figure in {run} has a caption and a crop. Ingest with an engine, not with 'none'."
        )
    return found


def _of_document(place: Path) -> list[Candidate]:
    try:
        if place.stat().st_size > MAX_BYTES:
            return []
        document = Document.from_dict(json.loads(place.read_text("utf-8")))
    except (OSError, *MALFORMED):
        return []
    found = (candidate_of(f, place.parent) for f in document.figures)
    return [c for c in found if c is not None]


def candidate_of(figure: Figure, folder: Path) -> Candidate | None:
    """A figure of the document whose results are in `folder`; None where it has no crop or was not
    described.
    """
    said = figure.description
    if said is None or not said.caption.strip() or not figure.image or figure.duplicate_of:
        return None
    if figure.route is not None and not figure.route.kept:
        return None
    image = (folder / figure.image).resolve()
    if not image.is_relative_to(folder.resolve()) or not image.is_file():
        return None
    kind = figure.route.kind if figure.route else Kind.OTHER
    diagram = said.diagram or Diagram(kind)
    worst, reasons = doubt(said)
    return Candidate(
        key=f"{folder.name}/{figure.id}",
        document=folder.name,
        page=figure.page,
        label=figure.label,
        image=image,
        draft=_without_head(said.caption, figure),
        diagram=diagram,
        doubt=worst,
        doubtful=said.evidence.unsupported if said.evidence else (),
        context=figure_context(figure, crop_request(figure, PLACEHOLDER), _size(figure, image)),
        reasons=reasons,
    )


def _without_head(caption: str, figure: Figure) -> str:
    """A caption without the printed one that it begins with; the whole where nothing else is in it."""
    head = ": ".join(filter(None, (figure.label, figure.printed_caption))).rstrip(". ")
    rest = caption[len(head) :].lstrip(" .:\n") if head and caption.startswith(head) else caption
    return rest or caption


def _size(figure: Figure, image: Path) -> tuple[float, float]:
    """Width and height of the crop in points, as it is shown upright; zeros where they cannot be found."""
    if figure.crop_bbox is not None:
        width, height = size_of(figure.crop_bbox)
        return (height, width) if figure.rotation % 180 else (width, height)
    try:
        with open_picture(image) as picture:
            scale = 72.0 / (figure.dpi or 144.0)
            return picture.width * scale, picture.height * scale
    except (OSError, ValueError, InputError):
        return 0.0, 0.0


def doubt(said: Description | None) -> tuple[float, tuple[str, ...]]:
    """0 for a description that is wholly held up, 1 for one that is not at all; and what speaks against it.

    Independent reasons add up (1 - the product of what each leaves): the worse of the caption's recall and
    precision, the reader's calibrated score of its graph, lines that were seen but not read. A mark for
    review or a conflict adds half of the rest.
    """
    if said is None:
        return UNSEEN, ("never held against anything",)
    evidence, graph = said.evidence, said.diagram
    against: list[tuple[float, str]] = []
    if evidence is None or evidence.recall is None or evidence.precision is None:
        against.append((UNSEEN, "never held against anything"))
    else:
        held = min(max(min(evidence.recall, evidence.precision), 0.0), 1.0)
        against.append((1 - held, f"the caption is held up by {held:.0%}"))
    if graph is not None and graph.edges:
        against.append(
            (1 - min(max(graph.score, 0.0), 1.0), f"the graph is right by a chance of {graph.score:.0%}")
        )
    if graph is not None and (lines := graph.lines_unread):
        against.append((lines / (lines + len(graph.edges)), f"{lines} lines were not read"))
    if evidence is not None and (evidence.needs_review or evidence.conflicts):
        against.append((0.5, "marked for review"))
    return _joined([a for a in against if a[0] > 0])


def _joined(against: Sequence[tuple[float, str]]) -> tuple[float, tuple[str, ...]]:
    left = 1.0
    for share, _ in against:
        left *= 1 - share
    return 1 - left, tuple(why for _, why in sorted(against, reverse=True))


def reread(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """The candidates, up to `most` of those read from vectors read again from their pixels.

    Where both readings disagree one of them is wrong: the share of edges not in common adds to the doubt.
    Figures with many edges are read first; a second or two each.
    """
    order = sorted(candidates, key=lambda c: (-len(c.diagram.edges), c.key))
    asked = {c.key for c in order if c.diagram.read_from == "vector" and c.diagram.edges}
    first = set([c.key for c in order if c.key in asked][: max(most, 0)])
    return [_reread(c) if c.key in first else c for c in candidates]


def _reread(candidate: Candidate) -> Candidate:
    try:
        with open_picture(candidate.image) as picture:
            crop = picture.convert("RGB")
        words: tuple[Word, ...] = read_words(crop)
        seen = read_picture(crop, words, candidate.diagram.kind)
    except Exception:  # a second opinion that cannot be had is none
        return candidate
    other = seen if isinstance(seen, Diagram) else None
    counts = compare_graphs(candidate.diagram, other)
    apart = 1 - 2 * counts.edge_hit / max(1, counts.edges_true + counts.edges_found)
    if apart <= 0:
        return candidate
    why = f"read from its pixels {apart:.0%} of the edges are others"
    worst, _ = _joined([(candidate.doubt, ""), (apart, "")])
    return replace(candidate, doubt=worst, reasons=(*candidate.reasons, why))
