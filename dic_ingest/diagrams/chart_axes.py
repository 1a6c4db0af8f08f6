"""Axes of a chart: rows and columns of tick labels, the scale they give, titles beside them.

In: a Scene. Out: panels, each a pair of axes; a figure may hold several. An axis without numbers
has categories.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

import numpy as np

from dic_ingest.diagrams.scene import Scene, TextLine
from dic_ingest.diagrams.tick_labels import extent, is_number
from dic_ingest.model.drawing import Box, union

_VALUE = re.compile(r"[-+\u2212]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(slots=True)
class Axis:
    """One axis. `along` is 0 for x, 1 for y; `places` are the ticks' coordinates."""

    along: int
    ticks: list[TextLine]
    title: str = ""
    scale: tuple[float, float] | None = None  # value = a * place + b, or its logarithm to ten
    logarithmic: bool = False
    used: set[int] = field(default_factory=set)

    @property
    def box(self) -> Box:
        """Around the tick labels."""
        return union(t.bbox for t in self.ticks)

    def value(self, place: float) -> float | None:
        """The value at a coordinate, None on an axis of categories."""
        if self.scale is None:
            return None
        raw = self.scale[0] * place + self.scale[1]
        return 10.0**raw if self.logarithmic and raw < 300 else raw

    def name(self, place: float) -> str:
        """The category whose tick is nearest."""
        return min(self.ticks, key=lambda t: abs(middle(t, self.along) - place)).text


@dataclass(slots=True)
class Panel:
    """A plot: its axes, and the box between them."""

    x: Axis | None
    y: Axis | None
    box: Box
    title: str = ""


def middle(t: TextLine, along: int) -> float:
    """Coordinate of a text's middle."""
    return (t.bbox[along] + t.bbox[along + 2]) / 2


def number(text: str) -> float | None:
    """The number a tick label shows; None for words, dates and times."""
    match = _VALUE.match(text.strip().lstrip("$\u20ac"))
    if match is None or not is_number(text) or re.search(r"\d[-/:]\d", text):
        return None
    value = float(match[0].replace(",", "").replace("\u2212", "-"))
    unit = text.strip()[-1]
    return value * {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}.get(unit, 1.0)


def find_panels(scene: Scene, em: float) -> list[Panel]:
    """Plots from top to bottom. Each needs at least one axis of numbers."""
    texts = [t for t in scene.texts if t.text.strip() and (abs(t.angle % 180) < 20 or len(t.text) < 2)]
    rows = [Axis(0, run) for run in _runs(texts, 0, em)]
    for axis in rows:
        _fit(axis)
    across = {id(t) for r in rows if r.scale is not None for t in r.ticks}  # the corner's "0" is one of these
    columns = [Axis(1, run) for run in _runs([t for t in texts if id(t) not in across], 1, em)]
    for axis in columns:
        _fit(axis)
    panels: list[Panel] = []
    for y in columns:
        x = _partner(y, rows, em)
        if x is not None or _beside(scene, y, em):
            panels.append(_panel(scene, x, y, em))
    paired = {id(p.x) for p in panels}
    panels += [
        _panel(scene, x, None, em)
        for x in rows
        if id(x) not in paired and not panels and _beside(scene, x, em)
    ]
    titles = {i for p in panels for a in (p.x, p.y) if a is not None for i in a.used}
    for p in panels:
        p.title = _heading(scene, p, titles, em)
    return sorted(panels, key=lambda p: (p.box[1], p.box[0]))


def _runs(texts: Sequence[TextLine], along: int, em: float) -> list[list[TextLine]]:
    """Rows or columns of numbers that stand evenly and run one way."""
    groups: defaultdict[int, list[TextLine]] = defaultdict(list)
    across = 1 - along
    for t in texts:
        if is_number(t.text):
            groups[round((t.bbox[2] if along == 1 else middle(t, across)) / (0.7 * em))].append(t)
    found: list[list[TextLine]] = []
    taken: set[int] = set()
    for key in sorted(groups, key=lambda k: -len(groups[k]) - len(groups.get(k + 1, []))):
        together = [t for t in (*groups[key], *groups.get(key + 1, [])) if id(t) not in taken]
        together.sort(key=lambda t: middle(t, along))
        for run in _split(together, along):
            if len(run) >= 3:
                found.append(run)
                taken |= {id(t) for t in run}
    return found


def _split(row: Sequence[TextLine], along: int) -> list[list[TextLine]]:
    gaps = [middle(b, along) - middle(a, along) for a, b in pairwise(row)]
    if not gaps:
        return []
    usual = median(gaps)
    runs, last = [[row[0]]], 0.0
    for (a, b), gap in zip(pairwise(row), gaps, strict=True):
        first, second = number(a.text), number(b.text)
        step = 0.5 if first is None or second is None else float((second > first) - (second < first))
        even = gap < 1.7 * usual and step != 0 and (len(runs[-1]) < 2 or step == last)
        if not even:
            runs.append([])
        runs[-1].append(b)
        last = step if len(runs[-1]) > 1 else 0.0
    return runs


def _fit(axis: Axis) -> None:
    """The scale through the ticks, linear or logarithmic, whichever fits; none where neither does."""
    known = [(middle(t, axis.along), v) for t in axis.ticks if (v := number(t.text)) is not None]
    if len(known) < 3:
        return
    places, values = np.array([k[0] for k in known]), np.array([k[1] for k in known])
    options = [(values, False)]
    if values.min() > 0 and values.max() >= 50 * values.min():
        options.append((np.log10(values), True))
    best = None
    for wanted, logarithmic in options:
        a, b = np.polyfit(places, wanted, 1)
        off = float(np.abs(a * places + b - wanted).max() / max(np.ptp(wanted), 1e-9))
        if off < 0.06 and (best is None or off < best[0]):
            best = (off, (float(a), float(b)), logarithmic)
    if best is not None:
        axis.scale, axis.logarithmic = best[1], best[2]


