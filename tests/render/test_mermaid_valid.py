"""Everything `to_mermaid` writes is accepted by Mermaid's own parser (npm), whatever the labels are.

Needs node and `npm ci` in tools/mermaid, or a node_modules folder named by DIC_INGEST_NODE_MODULES.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node

TOOL = Path(__file__).resolve().parents[2] / "tools" / "mermaid"
KINDS = [k for k in Kind if k.is_diagram and k is not Kind.TIMING]
NASTY = [
    "", " ", "end", "End", "graph", "subgraph x", "class", "state", "style a:#fff;", 'style: "x"',
    "classDef x:#a;", '"', "'", "`", "``code``", "#", ";", "#quot;", "a;b", "%%", "%%{init: {}}%%",
    "%% comment", "<br/>", "<b>x</b>", "a\nb", "\n", "a --> b", "A->>B: x", "[x]", "(x)", "{x}", "{{x}}",
    "|x|", "x|y", "[*]", "]", ")", "}", "1. one", "- dash", "* star", "+ plus", "@", "@{shape: x}",
    "~~~", ":::", "::", ":", "wrap: x", "nowrap: y", "title x", "accTitle: x", "accDescr { x }",
    "note right of a", "loop", "alt", "else", "and", "option", "direction LR", "\xe9\xdf",
    "\u4f60\u597d", "\U0001f680", "\u0645\u0631\u062d\u0628\u0627", "\u200b", "x" * 600, "\\", "\\n",
    "a\\", "$$x^2$$", "$", "---", "===", "<<choice>>", "<|--", "o", "x", "o--o", "int[] a(b) : c",
    "+foo(a: int, b) str*", "_x_", "**b**", "\t", "\u2028", "0..*", "1", "end end", "TB", "LR",
    "default", "click", "href", "call", "namespace", "&", "&amp;", "?", "!", "=", "\ufb02\xb0",
]  # fmt: skip
labels = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=14),
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=24),
    st.lists(st.sampled_from(NASTY), min_size=2, max_size=3).map(" ".join),
)
SHAPES = [
    "rect",
    "rounded",
    "stadium",
    "diamond",
    "circle",
    "start",
    "end",
    "cylinder",
    "hexagon",
    "parallelogram",
]
SHAPES += ["actor", "fork", "note", "icon", "weird shape"]


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    kind = draw(st.sampled_from(KINDS))
    ids = [f"{draw(labels)}{i}" for i in range(draw(st.integers(1, 5)))]
    group_ids = [f"group {draw(labels)} {i}" for i in range(draw(st.integers(0, 4)))]
    held = st.sampled_from([None, "nowhere", *group_ids])
    nodes = [
        Node(
            i,
            draw(labels),
            draw(st.sampled_from(SHAPES)),
            tuple(draw(st.lists(labels, max_size=3))),
            draw(held),
        )
        for i in ids
    ]
    ends = st.sampled_from([*ids, *ids, *group_ids, "unknown"])
    edges = [
        Edge(
            draw(ends),
            draw(ends),
            draw(labels),
            draw(st.booleans()),
            draw(st.sampled_from(["solid", "dashed", "thick"])),
            draw(st.sampled_from(End)),
            draw(st.sampled_from(End)),
            draw(st.sampled_from(["", "", *NASTY])),
            draw(st.sampled_from(["", "", *NASTY])),
        )
        for _ in range(draw(st.integers(0, 6)))
    ]
    frames = st.sampled_from(
        ["group", "loop", "alt", "opt", "par", "critical", "break", "box", "else", "ref"]
    )
    inside = st.lists(st.integers(-1, 7), max_size=4).map(lambda v: tuple(sorted(v)))
    groups = [Group(i, draw(labels), draw(held), kind=draw(frames), edges=draw(inside)) for i in group_ids]
    direction = draw(st.sampled_from(["TD", "LR", "BT", "RL", "odd"]))
    notes = tuple(draw(st.lists(labels, max_size=2)))
    return Diagram(kind, tuple(nodes), tuple(edges), tuple(groups), draw(labels), notes, direction)


def _verdicts(sources: list[str]) -> list[str]:
    modules = Path(os.environ.get("DIC_INGEST_NODE_MODULES", TOOL / "node_modules"))
    node = shutil.which("node")
    if node is None or not (modules / "mermaid").is_dir() or not (modules / "jsdom").is_dir():
        pytest.skip("Mermaid's parser is not here: run `npm ci` in tools/mermaid (needs node)")
    done = subprocess.run(
        [node, str(TOOL / "check.mjs"), str(modules)],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=True,
    )
    return [str(v) for v in json.loads(done.stdout)]


def _refused(made: list[Diagram]) -> str:
    sources = [d.to_mermaid() for d in made]
    verdicts = _verdicts(sources)
    assert len(verdicts) == len(sources)
    bad = [(s, v) for s, v in zip(sources, verdicts, strict=True) if v and s]
    return "" if not bad else f"{len(bad)} of {len(sources)} refused, e.g.\n{bad[0][0]}\n{bad[0][1]}"


def test_random_diagrams_are_valid() -> None:
    made: list[Diagram] = []

    @seed(4)
    @settings(
        max_examples=600,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(diagrams())
    def collect(diagram: Diagram) -> None:
        made.append(diagram)

    collect()
    assert len(made) >= 500
    assert _refused(made) == ""


def test_every_awkward_label_in_every_place() -> None:
    made = []
    for kind in KINDS:
        for text in NASTY:
            nodes = (Node("a", text, members=(text,), group="g"), Node("b", f"{text} two", "actor"))
            edges = (
                Edge("a", "b", text, source_label=text),
                Edge("b", "g", f"{text}:{text}"),
                Edge("a", "a", text),
            )
            group = Group("g", text, kind="loop" if kind is Kind.SEQUENCE else "group", edges=(0, 2))
            made.append(Diagram(kind, nodes, edges, (group,), text, (text,)))
    assert _refused(made) == ""


def test_bit_fields_are_valid() -> None:
    nodes = (Node("a", 'Version "4"', members=("bits 0-3",)), Node("b", "IHL", members=("bits 4",)))
    diagram = Diagram(Kind.TIMING, nodes)
    assert '4: "IHL"' in diagram.to_mermaid()
    assert _refused([diagram]) == ""


def test_the_parser_can_refuse() -> None:
    assert all(_verdicts(["flowchart TD\n  a[ --> b", "sequenceDiagram\n  loop x\n"]))
