"""Pictures with what they are, for training: Debian's documentation and art, and drawings of our own.

    python -m research.figure_classifier.sources --debian FOLDER --written PAIRS --out looks.npz
In: unpacked Debian packages (README.md has the commands); `seen.json`, what was seen in their drawings by
eye; pairs of `dic-ingest train synthesise`; HTML pages that Chromium shows. Out: pictures as the network sees
them, their classes, where they come from, which are held out. No picture is shipped; what they taught is.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import random
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from dic_ingest.errors import InputError
from dic_ingest.image_files import open_picture
from dic_ingest.vision.figure_classifier import LOOKS, as_seen
from dic_ingest.vision.ocr import flatten
from research.figure_classifier.painted import architecture, listing, logo

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
HELD = frozenset({"neutron-doc", "erlang-doc", "octavia-doc", "ns3-doc", "swift-doc", "vitrage-doc",
                  "buildbot-doc", "watcher-doc", "qtscxml5-doc-html", "python-taskflow-doc"})  # fmt: skip
KINDS = {"topology": "block"}  # told apart by their pictures alone
WORDS = {"flowchart": "flowchart", "graph ": "flowchart", "sequenceDiagram": "sequence",
         "classDiagram": "class", "stateDiagram": "state", "erDiagram": "er"}  # fmt: skip
MOST = 900  # of one class of Debian's for learning
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
        with open_picture(path) as opened:
            image = flatten(opened)
    except (InputError, OSError, ValueError, SyntaxError):
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


def by_eye() -> dict[str, dict[str, list[str]]]:
    """Names of pictures by package and look."""
    told: dict[str, dict[str, list[str]]] = json.loads(
        (files("research.figure_classifier") / "seen.json").read_text("utf-8")
    )
    return told


def packages() -> list[str]:
    """Debian packages that pictures are taken from."""
    return sorted({*by_eye(), *(s.package for s in SOURCES)})


def labelled(debian: Path) -> Iterator[tuple[Image.Image, str, str]]:
    """What was told apart by eye in Debian's documentation: picture, look, package."""
    for package, looks in by_eye().items():
        look_of = {name: look for look, names in looks.items() for name in names}
        met: set[str] = set()
        for path in sorted((debian / package).rglob("*")):
            if path.name in look_of and path.name not in met and path.is_file():
                met.add(path.name)
                for image in drawn(path) if ".svg" in path.name else pictures_of(path, 0, random.Random(0)):
                    yield image, look_of[path.name], package


def drawn(path: Path) -> Iterator[Image.Image]:
    """An SVG as rsvg-convert draws it; nothing where it cannot."""
    options = ["--format=png", "--background-color=white", "--width=900", "--keep-aspect-ratio"]
    command = ["rsvg-convert", *options, str(path)]
    made = subprocess.run(command, capture_output=True, timeout=30, check=False)
    if made.returncode == 0 and made.stdout:
        yield flatten(open_picture(made.stdout))


