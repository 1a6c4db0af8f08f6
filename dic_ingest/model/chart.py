"""A chart as data: its axes, its series with their values, and how each value was found.

In: what a reader of drawings, of pixels or of Office files found. Out: JSON, prose (`to_text`), CSV, a
pandas frame. Nothing here looks at pixels or paths.
"""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from dic_ingest.model.box import Box
from dic_ingest.model.drawing import Color
from dic_ingest.model.representation import NotebookRepr, written

if TYPE_CHECKING:
    import pandas

Value: TypeAlias = float | str  # a number, a category, or a date as ISO 8601 text


class ChartType(StrEnum):
    """How a chart draws its values."""

    BAR = "bar"  # one series, upright
    GROUPED_BAR = "grouped bar"
    STACKED_BAR = "stacked bar"
    HORIZONTAL_BAR = "horizontal bar"  # one series; several lie under grouped or stacked, `horizontal` is set
    LINE = "line"
    AREA = "area"
    SCATTER = "scatter"
    PIE = "pie"
    DONUT = "donut"
    HISTOGRAM = "histogram"
    BOX_PLOT = "box plot"
    HEAT_MAP = "heat map"
    RADAR = "radar"
    WATERFALL = "waterfall"
    FUNNEL = "funnel"
    TREEMAP = "treemap"  # the category of a tile is the way to it: "Branch / Stem / Leaf"
    SUNBURST = "sunburst"  # as in a treemap
    MAP = "map"  # regions of the earth
    GANTT = "gantt"
    COMBINATION = "combination"  # series of several kinds: see `Series.mark`
    MULTIPLE = "multiple"  # no chart of its own: several plots stand in `panels`
    OTHER = "other"


class Scale(StrEnum):
    """How places along an axis become values."""

    LINEAR = "linear"
    LOG = "log"
    DATE = "date"
    CATEGORY = "category"


