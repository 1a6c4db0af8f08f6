"""What a run would do with its files and their figures, as far as results of earlier runs tell.

In: planned files and the manifest. Out: per file whether it would be read, and a count of figures; nothing is
parsed, nothing written. Of a file that was never parsed, or has changed since, no figure is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dic_ingest.batch.manifest import Entry, Manifest
from dic_ingest.batch.plan import Planned, file_digest, kept_entry
from dic_ingest.batch.remote import RemoteManifest
from dic_ingest.batch.results import read_json
from dic_ingest.batch.settings import Digests
from dic_ingest.errors import BrokenFileError
from dic_ingest.figures.settings import RoutingSettings
from dic_ingest.model.document import Document
from dic_ingest.settings import Settings
from dic_ingest.sources.inputs import is_url

READ = ("new", "again")
STATUSES = (*READ, "rebuilt", "skipped")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would become of one file, and of its figures: described, taken over, or left as they are.

    `status` is new (not among the results), again (read again: the file or the settings changed, or it
    failed), rebuilt (only its nodes and other formats are made anew) or skipped (nothing to do). `known` is
    False where the file has to be parsed before its figures can be counted.
    """

    file: str
    name: str
    status: str = "new"
    known: bool = False
    described: int = 0
    reused: int = 0  # of an unchanged file, and those that show the same as another
    skipped: int = 0  # decoration, tables, formulas; all of them where the engine is none


def forecast(
    jobs: Sequence[Planned], manifest: Manifest, digests: Digests, settings: Settings, resume: bool
) -> list[Forecast]:
    """A forecast per job; `digests` are those of the run's settings."""
    return [_one(job, manifest, digests, settings, resume) for job in jobs]


def _one(job: Planned, manifest: Manifest, digests: Digests, settings: Settings, resume: bool) -> Forecast:
    sha256 = "" if is_url(job.file) else file_digest(Path(job.file))
    entry = kept_entry(job, manifest, digests.reading, sha256) if resume else None
    found = Forecast(str(job.file), job.name, _status(job, entry, manifest, digests.nodes))
    try:
        document = read_json(manifest.path.parent / job.name)
    except BrokenFileError:
        return found
    if not sha256 or document.sha256 != sha256:
        return found
    fresh, same, left = _figures(document, settings.routing)
    if entry is not None:
        fresh, same = 0, fresh + same
    elif settings.engine == "none":
        fresh, same, left = 0, 0, fresh + same + left
    return replace(found, known=True, described=fresh, reused=same, skipped=left)


def _status(job: Planned, entry: Entry | None, manifest: Manifest, nodes: str) -> str:
    """One of STATUSES; `entry` is that of a file that need not be read, `nodes` the settings' digest."""
    if entry is not None and entry.nodes == nodes:
        return "skipped"
    if entry is not None and not isinstance(manifest, RemoteManifest):
        return "rebuilt"
    return "again" if str(job.file) in manifest.entries else "new"


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
    unknown = sum(1 for f in all_of_them if not f.known and f.status in READ)
    if unknown:
        told += (
            f"; {unknown} files have to be parsed before their figures are known "
            "(--engine none, then backfill --dry-run)"
        )
    return told


def documents_in_words(all_of_them: Sequence[Forecast]) -> str:
    """How many documents would be read, rebuilt or skipped, as one line."""
    counts = Counter(f.status for f in all_of_them)
    told = [f"{counts[s]} {s}" for s in STATUSES if counts[s]]
    return f"{len(all_of_them)} documents: {', '.join(told)}"
