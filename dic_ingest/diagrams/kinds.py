"""What speaks for each kind of drawing in a scene, by rules: features of the decision of a figure's kind.

In: a Scene. Out: `weights_of`, every reason with its weight; `leaning`, how clearly they lean to one kind.
Nothing is decided here. The weights were set by hand; no fit of them was better: `research.kind_weights`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources

from dic_ingest.diagrams.kind_traits import Traits, WordTraits, traits_of
from dic_ingest.diagrams.scene import Scene
from dic_ingest.model.diagram import Kind
from dic_ingest.vision.figure_classifier import LOOKS

Reasons = Mapping[str, float]  # what was seen: its weight for (or, below zero, against) a kind

_SURE = 2.0  # how steeply a lead in weight becomes confidence
_LOOK = 0.8  # weight of what the network of looks is sure of
_BEYOND_DOUBT = 0.95
_LEAST = 0.5  # a kind that gathers less than this is none


def leaning(scene: Scene, looks: Callable[[], Mapping[str, float]] | None = None) -> tuple[Kind, float]:
    """The kind with the most weight, and how clearly it leads, 0..1; OTHER where nothing speaks for any.

    Where what is drawn leaves doubt, what its picture looks like is weighed, too.
    """
    weights = {kind: sum(reasons.values()) for kind, reasons in weights_of(traits_of(scene)).items()}
    best, sure = _heaviest(weights)
    if looks is not None and sure < _BEYOND_DOUBT and weights[best] >= _LEAST:
        block = Kind.TOPOLOGY if Kind.TOPOLOGY in weights else Kind.BLOCK
        for look, share in looks().items():
            kind = block if LOOKS[look] is Kind.BLOCK else LOOKS[look]
            if kind.is_diagram and kind in weights:
                weights[kind] += _LOOK * share
        best, sure = _heaviest(weights)
    return (Kind.OTHER, 0.3) if weights[best] < _LEAST else (best, round(sure, 3))


def _heaviest(weights: Mapping[Kind, float]) -> tuple[Kind, float]:
    best = max(weights, key=lambda k: weights[k])
    return best, 1.0 / sum(math.exp(_SURE * (w - weights[best])) for w in weights.values())


def weights_of(t: Traits) -> dict[Kind, Reasons]:
    """Reasons for each kind: what was seen, times what `kinds.json` says that it proves."""
    seen = reasons_of(t)
    icons = t.icons >= 2 and t.icons >= t.boxes and t.undirected + t.both_ways >= 0.4
    network = icons or t.said.again >= 0.5  # what runs where, not what is made of what
    out: dict[Kind, Reasons] = {}
    for kind, proves in _proves().items():
        shown = Kind.TOPOLOGY if kind is Kind.BLOCK and network else kind
        out[shown] = {name: weight * seen.get(name, 1.0) for name, weight in proves.items()}
    return out


@cache
def _proves() -> dict[Kind, dict[str, float]]:
    """For each kind the weight of every reason; `research.kind_weights.fit` tries to better them."""
    text = resources.files("dic_ingest.diagrams").joinpath("kinds.json").read_text("utf-8")
    return {Kind(kind): dict(proves) for kind, proves in json.loads(text).items()}


def reasons_of(t: Traits) -> dict[str, float]:
    """Everything seen that can speak for or against a kind, mostly 0..1. A count saturates: three messages
    prove as much as thirty."""
    seen = {
        **_sequence(t),
        **_records(t),
        **_state(t),
        **_flow(t),
        **_block(t),
        **_chart(t),
        **_words(t.said),
    }
    acts = ("answers at arrows", "decisions", "stadiums", "boxes that tell what to do", "questions in boxes")
    seen["nothing that decides or acts"] = _some(t.connectors, 2) * max(
        0.0, 1.0 - sum(seen[name] for name in acts)
    )
    return seen


def _some(count: float, enough: float) -> float:
    return min(1.0, count / enough)


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _sequence(t: Traits) -> dict[str, float]:
    real = t.lifelines >= 2 and t.messages >= 2
    rows = real or (t.mirrored >= 2 and t.messages >= 1)
    return {
        "messages across lifelines": _some(t.messages, 3) * _some(t.message_share, 0.5) * real,
        "lifelines": _some(t.lifelines, 2) * real,
        "heads repeated at the foot": _some(t.mirrored, 1) * (0.6 if rows else 1.0 - t.directed),
    }


def _records(t: Traits) -> dict[str, float]:
    """Classes and entities."""
    parted = 1.0 if t.compartments else 0.4
    parts = (t.compartments - t.tables) / max(1, t.boxes)
    alone = 1.0 if t.boxes > t.icons else 0.3
    return {
        "boxes with compartments": _some(max(parts, 0.0), 0.5) * _some(t.compartments, 2),
        "hollow triangles and diamonds": parted * _some(t.generalised, 2) * (t.boxes > t.icons),
        "texts like members": parted * _some(t.members, 0.3) * _some(t.boxes, 2),
        "cardinalities": _some(t.cardinals, 2),
        "crow's feet": _some(t.feet, 2),
        "crow's feet at most lines": _some(t.feet / max(1, t.connectors), 0.5) * alone,
        "boxes that are tables": _some(t.tables / max(1, t.boxes - 3 * t.tables), 0.4) * t.undirected,
        "keys": _some(t.keys, 2),
    }


def _state(t: Traits) -> dict[str, float]:
    short = min(1.0, max(0.3, (2.4 - t.words) / 0.8))  # one word is a state, three are a step
    return {
        "start or end dot": _some(t.dots, 1) * t.directed * short,
        "circle in a circle": _some(t.bulls, 1) * t.directed * short,
        "rounded boxes with short names": t.rounded * t.directed * short * _some(t.connectors, 2),
        "labelled arrows between rounded boxes": t.labelled * t.rounded,
    }


def _flow(t: Traits) -> dict[str, float]:
    linked = _some(t.connectors, 2)
    return {
        "boxes joined by arrows": (t.directed + 0.8 * t.both_ways) * linked,
        "arrows that run one way": t.directed * _ramp(t.onward, 0.4, 0.65) * linked,
        "curved arrows": t.curved * (1.0 - t.undirected),
        "answers at arrows": _some(t.answers, 2) * t.directed,
        "decisions": _some(t.diamonds, 1) * linked,
        "several diamonds": _some(t.diamonds, 2),
        "stadiums": _some(t.terminals, 1) * t.directed,
        "several stadiums": _some(t.terminals, 2),
    }


def _block(t: Traits) -> dict[str, float]:
    linked = t.directed * _some(t.connectors, max(1.0, 0.5 * t.boxes))
    return {
        "arrows": t.directed,
        "undirected lines": t.undirected,
        "lines both ways": t.both_ways,
        "pictures": _some(t.icons, 3),
        "frames around boxes": _some(t.frames, 3),
        "arrows all around": t.directed * _ramp(-t.onward, -0.6, -0.45) * _some(t.connectors, 4),
        "boxes without a line": t.loose * _some(t.boxes, 3) * (1.0 - linked),
        "boxes": _some(t.boxes, 2),
    }


def _chart(t: Traits) -> dict[str, float]:
    """Charts, and the fields and bars of timing diagrams."""
    plain = 1.0 - _some(t.percents, 3)
    return {
        "numbers in even rows or columns": _some(t.ticks, 6),
        "axes beside numbers": _some(t.axes, 1),
        "percentages": _some(t.percents, 3) * (1.0 - _some(t.connectors, 3)),
        "coloured areas": _some(t.sectors, 2),
        "boxes joined by lines": _some(min(t.connectors, t.boxes), 4),
        "boxes with text": _some(t.boxes, 3) * plain,
        "boxes side by side": _some(t.cells, 5) * (1.0 if t.ticks >= 3 else 0.2),
        "lines between boxes": _some(t.connectors, 3),
    }


def _words(said: WordTraits) -> dict[str, float]:
    return {
        "boxes that tell what to do": _some(said.steps, 0.4),
        "questions in boxes": _some(said.questions, 0.15),
        "boxes counted 1, 2, 3": _some(said.numbered, 4),
        "boxes named like parts of a system": _some(said.parts, 0.5),
        "words of networks": _some(said.network, 3),
        "long texts in boxes": said.long,
        "single words in boxes": said.single,
        "numbers alone in boxes": _some(said.numbers, 0.5),
    }
