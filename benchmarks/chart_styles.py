"""Draw a chart of known data with one of several tools and styles, as a one-page PDF with its truth."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec
from typing import Any

EVERY = frozenset(
    {"bar", "grouped bar", "stacked bar", "horizontal bar", "line", "area", "scatter", "pie", "donut"}
    | {"histogram", "box plot", "heat map", "two plots", "log line", "date line", "twin"}
)


@dataclass(frozen=True)
class Style:
    """A tool, and a style sheet or settings of it."""

    tool: str
    sheet: str
    kinds: frozenset[str] = EVERY

    @property
    def name(self) -> str:
        """Tool and sheet."""
        return f"{self.tool} {self.sheet}"


_DEV = (
    "default",
    "ggplot",
    "seaborn-v0_8-whitegrid",
    "bmh",
    "seaborn-v0_8-ticks",
    "seaborn-v0_8-darkgrid",
    "fast",
)
_HELD = (
    "fivethirtyeight",
    "Solarize_Light2",
    "grayscale",
    "dark_background",
    "tableau-colorblind10",
    "classic",
    "seaborn-v0_8-poster",
)
SIMPLE = frozenset({"bar", "grouped bar", "stacked bar", "horizontal bar", "line", "pie", "scatter"})
DEV = [Style("matplotlib", s) for s in _DEV]
HELD_OUT = [Style("matplotlib", s) for s in _HELD] + [Style("reportlab", "default", SIMPLE)] * 3


@cache
def tools_here() -> frozenset[str]:
    """Tools that this machine has."""
    return frozenset(t for t in ("matplotlib", "reportlab") if find_spec(t))


def draw(spec: Any, style: Style, chance: random.Random) -> tuple[bytes, list[dict[str, Any]]]:
    """A one-page PDF, and for each plot its type, labels, scales and series."""
    if style.tool == "reportlab":
        from chart_styles_reportlab import draw_reportlab

        return draw_reportlab(spec, chance)
    return _matplotlib(spec, style, chance)


@contextlib.contextmanager
def _styled(sheet: str) -> Iterator[Any]:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with plt.style.context(sheet), matplotlib.rc_context({"pdf.fonttype": 42}):
        yield plt
        plt.close("all")


def _matplotlib(spec: Any, style: Style, chance: random.Random) -> tuple[bytes, list[dict[str, Any]]]:
    with _styled(style.sheet) as plt:
        parts = spec.panels or [spec]
        size = (
            chance.choice([5, 6.4, 7]) * len(parts) * (0.8 if len(parts) > 1 else 1),
            chance.choice([3.2, 4, 4.8]),
        )
        figure, axes = plt.subplots(1, len(parts), figsize=size, squeeze=False)
        truth = [_plot(p, ax, chance, plt) for p, ax in zip(parts, axes[0], strict=True)]
        figure.tight_layout()
        figure.canvas.draw()
        for plot, ax in zip(truth, axes[0], strict=True):
            _spans(plot, ax)
        out = io.BytesIO()
        figure.savefig(out, format="pdf")
        return out.getvalue(), truth


def _spans(plot: dict[str, Any], ax: Any) -> None:
    """Spans of the axes as drawn, by which errors are measured."""
    import math

    low, high = ax.get_xlim() if plot.get("horizontal") else ax.get_ylim()
    plot["y_span"] = abs(math.log10(high) - math.log10(low)) if plot.get("log") else abs(high - low)
    a, b = ax.get_xlim()
    plot["x_span"] = abs(b - a)
    if plot["type"] in ("pie", "donut"):
        plot["y_span"] = 100.0
    if plot["type"] == "heat map":
        values = [y for s in plot["series"] for _, y in s["points"]]
        plot["y_span"] = max(values) - min(values)


def _plot(spec: Any, ax: Any, chance: random.Random, plt: Any) -> dict[str, Any]:
    kind = spec.kind
    truth: dict[str, Any] = {
        "type": kind,
        "title": spec.title,
        "x_label": spec.x_label,
        "y_label": spec.y_label,
        "y_scale": "linear",
    }
    truth["series"] = [
        {"name": n, "points": [[x, y] for x, y in zip(spec.xs, ys, strict=True)]}
        for n, ys in zip(spec.names, spec.ys, strict=False)
        if len(ys) == len(spec.xs)
    ]
    if spec.title:
        ax.set_title(spec.title)
    if kind in ("pie", "donut", "heat map"):
        return _heat_map(spec, ax, truth, plt) if kind == "heat map" else _pie(spec, ax, chance, truth)
    ax.set_xlabel(spec.x_label)
    ax.set_ylabel(spec.y_label)
    if "bar" in kind:
        _bars(spec, ax, chance, truth)
    elif kind == "histogram":
        _histogram(spec, ax, truth)
    elif kind == "box plot":
        _boxes(spec, ax, truth)
    elif kind == "twin":
        _twin(spec, ax, truth)
    else:
        _lines(spec, ax, chance, truth)
    if len(spec.names) > 1 and kind != "twin":
        ax.legend(loc=chance.choice(["best", "upper right", "upper left"]), ncols=chance.choice([1, 1, 2]))
    if chance.random() < 0.3:
        ax.grid(True, axis=chance.choice(["y", "both"]))
    if chance.random() < 0.25 and kind not in ("twin",):
        ax.spines[["top", "right"]].set_visible(False)
    return truth


def _bars(spec: Any, ax: Any, chance: random.Random, truth: dict[str, Any]) -> None:
    n, m = len(spec.xs), len(spec.names)
    at = list(range(n))
    truth["x_scale"] = "category"
    if spec.kind == "horizontal bar":
        drawn = ax.barh(at, spec.ys[0])
        ax.set_yticks(at, spec.xs)
        truth |= {"horizontal": True, "x_scale": "linear", "y_scale": "category"}
        truth["x_label"], truth["y_label"] = spec.x_label, spec.y_label
        if spec.labelled:
            ax.bar_label(drawn)
        return
    wide = chance.uniform(0.6, 0.85)
    foot = [0.0] * n
    for k, ys in enumerate(spec.ys):
        edge = {"edgecolor": "black"} if chance.random() < 0.15 else {}
        if spec.kind == "stacked bar":
            drawn = ax.bar(at, ys, wide, bottom=foot, label=spec.names[k], **edge)
            foot = [a + b for a, b in zip(foot, ys, strict=True)]
        else:
            w = wide / m
            drawn = ax.bar([p + (k - (m - 1) / 2) * w for p in at], ys, w, label=spec.names[k], **edge)
            if spec.labelled:
                ax.bar_label(drawn, fontsize=7)
    turn = chance.choice([0, 0, 30, 45, 90])
    ax.set_xticks(at, spec.xs, rotation=turn, ha="right" if turn in (30, 45) else "center")


def _histogram(spec: Any, ax: Any, truth: dict[str, Any]) -> None:
    step = spec.xs[1] - spec.xs[0]
    ax.bar(spec.xs, spec.ys[0], step, align="edge", edgecolor="white" if spec.markers else None)
    truth["x_scale"] = "linear"


def _boxes(spec: Any, ax: Any, truth: dict[str, Any]) -> None:
    drawn = ax.boxplot(spec.ys, patch_artist=spec.markers, showfliers=False)
    ax.set_xticks(range(1, len(spec.xs) + 1), spec.xs)
    truth["x_scale"] = "category"
    medians = [float(m.get_ydata()[0]) for m in drawn["medians"]]
    caps = [float(c.get_ydata()[0]) for c in drawn["caps"]]
    import numpy as np

    low, high = [[float(v) for v in np.percentile(ys, [25, 75])] for ys in spec.ys], []
    rows = {
        "minimum": caps[::2],
        "lower quartile": [q[0] for q in low],
        "median": medians,
        "upper quartile": [q[1] for q in low],
        "maximum": caps[1::2],
    }
    truth["series"] = [
        {"name": n, "points": [[x, y] for x, y in zip(spec.xs, ys, strict=True)]} for n, ys in rows.items()
    ]
    del high


def _twin(spec: Any, ax: Any, truth: dict[str, Any]) -> None:
    first = spec.ys[0]
    second = [v * 0.013 + 0.2 for v in reversed(first)]
    a = ax.plot(spec.xs, first, color="C0", label=spec.names[0], marker="o" if spec.markers else None)
    other = ax.twinx()
    other.grid(False)
    b = other.plot(spec.xs, second, color="C1", label=spec.names[1], linestyle="--")
    other.set_ylabel("Errors", color="C1")
    other.tick_params(axis="y", colors="C1")
    ax.tick_params(axis="y", colors="C0")
    ax.yaxis.label.set_color("C0")
    ax.legend(handles=[*a, *b])
    scaled = [v / 0.013 for v in second]
    del scaled
    truth |= {"type": "line", "x_scale": "linear"}
    truth["series"] = [
        {"name": spec.names[0], "points": [list(p) for p in zip(spec.xs, first, strict=True)]},
        {"name": spec.names[1], "points": [list(p) for p in zip(spec.xs, second, strict=True)]},
    ]


def _lines(spec: Any, ax: Any, chance: random.Random, truth: dict[str, Any]) -> None:
    truth["x_scale"] = "linear"
    xs: list[Any] = spec.xs
    if spec.kind == "date line":
        xs = [date.fromisoformat(x) for x in spec.xs]
        truth |= {"type": "line", "x_scale": "date"}
    if spec.kind == "log line":
        ax.set_yscale("log")
        truth |= {"type": "line", "y_scale": "log", "log": True}
    if spec.kind == "area":
        ax.stackplot(xs, spec.ys, labels=spec.names, alpha=chance.choice([1.0, 0.7]))
        return
    for k, (name, ys) in enumerate(zip(spec.names, spec.ys, strict=True)):
        if spec.kind == "scatter":
            points = [(x, y) for j, (x, y) in enumerate(zip(xs, ys, strict=True)) if j % len(spec.names) == k]
            ax.scatter(
                *zip(*points, strict=True), label=name, marker="osD^"[k] if spec.markers else "o", s=25
            )
            truth["series"][k]["points"] = [list(p) for p in points]
        else:
            dash = ["-", "--", "-.", ":"][k] if chance.random() < 0.4 else "-"
            ax.plot(xs, ys, label=name, linestyle=dash, marker="osD^"[k] if spec.markers else None)
    if spec.kind == "date line":
        from matplotlib.dates import DateFormatter

        ax.xaxis.set_major_formatter(DateFormatter(chance.choice(["%Y-%m", "%b %Y", "%Y-%m-%d"])))
        ax.tick_params(axis="x", rotation=chance.choice([30, 45]))


def _pie(spec: Any, ax: Any, chance: random.Random, truth: dict[str, Any]) -> dict[str, Any]:
    values, total = spec.ys[0], sum(spec.ys[0])
    hole = {"width": 0.4} if spec.kind == "donut" else None
    printed = "%1.1f%%" if chance.random() < 0.6 else None
    named = chance.random() < 0.5
    wedges = ax.pie(
        values,
        labels=spec.xs if named else None,
        autopct=printed,
        wedgeprops=hole,
        pctdistance=0.8 if hole else 0.6,
    )[0]
    if not named:
        ax.legend(wedges, spec.xs, loc="center left", bbox_to_anchor=(1, 0.5))
    points = [[x, 100 * v / total] for x, v in zip(spec.xs, values, strict=True)]
    truth["series"] = [{"name": "", "points": points}]
    return {k: v for k, v in truth.items() if k not in ("x_label", "y_label", "y_scale")}


def _heat_map(spec: Any, ax: Any, truth: dict[str, Any], plt: Any) -> dict[str, Any]:
    rows = ["first", "second", "third"]
    mesh = ax.pcolormesh(spec.ys)
    ax.set_xticks([i + 0.5 for i in range(len(spec.xs))], spec.xs)
    ax.set_yticks([i + 0.5 for i in range(3)], rows)
    ax.grid(False)
    if spec.labelled:
        for j, ys in enumerate(spec.ys):
            for i, v in enumerate(ys):
                ax.text(i + 0.5, j + 0.5, f"{v:.3g}", ha="center", va="center", fontsize=7, color="white")
    plt.colorbar(mesh, ax=ax)
    truth["series"] = [
        {"name": r, "points": [[x, y] for x, y in zip(spec.xs, ys, strict=True)]}
        for r, ys in zip(rows, spec.ys, strict=True)
    ]
    return {k: v for k, v in truth.items() if k not in ("x_label", "y_label", "y_scale")} | {
        "x_scale": "category",
        "y_scale": "category",
    }
