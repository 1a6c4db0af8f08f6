"""Pictures as they come from scanners, cameras and browsers: read alike, or refused with a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dic_ingest.errors import InputError
from dic_ingest.settings import Settings
from dic_ingest.sources.diagram_files.picture import open_picture

SAMPLE = Path(__file__).parents[2] / "samples/flowchart.png"


def _sample() -> Image.Image:
    return Image.open(SAMPLE).convert("RGB").resize((208, 241))


def _sixteen_bits() -> Image.Image:
    return Image.fromarray(np.asarray(_sample().convert("L")).astype(np.uint16) * 257)


def _pages(path: Path) -> list[Image.Image]:
    settings = Settings()
    with open_picture(path, settings.picture, settings.diagram) as opened:
        return [opened.render(p.number, dpi=72.0) for p in opened.pages]


def _exif(path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6  # to be shown turned by 90 degrees
    _sample().rotate(90, expand=True).save(path, exif=exif, quality=95)


WRITTEN = {
    "grey16.png": lambda p: _sixteen_bits().save(p),
    "grey16.tiff": lambda p: _sixteen_bits().save(p),
    "cmyk.jpg": lambda p: _sample().convert("CMYK").save(p, quality=95),
    "cmyk.tiff": lambda p: _sample().convert("CMYK").save(p),
    "bilevel.png": lambda p: _sample().convert("1").save(p),
    "palette.png": lambda p: _sample().quantize(16).save(p),
    "alpha.png": lambda p: _sample().convert("LA").save(p),
    "turned.jpg": _exif,
}


@pytest.mark.parametrize("name", WRITTEN)
def test_every_way_of_storing_shows_the_same(name: str, tmp_path: Path) -> None:
    WRITTEN[name](tmp_path / name)
    (page,) = _pages(tmp_path / name)
    wanted = np.asarray(_sample().convert("L").resize((52, 60)), dtype=float)
    shown = np.asarray(page.convert("L").resize((52, 60)), dtype=float)
    assert page.height > page.width
    assert float(np.abs(wanted - shown).mean()) < 12


def test_frames_and_pages_are_pages(tmp_path: Path) -> None:
    frames = [_sample(), _sample().rotate(180)]
    frames[0].save(tmp_path / "two.tiff", save_all=True, append_images=frames[1:])
    first, second = _pages(tmp_path / "two.tiff")
    ink = [float(np.asarray(p.convert("L"))[:40].mean()) for p in (first, second)]
    assert ink[0] != pytest.approx(ink[1], abs=0.5), "the second page is its own"


@pytest.mark.parametrize("size", [(1, 3000), (3000, 1)])
def test_strip_of_one_pixel_is_bounded(size: tuple[int, int], tmp_path: Path) -> None:
    Image.new("RGB", size, "black").save(tmp_path / "strip.png")
    assert len(_pages(tmp_path / "strip.png")) == 1


def test_refused_with_a_reason(tmp_path: Path) -> None:
    Image.new("1", (14200, 14200), 1).save(tmp_path / "huge.png")
    for name in ("half.png", "half.jpg"):
        _sample().save(tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("no picture", "utf-8")
    reasons = {"huge": "pixels", "half": "damaged", "empty": "empty", "text": "not a picture"}
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(InputError, match=reasons[path.stem]):
            _pages(path)
