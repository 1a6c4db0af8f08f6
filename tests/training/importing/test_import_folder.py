"""Folders of other people's figures become sets: what belongs together is paired, the rest is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from dic_ingest.cli.training import command as train
from dic_ingest.errors import FormatError, InputError
from dic_ingest.evaluation.figure_set import read_pairs, read_questions
from dic_ingest.model.diagram import Kind
from dic_ingest.training.importing.dataset import ImportSettings, import_folder
from dic_ingest.training.importing.graphs import graph_of_json, read_graph_file

BPMN = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">
<startEvent id="s" name="Order in"/><task id="t" name="Check order"/><endEvent id="e" name="Done"/>
<sequenceFlow id="f" sourceRef="s" targetRef="t"/><sequenceFlow id="g" sourceRef="t" targetRef="e"/>
</process></definitions>"""
DRAWIO = """<mxfile><diagram name="P"><mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>
<mxCell id="a" value="Camera" vertex="1" parent="1">
<mxGeometry width="80" height="40" as="geometry"/></mxCell>
<mxCell id="b" value="Recorder" vertex="1" parent="1">
<mxGeometry x="200" width="80" height="40" as="geometry"/>
</mxCell><mxCell id="e" value="RTSP" edge="1" source="a" target="b" parent="1">
<mxGeometry relative="1" as="geometry"/></mxCell></root></mxGraphModel></diagram></mxfile>"""
GRAPHML = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="node" attr.name="label" attr.type="string"/>
<key id="d1" for="edge" attr.name="LinkLabel" attr.type="string"/>
<graph edgedefault="undirected"><node id="0"><data key="d0">Oslo</data></node>
<node id="1"><data key="d0">Bergen</data></node><node id="2"/>
<edge source="0" target="1"><data key="d1">10 Gbit/s</data></edge>
<edge source="1" target="2"/></graph></graphml>"""
SETTINGS = ImportSettings("made", test=0.3, validation=0.0)


def picture(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (200, 120), "white")
    pen = ImageDraw.Draw(image)
    for i in range(6):
        x, y = (seed * 37 + i * 53) % 150, (seed * 61 + i * 29) % 90
        pen.rectangle((x, y, x + 20 + 7 * (seed % 5), y + 20), outline="black", width=2)
    image.save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "collection"
    picture(root / "ann" / "flow.png", 1)
    (root / "ann" / "flow.mmd").write_text("flowchart TD\n a[Read] --> b[Write]\n")
    (root / "ann" / "flow.txt").write_text('"Read" leads to "Write".')
    picture(root / "bob" / "images" / "order.png", 2)
    (root / "bob" / "bpmn").mkdir()
    (root / "bob" / "bpmn" / "order.bpmn").write_text(BPMN)
    (root / "bob" / "boxes").mkdir()
    (root / "bob" / "boxes" / "order.xml").write_text("<annotation><size/></annotation>")
    picture(root / "cem" / "cam.jpg", 3)
    (root / "cem" / "cam.drawio").write_text(DRAWIO)
    (root / "cem" / "LICENSE").write_text("MIT License\n\nCopyright")
    picture(root / "dan" / "asked.png", 4)
    (root / "dan" / "asked.questions.jsonl").write_text('{"question": "What is first?", "answer": "Read"}\n')
    picture(root / "eve" / "dep.png", 5)
    (root / "eve" / "dep.dot").write_text('digraph { a [label="App"]; b [label="DB"]; a -> b [label="SQL"] }')
    picture(root / "fay" / "broken.png", 6)
    (root / "fay" / "broken.puml").write_text("no diagram at all")
    (root / "gus").mkdir()
    (root / "gus" / "city.graphml").write_text(GRAPHML)
    return root


def test_files_of_one_name_are_one_figure(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    done = import_folder(folder, out, SETTINGS)
    pairs = {p.extra["key"]: p for p in read_pairs(out / "pairs.jsonl")}
    assert set(pairs) == {"ann/flow", "bob/images/order", "cem/cam", "eve/dep"}
    assert (
        pairs["ann/flow"].caption == '"Read" leads to "Write".' and pairs["ann/flow"].extra["owner"] == "ann"
    )
    assert {n.label for n in pairs["bob/images/order"].diagram.nodes} >= {"Check order"}
    edge = pairs["cem/cam"].diagram.edges[0]
    assert edge.label == "RTSP" and "RTSP" in pairs["cem/cam"].caption
    assert (
        pairs["cem/cam"].extra["licence"] == "MIT License"
        and pairs["ann/flow"].extra["licence"] == "not told"
    )
    asked = read_questions(out / "questions.jsonl")
    assert [(q.question, q.answer) for q in asked] == [("What is first?", "Read")]
    assert done.left_out["no picture"] == 1 and sum(done.left_out.values()) == 2
    card = (out / "card.md").read_text()
    assert "| MIT License | " in card and "Splits are by owner" in card and "no picture 1" in card


def test_tables_are_joined_by_id(tmp_path: Path) -> None:
    root, out = tmp_path / "tables", tmp_path / "set"
    for i in range(3):
        picture(root / "png" / f"f.{i}.png", i)
    nodes = [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}, {"id": "g", "label": "Frame"}]
    edges = [{"source": "a", "target": "b", "label": "x"}, {"source": "g", "target": "a"}]
    groups = [{"id": "g", "label": "Frame", "members": ["a"]}]
    truth = {"id": "f.0", "nodes": nodes, "edges": edges, "groups": groups}
    rows = [truth, {"id": "f.1", "lang": "mermaid", "code": "flowchart LR\n p[P] --> q[Q]"}]
    (root / "truth.jsonl").write_text("\n".join(map(json.dumps, rows)))
    more = [{"id": "f.0", "licence": "MIT", "owner": "ann", "nodes": 3}, {"id": "f.1", "licence": "NONE"},
            {"id": "f.2", "caption": "A photo of a rack.", "licence": "MIT"}]  # fmt: skip
    (root / "manifest.jsonl").write_text("\n".join(map(json.dumps, more)))
    import_folder(root, out, SETTINGS)
    pairs = {p.extra["key"]: p for p in read_pairs(out / "pairs.jsonl")}
    first = pairs["f.0"].diagram
    assert [n.id for n in first.nodes] == ["a", "b"] and first.nodes[0].group == "g" and len(first.edges) == 2
    assert pairs["f.0"].extra["owner"] == "ann" and pairs["f.1"].extra["licence"] == "not told"
    assert pairs["f.2"].caption == "A photo of a rack." and not pairs["f.2"].diagram.nodes
    only = import_folder(root, tmp_path / "mit", ImportSettings("made", allow=("MIT",)))
    assert {p.extra["key"] for p in only.pairs} == {"f.0", "f.2"}


def test_what_another_set_holds_is_left_out(folder: Path, tmp_path: Path) -> None:
    first, out = tmp_path / "first", tmp_path / "second"
    one = tmp_path / "one"
    shutil.copytree(folder / "ann", one / "ann")
    import_folder(one, first, SETTINGS)
    picture(one / "ann" / "flow.png", 9)  # the same graph, drawn otherwise
    picture(one / "zoe" / "alike.png", 8)
    (one / "zoe" / "alike.mmd").write_text("flowchart TD\n a[Read] --> b[Write]\n b --> c[Sort]\n")
    shutil.copytree(folder / "eve", one / "eve")
    done = import_folder(one, out, SETTINGS, [first])
    assert [p.extra["key"] for p in done.pairs] == ["eve/dep"]
    assert done.left_out["its graph was there already"] == 1
    assert done.left_out["near twin of a figure in another set"] == 1


def test_owners_stand_in_one_split(tmp_path: Path) -> None:
    root = tmp_path / "many"
    for owner in range(12):
        for i in range(2):
            name = root / f"o{owner}" / f"f{i}.mmd"
            picture(name.with_suffix(".png"), 31 * owner + 7 * i)
            name.write_text(f"flowchart TD\n a[Part {owner} {i}] --> b[Place {owner} {i}]\n")
    pairs = import_folder(root, tmp_path / "set", SETTINGS).pairs
    splits: dict[str, set[str]] = {}
    for p in pairs:
        splits.setdefault(p.extra["owner"], set()).add(p.split)
    assert len(pairs) > 18 and all(len(s) == 1 for s in splits.values())
    assert {"train"} in splits.values() and {"test"} in splits.values()


def test_topologies_without_pictures_are_drawn(folder: Path, tmp_path: Path) -> None:
    if shutil.which("dot") is None:
        pytest.skip("Graphviz is not here")
    done = import_folder(folder / "gus", tmp_path / "set", ImportSettings("zoo", draw="graphviz"))
    (pair,) = done.pairs
    assert pair.diagram.kind is Kind.TOPOLOGY and pair.diagram.edges[0].label == "10 Gbit/s"
    assert pair.extra["drawn"] and (tmp_path / "set" / pair.image).stat().st_size > 500
    assert [n.label for n in pair.diagram.nodes] == ["Oslo", "Bergen", "2"]


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"nodes": []}', b'{"nodes": [{"id": 1}], "edges": []}'])
def test_json_that_is_no_graph_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        read_graph_file(data, "a.json", ".json")


def test_simple_json_graphs_are_read() -> None:
    graph = graph_of_json(
        {"nodes": [{"id": 1, "name": "A"}, {"id": 2, "label": "B"}], "links": [{"from": 1, "to": 2}]}
    )
    assert [(e.source, e.target, e.directed) for e in graph.edges] == [("1", "2", True)]


def test_nothing_to_take_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="nothing in"):
        import_folder(tmp_path / "empty", tmp_path / "set", SETTINGS)
    (tmp_path / "empty" / "t.jsonl").write_text('{"id": "x", "image": "../../etc/passwd"}')
    with pytest.raises(InputError, match="neither source"):
        import_folder(tmp_path / "empty", tmp_path / "set", SETTINGS)


def test_the_command(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    done = CliRunner().invoke(train, ["import", str(folder), str(out), "--licence", "CC0-1.0"])
    assert done.exit_code == 0, done.output
    assert "4 figures and 1 questions" in done.output and "left out: 1, no picture" in done.output
    assert {p.extra["licence"] for p in read_pairs(out / "pairs.jsonl")} == {"CC0-1.0", "MIT License"}
