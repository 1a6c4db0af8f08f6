"""Networks loaded before a fork neither hang the child nor are lost to it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw

from dic_ingest.diagrams.raster.scene import scene_from_picture
from dic_ingest.vision.layout_detector import find_regions
from dic_ingest.vision.ocr import read_words

CHILD_SECONDS = 60


def picture() -> Image.Image:
    image = Image.new("RGB", (300, 120), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 130, 90), outline="black", width=2)
    draw.text((40, 45), "Server", fill="black", font_size=20)
    return image


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("use", [read_words, find_regions, scene_from_picture], ids=lambda f: f.__name__)
def test_a_forked_child_reads_on(use: Callable[[Image.Image], object]) -> None:
    use(picture())
    child = os.fork()
    if child == 0:
        signal.alarm(CHILD_SECONDS)  # a hang ends as a signal, which the parent sees
        try:
            use(picture())
        except BaseException:
            os._exit(3)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
