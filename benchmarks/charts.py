"""Charts with known data, drawn in many styles, read back: series, type and axes against the truth.

    python benchmarks/charts.py [--count 200] [--split dev|held-out] [--as vector|200|96] [--words ocr|file]
        [--show 10]

Development styles and held-out styles share no style sheet, and the held-out split also draws with ReportLab,
which the development split does not use. A value counts as
right where its series' name is right and it lies within 3 % of the axis' span (of its decades on a
logarithmic axis). `--words file` gives a picture the words of its PDF: what OCR costs is left out. Needs
Matplotlib.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from chart_styles import DEV, HELD_OUT, draw, tools_here

NEAR = 0.03
KINDS = (
    "bar",
    "grouped bar",
    "stacked bar",
    "horizontal bar",
    "line",
    "line",
    "area",
    "scatter",
    "pie",
    "donut",
    "histogram",
    "box plot",
    "heat map",
    "two plots",
    "log line",
    "date line",
    "twin",
)
WORDS = [
    "north",
    "south",
    "east",
    "west",
    "alpha",
    "beta",
    "gamma",
    "delta",
    "cedar",
    "maple",
    "walnut",
    "birch",
    "copper",
    "nickel",
    "cobalt",
    "zinc",
    "paris",
    "lisbon",
    "oslo",
    "cairo",
    "quito",
    "lima",
    "delhi",
    "kyoto",
    "apples",
    "pears",
    "plums",
    "quinces",
    "cache",
    "queue",
    "index",
    "shard",
]
TITLES = ("Requests by region", "Monthly load", "Cost of storage", "Yield", "Throughput under load", "")
LABELS = (
    "Requests (k)",
    "Latency (ms)",
    "Share (%)",
    "Cost",
    "Temperature (C)",
    "Throughput (MB/s)",
    "Users",
    "Score",
)
X_LABELS = ("Region", "Year", "Clients", "Time (s)", "Batch size", "", "Load (%)")


@dataclass
class Spec:
    """A chart to be drawn, with the data that must be read back."""

    kind: str
    title: str
    x_label: str
    y_label: str
    names: list[str]  # of the series
    xs: list[Any]
    ys: list[list[float]]  # a row per series
    labelled: bool = False  # values printed at bars
    markers: bool = False
    seed: int = 0
    panels: list[Spec] = field(default_factory=list)


def make_spec(kind: str, chance: random.Random) -> Spec:
    """A chart of one kind with random data."""
    if kind == "two plots":
        parts = [make_spec(chance.choice(["bar", "line", "grouped bar"]), chance) for _ in range(2)]
        return Spec(kind, "", "", "", [], [], [], panels=parts, seed=chance.randrange(10**6))
    several = kind in ("grouped bar", "stacked bar", "line", "area", "scatter", "log line", "date line")
    count = chance.randint(2, 4) if several else 1
    if kind in ("grouped bar", "stacked bar", "twin"):
        count = max(2, count)
    names = chance.sample(WORDS, max(2, count))[:count]
    if kind == "twin":
        names = chance.sample(WORDS, 2)
    scale = 10.0 ** chance.choice([0, 1, 1, 2, 3])
    xs, ys = _data(kind, len(names), scale, chance)
    return Spec(
        kind,
        chance.choice(TITLES),
        chance.choice(X_LABELS),
        chance.choice(LABELS),
        names,
        xs,
        ys,
        labelled=chance.random() < 0.3,
        markers=chance.random() < 0.5,
        seed=chance.randrange(10**6),
    )


def _data(kind: str, series: int, scale: float, chance: random.Random) -> tuple[list[Any], list[list[float]]]:
    if kind in (
        "bar",
        "grouped bar",
        "stacked bar",
        "horizontal bar",
        "pie",
        "donut",
        "box plot",
        "heat map",
    ):
        n = chance.randint(3, 7)
        xs: list[Any] = chance.sample(WORDS, n)
        if kind in ("bar", "grouped bar") and chance.random() < 0.3:
            first = chance.randint(1995, 2018)
            xs = [str(first + i) for i in range(n)]
    elif kind == "date line":
        xs = [f"{2015 + i // 12}-{i % 12 + 1:02d}-01" for i in range(0, 36, chance.choice([1, 2, 3]))]
    elif kind == "histogram":
        n, low, step = chance.randint(6, 14), chance.randint(0, 30), chance.choice([1, 2, 5, 10])
        xs = [float(low + step * i) for i in range(n)]
    elif kind == "scatter":
        xs = sorted(round(chance.uniform(0, 100), 1) for _ in range(chance.randint(8, 40)))
    else:
        n, step = chance.randint(5, 14), chance.choice([1, 2, 5, 10])
        xs = [float(step * i) for i in range(chance.randint(0, 2), n)]
    rows = 3 if kind == "heat map" else series
    if kind == "log line":
        return xs, [[10 ** chance.uniform(0, 4) for _ in xs] for _ in range(rows)]
    if kind == "box plot":
        return xs, [[scale * chance.gauss(3 + i % 3, 1) for _ in range(30)] for i, _ in enumerate(xs)]
    ys = [[round(scale * chance.uniform(0.5, 9.5), 2) for _ in xs] for _ in range(rows)]
    if kind in ("line", "date line", "area") and chance.random() < 0.5:
        ys = [_walk(len(xs), scale, chance) for _ in range(rows)]
    return xs, ys


def _walk(n: int, scale: float, chance: random.Random) -> list[float]:
    values = [scale * chance.uniform(2, 8)]
    for _ in range(n - 1):
        values.append(max(0.1 * scale, values[-1] + scale * chance.uniform(-1, 1.2)))
    return [round(v, 3) for v in values]


@dataclass
class Score:
    """What was right in one chart."""

    f1: float
    kind: bool
    axes: float
    given: int = 0  # values that were read
    right: float = 0.0  # of them


def score(truth: list[dict[str, Any]], read: list[dict[str, Any]]) -> Score:
    """Plots of one figure against the truth, matched in order of their agreement."""
    if not truth:
        return Score(0.0, False, 0.0)
    scores = []
    given, right = 0, 0.0
    left = list(read)
    for plot in truth:
        best = max(left, key=lambda r: _agreement(plot, r), default=None)
        if best is not None:
            left.remove(best)
        kind = best is not None and best["type"] == plot["type"]
        f1 = _agreement(plot, best) if best else 0.0
        scores.append((f1, kind, _axes(plot, best) if best else 0.0))
        told = _count(best) if best else 0
        given, right = given + told, right + f1 * (told + _count(plot)) / 2
    n = len(scores)
    kinds, axes = all(s[1] for s in scores), sum(s[2] for s in scores) / n
    return Score(sum(s[0] for s in scores) / n, kinds, axes, given, right)


def _count(plot: dict[str, Any]) -> int:
    return sum(y is not None for s in plot["series"] for _, y in s["points"])


def _fold(text: Any) -> str:
    return "".join(c for c in str(text).casefold() if c.isalnum())


def _agreement(truth: dict[str, Any], read: dict[str, Any]) -> float:
    """F1 of (series, x, y) with tolerance."""
    want = [(s["name"], x, y) for s in truth["series"] for x, y in s["points"]]
    have = [(s["name"], x, y) for s in read["series"] for x, y in s["points"] if y is not None]
    lone = len(truth["series"]) == 1 and len(read["series"]) == 1
    free = defaultdict(list)
    for n, x, y in have:
        free["" if lone else _fold(n)].append((x, y))
    hits = 0
    for n, x, y in want:
        rest = free["" if lone else _fold(n)]
        for k, (rx, ry) in enumerate(rest):
            if _same_x(x, rx, truth["x_span"]) and _same_y(y, ry, truth):
                hits += 1
                del rest[k]
                break
    precision, recall = hits / max(1, len(have)), hits / max(1, len(want))
    return 2 * precision * recall / (precision + recall) if hits else 0.0


def _same_x(want: Any, have: Any, span: float) -> bool:
    if isinstance(want, str):
        if len(want) == 10 and want[4] == "-" and want[7] == "-":  # a date: within 3 % of three years
            from datetime import date

            try:
                return abs((date.fromisoformat(want) - date.fromisoformat(str(have)[:10])).days) <= 33
            except ValueError:
                return False
        return _fold(want) == _fold(f"{have:g}" if isinstance(have, float) else have)
    if isinstance(have, str):
        try:
            have = float(have)
        except ValueError:
            return False
    return abs(want - have) <= NEAR * span


def _same_y(want: float, have: float, truth: dict[str, Any]) -> bool:
    import math

    if truth.get("log"):
        return have > 0 and abs(math.log10(want) - math.log10(have)) <= NEAR * truth["y_span"]
    return abs(want - have) <= NEAR * truth["y_span"]


def _axes(truth: dict[str, Any], read: dict[str, Any]) -> float:
    """Share of the axis labels and scales that are right."""
    checks = []
    for side in ("x", "y"):
        wanted, axis = truth.get(f"{side}_label"), read.get(f"{side}_axis")
        if wanted is not None:
            checks.append(_fold(wanted) == _fold((axis or {}).get("label", "")))
        scale = truth.get(f"{side}_scale")
        if scale:
            checks.append(axis is not None and axis["scale"] == scale)
    return sum(checks) / len(checks) if checks else 1.0


def read_figure(pdf: bytes, how: str, words: str = "ocr") -> list[dict[str, Any]]:
    """The plots that the reader finds, as `describe` prints them."""
    from dic_ingest.cli.describe import chart_line
    from dic_ingest.diagrams.charts import read_chart
    from dic_ingest.sources.pdf.document import PdfFile

    with PdfFile(pdf) as file:
        if how == "vector":
            chart = read_chart(file.drawing(1), file.render(1, dpi=100.0))
        else:
            chart = _read_pixels(file, int(how), words)
    return [] if chart is None else [chart_line(p) for p in chart.plots]


def _read_pixels(file: Any, dpi: int, words: str) -> Any:
    from PIL import Image

    from dic_ingest.diagrams.charts.pixels import read_chart_picture
    from dic_ingest.vision.ocr import read_words

    image = file.render(1, dpi=float(dpi)).convert("RGB")
    if dpi < 100:
        kept = io.BytesIO()
        image.save(kept, "JPEG", quality=80)
        image = Image.open(kept, formats=["JPEG"]).convert("RGB")
    if words == "ocr":
        return read_chart_picture(image, tuple(read_words(image)), numbers=0)
    placed = tuple(w.scaled(dpi / 72) for w in file.drawing(1).words)
    return read_chart_picture(image, placed, numbers=0)


def main() -> None:
    """Draw, read, score, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--split", choices=["dev", "held-out"], default="dev")
    parser.add_argument("--as", dest="how", default="vector", help="vector, or a dpi: 200, 96 (JPEG)")
    parser.add_argument(
        "--words", choices=["ocr", "file"], default="ocr", help="where a picture's words come from"
    )
    parser.add_argument("--kind", default="")
    parser.add_argument("--tool", default="")
    parser.add_argument("--show", type=int, default=0, help="print the worst charts with their seeds")
    parser.add_argument("--keep", type=Path, help="a folder for the worst charts' PDFs")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    styles = [s for s in (DEV if asked.split == "dev" else HELD_OUT) if s.tool in tools_here()]
    styles = [s for s in styles if not asked.tool or s.tool == asked.tool]
    found: list[tuple[Score, str, str, int, bytes, Any]] = []
    for i in range(asked.count):
        chance = random.Random(f"{asked.split} {asked.seed} {i}")
        style = chance.choice(styles)
        kind = asked.kind or chance.choice([k for k in KINDS if k in style.kinds])
        pdf, truth = draw(make_spec(kind, chance), style, chance)
        try:
            read = read_figure(pdf, asked.how, asked.words)
        except Exception as error:
            read = []
            print(f"{kind} {style.name} {i}: {error!r}", file=sys.stderr)
        found.append((score(truth, read), kind, style.name, i, pdf, (truth, read)))
    report(found, asked.show, asked.keep)


