"""A chart drawn again from its values, as one inline SVG: what was read beside what is printed.

In: a `Chart`. Out: SVG text without scripts, every string escaped; "" for a chart without values.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from dic_ingest.model.chart import Axis, Chart, Point, Scale, Series, Value

WIDE, HIGH, PAD = 420.0, 240.0, 46.0
MAX_POINTS = 3000  # drawn of one plot
PALETTE = ("#2f6f9f", "#d9822b", "#3f8f5f", "#a8443e", "#6f5aa8", "#8a6d3b", "#c25b8a", "#5b6770")
SHARES = ("pie", "donut")


def chart_svg(chart: Chart) -> str:
    """The plots below one another."""
    plots = [p for p in chart.plots if any(s.points for s in p.series)]
    if not plots:
        return ""
    parts = [
        f'<g transform="translate(0 {i * (HIGH + 2 * PAD):.0f})">{_plot(p)}</g>' for i, p in enumerate(plots)
    ]
    width, height = WIDE + 2 * PAD, len(plots) * (HIGH + 2 * PAD)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" style="max-width:100%;height:auto;background:#fff" font-family="sans-serif" '
        f'font-size="10" role="img" aria-label="chart as read">{"".join(parts)}</svg>'
    )


def chart_image(chart: Chart) -> str:
    """The drawing as a data address for an `img`; "" where there is nothing to draw."""
    svg = chart_svg(chart)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode() if svg else ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Values of one axis to 0..1."""

    names: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    log: bool = False

    def at(self, value: Value | None) -> float | None:
        if self.names:
            return (
                (self.names.index(str(value)) + 0.5) / len(self.names) if str(value) in self.names else None
            )
        number = _number(value)
        if number is None or (self.log and number <= 0):
            return None
        number = math.log10(number) if self.log else number
        return (number - self.low) / (self.high - self.low) if self.high > self.low else 0.5


def _number(value: Value | None) -> float | None:
    if isinstance(value, float | int):
        return float(value) if math.isfinite(value) else None
    try:
        read = datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
    return (read - datetime(1970, 1, 1)).total_seconds() / 86400 if read and read.tzinfo is None else None


def _place(values: Sequence[Value], axis: Axis | None, zero: bool) -> _Place:
    numbers = [n for v in values if (n := _number(v)) is not None]
    if len(numbers) < len(values) or (axis is not None and axis.scale is Scale.CATEGORY):
        return _Place(tuple(dict.fromkeys(str(v) for v in values)))
    log = axis is not None and axis.scale is Scale.LOG and min(numbers, default=1.0) > 0
    numbers += [
        n
        for v in (axis.range or () if axis else ())
        if (n := _number(v)) is not None and not (log and n <= 0)
    ]
    if log:
        numbers = [math.log10(n) for n in numbers]
    elif zero:
        numbers.append(0.0)
    return _Place((), min(numbers, default=0.0), max(numbers, default=1.0), log)


def _plot(plot: Chart) -> str:
    title = _text(PAD + WIDE / 2, 18, plot.title, "middle", 12)
    if str(plot.type) in SHARES:
        return title + _sectors(plot)
    if str(plot.type) == "heat map":
        return title + _cells(plot)
    kept, left = [], MAX_POINTS
    for s in plot.series:
        kept.append(s.points[:left])
        left = max(0, left - len(s.points))
    bars = any(s.mark == "bar" for s in plot.series)
    x = _place([p.x for ps in kept for p in ps], plot.y_axis if plot.horizontal else plot.x_axis, False)
    stacked = str(plot.type) in ("stacked bar", "area")
    first = [_tops(plot, i) if stacked else [p.y for p in ps] for i, ps in enumerate(kept)]
    own = [
        [y for y, s in zip(first, plot.series, strict=True) if s.secondary is second]
        for second in (False, True)
    ]
    value_axes = (plot.x_axis if plot.horizontal else plot.y_axis, plot.second_y_axis)
    scales = [
        _place([v for ys in group for v in ys if v is not None], axis, bars)
        for group, axis in zip(own, value_axes, strict=True)
    ]
    drawn = "".join(
        _series(plot, s, i, kept[i], first[i], x, scales[s.secondary]) for i, s in enumerate(plot.series)
    )
    return title + _frame(plot, x, scales[0]) + drawn + _legend(plot.series)