class PointSource(StrEnum):
    """Where a value comes from, most exact first."""

    FILE = "file"  # stored as data in the file: Office charts
    PRINTED = "printed"  # a value label printed at the mark
    MEASURED = "measured"  # the mark's place, by the axis' scale


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis as drawn.

    label: its title as printed, "Latency (ms)"; unit: "ms", "%", "k" ..., "" where none is printed.
    ticks: tick labels as printed, in the order of their values, for every scale.
    categories: tick labels in order, for `Scale.CATEGORY` alone.
    range: smallest and largest value that the axis shows (of its ticks or limits); ISO dates for `DATE`;
    None for categories or where no scale was found.
    """

    label: str = ""
    unit: str = ""
    scale: Scale = Scale.LINEAR
    ticks: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    range: tuple[Value, Value] | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a series. `x` is the category, number or ISO date, `y` the number that belongs to it.

    Bars that lie are told the same way: `x` is the bar's category, `y` its length. A sector of a pie has its
    name as `x` and its share or printed value as `y`. `y` is None where the mark is seen but no value
    is known. A bin of a histogram has its lower edge as `x` and its upper edge as `x_end`.
    low, high: ends of an error bar.
    score: 0..1, how sure the value is; bbox: the mark, in the coordinates of the drawing.
    """

    x: Value
    y: float | None
    x_end: Value | None = None
    low: float | None = None
    high: float | None = None
    score: float = 1.0
    source: PointSource = PointSource.MEASURED
    bbox: Box | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Values that are drawn alike.

    mark: bar, line, area, point, sector, box or cell. color: as drawn. secondary: values belong to the second
    y axis. trend: a line that was fitted to another series, not data of its own.
    A heat map has a series per row, named by the row. A box plot has the series "minimum", "lower quartile",
    "median", "upper quartile" and "maximum", with a point per box in each.
    """

    name: str
    points: tuple[Point, ...] = ()
    mark: str = ""
    color: Color | None = None
    secondary: bool = False
    trend: bool = False
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Chart(NotebookRepr):
    """A chart and what it shows.

    x_axis, y_axis: the level and the upright axis, as drawn; `second_y_axis` the one at the right, if any.
    legend: entries in their printed order, also those whose series was not found.
    annotations: words in the plot that are no value labels.
    panels: the plots of a figure that holds several (`type` is then MULTIPLE and `series` is empty).
    unread: what was seen but not read, or is unsure, in words. read_from: "file", "vector" or "pixels".
    score: 0..1, of the reading as a whole.
    """

    type: ChartType = ChartType.OTHER
    title: str = ""
    x_axis: Axis | None = None
    y_axis: Axis | None = None
    series: tuple[Series, ...] = ()
    second_y_axis: Axis | None = None
    legend: tuple[str, ...] = ()
    horizontal: bool = False  # bars lie: their values run along the x axis
    annotations: tuple[str, ...] = ()
    panels: tuple[Chart, ...] = ()
    unread: tuple[str, ...] = ()
    read_from: str = ""
    score: float = 1.0
    bbox: Box | None = None

    @property
    def plots(self) -> tuple[Chart, ...]:
        """The charts that hold series: the panels, or the chart itself."""
        return self.panels or (self,)

    @property
    def size(self) -> int:
        """How many values it holds, those of its panels included."""
        return sum(len(s.points) for p in self.plots for s in p.series)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; exact inverse of `from_dict`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Chart:
        """Rebuild from `data`, `to_dict` output or its JSON.

        Raises:
            KeyError, TypeError, ValueError: other input.
        """
        known = _known(cls, data)
        axes: dict[str, Any] = {
            k: _axis(known[k]) for k in ("x_axis", "y_axis", "second_y_axis") if k in known
        }
        texts: dict[str, Any] = {
            k: tuple(known[k]) for k in ("legend", "annotations", "unread") if k in known
        }
        return cls(
            **{
                **known,
                **axes,
                **texts,
                "type": ChartType(data["type"]),
                "series": tuple(_series(s) for s in data.get("series", ())),
                "panels": tuple(cls.from_dict(p) for p in data.get("panels", ())),
                "bbox": _box(data.get("bbox")),
            }
        )

    def scaled(self, factor: float) -> Chart:
        """The same chart, places times `factor`: from pixels at a dpi to points by 72 / dpi."""

        def box(b: Box | None) -> Box | None:
            return None if b is None else (b[0] * factor, b[1] * factor, b[2] * factor, b[3] * factor)

        def points(s: Series) -> Series:
            return replace(s, points=tuple(replace(p, bbox=box(p.bbox)) for p in s.points))

        return replace(
            self,
            series=tuple(points(s) for s in self.series),
            panels=tuple(p.scaled(factor) for p in self.panels),
            bbox=box(self.bbox),
        )

    def to_text(self, caption: str = "") -> str:
        """What is plotted, extremes and trends, then the values as a Markdown table up to a bound.

        `caption` is the printed one; a title that says the same is left out.
        """
        text: str = written("chart text", self, caption)
        return text

    def to_rows(self) -> list[list[Value | None]]:
        """A value a row, headed "panel", "series", "x", "y", "score", "source"."""
        rows: list[list[Value | None]] = [["panel", "series", "x", "y", "score", "source"]]
        for number, plot in enumerate(self.plots, 1):
            panel = (plot.title or f"plot {number}") if self.panels else ""
            for s in plot.series:
                rows += [[panel, s.name, p.x, p.y, round(p.score, 3), str(p.source)] for p in s.points]
        return rows

    def to_csv(self) -> str:
        """`to_rows` as CSV (RFC 4180, line feeds). Text that a spreadsheet would run as a formula is quoted
        by an apostrophe."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        for row in self.to_rows():
            writer.writerow([_cell(v) for v in row])
        return out.getvalue()

    def to_frame(self) -> pandas.DataFrame:
        """`to_rows` as a pandas frame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        from dic_ingest.errors import MissingExtraError

        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtraError("pandas", "explore") from error
        head, *rows = self.to_rows()
        return pd.DataFrame(rows, columns=[str(h) for h in head])


def _cell(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
    return f"{value:.12g}"


def _known(cls: type, data: dict[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(cls)}
    return {k: v for k, v in data.items() if k in names}


def _box(value: Any) -> Box | None:
    return None if value is None else (float(value[0]), float(value[1]), float(value[2]), float(value[3]))


def _axis(data: dict[str, Any] | None) -> Axis | None:
    if data is None:
        return None
    known = _known(Axis, data)
    span = known.get("range")
    return Axis(
        **{
            **known,
            "scale": Scale(known.get("scale", "linear")),
            "ticks": tuple(known.get("ticks", ())),
            "categories": tuple(known.get("categories", ())),
            "range": None if span is None else (span[0], span[1]),
        }
    )


def _series(data: dict[str, Any]) -> Series:
    known = _known(Series, data)
    color = known.get("color")
    return Series(
        **{
            **known,
            "points": tuple(_point(p) for p in known.get("points", ())),
            "color": None if color is None else (int(color[0]), int(color[1]), int(color[2])),
        }
    )


def _point(data: dict[str, Any]) -> Point:
    known = _known(Point, data)
    return Point(
        **{**known, "source": PointSource(known.get("source", "measured")), "bbox": _box(known.get("bbox"))}
    )
