"""Figures asked now and described later: requests written to a folder, read back exactly as they were.

In: requests, as an engine gets them. Out: a picture and a JSON file for each. What dic-small reads in a
figure is kept with it, so that whoever describes it later has only to ask its model.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from dic_ingest.captioning.request import Captioner, FigureRequest
from dic_ingest.image_files import open_picture
from dic_ingest.model.description import Description
from dic_ingest.model.document import Figure
from dic_ingest.model.serialization import build
from dic_ingest.owned_files import own_folder


@dataclass(frozen=True, slots=True)
class DeferredFigure:
    """A figure that waits for its description. `reading`: dic-small's, where the engine wants one."""

    request: FigureRequest
    reading: Description | None


class Deferred:
    """A captioner that only writes down what it is asked; its descriptions say under which number."""

    name = "deferred"

    def __init__(self, folder: Path, reader: Captioner | None = None) -> None:
        self.folder, self.reader = folder, reader
        self.count = 0

    def caption(self, requests: Sequence[FigureRequest]) -> list[Description]:
        """A placeholder per request; OSError where it cannot be written."""
        readings = self.reader.caption(requests) if self.reader else [None] * len(requests)
        return [self._kept(r, d) for r, d in zip(requests, readings, strict=True)]

    def _kept(self, request: FigureRequest, reading: Description | None) -> Description:
        own_folder(self.folder)
        data = {"request": request_to_dict(request), "reading": asdict(reading) if reading else None}
        request.crop.save(self.folder / f"{self.count}.png", compress_level=1)
        path = self.folder / f"{self.count}.json"
        path.write_text(json.dumps(data), encoding="utf-8")  # ASCII: lone surrogates survive
        self.count += 1
        return Description("", engine=self.name, deferred=self.count - 1)


def number_of(figure: Figure) -> int | None:
    """The number under which a figure's request waits."""
    return figure.description.deferred if figure.description is not None else None


def read_asked(folder: Path, number: int) -> DeferredFigure:
    """A request as it was written; raises OSError or ValueError where its files are not whole."""
    data = json.loads((folder / f"{number}.json").read_text("utf-8"))
    with open_picture(folder / f"{number}.png") as picture:
        picture.load()
        crop = picture.copy()
    reading = build(Description, data["reading"]) if data["reading"] else None
    return DeferredFigure(request_from_dict(data["request"], crop), reading)


def request_from_dict(data: dict[str, Any], crop: Image.Image) -> FigureRequest:
    """A request from what `request_to_dict` made of it. Raises KeyError, TypeError or ValueError."""
    found: FigureRequest = build(FigureRequest, {**data, "crop": crop})
    return found


def request_to_dict(request: FigureRequest) -> dict[str, object]:
    """A request's fields as JSON values, without its picture and what routing measured of it."""
    names = (name for name in FigureRequest.__dataclass_fields__ if name not in ("crop", "analysis"))
    values = {name: getattr(request, name) for name in names}
    return {
        name: asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
        for name, value in values.items()
    }