def written(pairs: Path) -> Iterator[tuple[Image.Image, str]]:
    """Drawings of `dic-ingest train synthesise` with their kinds."""
    for line in (pairs / "pairs.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        kind = row["diagram"]["kind"]
        with open_picture(pairs / row["image"]) as image:
            yield image.convert("RGB"), KINDS.get(kind, kind)


def rendered(items: Path, pictures: Path) -> Iterator[tuple[Image.Image, str]]:
    """Mermaid of `training.raster.sources` as its render.mjs drew it, with what its first word says it is."""
    for k, line in enumerate(items.read_text("utf-8").splitlines()):
        row, path = json.loads(line), pictures / f"{k:05d}.png"
        code = re.sub(r"^---.*?^---|%%.*?$", "", row["code"], flags=re.S | re.M).lstrip()
        look = next((v for word, v in WORDS.items() if code.startswith(word)), None)
        if row["lang"] == "mermaid" and look and path.exists():
            with open_picture(path) as image:
                yield image.convert("RGB"), look


def gather(opt: argparse.Namespace) -> Counter[tuple[str, bool]]:
    """Writes `pictures` (n, SIDE, SIDE, 3), `looks`, `sources` `held`; how many of each class there are."""
    chance = random.Random(opt.seed)
    names = list(LOOKS)
    rows: list[tuple[Pixels, int, str, bool]] = []

    def add(image: Image.Image, look: str, source: str, held: bool) -> None:
        rows.append((as_seen(degraded(image, chance)), names.index(look), source, held))

    for look, held in itertools.product(("screenshot", "chart", "photo", "art"), (False, True)):
        for n, image in enumerate(_of_packages(look, held, opt.debian, chance)):
            wordmark = look == "art" and n % 3 == 0
            add(logo(image, chance) if wordmark else image, look, "logos" if wordmark else "debian", held)
    for image, look, package in labelled(opt.debian):
        add(image, look, package, package in HELD)
    for n, image in enumerate(web_pages(opt.debian, opt.pages, chance)):
        add(image, "screenshot", "pages", n % 10 == 0)
    for n, (image, look) in enumerate(written(opt.written)):
        add(image, look, "written", n % 20 == 0)
    for n, (image, look) in enumerate(rendered(*opt.rendered) if opt.rendered else ()):
        add(image, look, "rendered", n % 20 == 0)
    for n, (image, look) in enumerate(_painted(opt.debian, chance)):
        add(image, look, "painted", n % 10 == 0)
    pictures, looks, sources, held_out = zip(*rows, strict=True)
    np.savez(opt.out, pictures=np.stack(pictures), looks=np.array(looks),
             sources=np.array(sources), held=np.array(held_out))  # fmt: skip
    return Counter((names[r[1]], r[3]) for r in rows)


def _painted(debian: Path, chance: random.Random) -> Iterator[tuple[Image.Image, str]]:
    icons = _icons(debian, chance)
    for _ in range(MOST // 2 if icons else 0):
        yield architecture(icons, chance), "block"
    modules = sorted(Path(random.__file__).parent.glob("*.py"))[:40]
    code = [k for p in modules for k in p.read_text("utf-8").splitlines()]
    for _ in range(MOST // 2):
        yield listing(code, chance), "text"


def _of_packages(look: str, held: bool, debian: Path, chance: random.Random) -> Iterator[Image.Image]:
    """Pictures of one class from its packages, none of which gives more than twice its share."""
    mine = [s for s in SOURCES if s.look == look and s.held == held]
    whole, total = 200 if held else MOST, 0
    for source in mine:
        made = (i for p in files_of(source, debian, chance) for i in pictures_of(p, source.cuts, chance))
        for image in itertools.islice(made, min(2 * whole // len(mine), whole - total)):
            total += 1
            yield image


def _icons(debian: Path, chance: random.Random) -> list[Image.Image]:
    """Small art, to stand in painted architectures."""
    source = Source("art", "openclipart-png", r"png/(computer|tools|office|signs)")
    found = (i for p in files_of(source, debian, chance) for i in pictures_of(p, 0, chance))
    return [ImageOps.contain(i, (96, 96)) for i in itertools.islice(found, 400)]


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
        image = open_picture(kept.getvalue()).convert("RGB")
    return image


def main(argv: list[str] | None = None) -> None:
    """Gathers."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--debian", type=Path, required=True, help="a folder per unpacked package")
    args.add_argument("--written", type=Path, required=True, help="a folder of dic-ingest train synthesise")
    args.add_argument(
        "--rendered", type=Path, nargs=2, metavar=("ITEMS", "FOLDER"), help="of training.raster"
    )
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--pages", type=int, default=150, help="web pages to show")
    args.add_argument("--seed", type=int, default=0)
    opt = args.parse_args(argv)
    cv2.setNumThreads(1)
    print(gather(opt))


if __name__ == "__main__":
    main()
