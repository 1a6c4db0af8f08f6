"""What is done to one document of a run: ingest it, cut it into nodes, put its results in place."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dic_ingest.batch.results import settle, stage, staged, write_document, write_json
from dic_ingest.batch.settings import ASKED as ASKED
from dic_ingest.batch.settings import WorkSettings as WorkSettings
from dic_ingest.batch.supervisor import Answer, Job
from dic_ingest.captioning.deferred import Deferred
from dic_ingest.captioning.request import Captioner
from dic_ingest.captioning.reuse import Tally
from dic_ingest.errors import DICIngestError
from dic_ingest.model.description import Description
from dic_ingest.model.document import Document
from dic_ingest.owned_files import discard
from dic_ingest.pipeline import ingest, is_partial
from dic_ingest.progress import Profile

# of the output folder, not of one document: every further document would fail in the same way
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def work(job: Job, settings: WorkSettings, captioner: Captioner | None) -> Answer:
    """Ingest `job["file"]` into `job["out"]/job["name"]`; the answer holds the fields of a manifest entry.

    And `fatal`, where the run as a whole cannot go on.
    """

    def whole() -> Answer:
        with staged(Path(job["out"]), job["name"]) as folder:
            document, profile = _ingest(job, settings, folder, captioner)
            write_document(document, folder, settings.nodes)
        return {**told(document, len(taken_over(captioner))), **profile}

    return answered(job["file"], whole)


def parse_only(job: Job, settings: WorkSettings, reader: Captioner | None) -> Answer:
    """As `work`, up to the descriptions: figures that want one wait in a staged folder, with their document.

    The answer then holds that folder's path as `staged`, and as `asked` the number of figures in it. `reader`
    reads them before a model is asked.
    """

    def first_half() -> Answer:
        folder = stage(Path(job["out"]))
        try:
            captioner = Deferred(folder / ASKED, reader)
            document, profile = _ingest(job, settings, folder, captioner)
            if captioner.count:
                write_json(document, folder)
                return {**told(document), "staged": str(folder), ASKED: captioner.count, **profile}
            write_document(document, folder, settings.nodes)
            settle(folder, Path(job["out"]) / job["name"])
            return {**told(document), **profile}
        except BaseException:
            discard(folder)
            raise

    return answered(job["file"], first_half)


def _ingest(
    job: Job, settings: WorkSettings, folder: Path, captioner: Captioner | None
) -> tuple[Document, Answer]:
    """The document, and `profile` for the answer where the job wants it."""
    password, pages = job.get("password"), job.get("pages") or ""
    profile = Profile(str(job.get("source", job["file"]))) if job.get("profile") else None
    document = ingest(
        Path(job["file"]), settings.ingest, folder, captioner, password, pages, on_progress=profile
    )
    document = replace(document, source=job["source"]) if "source" in job else document
    return document, {"profile": profile.to_dict()} if profile else {}


def taken_over(captioner: Captioner | None) -> list[Description]:
    """Descriptions that a captioner took from figures that show the same, since it was last asked."""
    tally = getattr(captioner, "tally", None)
    return tally.taken() if isinstance(tally, Tally) else []


def told(document: Document, shared: int = 0) -> Answer:
    """A manifest entry's fields, as far as the document knows them.

    `shared` figures were not described for this document: others show the same.
    """
    said = [f for f in document.figures if f.description is not None]
    reused = shared + sum(1 for f in said if f.duplicate_of)
    return {
        "status": "partial" if is_partial(document) else "ok",
        "pages": len(document.pages),
        "figures": sum(1 for f in document.figures if f.route and f.route.kept),
        "warnings": [w.message for w in document.warnings],
        "sha256": document.sha256,
        "tier": document.parser.tier,
        "described": len(said) - reused,
        "reused": reused,
    }


def answered(file: str, act: Callable[[], Answer]) -> Answer:
    """What `act` answers, or the failure that it ended in; with the file and the seconds it took."""
    started = time.perf_counter()
    try:
        answer = act()
    except DICIngestError as error:
        answer = {"status": "failed", "error": str(error)}
    except OSError as error:
        answer = {"status": "failed", "error": f"{error.strerror or error}: {error.filename or file}"}
        if error.errno in NO_ROOM:
            answer["fatal"] = f"{error.strerror} while writing the results of {Path(file).name}"
    except MemoryError:
        answer = {"status": "failed", "error": f"{file} needs more memory than there is."}
    except Exception as error:  # one bad document never loses a folder
        answer = {"status": "failed", "error": f"unexpected {type(error).__name__}: {error}"}
    return {"file": file, "seconds": round(time.perf_counter() - started, 3), **answer}
