"""The legend of a chart: names beside small samples of the paint that their series is drawn with.

In: labels and marks. Out: `LegendEntry`s, with the marks that are samples and no data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dic_ingest.diagrams.charts.labels import Label, number_of
from dic_ingest.diagrams.charts.marks import Mark, Marks, alike, is_pale
from dic_ingest.diagrams.charts.plots import Plot
from dic_ingest.model.box import grow, inside, union
from dic_ingest.model.chart import Scale
from dic_ingest.model.drawing import Color

LONGEST = 5.0  # text heights: no sample is longer
OFF = 0.18  # text heights: samples of one legend stand at one offset from their names
MOST = 2000  # pairs of a name and a mark that are compared
GAP = 2.6  # text heights between sample and name


@dataclass(slots=True, eq=False)
class LegendEntry:
    """A name and the samples beside it."""

    label: Label
    samples: list[Mark] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As printed."""
        return self.label.text

    def colors(self) -> list[Color]:
        """The samples' paints, fills first; white and grounds left out where others are."""
        found = [c for m in self.samples for c in (m.fill, m.stroke) if c is not None]
        return [c for c in found if not is_pale(c)] or found

    @property
    def dashed(self) -> bool:
        """Whether its line is dashed."""
        return any(m.dashed for m in self.samples)


@dataclass(slots=True)
class Legend:
    """Entries in reading order, and the marks that belong to the legend: samples, its border."""

    entries: list[LegendEntry] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    labels: set[int] = field(default_factory=set)


def find_legends(
    labels: Sequence[Label], marks: Marks, plots: Sequence[Plot], em: float
) -> tuple[list[Legend], Legend]:
    """A legend for each plot: its own that stands in it, else the one beside all plots; then all as one."""
    plain = [p for p in plots if not p.scale_only]
    if len(plain) < 2:
        whole = find_legend(labels, marks, plots, em)
        return [whole for _ in plots], whole
    own = [find_legend([t for t in labels if inside(t.bbox, p.box, 0.7)], marks, plots, em) for p in plots]
    held = {i for legend in own for i in legend.labels}
    out = [t for t in labels if id(t) not in held and not any(inside(t.bbox, p.box, 0.7) for p in plots)]
    beside = find_legend(out, marks, plots, em)
    found = [*own, beside]
    whole = Legend(
        [e for one in found for e in one.entries],
        [m for one in found for m in one.marks],
        {i for one in found for i in one.labels},
    )
    return [one if one.entries else beside for one in own], whole


def find_legend(labels: Sequence[Label], marks: Marks, plots: Sequence[Plot], em: float) -> Legend:
    """Names with a sample left of each, or right of each, in a column or a row."""
    taken = {i for p in plots for i in p.used}
    names = [t for t in labels if t.level and id(t) not in taken and any(c.isalnum() for c in t.text)]
    samples = [m for m in _samples(marks, em) if not _stands_on_axis(m, plots)]
    left = _entries(names, samples, em, right=False)
    right = _entries(names, samples, em, right=True)
    entries = max((left, right), key=lambda found: (len(found), found is left))
    if not entries:
        return Legend()
    inner = [m for e in entries for m in e.samples]
    borders = [m for m in [*marks.rects, *marks.shapes] if _is_border(m, entries, plots)]
    return Legend(entries, [*inner, *borders], {id(e.label) for e in entries})


def _samples(marks: Marks, em: float) -> list[Mark]:
    found = [
        m for m in [*marks.rects, *marks.shapes] if max(m.wide, m.high) < LONGEST * em and m.high < 2 * em
    ]
    lines = [*marks.strokes, *marks.curves]
    found += [m for m in lines if 0.4 * em < m.wide < LONGEST * em and m.high < 1.3 * em]
    return [m for m in found if m.color is not None]


def _stands_on_axis(mark: Mark, plots: Sequence[Plot]) -> bool:
    """Whether a mark starts at an axis of its plot, as bars do, or is a tick."""
    for p in plots:
        if not inside(mark.bbox, grow(p.box, 6), 0.5):
            continue
        x0, y0, x1, y1 = p.box
        for ruler, edges in ((p.x, (x0, x1)), (p.y, (y0, y1))):
            if ruler is None or not ruler.numeric:
                continue
            zero = ruler.place(0.0) if ruler.scale is Scale.LINEAR else None
            feet = [*edges, *([zero] if zero is not None else [])]
            ends = (mark.bbox[ruler.along], mark.bbox[ruler.along + 2])
            if any(abs(e - f) < 0.8 for e in ends for f in feet) and mark.fill is not None:
                return True
    return False


