"""Random charts as one-page vector PDFs, with items that say so: bars, stacked bars, lines, points, pies,
boxes.

In: a count, a seed. Out: PDFs and lines for the items file. Matplotlib draws them; no data of anyone is
used.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib import pyplot as plt

from research.line_segmentation.sources import WORDS

matplotlib.use("Agg")


Rng = np.random.Generator


def _names(rng: Rng, count: int) -> list[str]:
    if rng.random() < 0.3:
        start = int(rng.integers(1990, 2020))
        return [str(start + i) for i in range(count)]
    return [str(w).capitalize() for w in rng.choice(WORDS, count, replace=False)]


def bars(ax: Any, rng: Rng) -> None:
    """Grouped or stacked bars, upright or level, some with their values written on them."""
    groups, series = int(rng.integers(2, 7)), int(rng.integers(1, 6))
    names, level, stacked = _names(rng, groups), rng.random() < 0.4, rng.random() < 0.5
    values = rng.uniform(2, 60, (series, groups)).round(int(rng.integers(0, 2)))
    if stacked and rng.random() < 0.5:
        values = values / values.sum(axis=0) * 100
    base, width = np.zeros(groups), 0.8 if stacked else 0.8 / series
    for i, row in enumerate(values):
        place = np.arange(groups) + (0 if stacked else i * width)
        draw = ax.barh if level else ax.bar
        shift = {"left": base} if level else {"bottom": base}
        drawn = draw(place, row, width, label=f"{WORDS[i]}_{i}", **(shift if stacked else {}))
        if rng.random() < 0.6:
            ax.bar_label(drawn, fmt="%.3g", label_type="center" if stacked else "edge", fontsize=7)
        base = base + row
    (ax.set_yticks if level else ax.set_xticks)(np.arange(groups), names)
    if series > 1:
        ax.legend(ncols=int(rng.integers(1, 4)), fontsize=7, loc=str(rng.choice(["best", "upper center"])))


def lines(ax: Any, rng: Rng) -> None:
    """Curves, with marks or without, some over a logarithmic axis."""
    x = np.linspace(1, int(rng.integers(5, 200)), int(rng.integers(5, 60)))
    for i in range(int(rng.integers(1, 5))):
        y = np.cumsum(rng.normal(1, 3, len(x))) + 20 * i + 60
        ax.plot(x, y, label=WORDS[i], marker=str(rng.choice(["", "o", "s"])), lw=rng.uniform(0.8, 2))
    if rng.random() < 0.25:
        ax.set_xscale("log")
    if rng.random() < 0.6:
        ax.legend(fontsize=7)


def points(ax: Any, rng: Rng) -> None:
    """A cloud of points."""
    for _ in range(int(rng.integers(1, 4))):
        ax.scatter(*rng.normal(rng.uniform(0, 9), 2, (2, int(rng.integers(15, 80)))), s=rng.uniform(4, 30))


def pie(ax: Any, rng: Rng) -> None:
    """A pie or ring, with names, shares or a legend."""
    count = int(rng.integers(2, 9))
    share = rng.uniform(5, 40, count)
    ring = {"wedgeprops": {"width": 0.5}} if rng.random() < 0.4 else {}
    labels = _names(rng, count)
    named = rng.random() < 0.5
    ax.pie(share, labels=labels if named else None, autopct="%.1f%%" if rng.random() < 0.8 else None, **ring)
    if not named:
        ax.legend(labels, loc="center left", bbox_to_anchor=(1, 0.5), fontsize=7)


def spread(ax: Any, rng: Rng) -> None:
    """Box plots or a histogram."""
    if rng.random() < 0.5:
        ax.boxplot([rng.normal(rng.uniform(5, 40), 4, 40) for _ in range(int(rng.integers(2, 6)))])
    else:
        ax.hist(rng.normal(30, 9, 300), bins=int(rng.integers(8, 25)), edgecolor="white")


DRAW: tuple[Callable[[Any, Rng], None], ...] = (bars, bars, bars, lines, points, pie, spread)


def chart(path: Path, rng: Rng) -> None:
    """One chart, framed and titled at random, as a PDF."""
    figure, ax = plt.subplots(figsize=(rng.uniform(3, 7), rng.uniform(2.2, 4.5)))
    draw = DRAW[int(rng.integers(len(DRAW)))]
    draw(ax, rng)
    if rng.random() < 0.6:
        ax.set_title(" ".join(rng.choice(WORDS, 3)).capitalize())
    if draw is not pie:
        if rng.random() < 0.6:
            ax.set_xlabel(str(rng.choice(WORDS)))
        if rng.random() < 0.6:
            ax.grid(axis=str(rng.choice(["x", "y", "both"])), lw=0.5)
        if rng.random() < 0.5:
            ax.spines[["top", "right"]].set_visible(False)
        if rng.random() < 0.25:
            ax.spines[["left", "bottom"]].set_visible(False)
    figure.savefig(path, bbox_inches="tight")
    plt.close(figure)


def main() -> None:
    """Draw charts into the folder of PDFs and add their items."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--count", type=int, default=80)
    args.add_argument("--pdfs", type=Path, required=True)
    args.add_argument("--items", type=Path, required=True, help="lines are added to this file")
    args.add_argument("--seed", type=int, default=0)
    opt = args.parse_args()
    opt.pdfs.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(opt.seed)
    with opt.items.open("a", encoding="utf-8") as file:
        for i in range(opt.count):
            name = f"chart_made{i:04d}"
            chart(opt.pdfs / f"{name}.pdf", rng)
            # five makers, so that folds by repository part them too
            item = {"name": name, "kind": "chart", "repo": f"made here {i % 5}", "held": i % 5 == 4}
            file.write(json.dumps(item) + "\n")


if __name__ == "__main__":
    main()
