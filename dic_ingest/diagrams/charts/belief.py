"""Whether a chart that was read is one: how much of the figure's text its axes and marks explain.

In: a Chart and the figure's words. Out: yes or no. A drawing of boxes and lines may hold numbers in a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dic_ingest.model.chart import Chart, PointSource, Scale
from dic_ingest.model.diagram import Kind
from dic_ingest.model.drawing import Word

EXPLAINED = 0.6  # share of the words that a chart must explain where the figure is taken for something else
EXPECTED = 0.3  # the same where the figure is taken for a chart, or for nothing
TICKS = 3  # of one axis at least


def is_convincing(chart: Chart, words: Sequence[Word], usual: Kind) -> bool:
    """Whether the figure is this chart; `usual` is what it is taken for."""
    if usual is not Kind.CHART and not any(s.points for p in chart.plots for s in p.series):
        return False
    if not all(_has_axis(p) for p in chart.plots if p.series):
        return False
    needed = EXPECTED if usual in (Kind.CHART, Kind.OTHER) else EXPLAINED
    return explained(chart, words) >= needed


def _has_axis(plot: Chart) -> bool:
    """Whether values come from an axis with ticks, or are sectors or printed."""
    if str(plot.type) in ("pie", "donut"):
        return True
    axes = [a for a in (plot.x_axis, plot.y_axis) if a is not None]
    ticked = any(len(a.ticks) >= TICKS and a.scale is not Scale.CATEGORY for a in axes)
    printed = any(p.source is PointSource.PRINTED for s in plot.series for p in s.points)
    return ticked or printed


def explained(chart: Chart, words: Sequence[Word]) -> float:
    """Share of the figure's words that stand at its axes, in its legend, its titles or at its marks."""
    known: Counter[str] = Counter()
    texts = [chart.title]
    for p in chart.plots:
        texts += [p.title, *p.legend]
        for axis in (p.x_axis, p.y_axis, p.second_y_axis):
            texts += [axis.label, *axis.ticks] if axis is not None else []
        for s in p.series:
            texts.append(s.name)
            texts += [f"{v.y:.12g}" for v in s.points if v.source is PointSource.PRINTED and v.y is not None]
            texts += [v.x for v in s.points if isinstance(v.x, str) and str(p.type) in ("pie", "donut")]
    for text in texts:
        known.update(_tokens(text))
    asked = [t for w in words for t in _tokens(w.text)]
    return sum(t in known for t in asked) / len(asked) if asked else 0.0


def _tokens(text: str) -> list[str]:
    """Letters and digits in runs; raised exponents may stand apart."""
    return [t for t in "".join(c if c.isalnum() or c == "." else " " for c in text).split() if t.strip(".")]