def report(found: list[Any], show: int, keep: Path | None) -> None:
    """Means over all, by kind and by style; the worst charts."""

    def line(name: str, rows: list[Any]) -> None:
        n = len(rows)
        f1, kind = sum(r[0].f1 for r in rows) / n, sum(r[0].kind for r in rows) / n
        axes = sum(r[0].axes for r in rows) / n
        given, right = sum(r[0].given for r in rows), sum(r[0].right for r in rows)
        sure = f"  values given {given}, right {right / given:.3f}" if given else ""
        print(f"{name:30} n {n:4}  series {f1:.3f}  type {kind:.3f}  axes {axes:.3f}{sure}")

    line("all", found)
    for column in (1, 2):
        print()
        for name in sorted({r[column] for r in found}):
            line(name, [r for r in found if r[column] == name])
    for rank, (s, kind, style, i, pdf, values) in enumerate(sorted(found, key=lambda r: r[0].f1)[:show]):
        print(f"\n{kind} {style} #{i} f1 {s.f1:.2f} type {s.kind} axes {s.axes:.2f}")
        print(" want", json.dumps(values[0])[:700])
        print(" read", json.dumps(values[1])[:900])
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{rank:02}-{kind.replace(' ', '-')}-{i}.pdf").write_bytes(pdf)


if __name__ == "__main__":
    main()