def _tops(plot: Chart, index: int) -> list[float | None]:
    """Upper edges of a stacked series: its values on those of the series before it."""
    below: dict[Value, float] = {}
    for s in plot.series[: index + 1]:
        for p in s.points:
            below[p.x] = below.get(p.x, 0.0) + (p.y or 0.0)
    return [below[p.x] for p in plot.series[index].points]


def _series(
    plot: Chart,
    series: Series,
    index: int,
    points: Sequence[Point],
    tops: Sequence[float | None],
    x: _Place,
    y: _Place,
) -> str:
    color = PALETTE[index % len(PALETTE)]
    placed = [
        (a, b, p)
        for p, top in zip(points, tops, strict=False)
        if (a := x.at(p.x)) is not None and (b := y.at(top)) is not None
    ]
    if series.mark == "bar":
        many = sum(s.mark == "bar" for s in plot.series) if str(plot.type) == "grouped bar" else 1
        return "".join(_bar(plot, a, b, p, index, many, x, y, color) for a, b, p in placed)
    spots = [(PAD + a * WIDE, PAD + (1 - b) * HIGH) for a, b, _ in placed]
    dots = "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.5" fill="{color}"/>' for a, b in spots)
    if series.mark in ("line", "area"):
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in spots)
        dash = ' stroke-dasharray="5 3"' if series.secondary or series.trend else ""
        path = f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="1.5"{dash}/>'
        return path + (dots if len(spots) <= 60 else "")
    return dots


def _bar(
    plot: Chart, a: float, b: float, p: Point, index: int, many: int, x: _Place, y: _Place, color: str
) -> str:
    slot = 0.8 / max(1, len(x.names) or 12)
    wide = slot / many
    start = a - slot / 2 + (index % many) * wide
    foot = (y.at(0.0) if not y.log else 0.0) or 0.0
    if str(plot.type) == "stacked bar" and p.y is not None:
        foot = b - abs((y.at(p.y) or 0.0) - (y.at(0.0) or 0.0))
    low, high = min(b, foot), max(b, foot)
    if plot.horizontal:
        box = (PAD + low * WIDE, PAD + (1 - start - wide) * HIGH, (high - low) * WIDE, wide * HIGH)
    else:
        box = (PAD + start * WIDE, PAD + (1 - high) * HIGH, wide * WIDE, (high - low) * HIGH)
    at, size = box[:2], box[2:]
    return (
        f'<rect x="{at[0]:.1f}" y="{at[1]:.1f}" width="{size[0]:.1f}" height="{size[1]:.1f}" fill="{color}"/>'
    )


def _frame(plot: Chart, x: _Place, y: _Place) -> str:
    level, upright = (y, x) if plot.horizontal else (x, y)
    parts = [f'<rect x="{PAD}" y="{PAD}" width="{WIDE}" height="{HIGH}" fill="none" stroke="#8a8f98"/>']
    for place, along in ((level, 0), (upright, 1)):
        ticks = (
            [(n, place.at(n)) for n in place.names]
            if place.names
            else [(_short(place, t), t) for t in (0.0, 0.25, 0.5, 0.75, 1.0)]
        )
        step = max(1, math.ceil(len(ticks) / (12 if along == 0 else 20)))
        for name, at in ticks[::step]:
            if at is not None and along == 0:
                parts.append(_text(PAD + at * WIDE, PAD + HIGH + 14, name[:16], "middle"))
            elif at is not None:
                parts.append(_text(PAD - 4, PAD + (1 - at) * HIGH + 3, name[:12], "end"))
    labels = (plot.x_axis.label if plot.x_axis else "", plot.y_axis.label if plot.y_axis else "")
    parts.append(_text(PAD + WIDE / 2, PAD + HIGH + 30, labels[0], "middle"))
    side = _text(0, 0, labels[1], "middle")
    parts.append(f'<g transform="translate(10 {PAD + HIGH / 2:.0f}) rotate(-90)">{side}</g>')
    return "".join(parts)


