"""Charts read from drawings that the tests draw: bars, lines, points, sectors, axes of every scale."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from reportlab.lib.colors import HexColor, white
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.diagrams.charts import ChartSettings, read_chart
from dic_ingest.diagrams.charts.belief import is_convincing
from dic_ingest.diagrams.charts.labels import date_format, number_of
from dic_ingest.errors import SettingsError
from dic_ingest.model.chart import Chart, ChartType, PointSource, Scale
from dic_ingest.model.diagram import Kind
from dic_ingest.sources.pdf.document import PdfFile

BLUE, ORANGE, GREEN, GREY = HexColor("#1f77b4"), HexColor("#ff7f0e"), HexColor("#2ca02c"), HexColor("#cccccc")
LEFT, FOOT, WIDE, HIGH = 60.0, 60.0, 320.0, 200.0


def chart_of(draw: Callable[[Canvas], None], size: tuple[float, float] = (460, 320)) -> Chart | None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size)
    canvas.setFont("Helvetica", 9)
    draw(canvas)
    canvas.save()
    with PdfFile(out.getvalue()) as pdf:
        return read_chart(pdf.drawing(1))


def place(value: float, low: float, high: float, start: float, length: float) -> float:
    return start + (value - low) / (high - low) * length


def axes(
    c: Canvas, y: tuple[float, float, float], x: tuple[float, float, float] | None = None, title: str = ""
) -> None:
    """A frame with y ticks, and x ticks where they are numbers: (low, high, step)."""
    c.setStrokeColorRGB(0, 0, 0)
    c.setLineWidth(0.8)
    c.rect(LEFT, FOOT, WIDE, HIGH, stroke=1, fill=0)
    low, high, step = y
    for i in range(round((high - low) / step) + 1):
        at = place(low + i * step, low, high, FOOT, HIGH)
        c.line(LEFT - 4, at, LEFT, at)
        c.drawRightString(LEFT - 6, at - 3, f"{low + i * step:g}")
    if x is not None:
        low, high, step = x
        for i in range(round((high - low) / step) + 1):
            at = place(low + i * step, low, high, LEFT, WIDE)
            c.line(at, FOOT - 4, at, FOOT)
            c.drawCentredString(at, FOOT - 14, f"{low + i * step:g}")
    if title:
        c.drawCentredString(LEFT + WIDE / 2, FOOT + HIGH + 12, title)


def names(c: Canvas, texts: list[str]) -> list[float]:
    step = WIDE / len(texts)
    places = [LEFT + (i + 0.5) * step for i in range(len(texts))]
    for at, text in zip(places, texts, strict=True):
        c.drawCentredString(at, FOOT - 14, text)
    return places


def bar(
    c: Canvas, at: float, value: float, top: float, color: HexColor, wide: float = 20, foot: float = 0
) -> None:
    c.setFillColor(color)
    low = place(foot, 0, top, FOOT, HIGH)
    c.rect(at - wide / 2, low, wide, place(value, 0, top, FOOT, HIGH) - FOOT, stroke=0, fill=1)
    c.setFillColorRGB(0, 0, 0)


def legend(c: Canvas, entries: list[tuple[str, HexColor]], line: bool = False) -> None:
    for i, (name, color) in enumerate(entries):
        y = FOOT + HIGH - 14 - 12 * i
        c.setFillColor(color)
        c.setStrokeColor(color)
        if line:
            c.line(LEFT + 10, y + 3, LEFT + 30, y + 3)
        else:
            c.rect(LEFT + 20, y, 10, 7, stroke=0, fill=1)
        c.setFillColorRGB(0, 0, 0)
        c.setStrokeColorRGB(0, 0, 0)
        c.drawString(LEFT + 36, y, name)


def values(chart: Chart) -> dict[str, list[tuple[object, float | None]]]:
    return {s.name: [(p.x, p.y) for p in s.points] for s in chart.series}


def test_bars_stand_at_their_names_and_a_legend_sample_is_no_bar() -> None:
    def draw(c: Canvas) -> None:
        axes(c, (0, 30, 5), title="Sessions of the year")
        for at, v in zip(names(c, ["2019", "2020", "2021"]), (12, 25, 18), strict=True):
            bar(c, at, v, 30, BLUE)
        legend(c, [("sessions", BLUE)])

    chart = chart_of(draw)
    assert chart is not None and chart.type is ChartType.BAR and chart.title == "Sessions of the year"
    assert values(chart) == {"sessions": [("2019", 12.0), ("2020", 25.0), ("2021", 18.0)]}
    assert chart.x_axis is not None and chart.x_axis.scale is Scale.CATEGORY
    assert chart.y_axis is not None and chart.y_axis.range == (0.0, 30.0)


def test_grouped_and_stacked_bars() -> None:
    def grouped(c: Canvas) -> None:
        axes(c, (0, 10, 2))
        for at, (a, b) in zip(names(c, ["one", "two"]), ((4, 7), (9, 1)), strict=True):
            bar(c, at - 12, a, 10, BLUE)
            bar(c, at + 12, b, 10, ORANGE)
        legend(c, [("before", BLUE), ("after", ORANGE)])

    def stacked(c: Canvas) -> None:
        axes(c, (0, 20, 5))
        for at, (a, b) in zip(names(c, ["one", "two"]), ((4, 7), (9, 1)), strict=True):
            bar(c, at, a, 20, BLUE)
            bar(c, at, b, 20, ORANGE, foot=a)
        legend(c, [("before", BLUE), ("after", ORANGE)])

    want = {"before": [("one", 4.0), ("two", 9.0)], "after": [("one", 7.0), ("two", 1.0)]}
    for draw, kind in ((grouped, ChartType.GROUPED_BAR), (stacked, ChartType.STACKED_BAR)):
        chart = chart_of(draw)
        assert chart is not None and (chart.type, values(chart)) == (kind, want)


def test_lying_bars_give_name_and_length() -> None:
    def draw(c: Canvas) -> None:
        c.rect(LEFT, FOOT, WIDE, HIGH)
        for i in range(5):
            at = LEFT + i * WIDE / 4
            c.line(at, FOOT - 4, at, FOOT)
            c.drawCentredString(at, FOOT - 14, str(10 * i))
        for i, (name, v) in enumerate((("short", 8), ("longest", 36), ("mid", 20))):
            y = FOOT + 30 + 60 * i
            c.drawRightString(LEFT - 6, y + 7, name)
            c.setFillColor(GREEN)
            c.rect(LEFT, y, v / 40 * WIDE, 20, stroke=0, fill=1)
            c.setFillColorRGB(0, 0, 0)

    chart = chart_of(draw)
    assert chart is not None and chart.type is ChartType.HORIZONTAL_BAR and chart.horizontal
    assert sorted(values(chart)[""]) == [("longest", 36.0), ("mid", 20.0), ("short", 8.0)]


def test_a_printed_value_wins_over_the_measured_one() -> None:
    def draw(c: Canvas) -> None:
        axes(c, (0, 100, 20))
        for at, v in zip(names(c, ["a one", "b two", "c three"]), (41.3, 77.8, 12.2), strict=True):
            bar(c, at, v, 100, BLUE)
            c.drawCentredString(at, place(v, 0, 100, FOOT, HIGH) + 3, f"{v}")

    chart = chart_of(draw)
    assert chart is not None
    assert [p.y for p in chart.series[0].points] == [41.3, 77.8, 12.2]
    assert {p.source for p in chart.series[0].points} == {PointSource.PRINTED}


def curve(c: Canvas, points: list[tuple[float, float]], color: HexColor, dash: bool = False) -> None:
    c.setStrokeColor(color)
    c.setDash(*((4, 2) if dash else ()))
    path = c.beginPath()
    path.moveTo(*points[0])
    for p in points[1:]:
        path.lineTo(*p)
    c.drawPath(path, stroke=1, fill=0)
    c.setDash()
    c.setStrokeColorRGB(0, 0, 0)


def test_lines_with_symbols_and_a_legend() -> None:
    xs, rows = [0, 10, 20, 30, 40], ((5, 9, 20, 22, 30), (8, 16, 30, 41, 55))

    def draw(c: Canvas) -> None:
        axes(c, (0, 60, 10), (0, 40, 10))
        for ys, color in zip(rows, (BLUE, ORANGE), strict=True):
            spots = [
                (place(x, 0, 40, LEFT, WIDE), place(y, 0, 60, FOOT, HIGH))
                for x, y in zip(xs, ys, strict=True)
            ]
            curve(c, spots, color)
            c.setFillColor(color)
            for x, y in spots:
                c.circle(x, y, 2.5, stroke=0, fill=1)
            c.setFillColorRGB(0, 0, 0)
        legend(c, [("cached", BLUE), ("direct", ORANGE)], line=True)

    chart = chart_of(draw)
    assert chart is not None and chart.type is ChartType.LINE
    assert values(chart) == {
        name: [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
        for name, ys in zip(("cached", "direct"), rows, strict=True)
    }


def test_lines_of_one_colour_are_told_apart_by_their_dashes() -> None:
    def draw(c: Canvas) -> None:
        axes(c, (0, 10, 2), (0, 4, 1))
        for dash, level in ((False, 2), (True, 7)):
            spots = [(LEFT + i * WIDE / 4, place(level + i * 0.5, 0, 10, FOOT, HIGH)) for i in range(5)]
            curve(c, spots, HexColor("#000000"), dash)
        for i, (name, dash) in enumerate((("plain", False), ("dashed", True))):
            y = FOOT + HIGH - 14 - 12 * i
            curve(c, [(LEFT + 10, y + 3), (LEFT + 30, y + 3)], HexColor("#000000"), dash)
            c.drawString(LEFT + 36, y, name)

    chart = chart_of(draw)
    assert chart is not None
    assert {n: v[0] for n, v in values(chart).items()} == {"plain": (0.0, 2.0), "dashed": (0.0, 7.0)}


def test_a_logarithmic_axis_with_raised_exponents() -> None:
    def draw(c: Canvas) -> None:
        c.rect(LEFT, FOOT, WIDE, HIGH)
        for i in range(5):
            y = FOOT + i * HIGH / 4
            c.line(LEFT - 4, y, LEFT, y)
            c.drawRightString(LEFT - 12, y - 3, "10")
            c.setFont("Helvetica", 6)
            c.drawRightString(LEFT - 8, y + 1, str(i))
            c.setFont("Helvetica", 9)
        for i in range(4):
            c.drawCentredString(LEFT + i * WIDE / 3, FOOT - 14, str(i))
        spots = [
            (LEFT + i * WIDE / 3, FOOT + math.log10(v) * HIGH / 4) for i, v in enumerate((2, 50, 700, 9000))
        ]
        curve(c, spots, BLUE)

    chart = chart_of(draw)
    assert chart is not None and chart.y_axis is not None and chart.y_axis.scale is Scale.LOG
    read = [p.y for p in chart.series[0].points]
    assert read == pytest.approx([2, 50, 700, 9000], rel=0.02)


def test_an_axis_of_dates() -> None:
    def draw(c: Canvas) -> None:
        axes(c, (0, 10, 5))
        months = ["2020-01-01", "2020-01-11", "2020-01-21", "2020-01-31"]
        for i, text in enumerate(months):
            at = LEFT + i * WIDE / 3
            c.line(at, FOOT - 4, at, FOOT)
            c.drawCentredString(at, FOOT - 14, text)
        curve(c, [(LEFT + i * WIDE / 6, FOOT + 20 * (i + 1)) for i in range(7)], BLUE)

    chart = chart_of(draw)
    assert chart is not None and chart.x_axis is not None and chart.x_axis.scale is Scale.DATE
    assert [p.x for p in chart.series[0].points][:3] == ["2020-01-01", "2020-01-06", "2020-01-11"]


def test_points_make_a_scatter_plot() -> None:
    spots = [(1.0, 2.0), (3.0, 7.0), (5.0, 4.0), (8.0, 9.0)]

    def draw(c: Canvas) -> None:
        axes(c, (0, 10, 2), (0, 10, 2))
        c.setFillColor(BLUE)
        for x, y in spots:
            c.circle(place(x, 0, 10, LEFT, WIDE), place(y, 0, 10, FOOT, HIGH), 3, stroke=0, fill=1)

    chart = chart_of(draw)
    assert chart is not None and chart.type is ChartType.SCATTER
    assert sorted((p.x, p.y) for p in chart.series[0].points) == spots


def test_sectors_have_shares_by_their_angles_and_names_beside_them() -> None:
    parts = [("cats", 50, BLUE), ("dogs", 30, ORANGE), ("birds", 20, GREEN)]

    def draw(c: Canvas) -> None:
        start = 90.0
        for name, share, color in parts:
            c.setFillColor(color)
            c.wedge(130, 60, 330, 260, start, -3.6 * share, stroke=0, fill=1)
            middle = math.radians(start - 1.8 * share)
            c.setFillColorRGB(0, 0, 0)
            c.drawCentredString(230 + 118 * math.cos(middle), 157 + 118 * math.sin(middle), name)
            start -= 3.6 * share

    chart = chart_of(draw)
    assert chart is not None and chart.type is ChartType.PIE
    assert [(p.x, round(p.y or 0)) for p in chart.series[0].points] == [(n, s) for n, s, _ in parts]


def test_touching_bars_over_numbers_are_a_histogram() -> None:
    def draw(c: Canvas) -> None:
        axes(c, (0, 10, 2), (0, 50, 10))
        c.setFillColor(BLUE)
        for i, v in enumerate((2, 5, 9, 4, 1)):
            c.rect(LEFT + i * WIDE / 5, FOOT, WIDE / 5, v / 10 * HIGH, stroke=0, fill=1)

    chart = chart_of(draw)
    assert chart is not None and chart.type is ChartType.HISTOGRAM
    assert [(p.x, p.x_end, p.y) for p in chart.series[0].points][1] == (10.0, 20.0, 5.0)


def test_a_box_plot_has_its_five_numbers() -> None:
    def draw(c: Canvas) -> None:
        axes(c, (0, 10, 2))
        for at, five in zip(names(c, ["old", "new"]), ((1, 3, 4, 6, 9), (2, 4, 5, 7, 8)), strict=True):
            low, q1, middle, q3, high = (place(v, 0, 10, FOOT, HIGH) for v in five)
            c.rect(at - 20, q1, 40, q3 - q1, stroke=1, fill=0)
            c.line(at - 20, middle, at + 20, middle)
            c.line(at, low, at, q1)
            c.line(at, q3, at, high)

    chart = chart_of(draw)
    assert chart is not None and chart.type is ChartType.BOX_PLOT
    assert values(chart)["median"] == [("old", 4.0), ("new", 5.0)]
    assert values(chart)["maximum"] == [("old", 9.0), ("new", 8.0)]


def test_a_heat_map_with_printed_numbers() -> None:
    cells = [[1, 5, 9], [4, 2, 7]]

    def draw(c: Canvas) -> None:
        for r, row in enumerate(cells):
            c.setFillColorRGB(0, 0, 0)
            c.drawRightString(95, 85 + 60 * r, ["low", "high"][r])
            for k, v in enumerate(row):
                c.setFillColorRGB(v / 10, 0.4, 0.5)
                c.rect(100 + 80 * k, 60 + 60 * r, 80, 60, stroke=0, fill=1)
                c.setFillColor(white)
                c.drawCentredString(140 + 80 * k, 87 + 60 * r, str(v))
        c.setFillColorRGB(0, 0, 0)
        for k, name in enumerate(("one", "two", "three")):
            c.drawCentredString(140 + 80 * k, 46, name)

    chart = chart_of(draw)
    assert chart is not None and chart.type is ChartType.HEAT_MAP
    assert values(chart)["low"] == [("one", 1.0), ("two", 5.0), ("three", 9.0)]


def test_two_plots_are_two_panels() -> None:
    def draw(c: Canvas) -> None:
        for shift, v in ((0, (3, 5, 4)), (450, (9, 2, 7))):
            c.saveState()
            c.translate(shift, 0)
            axes(c, (0, 10, 2))
            for at, value in zip(names(c, ["a1", "b1", "c1"]), v, strict=True):
                bar(c, at, value, 10, BLUE)
            c.restoreState()

    chart = chart_of(draw, (920, 320))
    assert chart is not None and chart.type is ChartType.MULTIPLE
    assert [[p.y for p in plot.series[0].points] for plot in chart.panels] == [[3, 5, 4], [9, 2, 7]]


def test_boxes_and_numbers_without_ticks_are_no_chart() -> None:
    def draw(c: Canvas) -> None:
        for i, text in enumerate(("Start", "Check 1", "Check 2", "End")):
            c.rect(40, 250 - 60 * i, 120, 30)
            c.drawCentredString(100, 262 - 60 * i, text)

    assert chart_of(draw) is None


def test_plots_over_each_other_have_no_values() -> None:
    def draw(c: Canvas) -> None:
        axes(c, (0, 10, 2), (0, 10, 2))
        curve(c, [(LEFT + 10 * i, FOOT + 9 * i) for i in range(10)], BLUE)
        c.translate(60, 40)
        axes(c, (0, 60, 10), (100, 200, 20))
        curve(c, [(LEFT + 10 * i, FOOT + 9 * i) for i in range(10)], ORANGE)

    chart = chart_of(draw)
    assert chart is None or not any(s.points for p in chart.plots for s in p.series)


def test_a_chart_must_explain_the_words_of_a_figure_that_is_taken_for_another_kind() -> None:
    def draw(c: Canvas) -> None:
        axes(c, (0, 30, 10))
        for at, v in zip(names(c, ["x1", "x2"]), (12, 25), strict=True):
            bar(c, at, v, 30, BLUE)

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(460, 320))
    canvas.setFont("Helvetica", 9)
    draw(canvas)
    canvas.save()
    with PdfFile(out.getvalue()) as pdf:
        words = pdf.drawing(1).words
        chart = read_chart(pdf.drawing(1))
    assert chart is not None and is_convincing(chart, words, Kind.FLOWCHART)
    others = tuple(replace(w, text="queue") for w in words)
    assert not is_convincing(chart, (*words, *others), Kind.FLOWCHART)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,200", 1200.0), ("\u22125", -5.0), ("10^3", 1000.0), ("10\u207b\u00b2", 0.01), ("2.5k", 2500.0),
        ("35%", 35.0), ("$40", 40.0), ("1e6", 1e6), ("0,5", 0.5), ("3 \u00d7 10^4", 3e4), ("North", None),
        ("2020-01", None), ("v1.2.3", None), ("1 000", 1000.0),
    ],
)  # fmt: skip
def test_numbers_of_labels(text: str, value: float | None) -> None:
    read = number_of(text)
    assert (read and read[0]) == (pytest.approx(value) if value is not None else None)


def test_formats_of_dates() -> None:
    assert date_format(["Jan 2020", "Mar 2020"]) == "%b %Y"
    assert date_format(["2020-01-05", "2020-02-05"]) == "%Y-%m-%d"
    assert date_format(["North", "South"]) == ""


def test_settings_out_of_range() -> None:
    with pytest.raises(SettingsError):
        ChartSettings(max_marks=0)


def test_an_axis_whose_last_tick_stands_at_its_end_stays_an_axis() -> None:
    def draw(c: Canvas) -> None:
        c.line(LEFT, FOOT, LEFT + WIDE, FOOT)
        c.line(LEFT, FOOT, LEFT, FOOT + HIGH)
        for i in range(4):
            c.line(LEFT + i * WIDE / 3, FOOT, LEFT + i * WIDE / 3, FOOT - 6)
        for i in range(5):
            y = FOOT + i * HIGH / 4
            c.line(LEFT - 6, y, LEFT, y)
            c.drawRightString(LEFT - 8, y - 3, str(5 * i))
        for at, v in zip(names(c, ["red", "green", "blue"]), (5, 15, 10), strict=True):
            bar(c, at, v, 20, BLUE)

    chart = chart_of(draw)
    assert chart is not None
    assert [(p.x, p.y) for p in chart.series[0].points] == [("red", 5.0), ("green", 15.0), ("blue", 10.0)]


def test_a_bar_as_long_as_its_axis_is_no_colour_bar() -> None:
    def draw(c: Canvas) -> None:
        c.rect(LEFT, FOOT, WIDE, HIGH)
        for i in range(5):
            c.drawCentredString(LEFT + i * WIDE / 4, FOOT - 10, str(10 * i))
        for i, (name, v) in enumerate((("whole", 40), ("half", 20), ("some", 10))):
            y = FOOT + 3 + 60 * i
            c.drawRightString(LEFT - 6, y + 7, name)
            c.setFillColor(GREEN)
            c.rect(LEFT, y, v / 40 * WIDE, 20, stroke=0, fill=1)
            c.setFillColorRGB(0, 0, 0)

    chart = chart_of(draw)
    assert chart is not None and chart.type is ChartType.HORIZONTAL_BAR
    assert sorted(values(chart)[""]) == [("half", 20.0), ("some", 10.0), ("whole", 40.0)]
