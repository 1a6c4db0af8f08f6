"""Pictures that come twice, and logos."""

from __future__ import annotations

from PIL import Image, ImageDraw

from dic_ingest.figures.duplicates import mark_duplicates
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Document, Figure, Page, Parser, Route


def picture(seed: int, size: tuple[int, int] = (200, 100)) -> Image.Image:
    made = Image.new("RGB", (200, 100), "white")
    pen = ImageDraw.Draw(made)
    for k in range(4):
        x = (37 * k * (seed + 1)) % 150
        y = (23 * k + 19 * seed) % 70
        pen.rectangle((x, y, x + 40, y + 20), outline="black", fill=(40 * k, 20 * seed % 255, 120))
    return made.resize(size)


def document(*boxes: tuple[int, float]) -> Document:
    """A figure for every (page, side in points)."""
    route = Route("diagram", Kind.BLOCK, 0.9, "boxes")
    figures = tuple(
        Figure(f"f{i}", page, (10.0, 10.0, 10.0 + side, 10.0 + side / 2), i, route=route)
        for i, (page, side) in enumerate(boxes)
    )
    return Document("x", "0" * 64, Parser("made"), tuple(Page(n, 600, 800) for n in range(1, 9)), figures)


def test_a_copy_points_at_the_first_and_keeps_its_route() -> None:
    crops = {"f0": picture(1), "f1": picture(2), "f2": picture(1, (400, 200))}
    done = mark_duplicates(document((1, 400), (2, 400), (3, 400)), lambda f: crops[f.id])
    assert [f.duplicate_of for f in done.figures] == ["", "", "f0"]
    assert done.figures[2].route is not None
    assert done.figures[2].route.kept


def test_small_art_on_many_pages_is_a_logo() -> None:
    done = mark_duplicates(
        document((1, 60), (2, 60), (3, 60), (4, 400)), lambda f: picture(1 if f.id != "f3" else 3)
    )
    assert [f.route.route for f in done.figures if f.route] == ["decoration"] * 3 + ["diagram"]
    assert "3 times" in (done.figures[0].route.reason if done.figures[0].route else "")


def test_other_colours_are_another_picture() -> None:
    crops = {"f0": Image.new("RGB", (50, 50), "red"), "f1": Image.new("RGB", (50, 50), "blue")}
    done = mark_duplicates(document((1, 400), (2, 400)), lambda f: crops[f.id])
    assert all(not f.duplicate_of for f in done.figures)
