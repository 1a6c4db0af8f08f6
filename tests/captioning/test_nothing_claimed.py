"""A figure whose structure was not read claims nothing: no scores that reassure, and a mark for review."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dic_ingest.captioning.engines.small import DicSmall
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.model.diagram import Kind
from dic_ingest.model.drawing import Drawing, Word

WORDS = (Word("apples", (10, 10, 60, 22), 10), Word("pears", (10, 60, 60, 72), 10))


def described(kind: Kind):  # type: ignore[no-untyped-def]
    crop = Image.fromarray(np.full((120, 200, 3), 255, np.uint8))
    request = FigureRequest(crop, 72.0, Drawing(200, 120, words=WORDS), kind)
    return DicSmall().caption([request])[0]


def test_what_was_not_read_has_no_scores_and_is_marked() -> None:
    said = described(Kind.BLOCK)
    assert said.diagram is None and "apples" in said.caption
    assert said.evidence.recall is None and said.evidence.precision is None and said.evidence.needs_review


def test_a_photograph_is_no_reading_that_failed() -> None:
    said = described(Kind.PHOTO)
    assert said.evidence.precision is None and not said.evidence.needs_review
