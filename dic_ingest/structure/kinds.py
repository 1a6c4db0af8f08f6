"""What kind of drawing a scene is, told by what is drawn and nothing else.

In: a Scene. Out: the kind and a confidence. `weights_of` shows every reason with its weight, so that a wrong
answer can be explained.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from dic_ingest.diagram import Kind
from dic_ingest.structure.kinds_traits import Traits, traits_of
from dic_ingest.structure.scene import Scene

Reasons = Mapping[str, float]  # what was seen: its weight for (or, below zero, against) a kind

_SURE = 2.0  # how steeply a lead in weight becomes confidence
_LEAST = 0.5  # a kind that gathers less than this is none


def kind_of(scene: Scene) -> tuple[Kind, float]:
    """The kind with the most weight, and a confidence 0..1; OTHER where nothing speaks for any kind."""
    weights = {kind: sum(reasons.values()) for kind, reasons in weights_of(traits_of(scene)).items()}
    best = max(weights, key=lambda k: weights[k])
    if weights[best] < _LEAST:
        return Kind.OTHER, 0.3
    total = sum(math.exp(_SURE * (w - weights[best])) for w in weights.values())
    return best, round(1.0 / total, 3)


def weights_of(t: Traits) -> dict[Kind, Reasons]:
    """Reasons for each kind. A count saturates: three messages prove as much as thirty."""
    block = _block(t)
    icons = t.icons >= 2 and t.icons >= t.boxes and t.undirected + t.both_ways >= 0.4
    return {
        Kind.SEQUENCE: _sequence(t),
        Kind.CLASS: _class(t),
        Kind.ER: _er(t),
        Kind.STATE: _state(t),
        Kind.FLOWCHART: _flowchart(t),
        Kind.TOPOLOGY if icons else Kind.BLOCK: block,
        Kind.CHART: _chart(t),
        Kind.TIMING: _timing(t),
    }


def _some(count: float, enough: float) -> float:
    return min(1.0, count / enough)


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _sequence(t: Traits) -> Reasons:
    real = t.lifelines >= 2 and t.messages >= 2
    rows = real or (t.mirrored >= 2 and t.messages >= 1)
    return {
        "messages across lifelines": 3.2 * _some(t.messages, 3) * _some(t.message_share, 0.5)
        if real
        else 0.0,
        "lifelines": 0.6 * _some(t.lifelines, 2) if real else 0.0,
        "heads repeated at the foot": 3.2 * _some(t.mirrored, 1) * (0.6 if rows else 1.0 - t.directed),
    }


def _class(t: Traits) -> Reasons:
    parted = t.compartments > 0
    parts = (t.compartments - t.tables) / max(1, t.boxes)
    return {
        "boxes with compartments": 2.0 * _some(max(parts, 0.0), 0.5) * _some(t.compartments, 2),
        "hollow triangles and diamonds": (1.0 if parted else 0.4)
        * _some(t.generalised, 2)
        * (t.boxes > t.icons),
        "texts like members": (1.2 if parted else 0.4) * _some(t.members, 0.3) * _some(t.boxes, 2),
        "cardinalities": 0.3 * _some(t.cardinals, 2),
        "crow's feet": -1.0 * _some(t.feet, 2),
    }


def _er(t: Traits) -> Reasons:
    return {
        "crow's feet": 2.2 * _some(t.feet / max(1, t.connectors), 0.5) * (1.0 if t.boxes > t.icons else 0.3),
        "boxes that are tables": 1.2 * _some(t.tables / max(1, t.boxes - 3 * t.tables), 0.4) * t.undirected,
        "keys": 1.0 * _some(t.keys, 2),
        "undirected lines": 0.3 * t.undirected,
        "arrows": -1.0 * t.directed,
    }


def _state(t: Traits) -> Reasons:
    short = min(1.0, max(0.3, (2.4 - t.words) / 0.8))  # one word is a state, three are a step
    return {
        "start or end dot": 2.0 * _some(t.dots, 1) * t.directed * short,
        "circle in a circle": 0.7 * _some(t.bulls, 1) * t.directed * short,
        "rounded boxes with short names": 1.9 * t.rounded * t.directed * short * _some(t.connectors, 2),
        "labelled arrows": 0.4 * t.labelled * t.rounded,
        "decisions": -0.9 * _some(t.diamonds, 2),
        "stadiums": -0.8 * _some(t.terminals, 2),
        "frames": -0.3 * _some(t.frames, 3),
        "pictures": -0.8 * _some(t.icons, 3),
    }


def _flowchart(t: Traits) -> Reasons:
    return {
        "boxes joined by arrows": 1.0 * (t.directed + 0.8 * t.both_ways) * _some(t.connectors, 2),
        "arrows that run one way": 0.7 * t.directed * _ramp(t.onward, 0.4, 0.65) * _some(t.connectors, 2),
        "curved arrows": 0.5 * t.curved * (1.0 - t.undirected),
        "answers at arrows": 0.6 * _some(t.answers, 2) * t.directed,
        "decisions": 0.9 * _some(t.diamonds, 1) * _some(t.connectors, 2),
        "stadiums": 0.3 * _some(t.terminals, 1) * t.directed,
        "pictures": -0.6 * _some(t.icons, 4),
    }


def _block(t: Traits) -> Reasons:
    linked = t.directed * _some(t.connectors, max(1.0, 0.5 * t.boxes))
    return {
        "undirected lines": 0.8 * t.undirected,
        "lines both ways": 0.6 * t.both_ways,
        "pictures": 0.9 * _some(t.icons, 3),
        "frames around boxes": 0.3 * _some(t.frames, 3),
        "arrows all around": 0.7 * t.directed * _ramp(-t.onward, -0.6, -0.45) * _some(t.connectors, 4),
        "boxes without a line": 0.7 * t.loose * _some(t.boxes, 3) * (1.0 - linked),
        "boxes": 0.2 * _some(t.boxes, 2),
        "decisions": -0.5 * _some(t.diamonds, 2),
        "numbers on axes": -0.8 * _some(t.ticks, 6),
    }


def _chart(t: Traits) -> Reasons:
    return {
        "numbers in even rows or columns": 1.4 * _some(t.ticks, 6),
        "axes beside them": 1.0 * _some(t.axes, 1),
        "percentages": 1.6 * _some(t.percents, 3) * (1.0 - _some(t.connectors, 3)),
        "coloured areas": 0.4 * _some(t.sectors, 2),
        "boxes joined by lines": -0.9 * _some(min(t.connectors, t.boxes), 4),
        "boxes with text": -1.0 * _some(t.boxes, 3) * (1.0 - _some(t.percents, 3)),
    }


def _timing(t: Traits) -> Reasons:
    return {
        "boxes side by side": (1.6 if t.ticks >= 3 else 0.3) * _some(t.cells, 5),
        "numbers in even rows": 0.6 * _some(t.ticks, 4),
        "lines between boxes": -1.2 * _some(t.connectors, 3),
    }
