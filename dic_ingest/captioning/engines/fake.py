"""A captioner that reads nothing: for tests and dry runs."""

from __future__ import annotations

from collections.abc import Sequence

from dic_ingest.captioning.request import FigureRequest
from dic_ingest.model.description import Description


class FakeCaptioner:
    """Says the label, the printed caption and the size of every figure; counts the figures it was given."""

    name = "fake"

    def __init__(self) -> None:
        self.seen = 0

    def caption(self, requests: Sequence[FigureRequest]) -> list[Description]:
        """One fixed description per request."""
        self.seen += len(requests)
        return [Description(_say(r), engine=self.name, model="fake/1") for r in requests]


def _say(request: FigureRequest) -> str:
    head = ": ".join(filter(None, (request.label, request.printed_caption))) or "A figure"
    return f"{head} ({request.crop.width} x {request.crop.height} pixels)."
