"""Preferred captions from the sources that a run names: faults, the critic on the model's own, annotators."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dic_ingest.captioning.engines.local import LocalModel
from dic_ingest.captioning.engines.local_loading import load
from dic_ingest.captioning.engines.settings import LocalModelSettings
from dic_ingest.errors import EmptyFileError
from dic_ingest.evaluation.engine_view import engine_views
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.training.preference.pairs import Preferred, corrected, edited, faulted
from dic_ingest.training.preference.settings import PreferenceSettings
from dic_ingest.training.sft.examples import asked, caption_examples
from dic_ingest.training.sft.model import find_start


def gather(
    pairs: Sequence[Pair],
    folder: Path,
    model: Path,
    settings: PreferenceSettings,
    sources: Sequence[str],
    kept: Path | None = None,
) -> list[Preferred]:
    """All preferred captions; `kept` is where the engine's views of the pictures are kept.

    Raises EmptyFileError where the sources give none.
    """
    asks = settings.run.grounding
    views = engine_views(pairs, folder, asks, kept)
    found: list[Preferred] = []
    if "faults" in sources:
        found += faulted(pairs, folder, asks, settings.run.seed, views=views)
    if "edits" in sources:
        found += edited(pairs, folder, asks, views)
    if "critic" in sources:
        place = find_start(model)
        own = LocalModelSettings(str(place.base), adapter=place.adapter, max_tokens=settings.probe_tokens)
        talker = LocalModel(own, load(own))
        examples = caption_examples(pairs, folder, asks, views)
        answers = talker.answer([asked(e, asks) for e in examples])
        replies = {e.id: a.text for e, a in zip(examples, answers, strict=True) if not a.error}
        found += corrected(pairs, folder, asks, replies, views)
    if not found:
        raise EmptyFileError(
            f"{' and '.join(sources)} gave no worse caption for any of {len(pairs)} figures. Name another "
            "source, or take figures with labelled lines."
        )
    return found
