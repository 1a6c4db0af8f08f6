"""What a run would do with the figures of its files, as far as results of earlier runs tell.

In: planned files and the results folder. Out: a count of figures per file; nothing is parsed, nothing
written. Of a file that was never parsed, or has changed since, nothing is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.batch.manifest import Manifest
from dic_ingest.batch.plan import Planned
from dic_ingest.batch.results import read_json
from dic_ingest.errors import BrokenFileError
from dic_ingest.figures.settings import RoutingSettings
from dic_ingest.model.document import Document
from dic_ingest.settings import Settings
from dic_ingest.sources.inputs import is_url


@dataclass(frozen=True, slots=True)
class Forecast:
    """Figures of one file that an engine would be asked for, that take over what is there, that get nothing.

    `known` is False where the file has to be parsed first.
    """

    file: str
    name: str
    known: bool = False
    described: int = 0
    reused: int = 0  # of an unchanged file, and those that show the same as another
    skipped: int = 0  # decoration, tables, formulas; all of them where the engine is none


def forecast(
    jobs: Sequence[Planned], out: Path, digest: str, settings: Settings, resume: bool
) -> list[Forecast]:
    """A forecast per job; `digest` is that of the run's settings (see `reading_digest`)."""
    manifest = Manifest(out)
    return [_one(job, out, manifest, digest, settings, resume) for job in jobs]


def _one(
    job: Planned, out: Path, manifest: Manifest, digest: str, settings: Settings, resume: bool
) -> Forecast:
    nothing = Forecast(str(job.file), job.name)
    if is_url(job.file) or not (out / job.name / "document.json").is_file():
        return nothing
    try:
        document = read_json(out / job.name)
        with Path(job.file).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except (BrokenFileError, OSError):
        return nothing
    if document.sha256 != sha256:
        return nothing
    fresh, same, left = _figures(document, settings.routing)
    if resume and manifest.done(str(job.file), sha256, digest) is not None:
        fresh, same = 0, fresh + same
    elif settings.engine == "none":
        fresh, same, left = 0, 0, fresh + same + left
    return Forecast(nothing.file, job.name, True, fresh, same, left)


def _figures(document: Document, settings: RoutingSettings) -> tuple[int, int, int]:
    """Figures that an engine is asked for, that show the same as another, that are routed away."""
    from dic_ingest.classification.router import rerouted  # heavy, and not wanted for a quick re-run

    kept = [f for f in document.figures if f.route is not None and rerouted(f.route, settings).kept]
    fresh = sum(1 for f in kept if not f.duplicate_of)
    return fresh, len(kept) - fresh, len(document.figures) - len(kept)


def in_words(all_of_them: Sequence[Forecast]) -> str:
    """The sum of forecasts as one line."""
    described, reused, skipped = (
        sum(getattr(f, name) for f in all_of_them) for name in ("described", "reused", "skipped")
    )
    told = f"{described} figures would be described, {reused} reused, {skipped} skipped"
    unknown = sum(1 for f in all_of_them if not f.known)
    if unknown:
        told += (
            f"; {unknown} files have to be parsed before their figures are known "
            "(--engine none, then backfill --dry-run)"
        )
    return told
