"""The vector route up to the scene: outlines, lines, what is drawn at their ends."""

from __future__ import annotations

import itertools
import random

import pytest
from diagrams.drawn import BLACK, WHITE, Sheet, circle

from dic_ingest.diagrams.scene import Line, Scene
from dic_ingest.diagrams.settings import VectorSettings
from dic_ingest.diagrams.vector.scene import scene_from_drawing
from dic_ingest.model.diagram import End


def scene(sheet: Sheet) -> Scene:
    return scene_from_drawing(sheet.drawing())


def only_line(sheet: Sheet) -> Line:
    lines = scene(sheet).lines
    assert len(lines) == 1, lines
    return lines[0]


def base() -> Sheet:
    sheet = Sheet()
    sheet.box("left", 100, 100)
    sheet.box("right", 300, 100)
    return sheet


def test_fill_and_border_painted_apart_are_one_shape() -> None:
    sheet = Sheet()
    sheet.box("", 100, 100, stroke=None, fill=(200, 200, 255))
    sheet.box("text", 100, 100)
    (shape,) = scene(sheet).shapes
    assert shape.fill == (200, 200, 255)
    assert shape.stroke == BLACK


def test_page_background_is_no_shape() -> None:
    sheet = Sheet()
    sheet.path([(0, 0), (600, 0), (600, 400), (0, 400)], closed=True, stroke=None, fill=(30, 30, 30))
    sheet.box("a", 100, 100, stroke=WHITE)
    found = scene(sheet)
    assert found.background == (30, 30, 30)
    assert len(found.shapes) == 1


def test_box_of_four_lines() -> None:
    sheet = Sheet()
    for a, b in (((10, 10), (90, 10)), ((90, 10), (90, 50)), ((10, 50), (90, 50)), ((10, 10), (10, 50))):
        sheet.path([a, b])
    sheet.path([(10, 25), (90, 25)])  # a compartment's rule
    sheet.text("name", 50, 18)
    shapes = scene(sheet).shapes
    assert [s.bbox for s in shapes] == [(10, 10, 90, 50)]


def test_rules_drawn_as_thin_areas_make_a_box() -> None:
    sheet = Sheet()
    for x0, y0, x1, y1 in ((10, 10, 90, 10.6), (10, 50, 90, 50.6), (10, 10, 10.6, 50), (90, 10, 90.6, 50)):
        sheet.path([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], closed=True, stroke=None, fill=BLACK)
    sheet.text("boxed", 50, 30)
    assert len(scene(sheet).shapes) == 1


def test_sketchy_double_strokes_are_one_outline_and_one_line() -> None:
    rng = random.Random(1)

    def wobbly(*points: tuple[float, float]) -> list[list[tuple[float, float]]]:
        strokes = []
        for a, b in itertools.pairwise(points):
            for _ in range(2):
                strokes.append([(x + rng.uniform(-0.8, 0.8), y + rng.uniform(-0.8, 0.8)) for x, y in (a, b)])
        return strokes

    sheet = Sheet()
    sheet.path(*wobbly((20, 20), (120, 20), (120, 60), (20, 60), (20, 20)), curved=True)
    sheet.path(*wobbly((20, 160), (120, 160), (120, 200), (20, 200), (20, 160)), curved=True)
    sheet.path(*wobbly((70, 60), (70, 110), (70, 160)), curved=True)
    sheet.text("one", 70, 40)
    sheet.text("two", 70, 180)
    found = scene(sheet)
    assert len(found.shapes) == 2
    assert len(found.lines) == 1


def test_hatching_is_dropped() -> None:
    sheet = Sheet()
    sheet.path(*[[(20 + 4 * k, 20), (10 + 4 * k, 60)] for k in range(25)], stroke=(220, 220, 255))
    sheet.box("hatched", 70, 40, 110, 44)
    found = scene(sheet)
    assert len(found.shapes) == 1
    assert not found.lines


def test_dashes_drawn_one_by_one_are_one_dashed_line() -> None:
    sheet = base()
    for k in range(14):
        x = 140 + 8.4 * k
        sheet.path(
            [(x, 99.6), (x + 5, 99.6), (x + 5, 100.4), (x, 100.4)], closed=True, stroke=None, fill=BLACK
        )
    line = only_line(sheet)
    assert line.dashed
    assert line.points[0][0] == pytest.approx(140, abs=1)
    assert line.points[-1][0] == pytest.approx(254, abs=2)


def test_line_drawn_as_an_area_with_bends() -> None:
    sheet = Sheet()
    outline = [(100, 20), (181, 20), (181, 100), (179, 100), (179, 22), (100, 22)]
    sheet.path(outline, closed=True, stroke=None, fill=BLACK)
    sheet.text("words set the scale", 60, 300)
    line = only_line(sheet)
    assert {tuple(round(v / 4) for v in p) for p in (line.points[0], line.points[-1])} == {(25, 5), (45, 25)}


@pytest.mark.parametrize(
    ("mark", "end"),
    [
        ([(248, 95), (258, 100), (248, 105)], End.ARROW),  # open V
        ([(258, 95), (248, 100), (258, 105)], End.MANY),  # crow's foot
        ([(252, 95), (252, 105)], End.ONE),
    ],
)
def test_open_marks(mark: list[tuple[float, float]], end: End) -> None:
    sheet = base()
    sheet.path([(140, 100), (258, 100)])
    sheet.path(mark)
    assert only_line(sheet).end is end


