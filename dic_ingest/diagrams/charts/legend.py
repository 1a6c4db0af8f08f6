"""The legend of a chart: names beside small samples of the paint that their series is drawn with.

In: labels and marks. Out: `Entry`s, with the marks that are samples and no data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from dic_ingest.diagrams.charts.labels import Label, number_of
from dic_ingest.diagrams.charts.marks import Mark, Marks, alike, is_pale
from dic_ingest.diagrams.charts.plots import Plot
from dic_ingest.model.chart import Scale
from dic_ingest.model.drawing import Color, grow, inside

LONGEST = 5.0  # text heights: no sample is longer
GAP = 2.6  # text heights between sample and name


@dataclass(slots=True, eq=False)
class Entry:
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

    entries: list[Entry] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    labels: set[int] = field(default_factory=set)


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


def _entries(names: Sequence[Label], samples: Sequence[Mark], em: float, right: bool) -> list[Entry]:
    found: list[Entry] = []
    for t in names:
        y, tall = t.middle(1), max(t.size, 0.6 * em)
        near = []
        for m in samples:
            gap = m.bbox[0] - t.bbox[2] if right else t.bbox[0] - m.bbox[2]
            if -0.25 * em < gap < GAP * em and abs(m.middle(1) - y) < 0.5 * tall:
                near.append((gap, m))
        if near:
            first = min(near, key=lambda n: n[0])[1]
            group = [m for _, m in near if _beside(m, first)]
            found.append(Entry(t, group))
    return _aligned(_own_samples(found), em)


def _beside(mark: Mark, first: Mark) -> bool:
    """Whether two marks make one sample: a symbol on its line, an outline on its fill."""
    return mark is first or (
        abs(mark.middle(0) - first.middle(0)) < 0.6 * max(mark.wide, first.wide)
        and abs(mark.middle(1) - first.middle(1)) < 0.4 * max(mark.high, first.high, 2.0)
    )


def _own_samples(entries: list[Entry]) -> list[Entry]:
    """A sample between two names belongs to the one that has no other, else to the nearer."""
    owner: dict[int, Entry] = {}
    for e in sorted(entries, key=lambda e: min(abs(e.label.bbox[0] - m.bbox[2]) for m in e.samples)):
        for m in e.samples:
            owner.setdefault(id(m), e)
    for e in entries:
        e.samples = [m for m in e.samples if owner[id(m)] is e]
    return [e for e in entries if e.samples]


def _aligned(entries: list[Entry], em: float) -> list[Entry]:
    """The largest set of entries that stand in columns or rows with samples of one size; a lone one only
    with letters."""
    groups: defaultdict[tuple[int, int], list[Entry]] = defaultdict(list)
    for e in entries:
        size = max(m.wide for m in e.samples)
        gap = min(abs(e.label.bbox[0] - m.bbox[2]) for m in e.samples)
        groups[round(size / (0.5 * em)), round(gap / (0.6 * em))].append(e)
    merged: list[list[Entry]] = []
    for (size, gap), group in sorted(groups.items(), key=lambda g: -len(g[1])):
        home = next(
            (
                m
                for s, g, m in ((k[0], k[1], v) for k, v in groups.items())
                if m is not group and abs(s - size) <= 1 and abs(g - gap) <= 1 and len(m) >= len(group)
            ),
            None,
        )
        merged.append([*group, *(home or [])] if home else group)
    best = max(merged, key=len, default=[])
    best = [e for e in best if _in_line(e, best, em) or len(best) == 1]
    if len(best) < 2 and not all(any(c.isalpha() for c in e.name) for e in best):
        return []
    if all(number_of(e.name) is not None for e in best) and len({_hue(e) for e in best}) < len(best):
        return []
    return sorted(best, key=lambda e: (round(e.label.middle(1) / (0.6 * em)), e.label.bbox[0]))


def _hue(entry: Entry) -> tuple[object, ...]:
    return (*entry.colors()[:1], entry.dashed, *(round(m.wide) for m in entry.samples[:2]))


def _in_line(entry: Entry, others: Sequence[Entry], em: float) -> bool:
    return any(
        o is not entry
        and (
            abs(o.label.bbox[0] - entry.label.bbox[0]) < 0.4 * em
            or abs(o.label.middle(1) - entry.label.middle(1)) < 0.4 * em
            or abs(o.label.bbox[2] - entry.label.bbox[2]) < 0.4 * em
        )
        for o in others
    )


def _is_border(mark: Mark, entries: Sequence[Entry], plots: Sequence[Plot]) -> bool:
    """Whether a mark frames the legend: it holds names, and is no plot's own frame."""
    held = [e for e in entries if inside(e.label.bbox, mark.bbox, 0.9)]
    if not held or any(mark is f for p in plots for f in p.frames):
        return False
    return len(held) == len(entries) and not any(inside(p.box, grow(mark.bbox, 2), 0.9) for p in plots)


def entry_for(legend: Legend, color: Color | None, dashed: bool = False, line: bool = False) -> Entry | None:
    """The entry whose sample has this paint; of several, the one with the same dashes."""
    near = [e for e in legend.entries if any(alike(c, color) for c in e.colors())]
    if len(near) > 1:
        exact = [e for e in near if any(alike(c, color, 6) for c in e.colors())]
        near = exact or near
    if line and len(near) > 1:
        near = [e for e in near if e.dashed == dashed] or near
    return near[0] if near else None
