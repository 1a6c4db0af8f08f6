"""What is done to a document of a run: ingest, describe its figures, cut into nodes, put results in place.

All at once (`work`), or in two halves (`parse_only`, `describe`), so that one captioner serves many of them.
"""

from __future__ import annotations

import errno
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path

from dic_ingest.batch.results import read_json, settle, stage, staged, write_document, write_json
from dic_ingest.batch.settings import ASKED, WorkSettings
from dic_ingest.batch.workers.supervisor import Answer, Job
from dic_ingest.captioning.deferred import Deferred, DeferredFigure, number_of, read_asked
from dic_ingest.captioning.engines.registry import side_by_side
from dic_ingest.captioning.grounding.grounded import Grounded
from dic_ingest.captioning.request import Captioner
from dic_ingest.captioning.reuse import ReuseCount
from dic_ingest.errors import DICIngestError
from dic_ingest.figures.behind_text import without_backgrounds
from dic_ingest.model.description import Description
from dic_ingest.model.document import Document
from dic_ingest.owned_files import discard
from dic_ingest.pipeline import ingest, is_partial, with_description, with_undescribed
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
        return {**entry_fields(document, len(taken_over(captioner))), **profile}

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
                return {**entry_fields(document), "staged": str(folder), ASKED: captioner.count, **profile}
            write_document(document, folder, settings.nodes)
            settle(folder, Path(job["out"]) / job["name"])
            return {**entry_fields(document), **profile}
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
    return tally.taken() if isinstance(tally, ReuseCount) else []


def entry_fields(document: Document, shared: int = 0) -> Answer:
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


AT_ONCE = 32  # figures given to a captioner together; bounds the pictures in memory
Key = tuple[int, int]  # document in the batch, number of its figure


def describe(batch: Sequence[Job], settings: WorkSettings, captioner: Captioner) -> list[Answer]:
    """Describe the figures of all documents of a batch and put their results in place, in order.

    Each job holds `file`, `name`, `out`, and what `parse_only` answered as `staged` and `asked`.
    """
    threads = side_by_side(settings.ingest.engine, **settings.ingest.engine_options)
    said: dict[Key, Description] = {}
    shared: Counter[int] = Counter()  # by document
    waiting = iter([(at, n) for at, job in enumerate(batch) for n in range(job[ASKED])])
    while keys := list(islice(waiting, AT_ONCE)):
        asked = [read_asked(Path(batch[at]["staged"]) / ASKED, n) for at, n in keys]
        answers = _captions(captioner, asked, threads)
        reused = {id(d) for d in taken_over(captioner)}
        shared.update(at for (at, _), d in zip(keys, answers, strict=True) if id(d) in reused)
        said.update(zip(keys, answers, strict=True))
    return [
        _finished(job, {n: d for (a, n), d in said.items() if a == at}, settings, shared[at])
        for at, job in enumerate(batch)
    ]


def _captions(captioner: Captioner, asked: Sequence[DeferredFigure], threads: int) -> list[Description]:
    """In the order asked. Side by side, no figure waits for another's second question."""
    if not isinstance(captioner, Grounded):
        return captioner.caption([a.request for a in asked])
    parts = [[a] for a in asked] if threads > 1 else [list(asked)]

    def some(part: list[DeferredFigure]) -> list[Description]:
        readings = [a.reading for a in part if a.reading is not None]
        return captioner.caption([a.request for a in part], readings if len(readings) == len(part) else None)

    with ThreadPoolExecutor(threads) as pool:
        return [d for found in pool.map(some, parts) for d in found]


def _finished(job: Job, said: dict[int, Description], settings: WorkSettings, shared: int) -> Answer:
    """One document with its descriptions, in place."""

    def second_half() -> Answer:
        folder = Path(job["staged"])
        document = read_json(folder)
        full = document.replace_figures(
            lambda f: with_description(f, said[n]) if (n := number_of(f)) is not None else f
        )
        full = with_undescribed(without_backgrounds(full))
        write_document(full, folder, settings.nodes)
        discard(folder / ASKED)
        settle(folder, Path(job["out"]) / job["name"])
        return entry_fields(full, shared)

    return answered(job["file"], second_half)
