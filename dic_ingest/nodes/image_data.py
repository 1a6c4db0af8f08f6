"""Crops inside nodes: a JPEG as base64, for those who send nodes to a place that cannot read their files.

In: nodes and the folder of their crops. Out: the nodes with `image_data`, of a bounded size.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dic_ingest.errors import InputError
from dic_ingest.image_files import open_crop
from dic_ingest.nodes.record import NodeRecord

QUALITY = 85  # of the JPEG
SMALLER = 0.8  # of each side, as often as it takes
LEAST_SIDE = 32  # pixels of the longer side, below which nothing can be made out


def with_image_data(nodes: Sequence[NodeRecord], folder: Path, most: int) -> list[NodeRecord]:
    """The nodes with the crops below `folder` as JPEG of at most `most` bytes each; as they are for 0."""
    if most == 0:
        return list(nodes)
    return [replace(n, image_data=_jpeg(folder, n.image, most)) if n.image else n for n in nodes]


def _jpeg(folder: Path, image: str, most: int) -> str:
    """Base64, "" where the crop cannot be read or would be too small to be of use."""
    place = Path(image)
    try:
        name = place.relative_to(folder) if place.is_absolute() else place
        with open_crop(folder, name.as_posix()) as opened:
            picture = opened.convert("RGB")
    except (InputError, OSError, ValueError):  # the path is still there
        return ""
    while max(picture.size) >= LEAST_SIDE:
        held = io.BytesIO()
        picture.save(held, "JPEG", quality=QUALITY)
        if held.tell() <= most:
            return base64.b64encode(held.getvalue()).decode()
        width, height = (max(1, int(side * SMALLER)) for side in picture.size)
        picture = picture.resize((width, height))
    return ""
