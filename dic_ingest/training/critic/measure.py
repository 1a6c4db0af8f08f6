"""A critic model's verdicts held against the exact checker's: how often it is right, what it lets through.

In: a talker, pairs with graphs, their pictures. Out: `CriticScores`, on as many right as wrong statements.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from dic_ingest.captioning.chat import ChatModel
from dic_ingest.captioning.engines.settings import GroundingSettings
from dic_ingest.captioning.prompts import check, read_verdicts
from dic_ingest.errors import EmptyFileError
from dic_ingest.evaluation.engine_view import engine_views
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.evaluation.statistics import cohens_kappa
from dic_ingest.training.critic.checks import MOST, all_checkables, without_picture


@dataclass(frozen=True, slots=True)
class CriticScores:
    """Shares of statements: `caught` of the wrong ones, `lost` of the right ones were called wrong."""

    statements: int
    accuracy: float
    caught: float
    lost: float
    kappa: float  # with the exact checker, beyond chance
    unanswered: float  # no verdict was given; counted as "no", as the engine does
    by_fault: dict[str, float] = field(default_factory=dict)  # share caught
    text_only: float | None = None  # accuracy of a bag of words without the picture; None: too few statements

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def measure_critic(
    critic: ChatModel,
    pairs: Sequence[Pair],
    folder: Path,
    settings: GroundingSettings,
    seed: int = 0,
    most: int = 400,
) -> CriticScores:
    """Ask the critic about up to `most` statements of these figures, half of them wrong.

    Raises EmptyFileError where the figures give no statement to check.
    """
    source = random.Random(seed)
    asked_now, truth = [], []
    per_figure = []
    for pair, chosen in zip(pairs, all_checkables(pairs, source), strict=True):
        per_figure.append(chosen)
        views = engine_views([pair], folder, settings) if chosen else {}
        for at in range(0, len(chosen), MOST):
            some = chosen[at : at + MOST]
            asked_now.append(views[pair.image].ask(check([c.text for c in some], settings.steps), settings))
            truth.append(some)
        if sum(map(len, truth)) >= most:
            break
    if not truth:
        raise EmptyFileError("these figures give no statement to check; take figures with labelled lines")
    said: list[bool | None] = []
    for answer, some in zip(critic.answer(asked_now), truth, strict=True):
        said += read_verdicts(answer.text, len(some))
    scores = scored(
        [c.right for some in truth for c in some], said, [c.fault for some in truth for c in some]
    )
    blind = without_picture(pairs[: len(per_figure)], per_figure)
    return replace(scores, text_only=blind.accuracy if blind else None)


def scored(right: Sequence[bool], said: Sequence[bool | None], faults: Sequence[str]) -> CriticScores:
    """Scores of verdicts: `said` is None where none was given."""
    called = [bool(s) for s in said]
    wrong = [not c for r, c in zip(right, called, strict=True) if not r]
    true = [not c for r, c in zip(right, called, strict=True) if r]
    by: dict[str, list[bool]] = defaultdict(list)
    for fault, r, c in zip(faults, right, called, strict=True):
        if not r:
            by[fault].append(not c)
    return CriticScores(
        len(right),
        sum(r == c for r, c in zip(right, called, strict=True)) / len(right),
        sum(wrong) / max(1, len(wrong)),
        sum(true) / max(1, len(true)),
        cohens_kappa(list(right), called),
        sum(s is None for s in said) / len(said),
        {k: sum(v) / len(v) for k, v in sorted(by.items())},
    )


def measure_checkpoint(
    checkpoint: Path, pairs: Sequence[Pair], folder: Path, settings: GroundingSettings, tokens: int = 1024
) -> CriticScores:
    """The scores of a checkpoint (model or adapter), kept in its `dic_model.json` where it has one."""
    from dic_ingest.captioning.engines.local import LocalModel
    from dic_ingest.captioning.engines.local_loading import load
    from dic_ingest.captioning.engines.settings import LocalModelSettings
    from dic_ingest.captioning.engines.trained import read_trained, write_trained
    from dic_ingest.training.sft.model import find_start

    place = find_start(checkpoint)
    own = LocalModelSettings(str(place.base), adapter=place.adapter, max_tokens=tokens)
    scores = measure_critic(LocalModel(own, load(own)), pairs, folder, settings)
    if record := read_trained(checkpoint):
        write_trained(checkpoint, replace(record, scores={"critic": scores.to_dict()}))
    return scores
