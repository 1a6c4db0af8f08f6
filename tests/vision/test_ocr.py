"""Reading words off pictures drawn in the test."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from PIL import Image, ImageDraw, ImageFont

from dic_ingest.errors import SettingsError
from dic_ingest.vision.ocr import OcrSettings, flatten, read_words

ONE = OcrSettings(threads=1)


def _picture(text: str, size: int = 22, ink: str = "black", paper: str = "white") -> Image.Image:
    image = Image.new("RGB", (420, 90), paper)
    ImageDraw.Draw(image).text((20, 30), text, fill=ink, font=ImageFont.load_default(size))
    return image


@pytest.mark.parametrize(("ink", "paper"), [("black", "white"), ("white", "#102030"), ("#333366", "#ddeeff")])
def test_words_and_their_places(ink: str, paper: str) -> None:
    words = read_words(_picture("Order received", ink=ink, paper=paper), ONE)
    assert [w.text for w in words] == ["Order", "received"]
    assert words[0].bbox[2] <= words[1].bbox[0] + 8
    assert all(20 < w.bbox[1] < 45 and 8 < w.size < 40 and w.confidence > 0.8 for w in words)


def test_small_text_is_enlarged() -> None:
    words = read_words(_picture("validate token", size=10), ONE)
    assert " ".join(w.text for w in words) == "validate token"


@pytest.mark.parametrize("turn", [90, 270])
def test_upright_text_is_read_both_ways(turn: int) -> None:
    words = read_words(_picture("Scheduler queue").rotate(turn, expand=True), ONE)
    assert [w.text for w in words] == ["Scheduler", "queue"]
    assert abs(words[0].angle) == pytest.approx(90, abs=4)


def test_large_picture_in_tiles() -> None:
    large = Image.new("RGB", (5200, 3200), "white")
    for x, y, text in ((100, 100, "North gate"), (2500, 1600, "Middle stage"), (4700, 3000, "South exit")):
        ImageDraw.Draw(large).text((x, y), text, fill="black", font=ImageFont.load_default(34))
    words = read_words(large, ONE)
    assert sorted(w.text for w in words) == sorted(["North", "gate", "Middle", "stage", "South", "exit"])


def test_nothing_written() -> None:
    assert read_words(Image.new("RGB", (300, 200), "white"), ONE) == ()
    assert read_words(Image.new("RGB", (3, 3), "white"), ONE) == ()


def test_light_ink_on_nothing_goes_on_black() -> None:
    clear = Image.new("RGBA", (200, 80), (0, 0, 0, 0))
    ImageDraw.Draw(clear).text((20, 25), "Label", fill="white", font=ImageFont.load_default(26))
    assert flatten(clear).getpixel((2, 2)) == (0, 0, 0)
    assert [w.text for w in read_words(clear, ONE)] == ["Label"]


def test_several_threads_share_the_engine() -> None:
    found: list[str] = []

    def work() -> None:
        found.extend(w.text for w in read_words(_picture("Shared"), ONE))

    workers = [threading.Thread(target=work) for _ in range(3)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    assert found == ["Shared"] * 3


def test_nothing_is_printed_and_a_fork_works() -> None:
    code = (
        "import os, sys, warnings\n"
        # CPython's own, from 3.12 on: the parent has the threads of the networks
        "warnings.filterwarnings('ignore', r'This process .* is multi-threaded', DeprecationWarning)\n"
        "from PIL import Image, ImageDraw, ImageFont\n"
        "from dic_ingest.vision.ocr import OcrSettings, read_words\n"
        "im = Image.new('RGB', (300, 80), 'white')\n"
        "ImageDraw.Draw(im).text((20, 20), 'Forked', fill='black', font=ImageFont.load_default(26))\n"
        "go = lambda: [w.text for w in read_words(im, OcrSettings(threads=1))] == ['Forked']\n"
        "assert go()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(0 if go() else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120, env={**os.environ})
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("bad", [{"threads": 0}, {"min_confidence": 2}, {"first_area": 9, "total_area": 1}])
def test_settings_are_checked(bad: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        OcrSettings(**bad)  # type: ignore[arg-type]
