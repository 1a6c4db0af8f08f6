"""Curves of CIM runs: what the reward sees beside what it does not see, over the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dic_ingest.errors import MissingExtraError

PANELS = {
    "reward": "reward (held-out)",
    "edge_f1": "edge F1 (held-out, not in the reward)",
    "distinct": "share of distinct captions",
    "words": "words per caption",
}


def plot(runs: Mapping[str, Sequence[Mapping[str, Any]]], path: Path) -> None:
    """A panel per measure, a line per run; a cross where a run showed signs of hacking."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "train") from error
    figure = Figure(figsize=(9.0, 5.6), layout="constrained")
    for panel, (name, title) in zip(figure.subplots(2, 2).flat, PANELS.items(), strict=True):
        for run, rows in runs.items():
            (line,) = panel.plot(
                [r["step"] for r in rows], [r[name] for r in rows], marker="o", ms=3, label=run
            )
            caught = [r for r in rows if r["signs"]]
            panel.plot(
                [r["step"] for r in caught], [r[name] for r in caught], "x", ms=9, color=line.get_color()
            )
        panel.set_title(title, fontsize=10)
        panel.set_xlabel("step", fontsize=8)
        panel.tick_params(labelsize=8)
        panel.grid(alpha=0.3)
    figure.axes[0].legend(fontsize=8)
    figure.savefig(path, dpi=110)