def test_filled_and_hollow_heads() -> None:
    for fill, end in ((BLACK, End.ARROW), (WHITE, End.TRIANGLE), (None, End.TRIANGLE)):
        sheet = base()
        sheet.path([(140, 100), (250, 100)])
        sheet.arrowhead((250, 100), (260, 100), 10, fill)
        line = only_line(sheet)
        assert (line.start, line.end) == (End.NONE, end)
        assert line.points[-1][0] == pytest.approx(260, abs=1)


def test_diamonds_and_circles_before_a_box() -> None:
    diamond = [(140, 100), (147, 96), (154, 100), (147, 104)]
    for fill, end in ((BLACK, End.FILLED_DIAMOND), (WHITE, End.DIAMOND)):
        sheet = base()
        sheet.path([(154, 100), (260, 100)])
        sheet.path(diamond, closed=True, fill=fill)
        assert only_line(sheet).start is end
    sheet = base()
    sheet.path([(148, 100), (260, 100)])
    sheet.path(circle(144, 100, 4), closed=True, curved=True, fill=WHITE)
    assert only_line(sheet).start is End.CIRCLE


def test_circle_at_a_free_end_is_a_shape() -> None:
    sheet = Sheet()
    sheet.box("next", 300, 100)
    sheet.path(circle(100, 100, 6), closed=True, curved=True, fill=BLACK)
    sheet.line((106, 100), (260, 100), head=True)
    found = scene(sheet)
    assert {s.kind for s in found.shapes} == {"circle", "rect"}
    assert found.lines[0].start is End.NONE


def test_cross_and_zero_or_many() -> None:
    sheet = base()
    sheet.path([(140, 100), (258, 100)])
    sheet.path([(250, 96), (258, 104)], [(250, 104), (258, 96)])
    assert only_line(sheet).end is End.CROSS
    sheet = base()
    sheet.path([(140, 100), (260, 100)])
    sheet.path([(260, 94), (250, 100), (260, 106)])
    sheet.path(circle(246, 100, 4), closed=True, curved=True, fill=WHITE)
    assert only_line(sheet).end is End.ZERO_OR_MANY


def test_block_arrow_is_a_line() -> None:
    sheet = base()
    sheet.path(
        [(145, 96), (240, 96), (240, 91), (255, 100), (240, 109), (240, 104), (145, 104)],
        closed=True,
        fill=(200, 0, 0),
    )
    line = only_line(sheet)
    assert line.end is End.ARROW
    assert line.points[-1] == (255, 100)


@pytest.mark.parametrize(
    ("points", "kind"),
    [
        ([(50, 0), (100, 30), (50, 60), (0, 30)], "diamond"),
        ([(20, 0), (120, 0), (100, 40), (0, 40)], "parallelogram"),
        ([(15, 0), (105, 0), (120, 20), (105, 40), (15, 40), (0, 20)], "hexagon"),
        ([(0, 0), (90, 0), (100, 10), (100, 40), (0, 40)], "note"),
    ],
)
def test_kinds_of_outlines(points: list[tuple[float, float]], kind: str) -> None:
    sheet = Sheet()
    sheet.path([(x + 20, y + 20) for x, y in points], closed=True)
    sheet.text("t", 70, 40)
    assert scene(sheet).shapes[0].kind == kind


def test_cylinder_with_its_rim() -> None:
    top = [(20 + k * 5, 30 - 8 * (1 - ((k - 10) / 10) ** 2) ** 0.5) for k in range(21)]
    bottom = [(x, 140 - y + 0.0) for x, y in reversed(top)]
    rim = [(x, 60 - y) for x, y in top]
    sheet = Sheet()
    sheet.path([*top, *bottom], closed=True, curved=True)
    sheet.path(rim, curved=True)
    sheet.text("db", 70, 80)
    found = scene(sheet)
    assert [s.kind for s in found.shapes] == ["cylinder"]


def test_letters_drawn_as_outlines_under_words_are_no_shapes() -> None:
    sheet = base()
    for word in list(sheet.words):
        x0, y0, _, y1 = word.bbox
        sheet.path(
            [(x0 + 1, y0 + 1), (x0 + 5, y0 + 1), (x0 + 3, y1 - 1)], closed=True, stroke=None, fill=BLACK
        )
    assert len(scene(sheet).shapes) == 2


def test_underline_is_no_line() -> None:
    sheet = Sheet()
    sheet.text("linked words", 100, 100)
    sheet.path([(70, 104), (130, 104)])
    assert not scene(sheet).lines


def test_rotated_words_make_one_line_of_text() -> None:
    sheet = Sheet()
    sheet.text("upwards we read", 100, 200, angle=270)
    (text,) = scene(sheet).texts
    assert text.text == "upwards we read"
    assert text.angle == 270


def test_work_is_bounded() -> None:
    sheet = Sheet()
    for k in range(300):
        sheet.path([(k, 0), (k + 20, 100)])
    found = scene_from_drawing(sheet.drawing(), VectorSettings(max_paths=10))
    assert len(found.lines) <= 10
