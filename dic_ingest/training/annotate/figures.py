"""The figures of a run folder (`dic-ingest run`) that an expert could caption, with how far they are held up.

In: a folder of results. Out: candidates with crop, draft caption, exact reading and a doubt between 0 and 1.
Documents that cannot be read are left out; crops outside their document's folder are never opened.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.errors import MALFORMED, InputError
from dic_ingest.model.description import Evidence
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.document import Document, Figure

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
    draft: str
    diagram: Diagram
    doubt: float
    doubtful: tuple[str, ...] = ()  # statements that nothing supports
    printed: str = ""


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
    found = (_candidate(f, place.parent) for f in document.figures)
    return [c for c in found if c is not None]


def _candidate(figure: Figure, folder: Path) -> Candidate | None:
    said = figure.description
    if said is None or not said.caption.strip() or not figure.image or figure.duplicate_of:
        return None
    if figure.route is not None and not figure.route.kept:
        return None
    image = (folder / figure.image).resolve()
    if not image.is_relative_to(folder.resolve()) or not image.is_file():
        return None
    kind = figure.route.kind if figure.route else Kind.OTHER
    return Candidate(
        key=f"{folder.name}/{figure.id}",
        document=folder.name,
        page=figure.page,
        label=figure.label,
        image=image,
        draft=said.caption,
        diagram=said.diagram or Diagram(kind),
        doubt=doubt(said.evidence),
        doubtful=said.evidence.unsupported if said.evidence else (),
        printed=figure.printed_caption,
    )


def doubt(evidence: Evidence | None) -> float:
    """0 for a caption that is wholly held up, 1 for one that is not at all.

    The worse of recall and precision decides; a mark for review or a conflict adds half of the rest.
    """
    if evidence is None or evidence.recall is None or evidence.precision is None:
        return UNSEEN
    worst = 1 - min(max(min(evidence.recall, evidence.precision), 0.0), 1.0)
    return worst + (1 - worst) / 2 if evidence.needs_review or evidence.conflicts else worst