def _entries(names: Sequence[Label], samples: Sequence[Mark], em: float, right: bool) -> list[LegendEntry]:
    """The names at which a sample stands at one and the same offset; the offset that most names share."""
    pairs = [(t, m, _offset(t, m, right)) for t in names for m in samples if _is_beside(t, m, em, right)]
    best: list[tuple[Label, Mark]] = []
    rank: tuple[float, float] = (0.0, 0.0)
    for t, first, (dx, dy) in pairs[:MOST]:
        same = [
            (o, m)
            for o, m, (ox, oy) in pairs
            if abs(ox - dx) < OFF * em and abs(oy - dy) < OFF * em and abs(o.size - t.size) < 0.1 * em
        ]
        hits = _in_lines({id(o): o for o, _ in same}, em)
        alike = sum(abs(m.wide - first.wide) < OFF * em for _, m in same)
        if (len(hits), alike - abs(dx) / (100 * em)) > rank:
            rank = (len(hits), alike - abs(dx) / (100 * em))
            best = [(o, m) for o, m in same if id(o) in hits]
    groups: dict[int, LegendEntry] = {}
    for t, m in best:
        groups.setdefault(id(t), LegendEntry(t)).samples.append(m)
    return _checked(list(groups.values()), em)


def _offset(t: Label, m: Mark, right: bool) -> tuple[float, float]:
    return (m.middle(0) - t.bbox[2] if right else t.bbox[0] - m.middle(0)), t.middle(1) - m.middle(1)


def _is_beside(t: Label, m: Mark, em: float, right: bool) -> bool:
    gap = m.bbox[0] - t.bbox[2] if right else t.bbox[0] - m.bbox[2]
    return -0.25 * em < gap < GAP * em and abs(m.middle(1) - t.middle(1)) < 0.5 * max(t.size, 0.6 * em)


def _in_lines(names: dict[int, Label], em: float) -> set[int]:
    """The names that share a column or a row with another one; a lone name stands for itself."""
    if len(names) < 2:
        return set(names)
    kept = {
        k
        for k, t in names.items()
        if any(
            o is not t
            and (
                abs(o.bbox[0] - t.bbox[0]) < 0.4 * em
                or abs(o.bbox[2] - t.bbox[2]) < 0.4 * em
                or abs(o.middle(1) - t.middle(1)) < 0.4 * em
            )
            for o in names.values()
        )
    }
    return kept or set(list(names)[:1])


def _checked(entries: list[LegendEntry], em: float) -> list[LegendEntry]:
    """A lone entry needs letters; entries of numbers alone need paints of their own."""
    if len(entries) < 2 and not all(any(c.isalpha() for c in e.name) for e in entries):
        return []
    numbers = all(number_of(e.name) is not None for e in entries)
    if numbers and len({_hue(e) for e in entries}) < len(entries):
        return []
    return sorted(entries, key=lambda e: (round(e.label.middle(1) / (0.6 * em)), e.label.bbox[0]))


def _hue(entry: LegendEntry) -> tuple[object, ...]:
    return (*entry.colors()[:1], entry.dashed, *(round(m.wide) for m in entry.samples[:2]))


def _is_border(mark: Mark, entries: Sequence[LegendEntry], plots: Sequence[Plot]) -> bool:
    """Whether a mark frames the legend: it holds names, and is no plot's own frame."""
    held = [e for e in entries if inside(e.label.bbox, mark.bbox, 0.9)]
    if not held or any(mark is f for p in plots for f in p.frames):
        return False
    whole = union([e.label.bbox for e in entries] + [m.bbox for e in entries for m in e.samples])
    close = inside(mark.bbox, grow(whole, 3.0 * entries[0].label.size), 0.95)
    return (
        close and len(held) == len(entries) and not any(inside(p.box, grow(mark.bbox, 2), 0.9) for p in plots)
    )


def entry_for(
    legend: Legend, color: Color | None, dashed: bool = False, line: bool = False
) -> LegendEntry | None:
    """The entry whose sample has this paint; of several, the one with the same dashes."""
    near = [e for e in legend.entries if any(alike(c, color) for c in e.colors())]
    if len(near) > 1:
        exact = [e for e in near if any(alike(c, color, 6) for c in e.colors())]
        near = exact or near
    if line and len(near) > 1:
        near = [e for e in near if e.dashed == dashed] or near
    return near[0] if near else None
