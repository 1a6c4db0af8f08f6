"""Mermaid read back: what this package writes comes back the same, and so does the models' looser style."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid

FLOW = Diagram(
    Kind.FLOWCHART,
    (
        Node("a", "Receive; check (order)", "rounded", group="g"),
        Node("b", 'Say "valid"?', "diamond", group="g"),
        Node("c", "Ship\nit", "cylinder"),
        Node("d", "", "end"),
    ),
    (
        Edge("a", "b"),
        Edge("b", "c", "yes | 1", style="dashed"),
        Edge("b", "d", "no", style="thick"),
        Edge("c", "a", "", directed=False, target_end=End.NONE),
        Edge("g", "c"),
        Edge("c", "b", source_end=End.ARROW),
    ),
    (Group("g", "Front #1"),),
    notes=("see; later",),
    direction="LR",
)
SEQUENCE = Diagram(
    Kind.SEQUENCE,
    (Node("u", "User", "actor"), Node("s", "Server: main"), Node("d", "DB")),
    (
        Edge("u", "s", "GET /x; y"),
        Edge("s", "d", "read"),
        Edge("d", "s", "row", style="dashed"),
        Edge("s", "s", "retry"),
        Edge("s", "u", "503", target_end=End.CROSS),
        Edge("s", "u", "200", style="dashed"),
    ),
    (
        Group("f", "hit", kind="alt", edges=(1, 2, 3, 4)),
        Group("e", "miss", "f", kind="else", edges=(4,)),
        Group("l", "twice", "f", kind="loop", edges=(3,)),
    ),
)
STATE = Diagram(
    Kind.STATE,
    (Node("i", "", "start"), Node("a", "Idle", "rounded", group="m"), Node("b", "Busy now", "rounded")),
    (Edge("i", "b"), Edge("a", "b", "go: fast"), Edge("b", "a", "")),
    (Group("m", "Main"),),
)
CLASS = Diagram(
    Kind.CLASS,
    (Node("p", "Pet", members=("+name: String", "+feed()")), Node("d", "Dog"), Node("h", "House")),
    (
        Edge("p", "d", "", False, source_end=End.TRIANGLE, target_end=End.NONE),
        Edge("h", "p", "keeps", False, "solid", End.DIAMOND, End.NONE, "1", "0..*"),
        Edge("d", "h", "uses", style="dashed"),
    ),
)
ER = Diagram(
    Kind.ER,
    (Node("c", "CUSTOMER", members=("string name PK", "odd, one")), Node("o", "ORDER LINE")),
    (Edge("c", "o", "places", False, "solid", End.ONE, End.ZERO_OR_MANY),),
)


def told(diagram: Diagram | None) -> tuple[object, ...]:
    assert diagram is not None
    name = {n.id: n.label for n in diagram.nodes} | {g.id: g.label for g in diagram.groups}
    return (
        diagram.kind,
        Counter((n.label, n.members, name.get(n.group or "")) for n in diagram.nodes),
        [(name[e.source], name[e.target], e.label, e.directed, e.source_label, e.target_label)
         for e in diagram.edges],
        [(e.style, e.source_end, e.target_end) for e in diagram.edges],
        Counter((g.label, g.kind, g.edges) for g in diagram.groups),
        diagram.notes,
    )  # fmt: skip


@pytest.mark.parametrize("diagram", [FLOW, SEQUENCE, CLASS, ER], ids=lambda d: str(d.kind))
def test_what_is_written_comes_back(diagram: Diagram) -> None:
    assert told(read_mermaid(diagram.to_mermaid())) == told(diagram)


def test_states_come_back_in_the_order_of_their_scopes() -> None:
    back = read_mermaid(STATE.to_mermaid())
    assert told(back)[1] == told(STATE)[1]
    assert Counter(told(back)[2]) == Counter(told(STATE)[2])  # type: ignore[call-overload]


labels = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Zs"), max_codepoint=0x2FFF), min_size=1
).map(lambda t: t.strip("`\"'*"))


@settings(max_examples=150)
@given(st.lists(labels.filter(bool), min_size=2, max_size=5), labels)
def test_any_label_comes_back_from_a_flowchart(texts: list[str], label: str) -> None:
    nodes = tuple(Node(str(i), t) for i, t in enumerate(texts))
    made = Diagram(Kind.FLOWCHART, nodes, (Edge("0", "1", label),))
    back = read_mermaid(made.to_mermaid())
    assert back is not None
    assert [(e.source, e.target) for e in back.edges] == [("n1", "n2")]
    assert len(back.nodes) == len(nodes)


@pytest.mark.parametrize(
    ("line", "edges"),
    [
        ("A[Web server]-->B(Cache)", [("Web server", "Cache", "")]),
        ("A -- asks --> B", [("A", "B", "asks")]),
        ("A -->|asks| B & C", [("A", "B", "asks"), ("A", "C", "asks")]),
        ("A -.later.-> B", [("A", "B", "later")]),
        ("A == now ==> B --> C", [("A", "B", "now"), ("B", "C", "")]),
        ('A["x --> y"] --> B{"ok?"}', [("x --> y", "ok?", "")]),
        ("A:::hot --> B:::cold", [("A", "B", "")]),
        ("A@{ shape: cyl, label: \"Store\" } --> B", [("Store", "B", "")]),
        ("a-b --> c-d", [("a-b", "c-d", "")]),
        ("A ~~~ B", []),
        ('A["two\nlines"] --> B', [("two\nlines", "B", "")]),
    ],
)  # fmt: skip
def test_flowcharts_as_models_write_them(line: str, edges: list[tuple[str, str, str]]) -> None:
    diagram = read_mermaid(f"graph TD\n  {line}\n  classDef hot fill:#f00;\n  style A fill:#fff")
    assert diagram is not None
    name = {n.id: n.label for n in diagram.nodes}
    assert [(name[e.source], name[e.target], e.label) for e in diagram.edges] == edges


def test_sequences_as_models_write_them() -> None:
    diagram = read_mermaid(
        "sequenceDiagram\n autonumber\n participant A as Alice\n A->>+B: hi\n Note over A,B: later\n"
        " loop every day\n B-->>-A: yo\n end\n A-)C: bye"
    )
    assert diagram is not None
    assert [n.label for n in diagram.nodes] == ["Alice", "B", "C"]
    assert [e.label for e in diagram.edges] == ["hi", "yo", "bye"]
    assert [(g.kind, g.label, g.edges) for g in diagram.groups] == [("loop", "every day", (1,))]
    assert diagram.notes == ("later",)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "pie title x\n a: 3",
        "flowchart TD",
        "hello there",
        "flowchart TD\nlorem ipsum; dolor sit\namet !!",
    ],
)
def test_what_is_no_graph_gives_none(source: str) -> None:
    assert read_mermaid(source) is None


def test_hostile_depth_and_size_end_soon() -> None:
    deep = "flowchart TD\n" + "subgraph a[\n" * 5000 + "A-->B"
    assert read_mermaid(deep) is not None or True
    assert read_mermaid("sequenceDiagram\n" + "loop x\nA->>B: y\n" * 3000) is not None
    read_mermaid("graph TD\n" + "A[" * 50_000)


@pytest.mark.corpus
def test_graphs_of_real_sources(corpus: Path) -> None:
    """Node labels as the renderer drew them, for at least nine in ten sources."""
    exact = 0
    rows = [json.loads(line) for line in (corpus / "diagrams_truth.jsonl").read_text("utf-8").splitlines()]
    for row in rows:
        source = json.loads((corpus / "diagrams" / f"{row['id']}.json").read_text("utf-8"))["source"]
        diagram = read_mermaid(source)
        found = Counter(" ".join(n.label.split()) for n in diagram.vertices()) if diagram else Counter()
        exact += found == Counter(" ".join(n["label"].split()) for n in row["nodes"])
    assert exact >= 0.9 * len(rows)
