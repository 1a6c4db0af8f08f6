"""Charts in pixels: bars, sectors and whole lines are measured. Words are given, no OCR is asked."""

from __future__ import annotations

import math

import pytest
from PIL import Image, ImageDraw

from dic_ingest.diagrams.charts.pixels import read_chart_picture
from dic_ingest.model.chart import Chart, ChartType
from dic_ingest.model.drawing import Word

BLUE, ORANGE, GREEN = (31, 119, 180), (255, 127, 14), (44, 160, 44)
LEFT, TOP, RIGHT, FOOT = 120, 60, 820, 460


def word(text: str, x: float, y: float, right: bool = False) -> Word:
    wide = 11.0 * len(text)
    x0 = x - wide if right else x - wide / 2
    return Word(text, (x0, y - 11, x0 + wide, y + 11), 20.0, confidence=0.9)


def axes() -> tuple[Image.Image, ImageDraw.ImageDraw, list[Word]]:
    """y from 0 to 100."""
    image = Image.new("RGB", (1000, 560), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((LEFT, TOP, RIGHT, FOOT), outline="black", width=2)
    words = []
    for v in range(0, 101, 20):
        y = FOOT - v / 100 * (FOOT - TOP)
        draw.line((LEFT - 8, y, LEFT, y), fill="black", width=2)
        words.append(word(str(v), LEFT - 14, y, right=True))
    return image, draw, words


def bars(
    rows: list[tuple[float, ...]], names: list[str], colors: list[tuple[int, int, int]]
) -> tuple[Image.Image, list[Word]]:
    image, draw, words = axes()
    step = (RIGHT - LEFT) / len(names)
    for i, name in enumerate(names):
        middle = LEFT + (i + 0.5) * step
        words.append(word(name, middle, FOOT + 24))
        for k, row in enumerate(rows):
            x = middle + (k - (len(rows) - 1) / 2) * 44
            draw.rectangle((x - 20, FOOT - row[i] / 100 * (FOOT - TOP), x + 20, FOOT - 1), fill=colors[k])
    return image, words


def rounded(chart: Chart | None) -> dict[str, list[tuple[object, int]]]:
    assert chart is not None
    return {s.name: [(p.x, round(p.y or 0)) for p in s.points] for s in chart.series}


def test_bars_are_measured() -> None:
    image, words = bars([(80, 35, 60)], ["north", "south", "east"], [BLUE])
    chart = read_chart_picture(image, tuple(words))
    assert chart is not None and chart.type is ChartType.BAR and chart.read_from == "pixels"
    (values,) = rounded(chart).values()
    assert all(abs(y - w) <= 1 for (_, y), w in zip(values, (80, 35, 60), strict=True))
    assert [x for x, _ in values] == ["north", "south", "east"]
    assert all(p.score < 1 for p in chart.series[0].points)


def test_bars_of_two_paints_are_named_by_the_legend() -> None:
    image, words = bars([(80, 30), (50, 90)], ["first", "second"], [BLUE, ORANGE])
    draw = ImageDraw.Draw(image)
    for i, (name, color) in enumerate((("old", BLUE), ("new", ORANGE))):
        draw.rectangle((860, 100 + 30 * i, 890, 112 + 30 * i), fill=color)
        words.append(word(name, 925, 106 + 30 * i))
    values = rounded(read_chart_picture(image, tuple(words)))
    assert set(values) == {"old", "new"}
    assert [round(y, -1) for _, y in values["old"]] == [80, 30]
    assert [round(y, -1) for _, y in values["new"]] == [50, 90]


def test_places_are_pixels_of_the_picture() -> None:
    image, words = bars([(80, 35, 60)], ["north", "south", "east"], [BLUE])
    chart = read_chart_picture(image, tuple(words))
    assert chart is not None and chart.bbox is not None
    box = chart.series[0].points[0].bbox
    assert abs(chart.bbox[0] - LEFT) < 10 and abs(chart.bbox[3] - FOOT) < 4
    assert box is not None and abs(box[3] - FOOT) < 4


def test_sectors_are_measured() -> None:
    image = Image.new("RGB", (800, 600), "white")
    draw, words, start = ImageDraw.Draw(image), [], -90.0
    for name, share, color in (("cats", 50, BLUE), ("dogs", 30, ORANGE), ("birds", 20, GREEN)):
        draw.pieslice((200, 100, 600, 500), start, start + 3.6 * share, fill=color)
        middle = math.radians(start + 1.8 * share)
        words.append(word(name, 400 + 245 * math.cos(middle), 300 + 225 * math.sin(middle)))
        words.append(word(f"{share}%", 400 + 120 * math.cos(middle), 300 + 120 * math.sin(middle)))
        start += 3.6 * share
    chart = read_chart_picture(image, tuple(words))
    assert chart is not None and chart.type is ChartType.PIE
    assert {p.x: round(p.y or 0) for p in chart.series[0].points} == {"cats": 50, "dogs": 30, "birds": 20}


def line(*rows: tuple[float, ...], symbols: bool) -> Chart | None:
    image, draw, words = axes()
    for v in range(0, 11, 2):
        words.append(word(str(v), LEFT + v / 10 * (RIGHT - LEFT), FOOT + 24))
    for row, color in zip(rows, (BLUE, ORANGE), strict=False):
        spots = [(LEFT + (i + 0.5) * 116, FOOT - 4 * v) for i, v in enumerate(row)]
        draw.line(spots, fill=color, width=4, joint="curve")
        for x, y in spots if symbols else ():
            draw.ellipse((x - 9, y - 9, x + 9, y + 9), fill=color)
    return read_chart_picture(image, tuple(words))


@pytest.mark.parametrize("symbols", [True, False])
def test_a_line_is_measured_at_its_corners(symbols: bool) -> None:
    row = (20, 60, 35, 80, 50, 70)
    chart = line(row, symbols=symbols)
    assert chart is not None and chart.type is ChartType.LINE
    (series,) = chart.series
    assert series.score < 1 and len(row) <= len(series.points) <= len(row) + (0 if symbols else 2)
    for i, value in enumerate(row):
        at = (i + 0.5) * 116 / 70
        near = min(series.points, key=lambda p: abs(float(p.x) - at))
        assert near.y == pytest.approx(value, abs=1.5) and near.x == pytest.approx(at, abs=0.12)


def test_lines_of_two_paints_are_two_series() -> None:
    chart = line((20, 60, 35, 80, 50, 70), (70, 30, 65, 20, 90, 40), symbols=True)
    assert chart is not None and len(chart.series) == 2
    assert {len(s.points) for s in chart.series} == {6}
    assert len({p.x for s in chart.series for p in s.points}) == 6  # a table has a row for both


def test_a_line_in_pieces_has_no_values() -> None:
    image, draw, words = axes()
    for v in range(0, 11, 2):
        words.append(word(str(v), LEFT + v / 10 * (RIGHT - LEFT), FOOT + 24))
    draw.line(((160, 400), (400, 300)), fill=BLUE, width=4)
    draw.line(((300, 120), (780, 200)), fill=BLUE, width=4)
    chart = read_chart_picture(image, tuple(words))
    assert chart is not None and chart.y_axis is not None
    assert chart.y_axis.range == pytest.approx((0.0, 100.0), abs=0.3)
    assert not chart.series and any("not measured" in u for u in chart.unread)


def test_a_picture_without_words_or_axes_is_no_chart() -> None:
    image = Image.new("RGB", (300, 200), BLUE)
    assert read_chart_picture(image, ()) is None
    assert read_chart_picture(image, (word("alone", 100, 100),)) is None
