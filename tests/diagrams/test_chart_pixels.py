"""Charts in pixels: bars, sectors and whole lines are measured. Words are given, no OCR is asked."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from PIL import Image, ImageDraw

from dic_ingest.diagrams.charts.pixels import read_chart_picture
from dic_ingest.model.chart import Chart, ChartType
from dic_ingest.model.drawing import Word

BLUE, ORANGE, GREEN = (31, 119, 180), (255, 127, 14), (44, 160, 44)
GREY = (119, 119, 119)
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


def test_a_grey_sector_and_a_hole_are_measured() -> None:
    image = Image.new("RGB", (900, 600), "white")
    draw, words, start = ImageDraw.Draw(image), [], 0.0
    for i, (name, share, color) in enumerate((("cats", 45, BLUE), ("dogs", 48, GREY), ("birds", 7, GREEN))):
        draw.pieslice((100, 100, 500, 500), start, start + 3.6 * share, fill=color)
        draw.rectangle((600, 100 + 30 * i, 630, 112 + 30 * i), fill=color)
        words.append(word(name, 640 + 5.5 * len(name), 106 + 30 * i))
        start += 3.6 * share
    draw.ellipse((200, 200, 400, 400), fill="white")
    chart = read_chart_picture(image, tuple(words), numbers=0)
    assert chart is not None and chart.type is ChartType.DONUT
    assert {p.x: round(p.y or 0) for p in chart.series[0].points} == {"cats": 45, "dogs": 48, "birds": 7}


def test_an_ellipse_of_sectors_has_no_shares() -> None:
    image = Image.new("RGB", (900, 600), "white")
    draw, words, start = ImageDraw.Draw(image), [], 0.0
    for name, share, color in (("cats", 50, BLUE), ("dogs", 30, ORANGE), ("birds", 20, GREEN)):
        draw.pieslice((100, 200, 700, 460), start, start + 3.6 * share, fill=color)
        middle = math.radians(start + 1.8 * share)
        words.append(word(name, 400 + 345 * math.cos(middle), 330 + 175 * math.sin(middle)))
        start += 3.6 * share
    assert read_chart_picture(image, tuple(words), numbers=0) is None


def test_bins_that_touch_are_parted() -> None:
    image, draw, words = axes()
    values = (20, 45, 45, 80, 60, 10)
    for i, v in enumerate(values):
        x = LEFT + 50 + 100 * i
        draw.rectangle((x, FOOT - 4 * v, x + 99, FOOT - 1), fill=BLUE)
    for i in range(7):
        words.append(word(str(10 * i), LEFT + 50 + 100 * i, FOOT + 24))
    chart = read_chart_picture(image, tuple(words))
    assert chart is not None and chart.type is ChartType.HISTOGRAM
    assert [round(p.y or 0) for p in chart.series[0].points] == list(values)
    assert [round(float(p.x)) for p in chart.series[0].points] == [0, 10, 20, 30, 40, 50]


def test_parts_of_stacked_bars_with_edges_stand_on_one_another() -> None:
    image, draw, words = axes()
    for i, (name, low, high) in enumerate((("north", 30, 50), ("south", 45, 20), ("east", 25, 35))):
        x = LEFT + 120 + 220 * i
        words.append(word(name, x, FOOT + 24))
        draw.rectangle((x - 50, FOOT - 4 * low, x + 50, FOOT), fill=BLUE, outline="black", width=2)
        top = FOOT - 4 * (low + high)
        draw.rectangle((x - 50, top, x + 50, FOOT - 4 * low), fill=ORANGE, outline="black", width=2)
    chart = read_chart_picture(image, tuple(words))
    assert chart is not None and chart.type is ChartType.STACKED_BAR
    rows = sorted([round(p.y or 0) for p in s.points] for s in chart.series)
    assert all(
        abs(a - b) <= 1
        for r, w in zip(rows, ([30, 45, 25], [50, 20, 35]), strict=True)
        for a, b in zip(r, w, strict=True)
    )


def test_cells_are_measured_by_their_colour_bar() -> None:
    image, draw, words = Image.new("RGB", (1000, 560), "white"), None, []
    draw = ImageDraw.Draw(image)

    def paint(value: float) -> tuple[int, int, int]:
        return (round(2.4 * value), round(40 + 1.6 * value), round(220 - 1.8 * value))

    table = ((10, 90, 40), (70, 20, 55))
    for j, row in enumerate(table):
        words.append(word(("upper", "lower")[j], 100, 160 + 200 * j, right=True))
        for i, v in enumerate(row):
            draw.rectangle((120 + 200 * i, 60 + 200 * j, 319 + 200 * i, 259 + 200 * j), fill=paint(v))
    for i, name in enumerate(("north", "south", "east")):
        words.append(word(name, 220 + 200 * i, 484))
    for y in range(60, 461):
        draw.line((780, y, 810, y), fill=paint((460 - y) / 4))
    for v in range(0, 101, 20):
        words.append(Word(str(v), (820, 449 - 4 * v, 850, 471 - 4 * v), 20.0, confidence=0.9))
    chart = read_chart_picture(image, tuple(words))
    assert chart is not None and chart.type is ChartType.HEAT_MAP
    found = {s.name: [p.y for p in s.points] for s in chart.series}
    for name, row in zip(("upper", "lower"), table, strict=True):
        assert found[name] == pytest.approx(row, abs=2.0)


FIVES = ((10, 20, 35, 50, 70), (30, 40, 45, 60, 90))


def boxes(grid: bool) -> Chart | None:
    image, draw, words = axes()
    for v in range(20, 100, 20) if grid else ():
        draw.line((LEFT, FOOT - 4 * v, RIGHT, FOOT - 4 * v), fill=(190, 190, 190), width=2)
    for i, (name, five) in enumerate(zip(("north", "south"), FIVES, strict=True)):
        x, (a, b, c, d, e) = LEFT + 200 + 280 * i, (FOOT - 4 * v for v in five)
        words.append(word(name, x, FOOT + 24))
        draw.rectangle((x - 40, d, x + 40, b), outline="black", width=3)
        draw.line((x - 40, c, x + 40, c), fill=ORANGE, width=3)
        for near, far in ((b, a), (d, e)):
            draw.line((x, near, x, far), fill="black", width=3)
            draw.line((x - 20, far, x + 20, far), fill="black", width=3)
    return read_chart_picture(image, tuple(words))


@pytest.mark.parametrize("grid", [True, False])
def test_boxes_have_their_five_numbers(grid: bool) -> None:
    chart = boxes(grid)
    assert chart is not None and chart.type is ChartType.BOX_PLOT
    for i, five in enumerate(FIVES):
        assert [s.points[i].y for s in chart.series] == pytest.approx(five, abs=1.0)


def test_areas_have_values_at_their_common_corners() -> None:
    image, draw, words = axes()
    low, high = (20, 40, 30, 35, 25), (50, 60, 80, 60, 55)
    xs = [LEFT + 20 + 160 * i for i in range(5)]
    for i, x in enumerate(xs):
        words.append(word(str(i), x, FOOT + 24))
    for rows, color in ((high, ORANGE), (low, BLUE)):
        tops = [(x, FOOT - 4 * v) for x, v in zip(xs, rows, strict=True)]
        draw.polygon([(xs[0], FOOT - 1), *tops, (xs[-1], FOOT - 1)], fill=color)
    chart = read_chart_picture(image, tuple(words))
    assert chart is not None and chart.type is ChartType.AREA
    assert len(chart.series) == 2
    wanted = {round(low[0]): low, round(high[0] - low[0]): [b - a for a, b in zip(low, high, strict=True)]}
    for series in chart.series:
        assert len(series.points) <= 6  # one at each corner; one of two that nearly meet may stand beside it
        row = wanted[min(wanted, key=lambda first: abs(first - (series.points[0].y or 0)))]
        for i, value in enumerate(row):
            near = min(series.points, key=lambda p: abs(float(p.x) - i))
            assert near.y == pytest.approx(value, abs=2.0) and near.x == pytest.approx(i, abs=0.1)


def test_a_dashed_line_is_followed_over_its_gaps() -> None:
    image, draw, words = axes()
    row = (20, 60, 35, 80, 50, 70)
    for v in range(0, 11, 2):
        words.append(word(str(v), LEFT + v / 10 * (RIGHT - LEFT), FOOT + 24))
    spots = [(LEFT + (i + 0.5) * 116, FOOT - 4 * v) for i, v in enumerate(row)]
    left = 0.0  # of the way to the next change between dash and gap
    for (ax, ay), (bx, by) in pairwise(spots):
        long = math.dist((ax, ay), (bx, by))
        at = -left
        while at < long:
            a, b = max(at, 0) / long, min(at + 16, long) / long
            if b > a:
                draw.line(
                    (ax + a * (bx - ax), ay + a * (by - ay), ax + b * (bx - ax), ay + b * (by - ay)), BLUE, 4
                )
            at += 24
        left = long - (at - 24)
    chart = read_chart_picture(image, tuple(words))
    assert chart is not None and chart.type is ChartType.LINE
    (series,) = chart.series
    for i, value in enumerate(row):
        near = min(series.points, key=lambda p: abs(float(p.x) - (i + 0.5) * 116 / 70))
        assert near.y == pytest.approx(value, abs=4.0)


def test_numbers_beside_samples_are_a_legend_and_parts_may_be_missing() -> None:
    image, draw, words = axes()
    rows = ((30, 45, 25), (50, 20, 35), (0, 30, 0))
    for i, name in enumerate(("north", "south", "east")):
        x, foot = LEFT + 120 + 220 * i, FOOT
        words.append(word(name, x, FOOT + 24))
        for row, color in zip(rows, (BLUE, ORANGE, GREEN), strict=True):
            if row[i]:
                draw.rectangle((x - 50, foot - 4 * row[i], x + 50, foot - 1), fill=color)
                foot -= 4 * row[i]
    for i, color in enumerate((GREEN, ORANGE, BLUE)):
        draw.rectangle((860, 200 + 60 * i, 880, 214 + 60 * i), fill=color)
        words.append(word(str(3 - i), 900, 207 + 60 * i))
    chart = read_chart_picture(image, tuple(words))
    assert chart is not None and chart.type is ChartType.STACKED_BAR and chart.second_y_axis is None
    found = {s.name: {p.x: round(p.y or 0) for p in s.points} for s in chart.series}
    assert found["3"] == {"south": 30} and found["2"] == {"north": 50, "south": 20, "east": 35}


@pytest.mark.parametrize("ground", ["white", (226, 238, 250)])
def test_a_plot_of_grid_lines_without_axes_is_one(ground: object) -> None:
    image, words = Image.new("RGB", (1000, 560), "white"), []
    draw = ImageDraw.Draw(image)
    draw.rectangle((LEFT, TOP, RIGHT, FOOT), fill=ground)
    for v in range(0, 101, 20):
        y = FOOT - 4 * v
        draw.line((LEFT, y, RIGHT, y), fill=(205, 205, 205) if ground == "white" else "white", width=2)
        words.append(word(str(v), LEFT - 14, y, right=True))
    for i, (name, v) in enumerate((("north", 80), ("south", 35), ("east", 60))):
        x = LEFT + 120 + 220 * i
        draw.rectangle((x - 40, FOOT - 4 * v, x + 40, FOOT - 1), fill=BLUE)
        words.append(word(name, x, FOOT + 24))
    chart = read_chart_picture(image, tuple(words))
    assert chart is not None and chart.type is ChartType.BAR
    assert [p.y for p in chart.series[0].points] == pytest.approx([80, 35, 60], abs=1.0)
