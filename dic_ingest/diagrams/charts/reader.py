"""A drawing as a `Chart`: plots with their axes, then bars, lines, points, sectors, cells as series.

In: a `Drawing` whose words are placed. Out: a `Chart`, or None where nothing in it is a chart. What cannot be
believed is told in words and has no values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image

from dic_ingest.diagrams.charts.bars import BarsFound, read_bars
from dic_ingest.diagrams.charts.cells import Sampler, color_bar_of, read_boxes, read_heat_map
from dic_ingest.diagrams.charts.labels import Label, labels_of
from dic_ingest.diagrams.charts.legend import Legend, find_legends
from dic_ingest.diagrams.charts.lines import CurvesFound, read_curves
from dic_ingest.diagrams.charts.marks import Marks, alike, marks_of
from dic_ingest.diagrams.charts.plots import Plot, find_plots, inner_labels
from dic_ingest.diagrams.charts.sectors import Pie, read_pies
from dic_ingest.diagrams.charts.titles import find_titles
from dic_ingest.diagrams.text_blocks import usual_size, without_glyphs
from dic_ingest.errors import SettingsError
from dic_ingest.model.box import center, grow, inside, iou
from dic_ingest.model.chart import Chart, ChartType, Series
from dic_ingest.model.drawing import Drawing


@dataclass(frozen=True, slots=True)
class ChartSettings:
    """Bounds on the work for one drawing, and what is believed."""

    max_marks: int = 20_000  # pieces of ink looked at
    max_words: int = 4_000
    max_values: int = 10_000  # kept of one plot
    max_plots: int = 24
    outside: float = (
        0.1  # share of a series' values far beyond its axis from which the series is not believed
    )

    def __post_init__(self) -> None:
        if min(self.max_marks, self.max_words, self.max_values, self.max_plots) < 1:
            raise SettingsError("ChartSettings' bounds must be at least 1")
        if not 0 <= self.outside <= 1:
            raise SettingsError("ChartSettings.outside must lie in 0..1")


DEFAULTS = ChartSettings()


def read_chart(
    drawing: Drawing,
    picture: Image.Image | None = None,
    settings: ChartSettings = DEFAULTS,
    read_from: str = "vector",
) -> Chart | None:
    """The chart that a drawing shows; None where it shows no axes with values and no circle of sectors.

    picture: the same region as pixels, for the paints of a colour bar that is a bitmap.
    """
    words = drawing.words[: settings.max_words]
    em = usual_size(words)
    paths = without_glyphs(drawing.paths, words, em)
    marks = marks_of(paths, settings.max_marks)
    labels = labels_of(words)
    plots = find_plots(labels, marks, em)[: settings.max_plots]
    legends, legend = find_legends(labels, marks, plots, em)
    for p in plots:
        if not p.scale_only:
            find_titles(p, labels, plots, legend.labels, em)
    marks = marks.without(legend.marks)
    sample = _sampler(drawing, picture) if picture is not None and drawing.images else None
    reader = _ChartReader(labels, marks, legend, plots, em, settings, sample)
    reader.own = {id(p): one for p, one in zip(plots, legends, strict=True)}
    charts = reader.plots_read()
    if not charts:
        charts = reader.pies_read()
    if not charts:
        return None
    cut = (
        [f"only the first {settings.max_marks} pieces of ink were read"]
        if len(marks.all()) >= settings.max_marks
        else []
    )
    charts = [replace(c, read_from=read_from, unread=(*c.unread, *cut)) for c in charts]
    if len(charts) == 1:
        return charts[0]
    title = reader.title()
    score = min(c.score for c in charts)
    return Chart(ChartType.MULTIPLE, title, panels=tuple(charts), read_from=read_from, score=score)


def _sampler(drawing: Drawing, picture: Image.Image) -> Sampler:
    pixels = picture.convert("RGB")
    sx, sy = pixels.width / max(drawing.width, 1.0), pixels.height / max(drawing.height, 1.0)

    def paint(at: tuple[float, float]) -> tuple[int, int, int]:
        x = min(pixels.width - 1, max(0, round(at[0] * sx)))
        y = min(pixels.height - 1, max(0, round(at[1] * sy)))
        found = pixels.getpixel((x, y))
        return (found[0], found[1], found[2]) if isinstance(found, tuple) else (0, 0, 0)

    return paint


class _ChartReader:
    def __init__(
        self,
        labels: list[Label],
        marks: Marks,
        legend: Legend,
        plots: list[Plot],
        em: float,
        settings: ChartSettings,
        sample: Sampler | None = None,
    ) -> None:
        self.sample = sample
        self.own: dict[int, Legend] = {}  # the legend of each plot
        self.labels, self.marks, self.legend, self.plots = labels, marks, legend, plots
        self.em, self.settings = em, settings
        self.used = {i for p in plots for i in p.used} | legend.labels

    def plots_read(self) -> list[Chart]:
        """A chart for every plot that shows something; a colour bar is none."""
        found = [self._chart(p) for p in self.plots if not p.scale_only]
        return [c for c in found if c is not None]

    def pies_read(self) -> list[Chart]:
        """Circles of sectors, where there are no axes."""
        shapes = [*self.marks.shapes, *self.marks.rects]
        return [self._pie(p) for p in read_pies(shapes, self.labels, self.legend, self.em)]

    def title(self) -> str:
        """The topmost line of text that no plot uses, if it is larger than the rest."""
        free = [t for t in self.labels if id(t) not in self.used and t.level]
        top = min(free, key=lambda t: t.bbox[1], default=None)
        return top.text if top is not None and (top.size > 1.1 * self.em or top.bold) else ""

    def _chart(self, plot: Plot) -> Chart | None:
        scales = [p for p in self.plots if p.scale_only]
        near = min(scales, key=lambda p: abs(p.box[0] - plot.box[2]), default=None)
        bar = color_bar_of(near, self.marks.rects, self.sample) if near is not None else None
        inner = [t for t in inner_labels(plot, self.labels, self.em) if id(t) not in self.legend.labels]
        heat = read_heat_map(plot, self.marks.rects, inner, bar, self.em, self.sample)
        if heat is not None:
            return self._made(plot, ChartType.HEAT_MAP, heat.series, heat.unread, inner, heat.used)
        boxes = read_boxes(plot, self.marks, self.em)
        if boxes is not None:
            return self._made(plot, ChartType.BOX_PLOT, boxes.series, boxes.unread, inner, boxes.used)
        bars = read_bars(plot, self.marks.rects, inner, self._legend(plot), self.em)
        rest = self.marks.without(bars.marks) if bars is not None else self.marks
        curves = read_curves(plot, rest, inner, self._legend(plot), self.em, self.settings.max_values)
        return self._combined(plot, bars, curves, inner)

    def _legend(self, plot: Plot) -> Legend:
        return self.own.get(id(plot), self.legend)

    def _combined(
        self, plot: Plot, bars: BarsFound | None, curves: CurvesFound, inner: Sequence[Label]
    ) -> Chart | None:
        series = [*(bars.series if bars else ()), *self._assigned(plot, curves)]
        if not series:
            return None if not _has_two(plot) else self._made(plot, ChartType.OTHER, [], [], inner, set())
        unread = [*(bars.unread if bars else ()), *curves.unread]
        kinds = {s.mark for s in series if not s.trend}
        if bars is not None and not curves.series:
            kind = bars.type
        elif bars is not None:
            kind = ChartType.COMBINATION
        elif kinds == {"point"}:
            kind = ChartType.SCATTER
        elif "area" in kinds:
            kind = ChartType.AREA if kinds == {"area"} else ChartType.COMBINATION
        else:
            kind = ChartType.LINE if "line" in kinds else ChartType.SCATTER
        if kinds == {"line", "point"}:
            kind, series = _with_trends(series)
        used = curves.used | (bars.used if bars else set())
        made = self._made(plot, kind, series, unread, inner, used)
        return replace(made, horizontal=bars.horizontal) if bars is not None else made

    def _assigned(self, plot: Plot, curves: CurvesFound) -> list[Series]:
        """Curves of a plot with two y axes go to the one that is written in their paint."""
        if plot.y is None or plot.y2 is None or not plot.y2.numeric:
            return curves.series
        left, right = _paint(plot.y), _paint(plot.y2)
        out = []
        for s in curves.series:
            if s.color is None or alike(left, right) or not (alike(s.color, left) or alike(s.color, right)):
                out.append(replace(s, score=0.4, points=tuple(replace(p, score=0.4) for p in s.points)))
                curves.unread.append(
                    f'which y axis "{s.name or "a series"}" belongs to; the left one is taken'
                )
            elif alike(s.color, right) and not alike(s.color, left):
                y2 = plot.y2
                moved = tuple(replace(p, y=y2.rounded(y2.raw(p.bbox[1]))) if p.bbox else p for p in s.points)
                out.append(replace(s, points=moved, secondary=True, name=s.name or y2.title))
            else:
                out.append(s)
        return out

    def _made(
        self,
        plot: Plot,
        kind: ChartType,
        series: Sequence[Series],
        unread: Sequence[str],
        inner: Sequence[Label],
        used: set[int],
    ) -> Chart:
        series, doubts = self._believed(plot, series)
        entries = tuple(e.name for e in self._legend(plot).entries)
        names = [s.name for s in series]
        if len(series) == 1 and not names[0]:
            lone = entries[0] if len(entries) == 1 else (plot.y.title if plot.y else "")
            series = [replace(series[0], name=lone)]
        words = [
            t.text
            for t in inner
            if id(t) not in used and id(t) not in plot.used and any(c.isalpha() for c in t.text)
        ]
        score = sum(s.score for s in series) / len(series) if series else 0.3
        return Chart(
            kind,
            plot.title,
            plot.x.axis() if plot.x else None,
            plot.y.axis() if plot.y else None,
            tuple(series),
            plot.y2.axis() if plot.y2 else None,
            entries,
            annotations=tuple(dict.fromkeys(words))[:40],
            unread=(*unread, *doubts),
            score=round(score, 3),
            bbox=plot.box,
        )

    def _believed(self, plot: Plot, series: Sequence[Series]) -> tuple[list[Series], list[str]]:
        """Without the values of a plot that lies over another one, or whose values leave its axes."""
        over = [p for p in self.plots if p is not plot and iou(p.box, plot.box) > 0.3]
        if over:
            return [], ["values: two plots lie over each other"]
        out, doubts = [], list[str]()
        for s in series:
            far = sum(
                not inside((*center(p.bbox), *center(p.bbox)), grow(plot.box, 3.0))
                for p in s.points
                if p.bbox
            )
            if s.points and far > self.settings.outside * len(s.points):
                doubts.append(f'values of "{s.name}": they leave the axes')
                continue
            out.append(s)
        return out, doubts

    def _pie(self, pie: Pie) -> Chart:
        kind = ChartType.DONUT if pie.hole else ChartType.PIE
        x0, y0, x1, _ = pie.box
        used = pie.used | self.legend.labels
        above = [
            t
            for t in self.labels
            if id(t) not in used
            and t.bbox[3] < y0 + self.em
            and t.level
            and x0 - 10 * self.em < t.middle(0) < x1 + 10 * self.em
        ]
        large = max((t.size for t in above), default=0.0)
        title = " ".join(t.text for t in above if t.size > 0.97 * large) if above else ""
        missing = [p for p in pie.series.points if not p.x]
        unread = (f"the names of {len(missing)} sectors",) if missing else ()
        return Chart(
            kind,
            title,
            series=(pie.series,),
            legend=tuple(e.name for e in self.legend.entries),
            unread=unread,
            bbox=pie.box,
        )


def _has_two(plot: Plot) -> bool:
    return plot.x is not None and plot.y is not None and plot.x.numeric and plot.y.numeric


def _paint(ruler: object) -> tuple[int, int, int] | None:
    from dic_ingest.diagrams.charts.axes import Ruler

    if not isinstance(ruler, Ruler):
        return None
    own = [t.color for t in [*ruler.labels, *([ruler.title_label] if ruler.title_label else [])] if t.color]
    strong = [c for c in own if max(c) - min(c) > 30]
    return strong[0] if strong else None


def _with_trends(series: Sequence[Series]) -> tuple[ChartType, list[Series]]:
    """Straight lines of two or few points through clouds are trend lines."""
    lines = [s for s in series if s.mark == "line"]
    clouds = [s for s in series if s.mark == "point"]
    if clouds and all(_is_straight(s) for s in lines):
        return ChartType.SCATTER, [replace(s, trend=s.mark == "line") for s in series]
    return ChartType.COMBINATION if sum(len(s.points) for s in clouds) > 4 else ChartType.LINE, list(series)


def _is_straight(series: Series) -> bool:
    spots = [center(p.bbox) for p in series.points if p.bbox]
    if len(spots) < 2:
        return False
    (ax, ay), (bx, by) = spots[0], spots[-1]
    run = max(abs(bx - ax), 1e-6)
    return all(abs(ay + (by - ay) * (x - ax) / run * (1 if bx > ax else -1) - y) < 1.5 for x, y in spots)
