"""Charts as CSV files beside their crops, and what a caption leaves out as nodes of their own."""

from __future__ import annotations

from pathlib import Path

from dic_ingest.figures.chart_tables import table_name, write_chart_tables
from dic_ingest.model.chart import Axis, Chart, ChartType, Point, Series
from dic_ingest.model.description import Description
from dic_ingest.model.document import Document, Figure, Page, Parser
from dic_ingest.nodes.build import to_nodes

LONG = Chart(
    ChartType.LINE,
    x_axis=Axis("t", range=(0.0, 60.0)),
    y_axis=Axis("load", range=(0.0, 120.0)),
    series=(Series("cpu", tuple(Point(float(i), 2.0 * i) for i in range(60)), "line"),),
)


def document(chart: Chart | None, image: str = "figures/figure-1.png") -> Document:
    said = Description(chart.to_text() if chart else "A photograph.", engine="dic-small", chart=chart)
    figure = Figure("f1", 1, (0, 0, 10, 10), 0, label="Figure 1", image=image, description=said)
    return Document("a.pdf", "0" * 64, Parser("mineru"), (Page(1, 100, 100),), (figure,))


def test_the_csv_lies_beside_the_crop(tmp_path: Path) -> None:
    write_chart_tables(document(LONG), tmp_path)
    lines = (tmp_path / "figures" / "figure-1.csv").read_text("utf-8").splitlines()
    assert lines[0] == "panel,series,x,y,score,source"
    assert lines[8] == ",cpu,7,14,1,measured" and len(lines) == 61


def test_figures_without_values_have_none(tmp_path: Path) -> None:
    write_chart_tables(document(None), tmp_path)
    write_chart_tables(document(Chart()), tmp_path)
    assert list(tmp_path.rglob("*.csv")) == []


def test_a_name_stays_in_the_folder() -> None:
    figure = Figure("../../x/y", 1, None, 0)
    assert table_name(figure) == "figures/-x-y.csv"


def test_rows_beyond_the_caption_go_to_sibling_nodes() -> None:
    first, *rest = to_nodes(document(LONG))
    assert "| 23 | 46 |" in first.text and "| 24 | 48 |" not in first.text
    assert rest and all(n.metadata["figure_label"] == "Figure 1" for n in rest)
    told = "\n".join(n.text for n in rest)
    assert "| 24 | 48 |" in told and "| 59 | 118 |" in told
    assert first.metadata["chart_type"] == "line" and first.metadata["chart_series"] == "cpu"
