"""Pictures with what they are, for training: Debian's documentation and art, and drawings of our own.

    python -m dic_ingest.training.looks.sources --debian FOLDER --packs PACKS --out looks.npz
In: unpacked Debian packages (README.md has the commands), packs of the raster network's training, HTML pages
that Chromium shows. Out: pictures as the network sees them, their classes, and which packages are held out.
No picture is shipped; what the network learnt of them is.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from dic_ingest.figures.looks import LOOKS, as_seen
from dic_ingest.structure.ocr import flatten
from dic_ingest.training.looks.painted import architecture, listing, logo
from dic_ingest.training.raster.packs import read_pack

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Source:
    """Pictures of a package whose path matches `path`; `cuts` crops of each besides the whole."""

    look: str
    package: str
    path: str
    held: bool = False
    cuts: int = 0


SOURCES = (
    Source("screenshot", "gimp-help-en", r"images/(menus|dialogs|tutorials|preferences|using|tool-options)"),
    Source("screenshot", "kicad-doc-en", r"/en/"),
    Source("screenshot", "kmail", r"HTML/en/"),
    Source("screenshot", "korganizer", r"HTML/en/"),
    Source("screenshot", "akregator", r"HTML/en/"),
    Source("screenshot", "okular", r"HTML/en/"),
    Source("screenshot", "kphotoalbum", r"HTML/en/"),
    Source("screenshot", "gnome-user-docs", r"/C/.*png"),
    Source("screenshot", "debian-handbook", r"en-US/images/(inst|gnome|kde|apt|syn|wire|virt|fir|pack)"),
    Source("screenshot", "wireshark-doc", r"wsug.*images/ws-", held=True),
    Source("screenshot", "dolphin", r"HTML/en/", held=True),
    Source("chart", "python-scipy-doc", r"_images|tutorial"),
    Source("chart", "python-statsmodels-doc", r"html"),
    Source("chart", "python-pandas-doc", r"_images"),
    Source("chart", "python-astropy-doc", r"_images"),
    Source("chart", "octave-doc", r"octave"),
    Source("chart", "gnuplot-doc", r"gnuplot", held=True),
    Source("chart", "asymptote-doc", r"/html/", held=True),
    Source("photo", "plasma-workspace-wallpapers", r"\.jpg|\.png", cuts=5),
    Source("photo", "ukui-wallpapers", r"\.jpg", cuts=8),
    Source("photo", "python3-skimage", r"\.jpg|\.png", cuts=2),
    Source("photo", "kphotoalbum", r"\.jpg", cuts=2),
    Source("photo", "gnome-backgrounds", r"\.jpg|\.webp|\.png", cuts=6),
    Source("photo", "tuxpaint-stamps-default", r"^(?!.*cartoon).*(animals|food|plants|vehicles|people).*png"),
    Source("photo", "mate-backgrounds", r"\.jpg|\.png", held=True, cuts=2),
    Source("art", "openclipart-png", r"png/(?!signs_and)"),
    Source("art", "tuxpaint-stamps-default", r"cartoon.*png"),
    Source("art", "openclipart-png", r"png/signs_and_symbols", held=True),
)
MOST = 900  # of one class for learning
LEAST = 48  # pixels of a shorter side


def files_of(source: Source, debian: Path, chance: random.Random) -> list[Path]:
    """The files of a source, in random order."""
    kinds = {".png", ".jpg", ".jpeg", ".webp"}
    found = sorted(p for p in (debian / source.package).rglob("*") if p.suffix in kinds and p.is_file())
    found = [p for p in found if re.search(source.path, p.as_posix())]
    chance.shuffle(found)
    return found


def pictures_of(path: Path, cuts: int, chance: random.Random) -> Iterator[Image.Image]:
    """A picture, and random crops of it; nothing where it is broken or tiny."""
    try:
        with Image.open(path) as opened:
            image = flatten(opened)
    except (OSError, ValueError, SyntaxError):
        return
    if min(image.size) < LEAST:
        return
    image.thumbnail((1600, 1600))
    yield image
    for _ in range(cuts):
        w, h = (round(chance.uniform(0.25, 0.8) * v) for v in image.size)
        x, y = chance.randrange(image.width - w + 1), chance.randrange(image.height - h + 1)
        yield image.crop((x, y, x + w, y + h))


def web_pages(debian: Path, count: int, chance: random.Random) -> Iterator[Image.Image]:
    """HTML pages of the packages as Chromium shows them, whole windows and parts."""
    browser = shutil.which("chromium")
    pages = sorted(debian.rglob("*.html"))
    if browser is None or not pages:
        return
    with tempfile.TemporaryDirectory() as place:
        for k in range(count):
            shot = Path(place) / f"{k}.png"
            w, h = chance.randrange(500, 1400), chance.randrange(400, 1000)
            page = chance.choice(pages).resolve().as_uri()
            command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--screenshot={shot}",
                       f"--window-size={w},{h}", "--host-resolver-rules=MAP * ~NOTFOUND", page]  # fmt: skip
            try:
                subprocess.run(command, capture_output=True, timeout=30, check=False)
            except subprocess.TimeoutExpired:
                continue
            if shot.is_file():
                yield from pictures_of(shot, 1, chance)


def drawings(packs: Path, count: int, chance: random.Random) -> Iterator[tuple[Image.Image, bool]]:
    """Drawings of the raster network's training set; a tenth is held out."""
    found = sorted(packs.glob("*.npz"))
    chance.shuffle(found)
    for k, path in enumerate(found[:count]):
        yield Image.fromarray(read_pack(path)[0]), k % 10 == 0


