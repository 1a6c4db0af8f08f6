"""Gradient-boosted trees evaluated with numpy: a table of nodes, read from an `.npz` file without pickle.

In: rows of features. Out: the probability of every class. Training and export: `research/graph_decisions`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees of several classes whose leaf values add up to one raw score a class.

    `feature`, `threshold`, `left`, `right` and `value` hold one entry a node of any tree; a leaf's
    `feature` is -1. `root` is the first node of every tree, `class_of` the class that its leaves speak for.
    `start` holds one raw score a class. A model of two classes has one raw score, that of the second.
    """

    features: tuple[str, ...]
    classes: tuple[str, ...]
    feature: npt.NDArray[np.int16]
    threshold: Floats
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    value: npt.NDArray[np.float32]
    root: npt.NDArray[np.int32]
    class_of: npt.NDArray[np.int16]
    start: Floats

    def probabilities(self, rows: Floats) -> Floats:
        """Probability of each class, shape (rows, classes), for rows of shape (rows, features)."""
        raw = self._raw(rows)
        if raw.shape[1] == 1:
            raw = np.hstack([np.zeros_like(raw), raw])
        raw = np.exp(raw - raw.max(axis=1, keepdims=True)) if len(raw) else raw
        shares: Floats = raw / raw.sum(axis=1, keepdims=True)
        return shares

    def _raw(self, rows: Floats) -> Floats:
        """Sums of the leaves that each row ends in, shape (rows, raw scores)."""
        at = np.tile(self.root, (len(rows), 1))
        line = np.arange(len(rows))[:, None]
        while True:
            asked = self.feature[at]
            inner = asked >= 0
            if not inner.any():
                break
            low = rows[line, np.maximum(asked, 0)] <= self.threshold[at]
            at = np.where(inner, np.where(low, self.left[at], self.right[at]), at)
        raw = np.tile(self.start, (len(rows), 1))
        for k in range(len(self.start)):
            raw[:, k] += self.value[at[:, self.class_of == k]].sum(axis=1, dtype=np.float64)
        return raw


def read_trees(file: IO[bytes]) -> Trees:
    """Trees from the content of an `.npz` file."""
    with np.load(file, allow_pickle=False) as data:
        return Trees(
            tuple(str(s) for s in data["features"]),
            tuple(str(s) for s in data["classes"]),
            data["feature"],
            data["threshold"],
            data["left"],
            data["right"],
            data["value"],
            data["root"],
            data["class_of"],
            data["start"],
        )


@cache
def load_trees(name: str) -> Trees:
    """The trees shipped as `name`.npz beside this module."""
    with resources.files(__package__).joinpath(f"{name}.npz").open("rb") as file:
        return read_trees(file)


@cache
def card_of(name: str) -> dict[str, Any]:
    """The data card shipped as `name`.json beside this module: how it was trained, what it reaches."""
    card: dict[str, Any] = json.loads(
        resources.files(__package__).joinpath(f"{name}.json").read_text("utf-8")
    )
    return card
