"""Active learning: which figures are worth an expert's time, the doubtful ones first, unlike each other.

In: candidates and how many. Out: the chosen, best first. Greedy k-centre (Sener and Savarese 2018, Core-Set)
with each figure's distance to the chosen weighted by its doubt. Vectors: MiniLM over caption and labels where
it is installed, else word counts; and the picture's own coarse cells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from dic_ingest.errors import DICIngestError
from dic_ingest.evaluation.embedding.text import MiniLM
from dic_ingest.image_files import open_picture
from dic_ingest.training.annotate.figures import Candidate

Floats: TypeAlias = npt.NDArray[np.float32]
CELLS = 12  # cells a side of a picture's vector
HASHED = 256  # numbers of a text's vector without MiniLM
PICTURE = 0.3  # weight of the picture beside the text
FLOOR = 0.05  # doubt of a figure that seems to be right: it can be chosen, but last


def choose(candidates: Sequence[Candidate], count: int) -> list[Candidate]:
    """At most `count` candidates; the first is the most doubtful."""
    if count >= len(candidates):
        return sorted(candidates, key=lambda c: (-c.doubt, c.key))
    return [candidates[i] for i in spread(vectors(candidates), [c.doubt for c in candidates], count)]


def spread(rows: Floats, doubts: Sequence[float], count: int) -> list[int]:
    """Indexes chosen greedily by doubt times distance (1 - cosine) to the nearest one chosen before.

    `rows`: unit vectors, one a figure.
    """
    weight = np.maximum(np.asarray(doubts, np.float32), FLOOR)
    chosen = [int(np.argmax(weight))]
    near = 1 - rows @ rows[chosen[0]]
    while len(chosen) < min(count, len(rows)):
        gain = weight * np.maximum(near, 1e-6)
        gain[chosen] = -1
        best = int(np.argmax(gain))
        chosen.append(best)
        near = np.minimum(near, 1 - rows @ rows[best])
    return chosen


def vectors(candidates: Sequence[Candidate]) -> Floats:
    """Unit vectors of text and picture together, one row a candidate."""
    texts = [_text(c) for c in candidates]
    try:
        told = MiniLM().encode(texts)
    except DICIngestError:  # not installed: words decide
        told = _unit(np.stack([_counted(t) for t in texts]))
    seen = _unit(np.stack([_cells(c.image) for c in candidates]))
    return _unit(np.concatenate([told, PICTURE * seen], axis=1))


def _text(candidate: Candidate) -> str:
    labels = [n.label for n in candidate.diagram.nodes]
    return " ".join([str(candidate.diagram.kind), candidate.printed, *labels, candidate.draft])


def _counted(text: str) -> Floats:
    row = np.zeros(HASHED, np.float32)
    for word in text.casefold().split():
        row[int(hashlib.sha256(word.encode()).hexdigest()[:8], 16) % HASHED] += 1
    return row


def _cells(path: Path) -> Floats:
    with open_picture(path) as picture:
        grey = picture.convert("L").resize((CELLS, CELLS), Image.Resampling.BOX)
    cells = np.asarray(grey, np.float32).ravel()
    spread_out: Floats = cells - cells.mean()
    return spread_out


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)
