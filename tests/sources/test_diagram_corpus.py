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
    every = ("mermaid flowchart", "mermaid sequence", "mermaid class", "mermaid state", "dot", "drawio")
    plantuml = [name for name in counts if name.startswith("plantuml")]
    assert {name: counts[name] for name in (*every, *plantuml) if counts[name][0] < counts[name][1]} == {}
