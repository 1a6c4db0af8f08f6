"""Mermaid's kinds beside flowchart, sequence, class, state and ER."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid

SOURCES = {
    "treeView": (
        "treeView-beta\nsrc\n├── a.py\n└── docs\n    └── b.md",
        [("src", "a.py", ""), ("src", "docs", ""), ("docs", "b.md", "")],
    ),
    "ishikawa": (
        "ishikawa-beta\n  Late parcels\n    People\n      Too few\n    Road",
        [("Late parcels", "People", ""), ("People", "Too few", ""), ("Late parcels", "Road", "")],
    ),
    "swimlane": (
        "swimlane-beta LR\n  subgraph s[Sales]\n    a[Order]\n  end\n"
        "  subgraph w[Store]\n    b[Pack]\n  end\n  a -- paid --> b",
        [("Order", "Pack", "paid")],
    ),
    "venn": (
        'venn-beta\n  title Skills\n  set A["Design"]:20\n  set B\n  union A,B["Both"]:5\n    text t["UX"]',
        [("Design", "Both", ""), ("B", "Both", "")],
    ),
    "wardley": (
        "wardley-beta\n  title Tea\n  anchor User [0.95, 0.6]\n  component Hot Water [0.5, 0.8]\n"
        '  component "Kettle" [0.3, 0.4] (build)\n  User -> Hot Water\n  Hot Water -> Kettle; heats\n'
        '  evolve Kettle 0.7\n  note "Cheap" [0.1, 0.1]',
        [("User", "Hot Water", ""), ("Hot Water", "Kettle", "heats")],
    ),
    "cynefin": (
        'cynefin-beta\n  title Triage\n  complex\n    "Try it"\n  clear\n    "Restart"\n'
        '  complex --> clear : "learnt"',
        [("Complex", "Clear", "learnt")],
    ),
    "eventmodeling": (
        "eventmodeling\n  tf 01 ui Cart\n  tf 02 cmd AddItem\n  tf 03 evt Added\n  tf 04 ui List ->> 03",
        [("Cart", "AddItem", ""), ("AddItem", "Added", ""), ("Added", "List", "")],
    ),
    "mindmap": (
        "mindmap\n  root((Cake))\n    Flour\n      Rye\n    Egg",
        [("Cake", "Flour", ""), ("Flour", "Rye", ""), ("Cake", "Egg", "")],
    ),
    "treemap": (
        'treemap-beta\n"All"\n    "A": 10\n    "B": 20',
        [("All", "A: 10", ""), ("All", "B: 20", "")],
    ),
    "timeline": (
        "timeline\n  title Past\n  section Old\n  1990 : Web : Browser\n       : Search",
        [("1990", "Web", ""), ("1990", "Browser", ""), ("1990", "Search", "")],
    ),
    "gantt": (
        "gantt\n  dateFormat YYYY\n  section Work\n  Dig :a1, 2024-01-01, 3d\n  Pour : after a1, 2d",
        [("Dig", "Pour", "")],
    ),
    "block": (
        'block-beta\n  columns 2\n  a["In"] b["Out"]:2\n  block:g["Box"]\n    c\n  end\n'
        '  a -- "to" --> b\n  b --> c',
        [("In", "Out", "to"), ("Out", "c", "")],
    ),
    "architecture": (
        "architecture-beta\n  group api(cloud)[API]\n  service db(database)[Store] in api\n"
        "  service web(server)[Web] in api\n  web:R --> L:db",
        [("Web", "Store", "")],
    ),
    "requirement": (
        "requirementDiagram\n  requirement fast {\n    id: 1\n  }\n  element engine {\n    type: part\n  }\n"
        "  engine - satisfies -> fast",
        [("engine", "fast", "satisfies")],
    ),
    "sankey": (
        'sankey-beta\nCoal,Power,25\n"Oil, gas",Power,10',
        [("Coal", "Power", "25"), ("Oil, gas", "Power", "10")],
    ),
    "git": (
        'gitGraph\n  commit id: "one"\n  branch side\n  commit id: "two"\n  checkout main\n'
        '  commit id: "three"\n  merge side id: "four"',
        [("one", "two", ""), ("one", "three", ""), ("three", "four", ""), ("two", "four", "")],
    ),
    "zenuml": (
        "zenuml\n  title Order\n  Client->Shop.buy(cake) {\n    Store.take()\n    if(gone) {\n"
        "      Baker.bake()\n    }\n  }\n"
        "  Shop->Client: here",
        [
            ("Client", "Shop", "buy(cake)"),
            ("Shop", "Store", "take()"),
            ("Shop", "Baker", "bake()"),
            ("Shop", "Client", "here"),
        ],
    ),
    "c4": (
        'C4Context\n  title Library\n  Person(a, "Reader")\n  System(b, "Shelf")\n  Rel(a, b, "borrows")',
        [("Reader", "Shelf", "borrows")],
    ),
}


def told(diagram: Diagram) -> list[tuple[str, str, str]]:
    name = {n.id: n.label for n in diagram.nodes} | {g.id: g.label for g in diagram.groups}
    return [(name[e.source], name[e.target], e.label) for e in diagram.edges]


@pytest.mark.parametrize("kind", SOURCES)
def test_what_is_joined(kind: str) -> None:
    source, expected = SOURCES[kind]
    found = read_mermaid(source)
    assert found is not None and told(found) == expected


def test_columns_sections_and_branches_are_groups() -> None:
    kanban = read_mermaid("kanban\n  todo[To do]\n    a[Dig]\n  done[Done]\n    b[Plan]")
    assert kanban is not None and [(n.label, n.group) for n in kanban.nodes] == [
        ("Dig", "g1"),
        ("Plan", "g2"),
    ]
    journey = read_mermaid("journey\n  title Day\n  section Morning\n    Wake: 2: Me, Cat")
    assert journey is not None and journey.nodes[0].members == ("2", "Me, Cat") and journey.title == "Day"
    git = read_mermaid(SOURCES["git"][0])
    assert git is not None and [g.label for g in git.groups] == ["main", "side"]
    zenuml = read_mermaid(SOURCES["zenuml"][0])
    assert zenuml is not None and zenuml.kind is Kind.SEQUENCE and zenuml.groups[0].label == "gone"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SOURCES)), st.data())
def test_any_lines_are_survived(kind: str, data: st.DataObject) -> None:
    head, *lines = SOURCES[kind][0].split("\n")
    mixed = data.draw(st.lists(st.sampled_from([*lines, "}", "end", "", ":", "->", "a.b() {"]), max_size=15))
    found = read_mermaid("\n".join([head, *mixed]))
    if found is not None:
        known = {n.id for n in found.nodes} | {g.id for g in found.groups}
        assert all(e.source in known and e.target in known for e in found.edges)


def test_a_packet_is_its_fields_in_order() -> None:
    source = 'packet-beta\ntitle UDP\n0-15: "Source Port"\n+16: "Target"\n32: "Flag"\n33-47: "Rest"'
    found = read_mermaid(source)
    assert found is not None and found.title == "UDP" and not found.edges
    assert [(n.label, n.members) for n in found.nodes] == [
        ("Source Port", ("bits 0-15",)),
        ("Target", ("bits 16-31",)),
        ("Flag", ("bit 32",)),
        ("Rest", ("bits 33-47",)),
    ]


def test_what_places_and_sizes_an_area_is_kept() -> None:
    map_ = read_mermaid(SOURCES["wardley"][0])
    assert map_ is not None and map_.notes == ("Cheap",) and map_.title == "Tea"
    assert {n.label: n.members for n in map_.nodes}["Kettle"] == (
        "visibility 0.3",
        "evolution 0.4",
        "evolves to 0.7",
    )
    sets = read_mermaid(SOURCES["venn"][0])
    assert sets is not None
    assert {n.label: n.members for n in sets.nodes} == {
        "Design": ("size 20",),
        "B": (),
        "Both": ("size 5", "UX"),
    }
    domains = read_mermaid(SOURCES["cynefin"][0])
    assert domains is not None and [(n.label, n.group) for n in domains.nodes] == [
        ("Try it", "complex"),
        ("Restart", "clear"),
    ]
    lanes = read_mermaid(SOURCES["swimlane"][0])
    assert lanes is not None and [g.label for g in lanes.groups] == ["Sales", "Store"]
