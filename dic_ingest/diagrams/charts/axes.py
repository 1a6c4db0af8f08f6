"""Scales of a chart: rows and columns of tick labels through which one line of values runs.

In: labels, places of tick strokes. Out: `Ruler`s, each turning a place on the page into a value. A label that
does not lie on the common line is no tick of that ruler; several rulers may stand in one row (subplots).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from dic_ingest.diagrams.charts.labels import Label, date_format, date_text, number_of, read_date
from dic_ingest.model.box import Box, union
from dic_ingest.model.chart import Axis, Scale, Value

OFF = 0.3  # of the text size: so far a tick label may stand from where its value belongs
MOST = 60  # labels of one row or column that are fitted
_EDGES: dict[int, tuple[Callable[[Label], float], ...]] = {
    1: (lambda t: t.bbox[2], lambda t: t.bbox[0], lambda t: t.middle(0)),
    0: (lambda t: t.middle(1), lambda t: t.bbox[1], lambda t: t.bbox[3]),
}


@dataclass(slots=True, eq=False)
class Ruler:
    """An axis' scale. value = slope * place + start, or its power of ten on a logarithmic one.

    along: 0 for x, 1 for y. On a ruler of categories `slope` is 0.
    """

    along: int
    labels: list[Label]
    places: list[float]
    scale: Scale
    slope: float = 0.0
    start: float = 0.0
    form: str = ""  # of dates
    factor: float = 1.0  # printed once for all ticks: "1e6"
    unit: str = ""
    title: str = ""
    title_label: Label | None = None
    extra: list[Label] = field(default_factory=list)  # labels used beside the ticks: factor, second lines

    @property
    def box(self) -> Box:
        """Around the tick labels."""
        return union(t.bbox for t in self.labels)

    @property
    def numeric(self) -> bool:
        """Whether places have values."""
        return self.scale is not Scale.CATEGORY

    def raw(self, place: float) -> float:
        """The value before dates become text: a number, or days since 1970."""
        at = self.slope * place + self.start
        return (10.0 ** max(-300.0, min(300.0, at)) if self.scale is Scale.LOG else at) * self.factor

    def place(self, raw: float) -> float | None:
        """Where a value stands; None where it has no place."""
        if self.slope == 0 or (self.scale is Scale.LOG and raw <= 0):
            return None
        raw = raw / self.factor
        return ((math.log10(raw) if self.scale is Scale.LOG else raw) - self.start) / self.slope

    def value(self, place: float) -> Value:
        """The value at a place; the nearest category on a ruler of categories."""
        if self.scale is Scale.CATEGORY:
            return self.category(place)
        if self.scale is Scale.DATE:
            return date_text(self.raw(place), self.form)
        return self.rounded(self.raw(place))

    def category(self, place: float) -> str:
        """The text of the nearest tick."""
        return self.labels[self.index(place)].text

    def index(self, place: float) -> int:
        """The nearest tick."""
        return min(range(len(self.places)), key=lambda i: abs(self.places[i] - place))

    def rounded(self, value: float) -> float:
        """A value in the accuracy of the drawing: a thousandth of the span, four digits on a log axis."""
        if value == 0 or not math.isfinite(value):
            return 0.0
        if self.scale is Scale.LOG:
            return float(f"{value:.4g}")
        span = abs(self.slope * self.factor) * max(1.0, max(self.places) - min(self.places))
        digits = 3 - math.floor(math.log10(span)) if span > 0 else 6
        return round(value, digits) + 0.0 if digits < 300 else value

    def axis(self) -> Axis:
        """As it goes into a `Chart`."""
        order = sorted(range(len(self.places)), key=lambda i: self.places[i])
        if self.slope < 0:
            order.reverse()
        ticks = tuple(self.labels[i].text for i in order)
        if self.scale is Scale.CATEGORY:
            names = ticks if self.along == 0 else ticks[::-1] if self.slope < 0 else ticks
            return Axis(self.title, "", self.scale, names, names)
        ends = (self.value(self.places[order[0]]), self.value(self.places[order[-1]]))
        return Axis(self.title, self.unit, self.scale, ticks, (), ends)


def find_rulers(labels: Sequence[Label], along: int, least: int = 3) -> list[Ruler]:
    """Rulers of numbers and dates, those with most ticks first; a label serves one ruler."""
    usable = [t for t in labels if along == 0 or t.level or t.upright]
    rulers: list[Ruler] = []
    taken: set[int] = set()
    runs = [run for edge in _EDGES[along] for run in _aligned(usable, along, edge)]
    runs += [run for run in _anchored(usable)] if along == 0 else []
    candidates = [r for run in runs for r in _rulers_of(run, along, least)]
    for ruler in sorted(candidates, key=lambda r: (-len(r.labels), r.scale is Scale.LOG)):
        if not taken & {id(t) for t in ruler.labels}:
            rulers.append(ruler)
            taken |= {id(t) for t in ruler.labels}
    return rulers


def _aligned(labels: Sequence[Label], along: int, edge: Callable[[Label], float]) -> list[list[Label]]:
    """Labels whose edges lie in one row or column."""
    ordered = sorted(labels, key=edge)
    runs: list[list[Label]] = []
    for t in ordered:
        if runs and edge(t) - edge(runs[-1][0]) < 0.35 * max(t.size, runs[-1][0].size):
            runs[-1].append(t)
        else:
            runs.append([t])
    return [sorted(r, key=lambda t: t.middle(along))[:MOST] for r in runs if len(r) >= 2]


def _anchored(labels: Sequence[Label]) -> list[list[Label]]:
    """Rows of slanted labels, whose tops or bottoms may differ with their lengths."""
    slanted = [t for t in labels if not t.level and not t.upright]
    return _aligned(slanted, 0, lambda t: t.bbox[1]) if len(slanted) > 2 else []


def anchor(label: Label, along: int) -> float:
    """The place that a tick label marks: its middle, or the end of slanted text nearer to the axis."""
    return anchors(label, along)[0]


def anchors(label: Label, along: int) -> tuple[float, ...]:
    """The places that a tick label may mark, likeliest first: slanted text hangs by an end or its middle."""
    if along == 1 or label.level or label.upright:
        return (label.middle(along),)
    turn = math.radians(label.angle)
    half = 0.5 * label.size * abs(math.sin(turn))
    ends = label.bbox[2] - half, label.bbox[0] + half
    rising = 180 < label.angle % 360 < 360  # read upwards: its end is up at the axis
    return (ends[0] if rising else ends[1], label.middle(0), ends[1] if rising else ends[0])


def hang(ruler: Ruler, strokes: Sequence[float]) -> None:
    """Find by which point the slanted labels of a ruler hang: that which is nearest to its tick strokes."""
    ways = [anchors(t, ruler.along) for t in ruler.labels]
    if len(strokes) < 2 or any(len(w) < 2 for w in ways):
        return
    few = len(strokes) < len(ways)  # a picture does not show them all
    best: tuple[float, list[float]] | None = None
    for places in ([w[k] for w in ways] for k in range(3)):
        ours, theirs = (strokes, places) if few else (places, strokes)
        off = sum(min(abs(s - p) for s in theirs) for p in ours)
        if best is None or off < best[0] - 0.1 * len(places):
            best = (off, places)
    if best is not None and best[1] != ruler.places:
        values = [
            _tick_value(ruler, t, ruler.slope * p + ruler.start)
            for t, p in zip(ruler.labels, ruler.places, strict=True)
        ]
        ruler.places = best[1]
        ruler.slope, ruler.start = _least_squares(list(zip(best[1], values, strict=True)))


def _rulers_of(run: list[Label], along: int, least: int) -> list[Ruler]:
    found = []
    numbers = [(t, n[0], n[1]) for t in run if (n := number_of(t.text)) is not None]
    rest = numbers
    while len(rest) >= least:
        ruler = _fit(rest, along, least)
        if ruler is None:
            break
        found.append(ruler)
        used = {id(t) for t in ruler.labels}
        rest = [n for n in rest if id(n[0]) not in used]
    words = [t for t in run if number_of(t.text) is None]
    if len(words) >= least and (form := date_format([t.text for t in words])):
        dated = [(t, d, "") for t in words if (d := read_date(t.text, form)) is not None]
        ruler = _line(dated, along, Scale.DATE, least, slack=2.0)
        if ruler is not None:
            ruler.form = form
            found.append(ruler)
    return found


Tick = tuple[Label, float, str]


def _fit(ticks: Sequence[Tick], along: int, least: int) -> Ruler | None:
    """The linear or logarithmic scale that most labels follow."""
    linear = _line(ticks, along, Scale.LINEAR, least)
    positive = [t for t in ticks if t[1] > 0]
    logs = (
        _line([(t, math.log10(v), u) for t, v, u in positive], along, Scale.LOG, least) if positive else None
    )
    if logs is None or (linear is not None and len(linear.labels) >= len(logs.labels)):
        return linear
    return logs


def _line(ticks: Sequence[Tick], along: int, scale: Scale, least: int, slack: float = 1.0) -> Ruler | None:
    """The line through places and values on which most labels lie."""
    placed = [(anchor(t, along), v, t) for t, v, _ in ticks]
    best: tuple[int, float, float, float] | None = None
    for (p, v, t), (q, w, _) in combinations(placed, 2):
        if abs(p - q) < 0.6 * t.size or v == w:
            continue
        slope = (w - v) / (q - p)
        start = v - slope * p
        off = [abs((value - start) / slope - at) for at, value, _ in placed]
        near = [o for o, (_, _, label) in zip(off, placed, strict=True) if o < slack * OFF * label.size]
        key = (len(near), -sum(near), slope, start)
        if best is None or key[:2] > best[:2]:
            best = key
    if best is None or best[0] < least:
        return None
    _, _, slope, start = best
    kept = [
        (at, value, label, unit)
        for (at, value, label), (_, _, unit) in zip(placed, ticks, strict=True)
        if abs((value - start) / slope - at) < slack * OFF * label.size
    ]
    slope, start = _least_squares([(k[0], k[1]) for k in kept])
    units = {k[3] for k in kept if k[3]}
    return Ruler(
        along,
        [k[2] for k in kept],
        [k[0] for k in kept],
        scale,
        slope,
        start,
        unit=units.pop() if len(units) == 1 else "",
    )


def _least_squares(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    n = len(pairs)
    mx, my = sum(p for p, _ in pairs) / n, sum(v for _, v in pairs) / n
    below = sum((p - mx) ** 2 for p, _ in pairs)
    slope = sum((p - mx) * (v - my) for p, v in pairs) / below if below > 0 else 0.0
    return slope, my - slope * mx


def snap(ruler: Ruler, strokes: Sequence[float]) -> None:
    """Move each tick to the stroke nearest to it, where every label has one of its own, and fit again."""
    if not ruler.numeric:
        _snap_categories(ruler, strokes)
        return
    size = max(t.size for t in ruler.labels)
    near = [min(strokes, key=lambda s: abs(s - p), default=math.inf) for p in ruler.places]
    found = [i for i, (n, p) in enumerate(zip(near, ruler.places, strict=True)) if abs(n - p) < 0.45 * size]
    if len(found) < max(2, 0.6 * len(near)) or len({near[i] for i in found}) < len(found):
        return
    values = [
        _tick_value(ruler, t, ruler.slope * p + ruler.start)
        for t, p in zip(ruler.labels, ruler.places, strict=True)
    ]
    slope, start = _least_squares([(near[i], values[i]) for i in found])
    if slope == 0:
        return
    ruler.slope, ruler.start = slope, start
    own = set(found)
    ruler.places = [near[i] if i in own else (v - start) / slope for i, v in enumerate(values)]


def _tick_value(ruler: Ruler, label: Label, fitted: float) -> float:
    if ruler.scale is Scale.DATE:
        read = read_date(label.text, ruler.form)
        return fitted if read is None else read
    number = number_of(label.text)
    if number is None:
        return fitted
    return math.log10(number[0]) if ruler.scale is Scale.LOG and number[0] > 0 else number[0]


def _snap_categories(ruler: Ruler, strokes: Sequence[float]) -> None:
    """Names stand at tick strokes, or midway between them."""
    ticks = sorted(set(strokes))
    if len(ticks) == len(ruler.places):
        order = sorted(range(len(ticks)), key=lambda i: ruler.places[i])
        step = (ticks[-1] - ticks[0]) / max(1, len(ticks) - 1)
        if all(abs(ruler.places[i] - s) < 0.75 * step for i, s in zip(order, ticks, strict=True)):
            for i, s in zip(order, ticks, strict=True):
                ruler.places[i] = s
