"""An editable drawing beside the picture that was exported from it is told once."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from dic_ingest.batch.cross_document_duplicates import DrawnGraph, drawn_graph, is_same_graph, same_graphs
from dic_ingest.cli import group

LABELS = ("Order", "Check stock", "Ship goods", "Send invoice")


def metadata(labels: tuple[str, ...], joined: list[tuple[int, int]], graph_from: str) -> dict[str, str]:
    nodes = [{"id": str(k), "label": text} for k, text in enumerate(labels)]
    edges = [{"source": str(a), "target": str(b)} for a, b in joined]
    return {"graph": json.dumps({"nodes": nodes, "edges": edges}), "graph_from": graph_from}


def graph(labels: tuple[str, ...], joined: list[tuple[int, int]], graph_from: str = "file") -> DrawnGraph:
    found = drawn_graph(metadata(labels, joined, graph_from))
    assert found is not None
    return found


LINE = [(0, 1), (1, 2), (2, 3)]


def test_a_graph_read_from_a_picture_is_that_of_its_source() -> None:
    source, picture = graph(LABELS, LINE), graph(LABELS, [(1, 0), (1, 2), (2, 3)], "drawing")
    assert is_same_graph(source, picture)
    assert same_graphs([("a", picture), ("b", source), ("c", None)]) == [(1, 0)]


def test_one_misread_label_does_not_part_a_copy() -> None:
    labels = (*LABELS, "Close account", "Print label")
    line = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    misread = ("Order", "Check stock", "hip goods", "Send invoice", "Close account", "Print label")
    assert same_graphs([("a", graph(labels, line)), ("b", graph(misread, line, "drawing"))]) == [(0, 1)]
    other = ("Order", "Check stock", "Burn all", "Send invoice", "Close account", "Print label")
    assert same_graphs([("a", graph(labels, line)), ("b", graph(other, line, "drawing"))]) == []


def test_other_graphs_and_figures_of_one_document_are_apart() -> None:
    source = graph(LABELS, LINE)
    assert same_graphs([("a", source), ("a", source)]) == []
    assert same_graphs([("a", source), ("b", graph(LABELS, [(0, 3), (3, 1), (0, 2)], "drawing"))]) == []
    assert same_graphs([("a", source), ("b", graph(("Order", "Pay", "Ship"), [(0, 1), (1, 2)]))]) == []


def test_small_and_damaged_graphs_are_not_compared() -> None:
    assert drawn_graph(metadata(("A", "B"), [(0, 1)], "file")) is None
    assert drawn_graph({"graph": "{", "graph_from": "file"}) is None and drawn_graph({}) is None


def test_a_run_tells_a_source_and_its_copy_once(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    flow = "flowchart TD\n  A[Order] --> B[Check stock]\n  B --> C[Ship goods]\n  C --> D[Send invoice]\n"
    (docs / "flow.mmd").write_text(flow)
    lines = "[Order] --> [Check stock]\n[Check stock] --> [Ship goods]\n[Ship goods] --> [Send invoice]\n"
    puml = f"@startuml\n{lines}@enduml\n"
    (docs / "copy.puml").write_text(puml)
    done = CliRunner().invoke(group, ["run", str(docs), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0 and "same drawing" in done.output + done.stderr
    groups = json.loads((tmp_path / "out" / "same.json").read_text())["groups"]
    assert [sorted(g["documents"]) for g in groups] == [["copy", "flow"]] and groups[0]["source"]
