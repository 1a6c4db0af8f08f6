"""Measures of systems as one plain dictionary: `scores.json`, from which table and report are made."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dic_ingest.evaluation.figure_set import FigureSet
from dic_ingest.evaluation.leakage.check import Leakage
from dic_ingest.evaluation.scoring import Scored, groups
from dic_ingest.evaluation.statistics import Measure, ResamplingSettings, compare, interval

Results = dict[str, Any]
WORST = 12  # figures shown with their replies


def measured(measures: Mapping[str, Measure], draws: ResamplingSettings) -> Results:
    """Value, interval and number of figures of every measure; null where there is no number."""
    found = {}
    for name, measure in measures.items():
        low, high = interval(measure, draws)
        found[name] = {
            "value": _number(measure.value),
            "low": _number(low),
            "high": _number(high),
            "figures": len(measure.ids),
        }
    return found


def compared(
    ours: Mapping[str, Measure], theirs: Mapping[str, Measure], draws: ResamplingSettings
) -> Results:
    """The difference of every measure that both have, with its interval and p."""
    found = {}
    for name in ours:
        if name in theirs and set(ours[name].ids) & set(theirs[name].ids):
            d = compare(ours[name], theirs[name], draws)
            found[name] = {
                "value": _number(d.value),
                "low": _number(d.low),
                "high": _number(d.high),
                "p": _number(d.p),
                "figures": d.figures,
            }
    return found


def by_group(test: FigureSet, measures: Mapping[str, Measure], draws: ResamplingSettings) -> Results:
    """The measures per kind and per difficulty."""
    return {
        way: {
            name: {
                "figures": len(ids),
                "measures": measured({k: m.over(ids) for k, m in measures.items()}, draws),
            }
            for name, ids in sorted(parts.items())
        }
        for way, parts in groups(test.pairs).items()
    }


def readings(test: FigureSet, systems: Sequence[Scored]) -> Results:
    """Per system how its graphs were read, and how many replies were missing."""
    return {
        s.system.name: {
            "read from": dict(Counter(r.how for r in s.reads.values())),
            "missing": s.system.missing(test.pairs),
        }
        for s in systems
    }


def worst(test: FigureSet, scored: Scored) -> list[Results]:
    """The figures with the lowest edge F1, then node F1, with reference and reply."""
    edges, nodes = scored.measures["edge F1"], scored.measures["node F1"]
    each = {
        own: (float(edges.total(edges.counts[i])), float(nodes.total(nodes.counts[i])))
        for i, own in enumerate(edges.ids)
    }
    chosen = sorted(test.pairs, key=lambda p: (each[p.id], p.id))[:WORST]
    return [
        {
            "id": p.id,
            "image": p.image,
            "kind": str(p.diagram.kind),
            "difficulty": p.difficulty,
            "edge F1": each[p.id][0],
            "node F1": each[p.id][1],
            "reference": p.caption,
            "reply": scored.reads[p.id].caption,
        }
        for p in chosen
    ]


def leakage_results(leakage: Leakage) -> Results:
    """What was checked and found, as it stands in leakage.json too."""
    return {
        "told": leakage.summary(),
        "test figures": leakage.tests,
        "training figures": leakage.trainings,
        "thresholds": {k: getattr(leakage.settings, k) for k in ("bits", "grey", "picture", "text")},
        "leaks": [
            {"test": x.test, "train": x.train, "shares": list(x.shares), "picture": x.picture, "text": x.text}
            for x in leakage.leaks
        ],
        "nearest picture": [round(v, 4) for v in leakage.nearest_picture],
        "nearest text": [round(v, 4) for v in leakage.nearest_text],
    }


def _number(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None
