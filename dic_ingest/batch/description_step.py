"""The second half of a run's work: figures of several documents to one captioner, results in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from dic_ingest.batch.results import read_json, settle, write_document
from dic_ingest.batch.supervisor import Answer, Job
from dic_ingest.batch.work import ASKED, WorkSettings, answered, taken_over, told
from dic_ingest.captioning.deferred import Asked, number_of, read_asked
from dic_ingest.captioning.engines.registry import side_by_side
from dic_ingest.captioning.grounding.grounded import Grounded
from dic_ingest.captioning.request import Captioner
from dic_ingest.figures.behind_text import without_backgrounds
from dic_ingest.model.description import Description
from dic_ingest.owned_files import discard
from dic_ingest.pipeline import with_description, with_undescribed

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


def _captions(captioner: Captioner, asked: Sequence[Asked], threads: int) -> list[Description]:
    """In the order asked. Side by side, no figure waits for another's second question."""
    if not isinstance(captioner, Grounded):
        return captioner.caption([a.request for a in asked])
    parts = [[a] for a in asked] if threads > 1 else [list(asked)]

    def some(part: list[Asked]) -> list[Description]:
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
        return told(full, shared)

    return answered(job["file"], second_half)
