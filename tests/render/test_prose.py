"""The logical text: order, branches, loops, verbatim labels, nothing lost, nothing invented."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.errors import SettingsError
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.render.prose import split_text, to_text


def test_a_flow_with_a_decision_and_a_loop() -> None:
    nodes = (
        Node("a", "Receive order"),
        Node("b", "In stock?", "diamond"),
        Node("c", "Ship"),
        Node("d", "Reorder"),
        Node("e", "Done"),
    )
    edges = (Edge("a", "b"), Edge("b", "c", "yes"), Edge("b", "d", "no"), Edge("d", "b"), Edge("c", "e"))
    assert to_text(Diagram(Kind.FLOWCHART, nodes, edges), "Figure 2: Orders") == (
        'Figure 2: Orders. Flowchart. "Receive order" leads to "In stock?". '
        'At the decision "In stock?": "yes" leads to "Ship"; "no" leads to "Reorder". '
        '"Ship" leads to "Done". "Reorder" leads back to "In stock?".'
    )


def test_runs_are_joined_and_dots_named() -> None:
    nodes = (Node("s", "", "start"), Node("a", "A"), Node("b", "B"), Node("t", "", "end"))
    edges = (Edge("s", "a"), Edge("a", "b"), Edge("b", "t"))
    text = to_text(Diagram(Kind.STATE, nodes, edges))
    assert text == 'State diagram. The start leads to "A", then "B", then the end.'


def test_messages_in_order_inside_frames() -> None:
    nodes = (Node("u", "User", "actor"), Node("s", "Server"))
    edges = (
        Edge("u", "s", "login"),
        Edge("s", "s", "check"),
        Edge("s", "u", "token", style="dashed"),
        Edge("s", "u", "403", style="dashed"),
        Edge("u", "s", "ping", target_end=End.CROSS),
    )
    groups = (
        Group("g", "valid", kind="alt", edges=(1, 2, 3)),
        Group("h", "invalid", parent="g", kind="else", edges=(3,)),
    )
    lines = to_text(Diagram(Kind.SEQUENCE, nodes, edges, groups, "Login", ("cached",))).splitlines()
    assert lines == [
        'Sequence diagram "Login".',
        'Participants: "User" and "Server".',
        '1. "User" sends "login" to "Server".',
        'Alternative "valid":',
        '  2. "Server" sends "check" to itself.',
        '  3. "Server" returns "token" to "User".',
        'Otherwise "invalid":',
        '  4. "Server" returns "403" to "User".',
        '5. "User" sends "ping" to "Server" (it is lost).',
        '- Note: "cached".',
    ]


def test_a_short_sequence_is_one_paragraph() -> None:
    nodes = (Node("a", "A"), Node("b", "B"))
    frame = Group("g", "each day", kind="loop", edges=(0,))
    text = to_text(Diagram(Kind.SEQUENCE, nodes, (Edge("a", "b", "m"), Edge("b", "a", "n")), (frame,)))
    assert text == (
        'Sequence diagram. Participants: "A" and "B". Loop "each day": "A" sends "m" to "B". '
        '"B" sends "n" to "A".'
    )


def test_undirected_and_both_ways() -> None:
    nodes = (
        Node("a", "Router", group="g"),
        Node("b", "Switch", group="g"),
        Node("c", "Host"),
        Node("d", "Host"),
    )
    edges = (
        Edge("a", "b", "10G", directed=False, target_end=End.NONE),
        Edge("b", "c", source_end=End.ARROW),
        Edge("b", "d"),
    )
    text = to_text(Diagram(Kind.TOPOLOGY, nodes, edges, (Group("g", "Rack 1"),)))
    assert '"Router" is connected with "Switch" ("10G").' in text
    assert '"Switch" is connected in both directions with "Host" (1).' in text
    assert '"Switch" connects to "Host" (2).' in text
    assert 'Group "Rack 1" contains "Router" and "Switch".' in text


@pytest.mark.parametrize(
    ("edge", "said"),
    [
        (Edge("a", "b", target_end=End.TRIANGLE), '"A" inherits from "B".'),
        (Edge("b", "a", source_end=End.TRIANGLE, target_end=End.NONE), '"A" inherits from "B".'),
        (Edge("a", "b", target_end=End.TRIANGLE, style="dashed"), '"A" implements "B".'),
        (Edge("a", "b", "has", source_end=End.FILLED_DIAMOND), '"A" is composed of "B" ("has").'),
        (Edge("a", "b", target_end=End.DIAMOND), '"B" aggregates "A".'),
        (Edge("a", "b", style="dashed"), '"A" depends on "B".'),
        (
            Edge("a", "b", source_label="1", target_label="0..*"),
            '"A" refers to "B" ("1" to "0..*").',
        ),
        (Edge("a", "b", directed=False, target_end=End.NONE), '"A" and "B" are associated.'),
    ],
)
def test_class_relations(edge: Edge, said: str) -> None:
    nodes = (Node("a", "A", members=("+id: int", "run()")), Node("b", "B"))
    text = to_text(Diagram(Kind.CLASS, nodes, (edge,)))
    assert said in text
    assert 'Class "A" has +id: int; run().' in text


def test_entities_with_cardinalities() -> None:
    nodes = (Node("c", "CUSTOMER", members=("string name",)), Node("o", "ORDER"))
    edge = Edge("c", "o", "places", False, source_end=End.ONE, target_end=End.ZERO_OR_MANY)
    text = to_text(Diagram(Kind.ER, nodes, (edge,)))
    assert '"CUSTOMER" "places" "ORDER": exactly one "CUSTOMER" to zero or many "ORDER".' in text
    assert 'Entity "CUSTOMER" has string name.' in text


def test_the_title_is_not_told_twice_and_charts_give_their_facts() -> None:
    chart = Diagram(Kind.CHART, title="Latency", notes=("x axis: load",), unread=("a legend",))
    assert to_text(chart, "Latency by load") == (
        "Latency by load. Chart. X axis: load. Not readable: A legend."
    )


_label = st.text(alphabet=st.characters(categories=("L", "N"), max_codepoint=0x24F), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(st.data(), st.sampled_from([k for k in Kind if k.is_diagram]))
def test_every_label_of_every_edge_is_said(data: st.DataObject, kind: Kind) -> None:
    ids = [str(i) for i in range(data.draw(st.integers(1, 6)))]
    nodes = tuple(Node(i, f"node{i}{data.draw(_label)}") for i in ids)
    pick = st.sampled_from(ids)
    edges = tuple(
        Edge(data.draw(pick), data.draw(pick), f"edge{i}{data.draw(_label)}", data.draw(st.booleans()))
        for i in range(data.draw(st.integers(0, 8)))
    )
    text = to_text(Diagram(kind, nodes, edges))
    names = {n.id: n.label for n in nodes}
    assert all(f'"{n.label}"' in text for n in nodes)
    for e in edges:
        said = [s for s in re.split(r"[.]\s", text) if f'"{e.label}"' in s]
        assert len(said) == 1
        assert names[e.source] in said[0]
        assert names[e.target] in said[0] or "itself" in said[0]


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.text(max_size=300), st.integers(1, 60))
def test_chunks_keep_the_limit_and_every_character(text: str, limit: int) -> None:
    chunks = split_text(text, limit)
    assert all(0 < len(c) <= limit for c in chunks)
    assert "".join("".join(chunks).split()) == "".join(text.split())


def test_chunks_break_at_lines_then_sentences() -> None:
    assert split_text("One two. Three four.\nFive.", 26) == ["One two. Three four.\nFive."]
    assert split_text("One two. Three four.\nFive.", 14) == ["One two.", "Three four.", "Five."]
    assert split_text("abcdef gh", 4) == ["abcd", "ef", "gh"]
    assert split_text(" \n ", 4) == []
    with pytest.raises(SettingsError):
        split_text("x", 0)


def test_dots_of_composite_states_are_told_apart() -> None:
    nodes = (
        Node("s", "", "start"),
        Node("t", "", "start", group="g"),
        Node("a", "A"),
        Node("b", "B", group="g"),
    )
    edges = (Edge("s", "a"), Edge("t", "b"), Edge("a", "g"))
    text = to_text(Diagram(Kind.STATE, nodes, edges, (Group("g", "Busy"),)))
    assert 'The start leads to "A", then "Busy".' in text
    assert 'The start of "Busy" leads to "B".' in text
