"""What makes two figures the same: the graph's content, and what the picture looks like.

In: diagrams and pictures. Out: a hash of the graph that ids, places and order of nodes do not change, the
split it falls in, and a store of both that says whether a figure was seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.figures.duplicates import fingerprint
from dic_ingest.image_files import open_picture
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.render.names import flat

APART = 0.01  # share of a fingerprint's bits up to which two pictures are one


def graph_hash(diagram: Diagram) -> str:
    """16 hex digits of kind, labels, members, lines with their labels, and who holds whom.

    Messages of a sequence count in their order, lines of other kinds as a set. Colours and places do not.
    """
    named = {n.id: flat(n.label) or n.shape for n in diagram.nodes} | {
        g.id: flat(g.label) for g in diagram.groups
    }
    lines = [
        [named.get(e.source, ""), named.get(e.target, ""), flat(e.label), flat(e.source_label),
         flat(e.target_label), e.directed, str(e.source_end), str(e.target_end)]
        for e in diagram.edges
    ]  # fmt: skip
    content = {
        "kind": str(diagram.kind),
        "nodes": sorted([named[n.id], *n.members, named.get(n.group or "", "")] for n in diagram.nodes),
        "lines": lines if diagram.kind is Kind.SEQUENCE else sorted(map(str, lines)),
        "frames": sorted([g.kind, flat(g.label), str(g.edges)] for g in diagram.groups),
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]


def split_of(graph: str, validation: float, test: float) -> str:
    """train, validation or test, from a graph's hash alone: equal graphs never stand on two sides."""
    at = int(hashlib.sha256(f"split {graph}".encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return "test" if at < test else "validation" if at < test + validation else "train"


class Seen:
    """The figures so far: hashes of their graphs, fingerprints (512 bits of gradients) of their pictures."""

    def __init__(self) -> None:
        self.graphs = set[str]()
        self._rows = np.zeros((0, 64), np.uint8)
        self._count = 0

    def add_set(self, pairs: Iterable[Pair], folder: Path) -> None:
        """Graphs and pictures of a set; `folder`: where its images lie."""
        for pair in pairs:
            self.graphs.add(graph_hash(pair.diagram))
            self.add(picture_bits(folder / pair.image))

    def add(self, bits: bytes) -> bool:
        """Whether a picture is new; a new one is kept."""
        row = np.frombuffer(bits, np.uint8)
        if self._count:
            apart = np.unpackbits(self._rows[: self._count] ^ row, axis=1).sum(axis=1)
            if int(apart.min()) <= APART * 8 * len(row):
                return False
        if self._count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros((max(256, self._count), len(row)), np.uint8)])
        self._rows[self._count] = row
        self._count += 1
        return True


def picture_bits(path: Path) -> bytes:
    """The fingerprint of a picture file."""
    with open_picture(path) as picture:
        return fingerprint(picture).bits
