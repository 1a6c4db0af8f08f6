"""BPMN 2.0 files."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.errors import BrokenFileError, InputError
from dic_ingest.sources.diagram_files.editors.bpmn import read_bpmn
from dic_ingest.sources.diagram_files.file import DiagramFile
from dic_ingest.sources.diagram_files.limits import DiagramLimits

LIMITS = DiagramLimits()
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">'
)
PROCESS = (
    '<bpmn:collaboration id="c"><bpmn:participant id="pool" name="Bakery" processRef="p"/>'
    '<bpmn:messageFlow id="m" sourceRef="t1" targetRef="pool2"/><bpmn:participant id="pool2" name="Guest"/>'
    '</bpmn:collaboration><bpmn:process id="p"><bpmn:laneSet><bpmn:lane id="l" name="Oven">'
    "<bpmn:flowNodeRef>t1</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    '<bpmn:startEvent id="s" name="Order"/><bpmn:task id="t1" name="Bake&#10;bread"/>'
    '<bpmn:exclusiveGateway id="g" name="Done?"/><bpmn:endEvent id="e"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t1"/>'
    '<bpmn:sequenceFlow id="f2" sourceRef="t1" targetRef="g"/>'
    '<bpmn:sequenceFlow id="f3" sourceRef="g" targetRef="e" name="yes"/>'
    '<bpmn:sequenceFlow id="f4" sourceRef="g" targetRef="nowhere"/>'
    '<bpmn:textAnnotation id="n"><bpmn:text>Mind the heat</bpmn:text></bpmn:textAnnotation></bpmn:process>'
)
SHAPES = "".join(
    f'<di:BPMNShape bpmnElement="{own}"><dc:Bounds x="{x}" y="10" width="80" height="40"/></di:BPMNShape>'
    for own, x in (("s", 0), ("t1", 100), ("g", 200), ("e", 300))
)
PLANE = f"<di:BPMNDiagram><di:BPMNPlane>{SHAPES}</di:BPMNPlane></di:BPMNDiagram>"
FILE = f"{HEAD}{PROCESS}{PLANE}</bpmn:definitions>"


def test_flows_lanes_and_pools() -> None:
    found = read_bpmn(FILE, "a.bpmn", LIMITS)
    name = {n.id: n.label for n in found.nodes} | {g.id: g.label for g in found.groups}
    assert {(name[e.source], name[e.target], e.label, e.style) for e in found.edges} == {
        ("Order", "Bake\nbread", "", "solid"),
        ("Bake\nbread", "Done?", "", "solid"),
        ("Done?", "", "yes", "solid"),
        ("Bake\nbread", "Guest", "", "dashed"),
    }
    assert [n.shape for n in found.nodes] == ["start", "rounded", "diamond", "end"]
    assert {(n.label, n.group) for n in found.nodes} >= {("Bake\nbread", "l"), ("Order", "pool")}
    assert next(g.parent for g in found.groups if g.id == "l") == "pool" and found.notes == ("Mind the heat",)
    assert found.nodes[1].bbox == (100, 10, 180, 50)


def test_a_file_without_geometry_is_laid_out() -> None:
    with DiagramFile(f"{HEAD}{PROCESS}</bpmn:definitions>".encode(), suffix=".bpmn") as file:
        graph = file.graph(1)
        assert graph is not None and all(n.bbox is not None for n in graph.nodes)


def test_xml_is_told_by_its_root() -> None:
    with DiagramFile(FILE.encode(), suffix=".xml") as file:
        assert len(file.pages) == 1
    with pytest.raises(BrokenFileError):
        DiagramFile(b"<project><target/></project>", suffix=".xml")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_is_read_or_a_typed_error(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(FILE) - 1))
    with contextlib.suppress(InputError):
        read_bpmn(FILE[:at] + data.draw(st.text(max_size=5)) + FILE[at + 3 :], "a.bpmn", LIMITS)
