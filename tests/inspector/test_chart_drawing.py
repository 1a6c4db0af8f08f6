"""Charts drawn again: well-formed SVG with a mark per value, nothing of a document as markup."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from dic_ingest.inspector.chart_drawing import chart_image, chart_svg
from dic_ingest.inspector.display import html_of
from dic_ingest.model.chart import Axis, Chart, ChartType, Point, Scale, Series

NAMES = Axis("kind", scale=Scale.CATEGORY, ticks=("a", "b"), categories=("a", "b"))
NUMBERS = Axis("value", range=(0.0, 10.0))


def bars(kind: ChartType, *rows: tuple[float, float], horizontal: bool = False) -> Chart:
    series = tuple(Series(f"s{i}", (Point("a", r[0]), Point("b", r[1])), "bar") for i, r in enumerate(rows))
    axes = (NUMBERS, NAMES) if horizontal else (NAMES, NUMBERS)
    return Chart(kind, "title", *axes, series, horizontal=horizontal)


def shapes(svg: str, tag: str, fill: bool = True) -> list[ElementTree.Element]:
    found = ElementTree.fromstring(svg).iter(f"{{http://www.w3.org/2000/svg}}{tag}")
    return [e for e in found if not fill or e.get("fill", "").startswith(("#2f6f", "#d982"))]


def test_upright_bars_stand_on_zero_in_proportion() -> None:
    first, second = shapes(chart_svg(bars(ChartType.BAR, (4.0, 8.0))), "rect")
    assert float(second.get("height", 0)) == pytest.approx(2 * float(first.get("height", 0)), rel=0.01)
    ends = [float(r.get("y", 0)) + float(r.get("height", 0)) for r in (first, second)]
    assert ends[0] == pytest.approx(ends[1], abs=0.2)


def test_stacked_bars_stand_on_one_another() -> None:
    low, _, high, _ = shapes(chart_svg(bars(ChartType.STACKED_BAR, (4.0, 2.0), (3.0, 5.0))), "rect")[:4]
    top = float(low.get("y", 0))
    assert float(high.get("y", 0)) + float(high.get("height", 0)) == pytest.approx(top, abs=0.3)


def test_lying_bars_run_to_the_right() -> None:
    first, second = shapes(chart_svg(bars(ChartType.HORIZONTAL_BAR, (4.0, 8.0), horizontal=True)), "rect")
    assert float(second.get("width", 0)) == pytest.approx(2 * float(first.get("width", 0)), rel=0.01)


@pytest.mark.parametrize(
    ("kind", "mark", "tag", "count"),
    [
        (ChartType.LINE, "line", "polyline", 1),
        (ChartType.SCATTER, "point", "circle", 3),
        (ChartType.PIE, "sector", "path", 3),
    ],
)
def test_other_kinds_are_drawn(kind: ChartType, mark: str, tag: str, count: int) -> None:
    xs = ("x", "y", "z") if mark == "sector" else (0.0, 1.0, 2.0)
    points = tuple(Point(x, 10.0 * (i + 1)) for i, x in enumerate(xs))
    svg = chart_svg(Chart(kind, series=(Series("one", points, mark),)))
    assert len(shapes(svg, tag, fill=False)) == count


def test_a_heat_map_has_a_cell_per_value() -> None:
    series = tuple(Series(r, (Point("a", 1.0), Point("b", None)), "cell") for r in ("p", "q"))
    svg = chart_svg(Chart(ChartType.HEAT_MAP, series=series))
    assert len(shapes(svg, "rect", fill=False)) == 4 and ">?<" in svg


def test_words_of_a_document_are_no_markup() -> None:
    evil = "<script>alert(1)</script>\x00"
    chart = Chart(ChartType.BAR, evil, series=(Series(evil, (Point(evil, 1.0),), "bar"),))
    assert "<script" not in chart_svg(chart) and "<script" not in html_of(chart)
    ElementTree.fromstring(chart_svg(chart))


def test_a_chart_without_values_is_not_drawn() -> None:
    assert chart_svg(Chart()) == "" == chart_image(Chart())


def test_odd_values_do_no_harm() -> None:
    points = (Point("a", float("nan")), Point("b", float("inf")), Point("c", -3.0), Point("2020-01-01", 2.0))
    for mark in ("bar", "line", "point"):
        ElementTree.fromstring(chart_svg(Chart(series=(Series("", points, mark),))))