def gather(debian: Path, packs: Path, out: Path, pages: int, seed: int) -> dict[str, int]:
    """Writes `pictures` (n, SIDE, SIDE, 3), `looks` and `held` to `out`; how many there are of each class."""
    chance = random.Random(seed)
    rows: list[tuple[Pixels, int, bool]] = []

    def add(image: Image.Image, look: str, held: bool) -> None:
        rows.append((as_seen(degraded(image, chance)), LOOKS.index(look), held))

    for look in ("screenshot", "chart", "photo", "art"):
        for held in (False, True):
            for n, image in enumerate(_of_packages(look, held, debian, chance)):
                add(logo(image, chance) if look == "art" and n % 3 == 0 else image, look, held)
    for n, image in enumerate(web_pages(debian, pages, chance)):
        add(image, "screenshot", n % 10 == 0)
    for image, held in drawings(packs, 2 * MOST, chance):
        add(image, "diagram", held)
    icons = _icons(debian, chance)
    for n in range(MOST if icons else 0):
        add(architecture(icons, chance), "diagram", n % 10 == 0)
    modules = sorted(Path(random.__file__).parent.glob("*.py"))[:40]
    code = [k for p in modules for k in p.read_text("utf-8").splitlines()]
    for n in range(MOST // 2):
        add(listing(code, chance), "text", n % 10 == 0)
    np.savez(out, pictures=np.stack([r[0] for r in rows]), looks=np.array([r[1] for r in rows]),
             held=np.array([r[2] for r in rows]))  # fmt: skip
    return {f"{look}{' held' if h else ''}": sum(r[1] == k and r[2] == h for r in rows)
            for k, look in enumerate(LOOKS) for h in (False, True)}  # fmt: skip


def _of_packages(look: str, held: bool, debian: Path, chance: random.Random) -> Iterator[Image.Image]:
    """Pictures of one class from its packages, none of which gives more than twice its share."""
    mine = [s for s in SOURCES if s.look == look and s.held == held]
    whole, total = 200 if held else MOST, 0
    for source in mine:
        made = (i for p in files_of(source, debian, chance) for i in pictures_of(p, source.cuts, chance))
        for image in islice(made, min(2 * whole // len(mine), whole - total)):
            total += 1
            yield image


def _icons(debian: Path, chance: random.Random) -> list[Image.Image]:
    """Small art, to stand in painted architectures."""
    source = Source("art", "openclipart-png", r"png/(computer|tools|office|signs)")
    found = (i for p in files_of(source, debian, chance) for i in pictures_of(p, 0, chance))
    return [ImageOps.contain(i, (96, 96)) for i in islice(found, 400)]


def degraded(image: Image.Image, chance: random.Random) -> Image.Image:
    """As documents hold pictures: sometimes smaller, sometimes a JPEG, sometimes with a margin."""
    image = image.convert("RGB")
    if chance.random() < 0.3:
        image = ImageOps.expand(image, chance.randint(2, 30), (255, 255, 255))
    if chance.random() < 0.4:
        most = chance.randint(160, 700)
        image.thumbnail((most, most))
    if chance.random() < 0.4:
        kept = io.BytesIO()
        image.save(kept, "JPEG", quality=chance.randint(35, 90))
        image = Image.open(kept).convert("RGB")
    return image


def main() -> None:
    """Gathers."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--debian", type=Path, required=True, help="a folder per unpacked package")
    args.add_argument("--packs", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--pages", type=int, default=150, help="web pages to show")
    args.add_argument("--seed", type=int, default=0)
    opt = args.parse_args()
    cv2.setNumThreads(1)
    print(gather(opt.debian, opt.packs, opt.out, opt.pages, opt.seed))


if __name__ == "__main__":
    main()
