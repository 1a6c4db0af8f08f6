"""Floors of what is read from people's diagram files, over the corpus beside the checkout."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

FLOORS = {
    "drawio nodes by id": 0.97,
    "drawio edges by id": 0.965,
    "drawio nodes by label": 0.945,
    "drawio edges by label": 0.925,
    "excalidraw nodes by label": 0.98,
    "excalidraw edges by label": 0.96,
    "mermaid nodes": 0.97,
    "mermaid edges": 0.97,
}


@pytest.mark.corpus
def test_floors(corpus: Path) -> None:
    from diagram_files import floors

    found = dict(floors(corpus))
    assert {k: round(found[k], 3) for k, floor in FLOORS.items() if found[k] < floor} == {}


@pytest.mark.corpus
def test_written_sources_are_read(corpus: Path) -> None:
    from diagram_files import written

    counts = written(corpus / "diagram_sources.jsonl")
    charts = ("pie", "xychart", "quadrant", "radar", "packet")
    unread = {name: c for name, c in counts.items() if c[0] < c[1] and not name.endswith(charts)}
    assert set(unread) <= {"mermaid er", "mermaid gantt", "mermaid zenuml"}  # one of each is no whole source
