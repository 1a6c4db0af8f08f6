"""Captions of held-out figures by an untrained and a trained model, scored and compared by the paired test.

In: replies by figure id, the figures. Out: the measures of both and what lies between them, as plain values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dic_ingest.captioning.engines.dicmodel import DICModel
from dic_ingest.evaluation.caption_scores import caption_measures
from dic_ingest.evaluation.engine_view import engine_views
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.evaluation.graph_scores import compare_graphs, graph_measures
from dic_ingest.evaluation.reading import read_prediction
from dic_ingest.evaluation.statistics import Measure, ResamplingSettings, compare, interval
from dic_ingest.training.sft.examples import asked, caption_examples

MAIN = "ROUGE-L"  # the measure by which the demo is judged
CERTAIN = 0.05


def replies(model: DICModel, pairs: Sequence[Pair], folder: Path) -> dict[str, str]:
    """What the model itself says of each figure, before any check against the exact reading."""
    views = engine_views(pairs, folder, model.settings, folder / "views")
    examples = caption_examples(pairs, folder, model.settings, views)
    answers = model.local.answer([asked(e, model.settings) for e in examples])
    return {e.id: a.text for e, a in zip(examples, answers, strict=True)}


def measures(said: Mapping[str, str], pairs: Sequence[Pair]) -> dict[str, Measure]:
    """Text and graph measures of raw replies."""
    ids = [p.id for p in pairs]
    reads = [read_prediction(said.get(p.id, ""), "", p.diagram) for p in pairs]
    found = caption_measures(ids, [r.caption for r in reads], [p.caption for p in pairs])
    graphs = [compare_graphs(p.diagram, r.diagram) for p, r in zip(pairs, reads, strict=True)]
    return {m.name: m for m in [*found, *graph_measures(ids, graphs)]}


def values(said: Mapping[str, str], pairs: Sequence[Pair]) -> dict[str, float | None]:
    """Every measure of raw replies as a number, None where it has none."""
    found = {name: m.value for name, m in measures(said, pairs).items()}
    return {k: None if math.isnan(v) else round(v, 4) for k, v in found.items()}


def comparison(
    trained: Mapping[str, str], untrained: Mapping[str, str], pairs: Sequence[Pair], seed: int
) -> dict[str, Any]:
    """Per measure: both values with the trained one's interval, the difference with its interval and p."""
    draws = ResamplingSettings(seed=seed)
    ours, theirs = measures(trained, pairs), measures(untrained, pairs)
    found: dict[str, Any] = {}
    for name, measure in ours.items():
        low, high = interval(measure, draws)
        gap = compare(measure, theirs[name], draws)
        values = {
            "trained": measure.value, "low": low, "high": high, "untrained": theirs[name].value,
            "difference": gap.value, "difference low": gap.low, "difference high": gap.high, "p": gap.p,
        }  # fmt: skip
        found[name] = {k: None if math.isnan(v) else round(v, 4) for k, v in values.items()}
    return found


def better(compared: Mapping[str, Mapping[str, float | None]]) -> bool:
    """Whether the paired test confirms that the trained model says more like the references."""
    main = compared[MAIN]
    low, p = main["difference low"], main["p"]
    return low is not None and p is not None and low > 0 and p < CERTAIN
