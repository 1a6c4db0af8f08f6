"""From pixels to a scene: pictures drawn in the test, read with the shipped network."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from dic_ingest.diagrams.raster.outlines import _without_cells
from dic_ingest.diagrams.raster.scene import scene_from_picture
from dic_ingest.diagrams.scene import Scene, Shape
from dic_ingest.diagrams.settings import RasterSettings
from dic_ingest.errors import SettingsError
from dic_ingest.model.box import iou
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Word
from dic_ingest.vision.line_segmentation import Maps, read_maps

ONE = RasterSettings(threads=1)
BOXES = {"Order": (60, 40, 200, 90), "Stock": (60, 220, 200, 270), "Bill": (360, 220, 500, 270)}


def _drawing(
    scale: int = 2, ink: str = "black", paper: str = "white"
) -> tuple[Image.Image, tuple[Word, ...]]:
    """Three boxes, an arrow down, a plain line to the right; the words are known."""
    image = Image.new("RGB", (560 * scale, 320 * scale), paper)
    d = ImageDraw.Draw(image)
    words = []
    font = ImageFont.load_default(14 * scale)
    for text, box in BOXES.items():
        x0, y0, x1, y1 = (v * scale for v in box)
        d.rectangle((x0, y0, x1, y1), outline=ink, width=scale)
        at = (x0 + 40 * scale, y0 + 16 * scale)
        d.text(at, text, fill=ink, font=font)
        words.append(Word(text, tuple(float(v) for v in d.textbbox(at, text, font=font)), 14.0 * scale))
    d.line([v * scale for v in (130, 90, 130, 212)], fill=ink, width=scale)
    d.polygon([(v[0] * scale, v[1] * scale) for v in ((130, 220), (125, 209), (135, 209))], fill=ink)
    d.line([v * scale for v in (200, 245, 360, 245)], fill=ink, width=scale)
    return image, tuple(words)


def _found(scene: Scene, scale: int) -> int:
    return sum(
        any(iou(s.bbox, tuple(v * scale for v in box)) > 0.8 for s in scene.shapes) for box in BOXES.values()
    )


@pytest.mark.parametrize(("ink", "paper"), [("black", "white"), ("white", "#202430"), ("#1a5276", "#fdfefe")])
def test_boxes_and_lines_of_a_clean_picture(ink: str, paper: str) -> None:
    image, words = _drawing(2, ink, paper)
    scene = scene_from_picture(image, words, ONE)
    assert (scene.width, scene.height) == image.size
    assert _found(scene, 2) == 3
    down = [v for v in scene.lines if abs(v.points[0][0] - v.points[-1][0]) < 10]
    across = [v for v in scene.lines if abs(v.points[0][1] - v.points[-1][1]) < 10]
    assert len(down) == 1 and len(across) == 1
    low = max(down[0].points, key=lambda p: p[1])
    assert abs(low[0] - 260) < 6 and abs(low[1] - 440) < 12
    assert (down[0].end if low == down[0].points[-1] else down[0].start) is End.ARROW
    xs = sorted(p[0] for p in across[0].points)
    assert abs(xs[0] - 400) < 12 and abs(xs[-1] - 720) < 12


def test_a_poor_copy_still_shows_the_boxes() -> None:
    image, words = _drawing(1)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=40)
    assert _found(scene_from_picture(Image.open(data), words, ONE), 1) == 3


def test_texts_are_those_given() -> None:
    image, words = _drawing(1)
    assert sorted(t.text for t in scene_from_picture(image, words, ONE).texts) == ["Bill", "Order", "Stock"]


def test_pictures_without_a_drawing() -> None:
    blank = scene_from_picture(Image.new("RGB", (300, 200), "white"), (), ONE)
    assert (blank.shapes, blank.lines, blank.background) == ((), (), (255, 255, 255))
    assert scene_from_picture(Image.new("L", (9, 9)), (), ONE).lines == ()
    noise = np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    assert len(scene_from_picture(Image.fromarray(noise), (), ONE).shapes) < 40


def test_beyond_the_limit_nothing_is_traced() -> None:
    image, words = _drawing(1)
    scene = scene_from_picture(image, words, RasterSettings(threads=1, max_pixels=10_000))
    assert scene.shapes == () and len(scene.texts) == 3


@pytest.mark.parametrize("bad", [{"threads": 0}, {"max_area": 1.0}, {"max_pixels": 5.0}])
def test_settings_are_checked(bad: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        RasterSettings(**bad)  # type: ignore[arg-type]


def test_cells_of_a_table_are_no_nodes_but_boxes_in_a_frame_are() -> None:
    rule = np.zeros((120, 240), np.float32)
    rule[20:100, 80] = rule[40, 20:220] = 1.0
    maps = Maps(np.zeros((120, 240, 3), np.uint8), 1.0, {"rule": rule})
    table, *cells = (
        Shape((x0, y0, x1, y1), ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
        for x0, y0, x1, y1 in ((20, 20, 220, 100), (22, 22, 218, 38), (22, 42, 78, 98), (82, 42, 218, 98))
    )
    assert _without_cells([table, *cells], maps) == [table]
    bare = Maps(maps.pixels, 1.0, {"rule": np.zeros_like(rule)})
    assert _without_cells([table, *cells], bare) == [table, *cells]


def test_a_thick_arrow_is_one_line_with_its_head() -> None:
    image, words = _drawing()
    d = ImageDraw.Draw(image)
    corners = ((420, 300), (600, 300), (600, 270), (660, 330), (600, 390), (600, 360), (420, 360))
    d.polygon([(x, y - 200) for x, y in corners], fill="#9db4c0", outline="black")
    scene = scene_from_picture(image, words, ONE)
    thick = [v for v in scene.lines if v.points[0][1] < 240 and abs(v.points[0][0] - v.points[-1][0]) > 200]
    assert len(thick) == 1
    assert abs(thick[0].points[-1][0] - 660) < 8 and thick[0].end is End.ARROW and thick[0].start is End.NONE
    assert not any(s.bbox[0] > 410 and s.bbox[3] < 200 for s in scene.shapes)


def test_the_mirror_image_is_laid_upon_the_picture() -> None:
    image, _ = _drawing(1)
    pixels = np.asarray(image)
    once, twice = (read_maps(pixels, 14.0, 1, mirrored=m) for m in (False, True))
    other = read_maps(np.ascontiguousarray(pixels[:, ::-1]), 14.0, 1, mirrored=True)
    assert not np.allclose(once["line"], twice["line"], atol=1e-3)
    # the sides are padded unlike, and the network reaches far: alike, not equal
    assert float(np.abs(twice["line"] - other["line"][:, ::-1]).mean()) < 0.01
    x = round(165 * twice.scale), round(245 * twice.scale)
    assert twice["line"][x[1] - 3 : x[1] + 4, round(280 * twice.scale)].max() > 0.7


def test_nothing_is_left_in_an_area_that_is_blotted_out() -> None:
    maps = read_maps(np.asarray(_drawing(1)[0]), 14.0, 1)
    s = maps.scale
    area = [(x * s, y * s) for x, y in ((200, 235), (360, 235), (360, 255), (200, 255))]
    gone = maps.without([area], 1.0)
    assert (
        maps["line"][round(245 * s), round(280 * s)] > 0.3
        and gone["line"][round(245 * s), round(280 * s)] == 0
    )
    assert np.array_equal(gone["outline"][: round(200 * s)], maps["outline"][: round(200 * s)])
    assert maps.without([], 1.0) is maps
