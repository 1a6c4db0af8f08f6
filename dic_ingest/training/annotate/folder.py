"""The folder of a review: what was chosen, the pictures as annotators see them, where the full crops lie.

In and out: `chosen.json.gz` (one JSON list) and `images/`. Pictures are as large as the folder's share for
each allows; training takes the full crop from the run where that is still there and unchanged.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from dic_ingest.errors import MALFORMED, InputError
from dic_ingest.evaluation.engine_view import FigureContext
from dic_ingest.image_files import open_picture
from dic_ingest.model.diagram import Diagram
from dic_ingest.model.serialization import build
from dic_ingest.training.annotate.figures import Candidate

CHOSEN = "chosen.json.gz"
MAX_CHOSEN = 1 << 29  # bytes of its JSON
FOLDER_BYTES = 36_000_000  # for all pictures of a review; what else lies there stays below 20 MB for 2,000
MOST_BYTES = 400_000  # of one picture, however few there are
SIDES = (1600, 1280, 1024, 800, 640, 480)  # pixels of the longer side, the first that is small enough
QUALITIES = (80, 50)  # of lossy WebP
COLOURS = 16  # of lossless WebP, which suits drawings


@dataclass(frozen=True, slots=True)
class Chosen:
    """A figure as it was shown. `crop`: the run's own picture, `digest` its sha256."""

    key: str
    document: str
    page: int
    label: str
    image: str
    crop: str
    digest: str
    draft: str
    diagram: Diagram
    doubt: float
    context: FigureContext


def picture_budget(left: int, used: int = 0) -> int:
    """Bytes that the next of `left` pictures may take where those before it took `used`."""
    return min(MOST_BYTES, max(FOLDER_BYTES - used, 0) // max(left, 1))


def small_picture(path: Path, budget: int) -> bytes:
    """WebP as large and as good as the bytes allow; the smallest one where none is small enough.

    Raises InputError for a crop that cannot be read.
    """
    try:
        with open_picture(path) as picture:
            plain = picture.convert("RGB")
    except (OSError, ValueError, InputError) as error:
        raise InputError(f"the crop {path} cannot be read: {error}. Ingest its document again.") from error
    data = b""
    for side in SIDES:
        plain.thumbnail((side, side))
        for quality in QUALITIES:
            data = _webp(plain, quality=quality)
            if len(data) <= budget:
                return data
        flat = plain.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        data = min(data, _webp(flat.convert("RGB"), lossless=True), key=len)
        if len(data) <= budget:
            return data
    return data


def _webp(picture: Image.Image, **how: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", method=4, **how)
    return buffer.getvalue()


def record(candidate: Candidate, image: str) -> Chosen:
    """What is kept of a figure that was chosen."""
    digest = hashlib.sha256(candidate.image.read_bytes()).hexdigest()
    return Chosen(
        candidate.key, candidate.document, candidate.page, candidate.label, image, str(candidate.image),
        digest, candidate.draft, candidate.diagram, round(candidate.doubt, 4), candidate.context,
    )  # fmt: skip


def write_choice(folder: Path, chosen: Sequence[Chosen]) -> None:
    """Write the list, the same bytes for the same choice."""
    text = json.dumps([asdict(c) for c in chosen], separators=(",", ":"))
    (folder / CHOSEN).write_bytes(gzip.compress(text.encode(), mtime=0))


def read_choice(folder: Path) -> dict[str, Chosen]:
    """The figures of a review by key. Raises InputError where the folder holds none."""
    place = folder / CHOSEN
    try:
        with gzip.open(place) as packed:
            data = packed.read(MAX_CHOSEN + 1)
        if len(data) > MAX_CHOSEN:
            raise ValueError("it is too large")
        found: dict[str, Chosen] = {str(r["key"]): build(Chosen, r) for r in json.loads(data)}
        for one in found.values():
            if not (folder / one.image).resolve().is_relative_to(folder.resolve()):
                raise ValueError(f"the picture {one.image!r} lies outside")
    except (OSError, EOFError, zlib.error, *MALFORMED) as error:
        raise InputError(
            f"{place} is no choice of figures: {error}. Make one: dic-ingest train annotate choose"
        ) from error
    return found


def copy_picture(folder: Path, chosen: Chosen, out: Path) -> None:
    """The run's own crop where it is unchanged, else the picture that was shown, as PNG."""
    crop = Path(chosen.crop)
    if crop.is_file() and hashlib.sha256(crop.read_bytes()).hexdigest() == chosen.digest:
        shutil.copyfile(crop, out)
        return
    with open_picture(folder / chosen.image) as picture:
        picture.convert("RGB").save(out)


def shown_graph(diagram: Diagram) -> Mapping[str, Any]:
    """A graph as the page edits it: no places, no scores."""
    left_out = {"bbox", "score", "path"}
    data = diagram.to_dict()
    return {
        "kind": data["kind"],
        "nodes": [{k: v for k, v in n.items() if k not in left_out} for n in data["nodes"]],
        "edges": [{k: v for k, v in e.items() if k not in left_out} for e in data["edges"]],
        "groups": [{k: v for k, v in g.items() if k not in left_out} for g in data["groups"]],
    }
