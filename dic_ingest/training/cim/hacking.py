"""Reward hacking: what it looks like in the rows of a run, and when to stop.

In: rows of a run, each with `reward`, and on held-out figures `edge_f1`, `distinct`, `loops`, `words`.
Out: signs in words. The reward sees only what retrieval sees; the graph says whether the caption is true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dic_ingest.errors import SettingsError


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """From when on a change counts; shares of what the run began with unless said otherwise."""

    edge_f1: float = 0.03  # lost, absolute, while the reward rose
    distinct: float = 0.7  # captions that no other figure got: below this share of the start they collapse
    loops: float = 0.1  # gained, absolute: the share of captions that repeat themselves for ever
    words: float = 1.6  # longer than this, or shorter than its inverse

    def __post_init__(self) -> None:
        if self.edge_f1 <= 0 or not 0 < self.distinct < 1 or self.loops <= 0 or self.words <= 1:
            raise SettingsError("GuardSettings: edge_f1, loops above 0, distinct in 0..1, words above 1.")


def signs(rows: Sequence[Mapping[str, float]], settings: GuardSettings | None = None) -> list[str]:
    """Signs of hacking between the first row and the last; none where the reward did not rise."""
    guard = settings or GuardSettings()
    if len(rows) < 2 or rows[-1]["reward"] <= rows[0]["reward"]:
        return []
    first, last = rows[0], rows[-1]
    found = []
    if first["edge_f1"] - last["edge_f1"] > guard.edge_f1:
        found.append(
            f"the reward rose by {last['reward'] - first['reward']:.3f} while held-out edge F1 fell from "
            f"{first['edge_f1']:.3f} to {last['edge_f1']:.3f}"
        )
    if last["distinct"] < guard.distinct * first["distinct"]:
        found.append(
            f"different figures get the same caption: {last['distinct']:.2f} of them are distinct, "
            f"{first['distinct']:.2f} were"
        )
    if last["loops"] - first["loops"] > guard.loops:
        found.append(f"captions repeat themselves: {last['loops']:.2f} of them, {first['loops']:.2f} did")
    ratio = last["words"] / max(first["words"], 1e-9)
    if not 1 / guard.words <= ratio <= guard.words:
        found.append(f"captions have {last['words']:.0f} words, had {first['words']:.0f}")
    return found


def best(rows: Sequence[Mapping[str, float]]) -> int:
    """The row to keep the model of: highest held-out edge F1, first of equals; never the highest reward."""
    return max(range(len(rows)), key=lambda i: (rows[i]["edge_f1"], -i))
