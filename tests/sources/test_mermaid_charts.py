"""Mermaid's charts are read as charts, with every number of the source."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.errors import BrokenFileError
from dic_ingest.model.chart import Chart, ChartType
from dic_ingest.sources.diagram_files.file import DiagramFile
from dic_ingest.sources.diagram_files.languages.mermaid.charts import read_mermaid_chart


def read(source: str) -> Chart:
    chart = read_mermaid_chart(source)
    assert chart is not None
    return chart


def values(chart: Chart) -> dict[str, list[tuple[object, float | None]]]:
    return {s.name: [(p.x, p.y) for p in s.points] for s in chart.series}


def test_pie() -> None:
    chart = read(
        '%% a comment\npie showData title Pets\n  accTitle: animals\n  "Dogs: all" : 386\n "Cats" : 8.5'
    )
    assert (chart.type, chart.title) == (ChartType.PIE, "Pets")
    assert values(chart) == {"": [("Dogs: all", 386), ("Cats", 8.5)]}
    assert read('pie\n title Pets\n "Cats" : 1').title == "Pets"


def test_bars_and_a_line() -> None:
    chart = read(
        'xychart-beta\n title "Sales"\n x-axis "month" [jan, "feb, b", mar]\n y-axis "Revenue" 0 --> 110\n'
        ' bar [50, +60, 75.5]\n line "Goal" [55, -65, .7]'
    )
    assert (chart.type, chart.title) == (ChartType.COMBINATION, "Sales")
    assert values(chart) == {
        "": [("jan", 50), ("feb, b", 60), ("mar", 75.5)],
        "Goal": [("jan", 55), ("feb, b", -65), ("mar", 0.7)],
    }
    assert chart.x_axis is not None and chart.y_axis is not None
    assert (chart.x_axis.label, chart.y_axis.label, chart.y_axis.range) == ("month", "Revenue", (0, 110))


def test_lying_bars_and_an_axis_of_numbers() -> None:
    lying = read("xychart horizontal\n x-axis [a, b]\n bar [1, 2]")
    assert lying.type is ChartType.HORIZONTAL_BAR and lying.horizontal
    assert lying.y_axis is not None and lying.y_axis.categories == ("a", "b")
    line = read("xychart\n x-axis time 10 --> 30\n line [1, 2, 4]")
    assert (line.type, values(line)) == (ChartType.LINE, {"": [(10, 1), (20, 2), (30, 4)]})
    assert values(read("xychart\n line [1, 2]")) == {"": [(1, 1), (2, 2)]}


def test_quadrants() -> None:
    chart = read(
        "quadrantChart\n title Reach\n x-axis Low --> High\n quadrant-1 Expand\n"
        " A: [0.3, 0.6]\n B:::big: [0.8, 0.1] radius: 10"
    )
    assert (chart.type, chart.title) == (ChartType.SCATTER, "Reach")
    assert values(chart) == {"A": [(0.3, 0.6)], "B": [(0.8, 0.1)]}
    assert chart.annotations == ("upper right: Expand",)


def test_radar() -> None:
    chart = read('radar-beta\n axis m["Maths"], s\n curve a["Ann"]{85, 90}, b{s: 7, m: 5}')
    assert chart.type is ChartType.RADAR
    assert values(chart) == {"Ann": [("Maths", 85), ("s", 90)], "b": [("s", 7), ("Maths", 5)]}


@pytest.mark.parametrize(
    "source", ["pie title Nothing", "xychart\n line [N1, N2]", "graph TD\n a-->b", "pier"]
)
def test_no_chart(source: str) -> None:
    assert read_mermaid_chart(source) is None


def test_a_file_is_a_figure_with_a_chart(tmp_path: Path) -> None:
    path = tmp_path / "pets.mmd"
    path.write_text('pie title Pets\n "Dogs" : 3\n "Cats" : 1')
    file = DiagramFile(path)
    (figure,) = file.layout("pets", lambda *_: pytest.fail("no PDF")).figures
    assert figure.chart is not None and figure.chart.size == 2 and figure.reading is None
    assert {"Dogs", "Cats", "Pets"} <= {w.text for w in file.drawing(1).words}
    with pytest.raises(BrokenFileError):
        DiagramFile(b"pie title Nothing", suffix=".mmd")


HEADS = st.sampled_from(["pie", "xychart-beta", "quadrantChart", "radar-beta"])
PARTS = st.sampled_from(
    ['"', "[", "]", "{", "}", ":", ",", "title", "x-axis", "bar", "curve", "axis ", "-->"]
)
WORDS = st.one_of(PARTS, st.sampled_from(["1", "nan", "inf", "1e999", "a", " ", "\n"]))


@settings(max_examples=150, deadline=None)
@given(HEADS, st.lists(WORDS, max_size=30))
def test_any_text_is_read_or_refused(head: str, parts: list[str]) -> None:
    chart = read_mermaid_chart(f"{head}\n{''.join(parts)}")
    assert chart is None or Chart.from_dict(chart.to_dict()) == chart
