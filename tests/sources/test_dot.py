"""Graphviz DOT files."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.errors import BrokenFileError, InputError, LimitError
from dic_ingest.model.diagram import Diagram, End, Kind
from dic_ingest.sources.diagram_files.languages.dot import read_dot
from dic_ingest.sources.diagram_files.limits import DiagramLimits

LIMITS = DiagramLimits()
GRAPH = """
digraph G { // a comment
  rankdir=LR; label="Mill"; node [shape=box]; edge [style=dashed]
  grain [label="Grain\\nstore"]; mill [shape=diamond, label=<<b>Mill</b><br/>stone>]
  subgraph cluster_out { label = "Out"; flour; {rank=same; bran husk} }
  grain -> mill -> {flour bran} [label="runs", arrowhead=vee];
  mill:n -> husk [dir=back]; grain -> husk [style=invis]
  /* more */ "a \\"b\\"" -> 1.5 [dir=both taillabel="1" headlabel="*"]
}
"""


def read(text: str) -> Diagram:
    return read_dot(text, "a.dot", LIMITS)[0]


def told(diagram: Diagram) -> list[tuple[str, str, str]]:
    name = {n.id: n.label for n in diagram.nodes}
    return [(name[e.source], name[e.target], e.label) for e in diagram.edges]


def test_nodes_edges_and_clusters() -> None:
    found = read(GRAPH)
    assert told(found) == [
        ("Grain\nstore", "Mill\nstone", "runs"),
        ("Mill\nstone", "flour", "runs"),
        ("Mill\nstone", "bran", "runs"),
        ("husk", "Mill\nstone", ""),
        ('a "b"', "1.5", ""),
    ]
    assert (found.title, found.direction, found.edges[0].style) == ("Mill", "LR", "dashed")
    assert [(g.label, g.id) for g in found.groups] == [("Out", "cluster_out")]
    assert {n.id for n in found.nodes if n.group} == {"flour", "bran", "husk"}
    both = found.edges[-1]
    assert (both.source_end, both.target_end, both.source_label, both.target_label) == (
        End.ARROW,
        End.ARROW,
        "1",
        "*",
    )


def test_undirected_graphs_and_records() -> None:
    found = read('graph { a -- b; r [shape=record label="{Valve|+ open()\\l|- shut()}"] }')
    assert not found.edges[0].directed
    assert [(n.label, n.members) for n in found.nodes][2] == ("Valve", ("+ open()", "- shut()"))


def test_a_file_may_hold_several_graphs() -> None:
    assert [len(d.nodes) for d in read_dot("digraph{a->b} graph x {c}", "a.dot", LIMITS)] == [2, 1]


def test_a_decision_makes_a_flowchart() -> None:
    assert read(GRAPH).kind is Kind.FLOWCHART and read("digraph{a->b}").kind is Kind.BLOCK


@pytest.mark.parametrize(
    "text", ["nothing", "digraph {", "digraph { a -> }", "digraph { a [label=", "{}", "digraph %"]
)
def test_what_is_no_graph_is_a_typed_error(text: str) -> None:
    with pytest.raises(BrokenFileError):
        read_dot(text, "a.dot", LIMITS)


@pytest.mark.parametrize(
    "text", ["digraph {" + "{" * 500 + "}" * 501, "digraph {" + " ".join(f"n{i}" for i in range(400)) + "}"]
)
def test_what_is_too_large_is_a_typed_error(text: str) -> None:
    with pytest.raises(LimitError):
        read_dot(text, "a.dot", DiagramLimits(max_cells=300))


def test_edges_between_sets_are_bounded() -> None:
    many = " ".join(f"n{i}" for i in range(200))
    with pytest.raises(LimitError):
        read_dot(f"digraph {{ {{{many}}} -> {{{many}}} }}", "a.dot", DiagramLimits(max_cells=1_000))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damage_is_read_or_a_typed_error(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GRAPH) - 1))
    piece = data.draw(st.sampled_from(["", "{", "}", "<", '"', "[", "->", "subgraph", "="]))
    with contextlib.suppress(InputError):
        read_dot(GRAPH[:at] + piece + GRAPH[at + data.draw(st.integers(0, 9)) :], "a.dot", LIMITS)
