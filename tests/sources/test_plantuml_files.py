"""PlantUML source: the kinds that have a graph, in the notations that people use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.cli import group
from dic_ingest.model.diagram import Diagram, End, Kind
from dic_ingest.sources.diagram_files.languages.plantuml.read import read_plantuml


def one(source: str) -> Diagram:
    found = read_plantuml(f"@startuml\n{source}\n@enduml\n")
    assert len(found) == 1
    return found[0]


def told(diagram: Diagram) -> list[tuple[str, str, str]]:
    name = {n.id: n.label for n in diagram.nodes} | {g.id: g.label for g in diagram.groups}
    return [(name[e.source], name[e.target], e.label) for e in diagram.edges]


SEQUENCE = """
title Log in
actor "The user" as U
participant Shop
U -> Shop ++ : open
alt known
  Shop --> U : greet\\nby name
else new
  U <- Shop : ask
end
return done
note over U: a remark
Shop ->x Bank : pay
== later ==
[-> Shop : tick
"""


def test_sequence() -> None:
    found = one(SEQUENCE)
    assert found.kind is Kind.SEQUENCE and found.title == "Log in" and found.notes == ("a remark",)
    assert told(found) == [
        ("The user", "Shop", "open"),
        ("Shop", "The user", "greet\nby name"),
        ("Shop", "The user", "ask"),
        ("Shop", "The user", "done"),
        ("Shop", "Bank", "pay"),
        ("outside", "Shop", "tick"),
    ]
    assert [e.style for e in found.edges][:4] == ["solid", "dashed", "solid", "dashed"]
    assert found.edges[4].target_end is End.CROSS
    assert [(g.kind, g.label, g.edges) for g in found.groups if g.kind != "else"] == [
        ("alt", "known", (1, 2))
    ]


def test_classes() -> None:
    found = one(
        'class Car {\n  -wheels: int\n  +drive()\n}\nVehicle <|-- Car\nCar *-- "4" Wheel : has >\n'
        "interface Motor\nclass Diesel implements Motor\n"
    )
    assert found.kind is Kind.CLASS
    assert next(n for n in found.nodes if n.id == "Car").members == ("-wheels: int", "+drive()")
    ends = {(e.source, e.target): (e.source_end, e.target_end, e.label, e.target_label) for e in found.edges}
    assert ends["Vehicle", "Car"] == (End.TRIANGLE, End.NONE, "", "")
    assert ends["Car", "Wheel"] == (End.FILLED_DIAMOND, End.NONE, "has", "4")
    assert ends["Diesel", "Motor"][1] is End.TRIANGLE


def test_components_in_packages() -> None:
    found = one(
        'left to right direction\npackage "Back end" as BE {\n  [Order service] as OS\n'
        '  database "Orders" as DB\n}\n'
        '() "REST" as R\n:Buyer: -right-> R\nR -- OS\nOS ..> DB : writes\nBE --> (Ship it)\n'
    )
    assert found.kind is Kind.BLOCK and found.direction == "LR"
    assert {(n.label, n.group) for n in found.nodes} >= {
        ("Order service", "BE"),
        ("Orders", "BE"),
        ("Buyer", None),
    }
    assert ("Order service", "Orders", "writes") in told(found) and ("Back end", "Ship it", "") in told(found)
    assert found.edges[2].style == "dashed"


def test_states() -> None:
    found = one(
        'state "Wait for it" as W {\n  [*] --> Cold\n}\n[*] --> W\nW --> [*] : stop\n'
        "state F <<fork>>\nF --> W\n"
    )
    assert found.kind is Kind.STATE
    shapes = {n.id: n.shape for n in found.nodes}
    assert shapes["*start"] == "start" and shapes["*end"] == "end" and shapes["F"] == "bar"
    assert found.groups[0].label == "Wait for it" and ("Wait for it", "", "stop") in told(found)


def test_activity() -> None:
    found = one(
        "start\n:Weigh;\nif (too light?) then (yes)\n  :Add\nflour;\nelse (no)\n  :Go on;\nendif\n"
        "while (lumps?) is (yes)\n  :Stir;\nendwhile (no)\nstop"
    )
    assert found.kind is Kind.FLOWCHART
    assert told(found) == [
        ("", "Weigh", ""),
        ("Weigh", "too light?", ""),
        ("too light?", "Add\nflour", "yes"),
        ("too light?", "Go on", "no"),
        ("Add\nflour", "lumps?", ""),
        ("Go on", "lumps?", ""),
        ("lumps?", "Stir", "yes"),
        ("Stir", "lumps?", ""),
        ("lumps?", "", "no"),
    ]


def test_the_first_activity_syntax() -> None:
    found = one('(*) --> "Weigh"\n--> if "light?" then\n  -->[yes] "Add"\nelse\n  -->[no] (*)\nendif')
    assert told(found) == [
        ("", "Weigh", ""),
        ("Weigh", "light?", ""),
        ("light?", "Add", "yes"),
        ("light?", "", "no"),
    ]


def test_entities_objects_and_trees() -> None:
    found = one("entity Order {\n  * id : int\n  --\n  total\n}\nentity Line\nOrder ||--o{ Line : holds")
    assert found.kind is Kind.ER and found.edges[0].target_end is End.ZERO_OR_MANY
    assert found.nodes[0].members == ("* id : int", "total")
    tree = read_plantuml("@startmindmap\n* Cake\n** Flour\n*** Rye\n** Egg\n@endmindmap")[0]
    assert told(tree) == [("Cake", "Flour", ""), ("Flour", "Rye", ""), ("Cake", "Egg", "")]


def test_c4_macros() -> None:
    found = one(
        '!include <C4/C4_Container>\nPerson(u, "Reader", "reads")\nSystem_Boundary(s, "Library") {\n'
        '  ContainerDb(d, "Shelf", "SQL", "holds")\n}\nRel(u, d, "borrows", "HTTP")\n'
    )
    assert told(found) == [("Reader", "Shelf", "borrows")] and found.groups[0].label == "Library"


def test_looks_definitions_and_mark_up_say_nothing() -> None:
    found = one(
        "skinparam {\n  a b\n}\n!define NAME Kitchen\nhide footbox\n' a comment\n/' more\nof it '/\n"
        "NAME -[#red]> Hall : **bold** <color:blue>text</color>"
    )
    assert told(found) == [("Kitchen", "Hall", "bold text")]


def test_a_file_with_two_diagrams_gives_two_figures(tmp_path: Path) -> None:
    file = tmp_path / "two.puml"
    file.write_text("@startuml\ntitle One\nA -> B : x\n@enduml\n@startuml\n[C] --> [D]\n@enduml\n")
    lines = CliRunner().invoke(group, ["describe", str(file)]).output.splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    assert [f["kind"] for f in found] == ["sequence", "block"] and found[0]["printed_caption"] == "One"


@pytest.mark.parametrize("source", ["", "@startuml", "@startjson\n{}\n@endjson", "nothing of it", "\x00\x01"])
def test_what_is_none_gives_none(source: str) -> None:
    assert read_plantuml(source) == []


MORE = ["start", ":a;", "if (x) then", "}", "{", "class A {", "fork", "end", "state B {", "(*) --> x"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([*SEQUENCE.split("\n"), *MORE]), max_size=30), st.text(max_size=8))
def test_any_order_of_lines_is_survived(lines: list[str], junk: str) -> None:
    for found in read_plantuml("\n".join([*lines, junk])):
        known = {n.id for n in found.nodes} | {g.id for g in found.groups}
        assert all(e.source in known and e.target in known for e in found.edges)
