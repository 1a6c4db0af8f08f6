"""The model of charts: JSON both ways, rows, CSV, prose with its table."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given

from dic_ingest.model.chart import Axis, Chart, ChartType, Point, PointSource, Scale, Series
from tests.strategies import charts

BARS = Chart(
    ChartType.GROUPED_BAR,
    "Sessions by year",
    Axis("Year", scale=Scale.CATEGORY, ticks=("2019", "2020"), categories=("2019", "2020")),
    Axis("Sessions (k)", "k", Scale.LINEAR, ("0", "30"), range=(0.0, 30.0)),
    (
        Series("web", (Point("2019", 12.04), Point("2020", 25.0, source=PointSource.PRINTED)), "bar"),
        Series("=app", (Point("2019", 3.0, score=0.2), Point("2020", None)), "bar"),
    ),
    read_from="vector",
)


@given(charts)
def test_json_goes_both_ways(chart: Chart) -> None:
    assert Chart.from_dict(json.loads(json.dumps(chart.to_dict()))) == chart


@pytest.mark.parametrize("data", [{}, {"type": "cake"}, {"type": "bar", "series": [{}]}])
def test_other_json_is_refused(data: dict) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Chart.from_dict(data)


def test_csv_has_a_value_a_row_and_no_formulas() -> None:
    rows = list(csv.reader(io.StringIO(BARS.to_csv())))
    assert rows[0] == ["panel", "series", "x", "y", "score", "source"]
    assert rows[1] == ["", "web", "2019", "12.04", "1", "measured"]
    assert rows[4] == ["", "'=app", "2020", "", "1", "measured"]


def test_text_says_axes_extremes_and_values() -> None:
    said = BARS.to_text("Use of the service")
    assert 'Use of the service. Grouped bar chart "Sessions by year".' in said
    assert 'X axis "Year": "2019", "2020", y axis "Sessions (k)" from 0 to 30.' in said
    assert '"web": lowest about 12 at "2019", highest 25 at "2020".' in said
    assert "| Year | 2019 | 2020 |" in said
    assert "| =app | 3 (?) | ? |" in said


def test_panels_are_told_one_by_one() -> None:
    both = Chart(ChartType.MULTIPLE, panels=(BARS, BARS))
    assert both.size == 8 and both.plots == (BARS, BARS)
    assert both.to_text().startswith("Figure with 2 charts.")
    assert both.to_text().count("| Year | 2019 | 2020 |") == 2


def test_a_long_table_goes_on_elsewhere() -> None:
    from dic_ingest.render.chart import rest_tables

    line = Series("load", tuple(Point(float(i), float(i * i)) for i in range(60)), "line")
    chart = Chart(
        ChartType.LINE, series=(line,), y_axis=Axis(range=(0.0, 3600.0)), x_axis=Axis(range=(0.0, 60.0))
    )
    said = chart.to_text()
    assert "rising throughout" in said and "| 23 | 529 |" in said and "| 24 | 576 |" not in said
    first, second = rest_tables(chart)
    assert "| 24 | 576 |" in first and "| 59 | 3481 |" in second


def test_a_frame_where_pandas_is() -> None:
    pandas = pytest.importorskip("pandas")
    frame = BARS.to_frame()
    assert isinstance(frame, pandas.DataFrame) and list(frame["x"]) == ["2019", "2020"] * 2
