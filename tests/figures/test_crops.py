"""Crops: legible, bounded, upright, safely named, whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from dic_ingest.errors import BrokenFileError, SettingsError
from dic_ingest.figures.crops import crop_dpi, cut_crops, picture_pages, upright
from dic_ingest.figures.settings import CropSettings
from dic_ingest.model.box import Box, height_of, width_of
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Document, Figure, Page, Parser, Route
from dic_ingest.model.drawing import Word


def render(page: int, box: Box | None, dpi: float) -> Image.Image:
    assert box is not None
    size = round(width_of(box) * dpi / 72), round(height_of(box) * dpi / 72)
    return Image.linear_gradient("L").resize(size).convert("RGB")


def document(*figures: Figure) -> Document:
    return Document("x", "0" * 64, Parser("made"), (Page(1, 600, 800),), figures)


def figure(label: str = "", **more: object) -> Figure:
    return Figure(f"id-{label or 'none'}", 1, (100.0, 100.0, 300.0, 200.0), 0, label=label, **more)  # type: ignore[arg-type]


def test_files_are_named_after_labels_and_never_collide(tmp_path: Path) -> None:
    done = cut_crops(
        document(figure("Figure 3-2"), figure("Figure 3-2"), figure("../../etc/x"), figure()),
        render,
        tmp_path,
    )
    names = [f.image for f in done.figures]
    assert names == [
        "figures/figure-3-2.png",
        "figures/figure-3-2-2.png",
        "figures/etc-x.png",
        "figures/id-none.png",
    ]
    assert sorted(p.name for p in (tmp_path / "figures").iterdir()) == sorted(Path(n).name for n in names)


def test_scripts_without_ascii_letters_get_names_too(tmp_path: Path) -> None:
    (done,) = cut_crops(document(figure("图 3")), render, tmp_path).figures
    assert (tmp_path / done.image).is_file()
    assert done.image.isascii()


def test_small_words_ask_for_more_dots() -> None:
    small = figure(embedded_words=tuple(Word("w", (0, 0, 9, 4), 4.0) for _ in range(20)))
    settings = CropSettings()
    assert crop_dpi(small, settings) > crop_dpi(figure(), settings) >= settings.min_dpi
    assert crop_dpi(small, CropSettings(max_pixels=10_000)) < 72


def test_digest_is_of_the_pixels(tmp_path: Path) -> None:
    one, two = (cut_crops(document(figure()), render, tmp_path / n).figures[0].crop_sha256 for n in "ab")
    assert one == two != ""


def test_sideways_figures_are_put_upright(tmp_path: Path) -> None:
    (done,) = cut_crops(document(figure(rotation=90)), render, tmp_path).figures
    with Image.open(tmp_path / done.image) as picture:
        assert picture.height > picture.width
    mark = Image.new("L", (2, 1))
    mark.putpixel((0, 0), 255)  # white at the left goes to the top, clockwise
    assert upright(mark, 90).getpixel((0, 0)) == 255
    assert upright(mark, 270).getpixel((0, 1)) == 255


def test_only_kept_figures_are_cut(tmp_path: Path) -> None:
    away = figure(route=Route("decoration", Kind.DECORATION, 0.9, "logo"))
    assert cut_crops(document(away), render, tmp_path).figures[0].image == ""
    assert cut_crops(document(away), render, tmp_path, CropSettings(all_routes=True)).figures[0].image


def test_without_a_folder_nothing_is_written() -> None:
    (done,) = cut_crops(document(figure()), render, None).figures
    assert (done.image, done.dpi > 0) == ("", True)


def test_a_failed_write_leaves_no_half_file(tmp_path: Path) -> None:
    class Broken(Image.Image):
        def save(self, *args: object, **more: object) -> None:
            raise OSError("disk full")

    def broken(page: int, box: Box | None, dpi: float) -> Image.Image:
        picture = render(page, box, dpi)
        picture.__class__ = Broken
        return picture

    with pytest.raises(OSError, match="disk full"):
        cut_crops(document(figure()), broken, tmp_path)
    assert list((tmp_path / "figures").iterdir()) == []


def test_settings_are_checked() -> None:
    with pytest.raises(SettingsError):
        CropSettings(min_dpi=500, max_dpi=200)


def test_panels_of_a_kept_figure_are_cut_too(tmp_path: Path) -> None:
    whole = figure("Figure 2", route=Route("diagram", Kind.FLOWCHART, 0.9, "boxes"))
    aside = Route("skipped", Kind.OTHER, 1.0, "part of Figure 2")
    parts = [figure(f"Figure 2 ({c})", route=aside, parent=whole.id) for c in "ab"]
    done = cut_crops(document(whole, *parts), render, tmp_path).figures
    assert [f.image for f in done] == [f"figures/figure-2{end}.png" for end in ("", "-a", "-b")]
    dropped = figure("Figure 2", route=Route("table", Kind.TABLE, 0.9, "rows"))
    assert not any(f.image for f in cut_crops(document(dropped, *parts), render, tmp_path).figures)


def test_pages_are_drawn_when_asked_for_within_the_limit(tmp_path: Path) -> None:
    asked: list[float] = []

    def draw(page: int, box: Box | None, dpi: float) -> Image.Image:
        assert box is None
        asked.append(dpi)
        if page == 2:
            raise BrokenFileError("damaged")
        return Image.new("RGB", (int(600 * dpi / 72), int(800 * dpi / 72)), "red")

    pages = (Page(1, 600, 800), Page(2, 600, 800))
    whole = Document("x", "0" * 64, Parser("made"), pages, ())
    assert picture_pages(whole, draw, tmp_path, CropSettings()) == whole  # off by default
    limited = CropSettings(pages=True, max_pixels=480_000)
    assert picture_pages(whole, draw, None, limited) == whole and not asked
    found = picture_pages(whole, draw, tmp_path, limited)
    assert [p.image for p in found.pages] == ["pages/0001.png", ""]
    assert [(w.code, w.page) for w in found.warnings] == [("page_failed", 2)]
    with Image.open(tmp_path / "pages" / "0001.png") as picture:
        assert picture.size == (600, 800) and asked[0] == pytest.approx(72.0)
    assert Document.from_dict(found.to_dict()) == found
    before = found.to_dict()
    for page in before["pages"]:
        del page["image"]  # of a version without pictures of pages
    assert [p.image for p in Document.from_dict(before).pages] == ["", ""]
