"""Sketches show their graph, differ from each other, and leave out what they are told to."""

from __future__ import annotations

import random

import numpy as np
import pytest

pytest.importorskip("torch", reason="training wants the extra `train`")

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.training.mmser.sketches import sketch, sketches

NODES = (Node("a", "Order"), Node("b", "Invoice"), Node("c", "Cash"))
FLOW = Diagram(Kind.FLOWCHART, NODES, (Edge("a", "b", "bills"), Edge("b", "c"), Edge("c", "c")))


@pytest.mark.parametrize("kind", [Kind.FLOWCHART, Kind.SEQUENCE])
def test_a_sketch_has_ink_for_every_line(kind: Kind) -> None:
    diagram = Diagram(kind, NODES, FLOW.edges)
    whole = sketch(diagram, random.Random(0))
    bare = sketch(Diagram(kind, NODES, FLOW.edges[:1]), random.Random(0))
    assert whole is not None and bare is not None
    assert (np.asarray(whole) < 128).sum() > (np.asarray(bare) < 128).sum() > 0


@pytest.mark.parametrize(
    "diagram",
    [
        Diagram(Kind.FLOWCHART, (), ()),
        Diagram(Kind.FLOWCHART, NODES, (), (Group("g", "Shop"),)),
        Diagram(Kind.CLASS, NODES, (Edge("a", "b", target_end=End.TRIANGLE),)),
    ],
    ids=["empty", "groups", "other ends"],
)
def test_what_is_not_drawn_here_gives_none(diagram: Diagram) -> None:
    assert sketch(diagram, random.Random(0)) is None


def test_many_differ_and_leave_out_the_texts_of_the_test_set() -> None:
    pictures, records = sketches(12, 256, 0, (), 1)
    assert pictures.shape == (12, 256, 256)
    assert all(p.min() < 128 < p.max() for p in pictures)
    texts = [r.text for r in records]
    assert len(set(texts)) == 12
    assert all(r.split == "train" and r.pseudo for r in records)
    again = sketches(12, 256, 0, texts[:3], 1)[1]
    assert not {r.text for r in again} & set(texts[:3])
