"""A chart in pixels: flat paints traced into rectangles, areas, symbols and lines, then read as a drawing is.

In: a picture and the words recognised on it. Out: a `Chart` in pixels, or None. Values are given of marks
that were traced whole.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from dic_ingest.diagrams.charts.labels import number_of
from dic_ingest.diagrams.charts.pixels.measured import measurable
from dic_ingest.diagrams.charts.pixels.tracer import Tracer
from dic_ingest.diagrams.charts.reader import DEFAULTS, ChartSettings, read_chart
from dic_ingest.diagrams.text_blocks import usual_size
from dic_ingest.model.box import height_of, scaled
from dic_ingest.model.chart import Chart
from dic_ingest.model.drawing import Drawing, Word

MAX_SIDE = 1800  # pixels of the longer side that are looked at
EM = 9.0  # points: text of a traced drawing is set in this size, so that the reader's lengths fit
NUMBERS = 3  # recognised at least: fewer make no axis and no shares


def read_chart_picture(
    image: Image.Image,
    words: tuple[Word, ...],
    settings: ChartSettings = DEFAULTS,
    numbers: int = NUMBERS,
) -> Chart | None:
    """The chart of a picture, in its pixels; `words` are those recognised on it.

    numbers: of the words must be numbers, or there is no chart; a pie needs none.
    """
    if sum(number_of(w.text) is not None for w in words) < numbers:
        return None
    shrink = min(1.0, MAX_SIDE / max(image.size))
    small = (
        image if shrink == 1.0 else image.resize((round(image.width * shrink), round(image.height * shrink)))
    )
    pixels = np.asarray(small.convert("RGB"))
    factor = EM / max(usual_size(words) * shrink, 1.0)
    scale = factor * shrink
    sized = (replace(w, size=w.size or 0.85 * height_of(w.bbox)) for w in words)
    placed = tuple(w.scaled(scale) for w in sized)
    paths = Tracer(pixels, [scaled(w.bbox, shrink) for w in words], EM / factor, factor).paths()
    drawing = Drawing(pixels.shape[1] * factor, pixels.shape[0] * factor, placed, tuple(paths))
    chart = read_chart(drawing, None, settings, "pixels")
    return measurable(chart.scaled(1.0 / scale)) if chart is not None else None
