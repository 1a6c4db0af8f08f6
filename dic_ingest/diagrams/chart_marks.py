"""What a chart shows: series with their colours, bars and curves with values by the axes' scales, slices.

In: a Scene and its panels. Out: facts, one sentence each. Values are read from vectors and rounded ("about").
"""

from __future__ import annotations

import colorsys
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dic_ingest.diagrams.chart_axes import Axis, Panel, middle
from dic_ingest.diagrams.scene import Line, Scene, Shape, TextLine
from dic_ingest.diagrams.tick_labels import extent
from dic_ingest.model.drawing import Box, Color, area, grow, inside
from dic_ingest.model.geometry import contains

_MOST = 24  # values told of one series
_HUES = (
    (15, "red"), (45, "orange"), (68, "yellow"), (165, "green"), (200, "cyan"), (260, "blue"),
    (290, "purple"), (335, "pink"), (361, "red"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Series:
    """A legend's entry."""

    name: str
    color: Color


def color_name(color: Color) -> str:
    """A plain English colour word."""
    hue, light, strong = colorsys.rgb_to_hls(*(c / 255 for c in color))
    if light > 0.93 or light < 0.12:
        return "white" if light > 0.5 else "black"
    if strong < 0.16 or max(color) - min(color) < 24:
        return "grey"
    name = next(word for top, word in _HUES if hue * 360 < top)
    return "brown" if name in ("orange", "red") and light < 0.5 and strong < 0.62 else name


def find_series(scene: Scene, panels: Sequence[Panel], em: float) -> list[Series]:
    """Texts with a small coloured patch or stroke to their left."""
    ticks = {id(t) for p in panels for a in (p.x, p.y) if a for t in a.ticks}
    patches = [
        (s.bbox, s.fill or s.stroke) for s in scene.shapes if _size(s.bbox) <= 3.2 * em and s.kind != "icon"
    ]
    patches += [
        (extent(k), k.color)
        for k in scene.lines
        if 0.6 * em < _size(extent(k)) <= 4.5 * em and len(k.points) <= 3
    ]
    found: list[Series] = []
    for t in scene.texts:
        if id(t) in ticks or not any(c.isalnum() for c in t.text):
            continue
        y = middle(t, 1)
        near = [
            (t.bbox[0] - b[2], c)
            for b, c in patches
            if c is not None
            and -0.2 * em <= t.bbox[0] - b[2] <= 2.2 * em
            and b[1] - 0.4 * em <= y <= b[3] + 0.4 * em
        ]
        if near:
            found.append(Series(t.text, min(near, key=lambda n: n[0])[1]))
    return found


def bar_facts(scene: Scene, panel: Panel, series: Sequence[Series], em: float) -> list[str]:
    """Each series of bars with the value of every category."""
    upright = panel.y is not None and panel.y.scale is not None
    scale, names = (panel.y, panel.x) if upright else (panel.x, panel.y)
    if scale is None or names is None or scale.scale is None:
        return []
    bars = [s for s in scene.shapes if s.fill is not None and _is_bar(s, scene, panel, upright, em)]
    if not bars:
        return []
    foot = max(s.bbox[3] for s in bars) if upright else min(s.bbox[0] for s in bars)
    told: defaultdict[Color, list[tuple[float, str]]] = defaultdict(list)
    for s in bars:
        x0, y0, x1, y1 = s.bbox
        tip, base, place = (y0, y1, (x0 + x1) / 2) if upright else (x1, x0, (y0 + y1) / 2)
        value = scale.value(tip)
        below = (
            0.0 if abs(base - foot) < 0.3 * em else scale.value(base)
        )  # a stacked part counts from its own foot
        if value is not None and below is not None and s.fill is not None:
            told[s.fill].append((place, f'"{names.name(place)}" {_said(value - below, scale)}'))
    facts = []
    for color, values in told.items():
        if len(values) >= 2 or len(told) > 1:
            listed = ", ".join(text for _, text in sorted(values)[:_MOST])
            facts.append(f"{_of(color, series, 'bars')}: about {listed}")
    return facts


def _is_bar(s: Shape, scene: Scene, panel: Panel, upright: bool, em: float) -> bool:
    wide, high = s.bbox[2] - s.bbox[0], s.bbox[3] - s.bbox[1]
    if s.fill in (None, scene.background) or s.kind not in ("rect", "rounded", "other"):
        return False
    within = inside(s.bbox, grow(panel.box, em), 0.9) and area(s.bbox) < 0.5 * area(panel.box)
    return within and (wide if upright else high) > 0.2 * em


def curve_facts(scene: Scene, panel: Panel, series: Sequence[Series], em: float) -> list[str]:
    """Each curve with its values at the ticks, its lowest and its highest point."""
    x, y = panel.x, panel.y
    if y is None or y.scale is None or x is None:
        return []
    facts: list[str] = []
    for k in _curves(scene, panel, em):
        name = _of(k.color, series, "") or _end_label(scene, panel, k, em) or "a curve"
        points = [(px, value) for px, py in k.points if (value := y.value(py)) is not None]
        low, high = min(points, key=lambda p: p[1]), max(points, key=lambda p: p[1])
        at = [(t.text, _height(k, middle(t, 0))) for t in x.ticks[:_MOST]]
        listed = ", ".join(
            f"{text}: {_said(v, y)}" for text, py in at if py is not None and (v := y.value(py)) is not None
        )
        least = f"lowest about {_said(low[1], y)} at {_at(x, low[0])}"
        most = f"highest about {_said(high[1], y)} at {_at(x, high[0])}"
        facts.append(f"{name}: {least}, {most}" + (f"; at {listed}" if listed else ""))
    return facts


def _curves(scene: Scene, panel: Panel, em: float) -> list[Line]:
    """Lines across the plot that are no axes, grid or ticks."""
    found: list[Line] = []
    for k in scene.lines:
        b = extent(k)
        wide, high = b[2] - b[0], b[3] - b[1]
        if (
            len(k.points) < 3
            or not inside(b, grow(panel.box, em), 0.9)
            or wide < 0.25 * (panel.box[2] - panel.box[0])
        ):
            continue
        if high > 0.3 * em and not _boxy(k):
            found.append(k)
    return found[:_MOST]


def _boxy(k: Line) -> bool:
    """Only level and upright strokes, closed: a frame."""
    steps = zip(k.points, k.points[1:], strict=False)
    square = all(abs(a[0] - b[0]) < 0.5 or abs(a[1] - b[1]) < 0.5 for a, b in steps)
    return square and abs(k.points[0][0] - k.points[-1][0]) + abs(k.points[0][1] - k.points[-1][1]) < 2


def _height(k: Line, x: float) -> float | None:
    """Where a curve stands over `x`."""
    for (ax, ay), (bx, by) in zip(k.points, k.points[1:], strict=False):
        if min(ax, bx) - 0.3 <= x <= max(ax, bx) + 0.3:
            return ay if abs(bx - ax) < 1e-6 else ay + (by - ay) * (x - ax) / (bx - ax)
    return None


def _end_label(scene: Scene, panel: Panel, k: Line, em: float) -> str:
    """Text beside a curve's right end."""
    right = max(k.points, key=lambda p: p[0])
    near = [
        t
        for t in scene.texts
        if 0 <= t.bbox[0] - right[0] < 2 * em and abs(middle(t, 1) - right[1]) < 0.8 * em
    ]
    return f'Curve "{near[0].text}"' if near else ""


def slice_facts(scene: Scene, series: Sequence[Series], em: float) -> list[str]:
    """Shares of a pie: a percentage inside a slice of a series' colour, or under its name."""
    facts: list[str] = []
    taken: set[int] = set()
    for t in scene.texts:
        if not t.text.strip().endswith("%") or id(t) in taken:
            continue
        at = middle(t, 0), middle(t, 1)
        slices = [s for s in scene.shapes if s.fill is not None and contains(s.polygon, at)]
        colors = [s.fill for s in sorted(slices, key=lambda s: area(s.bbox))]
        names = [e.name for c in colors[:1] for e in series if c is not None and _alike(c, e.color)]
        name = names[0] if names else _label_of(scene, t, em)
        if name:
            facts.append(f'"{name}": {t.text.strip()}')
    return facts


def _label_of(scene: Scene, share: TextLine, em: float) -> str:
    """Words right above a percentage, or before it."""
    above = [
        t
        for t in scene.texts
        if t is not share
        and not t.text.strip().endswith("%")
        and -0.3 * em <= share.bbox[1] - t.bbox[3] <= 0.8 * em
        and min(t.bbox[2], share.bbox[2]) > max(t.bbox[0], share.bbox[0])
    ]
    return max(above, key=lambda t: t.bbox[3]).text if above else ""


def series_facts(series: Sequence[Series]) -> list[str]:
    """Who is drawn in which colour."""
    return [f'"{s.name}" is drawn in {color_name(s.color)}' for s in series if color_name(s.color) != "white"]


def _of(color: Color | None, series: Sequence[Series], otherwise: str) -> str:
    names = [s.name for s in series if color is not None and _alike(s.color, color)]
    return f'"{names[0]}"' if names else otherwise


def _alike(a: Color, b: Color) -> bool:
    return sum(abs(p - q) for p, q in zip(a, b, strict=True)) <= 36


def _said(value: float, axis: Axis) -> str:
    """As many digits as a picture carries: a hundredth of the axis."""
    known = [v for t in axis.ticks for v in [axis.value(middle(t, axis.along))] if v is not None]
    span = max(known) - min(known) if known else abs(value)
    if axis.logarithmic or span <= 0:
        return f"{float(f'{value:.2g}'):g}"
    if span >= 100:
        return f"{float(f'{value:.3g}'):g}"
    digits = min(6, max(0, 1 - math.floor(math.log10(span))))
    return f"{round(value, digits) + 0.0:.{digits}f}"


def _at(axis: Axis, place: float) -> str:
    value = axis.value(place)
    return f'"{axis.name(place)}"' if value is None else _said(value, axis)


def _size(b: Box) -> float:
    return max(b[2] - b[0], b[3] - b[1])
