"""Decisions in pictures are diamonds however thick their outline, and make a drawing a flowchart."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from dic_ingest.diagrams.raster.regions import kind_of_outline
from dic_ingest.diagrams.reader import agreed_kind
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node

BOX = (10.0, 10.0, 150.0, 80.0)


def kind_of(points: list[tuple[float, float]]) -> str:
    contour = np.array([[(x * 140 + 10, y * 70 + 10)] for x, y in points], np.int32)
    return kind_of_outline(contour, cv2.contourArea(contour) / (140 * 70), BOX)


@pytest.mark.parametrize("cut", [0.0, 0.08, 0.15])
def test_a_diamond_with_blunt_corners_is_one(cut: float) -> None:
    # an outline drawn thick leaves an inside whose corners are cut
    middles = [(0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)]
    inner = [(0.5 + (x - 0.5) * (1 - cut), 0.5 + (y - 0.5) * (1 - cut)) for x, y in middles]
    assert kind_of(inner) == "diamond"


def test_a_parallelogram_stays_one() -> None:
    assert kind_of([(0.3, 0.0), (1.0, 0.0), (0.7, 1.0), (0.0, 1.0)]) == "parallelogram"


def graph(*edges: Edge) -> Diagram:
    nodes = (Node("a", "Start"), Node("d", "Ready?", "diamond"), Node("b", "Go"), Node("c", "Wait"))
    return Diagram(Kind.FLOWCHART, nodes, edges)


def test_named_ways_out_of_a_diamond_make_a_flowchart_and_nothing_less_does() -> None:
    decides = graph(Edge("a", "d"), Edge("d", "b", "yes"), Edge("d", "c", "no"))
    joins = graph(Edge("a", "d"), Edge("d", "b"), Edge("d", "c"))
    assert agreed_kind(decides, Kind.BLOCK) is Kind.FLOWCHART
    assert agreed_kind(joins, Kind.BLOCK) is Kind.BLOCK
    assert agreed_kind(decides, Kind.SEQUENCE) is Kind.FLOWCHART
