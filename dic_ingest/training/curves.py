"""What a run logged, as JSON and as a picture, and whether its losses fell.

In: a trainer's log history. Out: `curves.json`, `curves.png` in the run's folder. Without matplotlib the
picture is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Log = list[dict[str, Any]]


def history(log: Sequence[dict[str, Any]]) -> Log:
    """The entries of single steps, numbers only; the trainer's summary at the end is left out."""
    steps = [e for e in log if "step" in e and "train_runtime" not in e]
    return [{k: v for k, v in e.items() if isinstance(v, int | float)} for e in steps]


def fell(log: Sequence[dict[str, Any]], key: str = "loss") -> tuple[float, float]:
    """Means of the first and the last fifth of a curve, at least one entry. Raises ValueError if empty."""
    values = [float(e[key]) for e in log if key in e]
    if not values:
        raise ValueError(f"nothing was logged as {key!r}")
    fifth = max(1, len(values) // 5)
    return sum(values[:fifth]) / fifth, sum(values[-fifth:]) / fifth


def write_curves(folder: Path, log: Sequence[dict[str, Any]], panels: Sequence[Sequence[str]]) -> None:
    """JSON of everything; a picture with a panel for each group of keys, those that were logged."""
    (folder / "curves.json").write_text(json.dumps(list(log), indent=1) + "\n", encoding="utf-8")
    logged = {k for e in log for k in e}
    shown = [[k for k in keys if k in logged] for keys in panels]
    draw({"": log}, [keys for keys in shown if keys], folder / "curves.png")


def draw(runs: Mapping[str, Sequence[dict[str, Any]]], panels: Sequence[Sequence[str]], path: Path) -> bool:
    """Curves of several runs, a panel for each group of keys; False where matplotlib is not installed."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return False
    if not panels:
        return False
    figure = Figure(figsize=(4.6 * len(panels), 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    for at, keys in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), at + 1)
        for turn, (name, log) in enumerate(runs.items()):
            for key, line in zip(keys, ("-", "--", ":", "-."), strict=False):
                points = [(e["step"], e[key]) for e in log if key in e]
                label = " ".join(filter(None, (name, key)))
                axes.plot(*zip(*points, strict=True) if points else ([], []), line, c=f"C{turn}", label=label)
        axes.set_xlabel("step")
        axes.legend(fontsize="small")
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    return True
