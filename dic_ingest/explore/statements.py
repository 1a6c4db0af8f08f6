"""Where the statements of a caption stand in it, and which nodes and lines of the graph each one names.

For showing only: support is judged by `captioning.evidence`, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dic_ingest.diagram import Diagram
from dic_ingest.document import Statement
from dic_ingest.drawing import Box, inside

MAX_MARKS = 60  # nodes or lines marked for one statement


def pieces(caption: str, said: Sequence[Statement]) -> list[dict[str, Any]]:
    """The caption cut where statements begin and end: `{"text", "statement": index or None}`, in order.

    A statement that does not stand in the caption literally follows at the end.
    """
    found: list[dict[str, Any]] = []
    lost: list[dict[str, Any]] = []
    at = 0
    for index, statement in enumerate(said):
        start = caption.find(statement.text, at) if statement.text else -1
        if start < 0:
            lost.append({"text": f"\n{statement.text}", "statement": index})
            continue
        if start > at:
            found.append({"text": caption[at:start], "statement": None})
        at = start + len(statement.text)
        found.append({"text": caption[start:at], "statement": index})
    if at < len(caption):
        found.append({"text": caption[at:], "statement": None})
    return found + lost


class Named:
    """A graph, asked which of its parts a sentence names."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.labels = [_plain(n.label) for n in diagram.nodes]
        self.place = {n.id: i for i, n in enumerate(diagram.nodes)}

    def nodes(self, text: str) -> list[int]:
        """Indexes of the nodes whose labels stand in the sentence."""
        line = f" {_plain(text)} "
        return [i for i, label in enumerate(self.labels) if label and f" {label} " in line][:MAX_MARKS]

    def edges(self, text: str, nodes: Sequence[int]) -> list[int]:
        """Indexes of the edges between nodes named, in the order in which they are named; an edge that bears
        a label only where that stands in the sentence too, unless none does."""
        line = f" {_plain(text)} "
        at = {i: line.find(f" {self.labels[i]} ") for i in nodes}
        between = [
            (k, _plain(e.label))
            for k, e in enumerate(self.diagram.edges)
            if (a := self.place.get(e.source)) in at and (b := self.place.get(e.target)) in at
            if a is not None and b is not None and (at[a] <= at[b] or not e.directed)
        ]
        told = [k for k, label in between if label and f" {label} " in line]
        return (told or [k for k, _ in between])[:MAX_MARKS]

    def words(self, boxes: Sequence[Box], nodes: Sequence[int]) -> list[Box]:
        """The words that a sentence rests on, less those inside of nodes that it does not name: a word of a
        label may stand in other labels too."""
        others = [n.bbox for k, n in enumerate(self.diagram.nodes) if k not in nodes and n.bbox is not None]
        own = [n.bbox for k in nodes if (n := self.diagram.nodes[k]).bbox is not None]
        if not own:
            return list(boxes)
        return [b for b in boxes if _in(b, own) or not _in(b, others)]


def _in(box: Box, places: Sequence[Box | None]) -> bool:
    return any(p is not None and inside(box, p) for p in places)


def _plain(text: str) -> str:
    """Letters and digits, case folded, one blank between."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())
