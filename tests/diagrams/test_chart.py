"""Charts as facts: axes, series, values by the scale. Scenes are built by hand."""

from __future__ import annotations

import pytest

from dic_ingest.diagrams.chart import read_chart
from dic_ingest.diagrams.chart_marks import color_name
from dic_ingest.diagrams.scene import Line, Scene, Shape, TextLine
from dic_ingest.model.diagram import Kind
from dic_ingest.model.drawing import Color

BLUE, RED = (40, 80, 220), (210, 40, 40)


def text(said: str, x: float, y: float, angle: float = 0.0) -> TextLine:
    wide, high = (5.0 * len(said), 10.0) if angle == 0 else (10.0, 5.0 * len(said))
    return TextLine(said, (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2), 10, angle)


def rect(x0: float, y0: float, x1: float, y1: float, fill: Color) -> Shape:
    return Shape((x0, y0, x1, y1), ((x0, y0), (x1, y0), (x1, y1), (x0, y1)), "rect", fill)


def axes() -> tuple[list[Line], list[TextLine]]:
    """y from 0 (300) to 100 (100) at x = 60."""
    lines = [Line(((60, 100), (60, 300))), Line(((60, 300), (460, 300)))]
    return lines, [text(str(v), 45, 300 - 2 * v) for v in range(0, 101, 20)]


def test_bars_have_values_categories_and_series() -> None:
    lines, texts = axes()
    texts += [text(n, 120 + 120 * i, 312) for i, n in enumerate(["north", "south", "east"])]
    texts += [text("Sales", 15, 200, 270), text("Region", 260, 330), text("first year", 420, 60)]
    shapes = [rect(100 + 120 * i, 300 - 2 * v, 140 + 120 * i, 300, BLUE) for i, v in enumerate((20, 50, 90))]
    d = read_chart(Scene(500, 340, (*shapes, rect(380, 55, 390, 65, BLUE)), tuple(lines), tuple(texts)))
    assert d.kind is Kind.CHART and d.nodes == ()
    assert d.notes == (
        'x axis "Region": "north", "south", "east"',
        'y axis "Sales" from 0 to 100',
        '"first year": about "north" 20, "south" 50, "east" 90',
        '"first year" is drawn in blue',
    )


def test_a_curve_has_its_lowest_and_highest_point() -> None:
    lines, texts = axes()
    texts += [text(str(v), 60 + 40 * v, 312) for v in range(0, 11, 2)]
    lines.append(Line(((60, 260), (220, 140), (460, 300)), color=RED))
    d = read_chart(Scene(500, 340, (), tuple(lines), tuple(texts)))
    assert d.notes[0] == "x axis from 0 to 10"
    assert d.notes[2] == (
        "a curve: lowest about 0 at 10.0, highest about 80 at 4.0; "
        "at 0: 20, 2: 50, 4: 80, 6: 53, 8: 27, 10: 0"
    )


def test_a_logarithmic_axis() -> None:
    lines = [Line(((60, 100), (60, 300))), Line(((60, 300), (460, 300)))]
    texts = [text(str(10**i), 50 - 2.5 * (i + 1), 300 - 50 * i) for i in range(5)]
    texts += [text(n, 100 + 100 * i, 312) for i, n in enumerate(["a1b", "c2d"])]
    shapes = [rect(90, 200, 110, 300, BLUE), rect(190, 150, 210, 300, BLUE)]
    d = read_chart(Scene(500, 340, tuple(shapes), tuple(lines), tuple(texts)))
    assert "y axis from 1 to 10000, logarithmic" in d.notes
    assert 'bars: about "a1b" 100, "c2d" 1000' in d.notes


def test_slices_are_named_by_their_colour() -> None:
    shapes = [
        rect(0, 0, 100, 100, BLUE),
        rect(100, 0, 200, 100, RED),
        rect(300, 10, 310, 20, BLUE),
        rect(300, 30, 310, 40, RED),
    ]
    texts = [text("70%", 50, 50), text("30%", 150, 50), text("cats", 330, 15), text("dogs", 330, 35)]
    d = read_chart(Scene(400, 120, tuple(shapes), (), tuple(texts)))
    assert d.notes == ('"cats" is drawn in blue', '"dogs" is drawn in red', '"cats": 70%', '"dogs": 30%')


def test_nothing_gives_no_facts() -> None:
    assert read_chart(Scene(100, 100)).notes == ()


@pytest.mark.parametrize(
    ("color", "name"),
    [
        ((255, 0, 0), "red"), ((255, 140, 0), "orange"), ((31, 119, 180), "blue"), ((44, 160, 44), "green"),
        ((148, 103, 189), "purple"), ((140, 86, 75), "brown"), ((227, 119, 194), "pink"),
        ((127, 127, 127), "grey"), ((0, 0, 0), "black"), ((255, 255, 255), "white"),
        ((23, 190, 207), "cyan"), ((250, 220, 40), "yellow"),
    ],
)  # fmt: skip
def test_colours_have_plain_names(color: Color, name: str) -> None:
    assert color_name(color) == name