def _partner(y: Axis, rows: Sequence[Axis], em: float) -> Axis | None:
    """The row of ticks at the foot of this column: below its lowest label, from its right border on."""
    _, y0, x1, y1 = y.box
    near = [
        r
        for r in rows
        if -1.0 * em <= r.box[1] - y1 <= max(4 * em, 0.5 * (y1 - y0)) and -4 * em <= r.box[0] - x1 <= 8 * em
    ]
    return min(near, key=lambda r: abs(r.box[1] - y1), default=None)


def _beside(scene: Scene, axis: Axis, em: float) -> bool:
    """Whether a long line or outline runs beside the labels."""
    from_, to = axis.box[axis.along], axis.box[axis.along + 2]
    near = axis.box[2] if axis.along == 1 else axis.box[1]
    across = 1 - axis.along
    boxes = [extent(k) for k in scene.lines] + [s.bbox for s in scene.shapes]
    return any(
        min(abs(b[across] - near), abs(b[across + 2] - near)) < 2 * em
        and b[axis.along] < from_ + 2 * em
        and b[axis.along + 2] > to - 2 * em
        for b in boxes
    )


def _panel(scene: Scene, x: Axis | None, y: Axis | None, em: float) -> Panel:
    left = y.box[2] if y else (x.box[0] if x else 0.0)
    right = x.box[2] if x else scene.width
    top = y.box[1] if y else 0.0
    bottom = x.box[1] if x else (y.box[3] if y else scene.height)
    if x is not None and y is None and _hangs(scene, x):
        top, bottom = x.box[3], scene.height
    frames = [
        s.bbox
        for s in scene.shapes
        if abs(s.bbox[0] - left) < 2.5 * em
        and abs(s.bbox[3] - bottom) < 2.5 * em
        and s.bbox[2] >= left + 8 * em
    ]
    if frames:
        right = max(right, *(f[2] for f in frames))
        top = min(top, *(f[1] for f in frames))
    panel = Panel(x, y, (left, top, right, bottom))
    if x is None and y is not None:
        panel.x = _categories(scene, panel, 0, em)
    if y is None and x is not None:
        panel.y = _categories(scene, panel, 1, em)
    for axis in (panel.x, panel.y):
        if axis is not None:
            axis.title = _title(scene, panel, axis, em)
    return panel


def _hangs(scene: Scene, x: Axis) -> bool:
    """Whether the plot lies below its x axis, not above."""
    middles = [(s.bbox[1] + s.bbox[3]) / 2 for s in scene.shapes]
    return sum(m > x.box[3] for m in middles) > 0.5 * len(middles)


def _categories(scene: Scene, panel: Panel, along: int, em: float) -> Axis | None:
    """Words in a row under the plot, or in a column to its left."""
    x0, y0, x1, y1 = panel.box
    rows: defaultdict[int, list[TextLine]] = defaultdict(list)
    for t in scene.texts:
        if not any(c.isalnum() for c in t.text):
            continue
        below = (
            along == 0 and y1 - 0.5 * em < t.bbox[1] < y1 + 3 * em and x0 - em < middle(t, 0) < x1 + 2 * em
        )
        beside = along == 1 and t.bbox[2] < x0 + 2 * em and y0 - em < middle(t, 1) < y1 + em
        if below or beside:
            rows[round((t.bbox[1] if along == 0 else t.bbox[2]) / em)].append(t)
    best = max(rows.values(), key=len, default=[])
    return Axis(along, sorted(best, key=lambda t: middle(t, along))) if len(best) >= 2 else None


def _title(scene: Scene, panel: Panel, axis: Axis, em: float) -> str:
    """Turned text left of a y axis, text under an x axis."""
    ticks = {id(t) for t in axis.ticks}
    box = axis.box
    for t in sorted(scene.texts, key=lambda t: abs(t.bbox[1] - box[3]) if axis.along == 0 else -t.bbox[0]):
        if id(t) in ticks or is_number(t.text):
            continue
        if axis.along == 0:
            low = -0.3 * em < t.bbox[1] - box[3] < 2.5 * em
            inside = panel.box[0] - em < middle(t, 0) < panel.box[2] + em
        else:
            turned = 45 < t.angle % 180 < 135 or len(t.text.strip()) <= 2
            low = turned and -1 * em < box[0] - t.bbox[2] < 5 * em
            inside = panel.box[1] - em < middle(t, 1) < panel.box[3] + em
        if low and inside:
            axis.used.add(id(t))
            return t.text
    return ""


def _heading(scene: Scene, panel: Panel, titles: set[int], em: float) -> str:
    """Text right above the plot, about its middle."""
    x0, y0, x1, _ = panel.box
    above = [
        t
        for t in scene.texts
        if -0.3 * em < y0 - t.bbox[3] < 2.5 * em
        and abs(middle(t, 0) - (x0 + x1) / 2) < 0.25 * (x1 - x0)
        and abs(t.angle) < 20
        and not is_number(t.text)
        and id(t) not in titles
    ]
    return " ".join(t.text for t in sorted(above, key=lambda t: (t.bbox[1], t.bbox[0])))