def _short(place: _Place, share: float) -> str:
    value = place.low + share * (place.high - place.low)
    if place.log:
        return f"{10**value:.2g}"
    return f"{value:.4g}" if abs(value) < 1e6 or value > 1e7 else f"{value:.3g}"


def _legend(series: Sequence[Series]) -> str:
    named = [(i, s.name) for i, s in enumerate(series) if s.name][:12]
    if len(named) < 2:
        return ""
    return "".join(
        f'<rect x="{PAD + WIDE + 6:.0f}" y="{PAD + 13 * k:.0f}" width="8" height="8" '
        f'fill="{PALETTE[i % len(PALETTE)]}"/>' + _text(PAD + WIDE - 2, PAD + 8 + 13 * k, name[:24], "end")
        for k, (i, name) in enumerate(named)
    )


def _sectors(plot: Chart) -> str:
    points = [p for s in plot.series for p in s.points if p.y is not None and p.y > 0][:60]
    total = sum(p.y or 0.0 for p in points)
    centre, radius, parts, turn = (PAD + WIDE / 2, PAD + HIGH / 2), HIGH / 2 - 10, list[str](), -math.pi / 2
    for i, p in enumerate(points):
        step = 2 * math.pi * (p.y or 0.0) / total
        ends = [
            (centre[0] + radius * math.cos(t), centre[1] + radius * math.sin(t)) for t in (turn, turn + step)
        ]
        parts.append(
            f'<path d="M{centre[0]:.1f} {centre[1]:.1f}L{ends[0][0]:.1f} {ends[0][1]:.1f}'
            f"A{radius} {radius} 0 {int(step > math.pi)} 1 {ends[1][0]:.1f} {ends[1][1]:.1f}Z"
            f'" fill="{PALETTE[i % len(PALETTE)]}"/>'
        )
        middle = turn + step / 2
        at = centre[0] + (radius + 12) * math.cos(middle), centre[1] + (radius + 8) * math.sin(middle)
        side = "start" if math.cos(middle) >= 0 else "end"
        parts.append(_text(at[0], at[1], f"{p.x} {p.y:.4g}"[:28], side))
        turn += step
    return "".join(parts)


def _cells(plot: Chart) -> str:
    values = [p.y for s in plot.series for p in s.points if p.y is not None]
    columns = list(dict.fromkeys(str(p.x) for s in plot.series for p in s.points))
    low, high = min(values, default=0.0), max(values, default=1.0)
    wide, tall = WIDE / max(1, len(columns)), HIGH / max(1, len(plot.series))
    parts = []
    for r, s in enumerate(plot.series[:60]):
        parts.append(_text(PAD - 4, PAD + (r + 0.5) * tall + 3, s.name[:12], "end"))
        for p in s.points[:120]:
            shade = 0.5 if p.y is None or high <= low else (p.y - low) / (high - low)
            at = PAD + columns.index(str(p.x)) * wide, PAD + r * tall
            parts.append(
                f'<rect x="{at[0]:.1f}" y="{at[1]:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
                f'fill="rgb({235 - 180 * shade:.0f},{240 - 110 * shade:.0f},{245 - 60 * shade:.0f})"/>'
            )
            shown = "?" if p.y is None else f"{p.y:.3g}"
            parts.append(_text(at[0] + wide / 2, at[1] + tall / 2 + 3, shown, "middle"))
    parts += [
        _text(PAD + (i + 0.5) * wide, PAD + HIGH + 14, c[:14], "middle") for i, c in enumerate(columns[:60])
    ]
    return "".join(parts)


def _text(x: float, y: float, text: str, anchor: str, size: int = 10) -> str:
    if not text:
        return ""
    shown = escape("".join(c for c in text if c.isprintable()))
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f'<text {place} fill="#22272e">{shown}</text>'
