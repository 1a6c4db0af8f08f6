"""What dic-small reads in the pictures of a set, once: as inference will tell it to the model.

In: pairs and their folder. Out: descriptions by the pair's id. Seconds a picture, so they are kept as JSON by
the pictures' content where a folder is given.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from dic_ingest.captioning.engines.small import MODEL, DicSmall
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.image_files import open_picture
from dic_ingest.model.description import Description
from dic_ingest.model.serialization import description_from_dict


def read_pictures(pairs: Sequence[Pair], folder: Path, kept: Path | None = None) -> dict[str, Description]:
    """The reading of every pair's picture. `kept` is made if it is not there."""
    reader = DicSmall()
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
    return {p.id: _read(p, (folder / p.image).read_bytes(), reader, kept) for p in pairs}


def _read(pair: Pair, content: bytes, reader: DicSmall, kept: Path | None) -> Description:
    told = f"{MODEL} {pair.diagram.kind} ".encode() + content
    path = kept / f"{hashlib.sha256(told).hexdigest()}.json" if kept is not None else None
    if path is not None and path.is_file():
        try:
            return description_from_dict(json.loads(path.read_text("utf-8")))
        except ValueError:
            pass  # half written: read again
    with open_picture(content) as picture:
        request = FigureRequest(picture.convert("RGB"), kind=pair.diagram.kind)
    found = reader.caption([request])[0]
    if path is not None:
        path.write_text(json.dumps(asdict(found), ensure_ascii=False), encoding="utf-8")
    return found
