"""Drawings in the manner of editors show every text, in places that do not hide one; pictures take damage."""

from __future__ import annotations

import html
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dic_ingest.errors import MissingExtraError
from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node, Note
from dic_ingest.training.synthesise.domains import DOMAINS, draw_diagram
from dic_ingest.training.synthesise.drawing.dispatch import Job, draw_all
from dic_ingest.training.synthesise.drawing.editors import to_svg
from dic_ingest.training.synthesise.drawing.faults import damaged
from dic_ingest.training.synthesise.drawing.icons import icon
from dic_ingest.training.synthesise.drawing.placing import in_places
from dic_ingest.training.synthesise.drawing.plantuml import to_plantuml
from dic_ingest.training.synthesise.drawing.render_style import EDITORS, FAULTS, Look, active, choose_look
from dic_ingest.training.synthesise.drawing.rendering import MermaidBrowser, mermaid_item

graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not here")
FLOW = Diagram(
    Kind.SEQUENCE,
    (Node("a", "Client"), Node("b", "Server")),
    (Edge("a", "b", "Ask"), Edge("b", "b", "Work"), Edge("b", "a", "Answer", style="dashed")),
    (Group("f", "cached", kind="opt", edges=(1,)),),
    notes=("Phase one",),
    placed_notes=(Note("Phase one", ("a", "b"), 0),),
)


def texts(svg: str) -> str:
    return html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg)))


@graphviz
@pytest.mark.parametrize("tool", EDITORS)
def test_every_text_is_drawn(tool: str) -> None:
    drawn = 0
    for domain, what in DOMAINS.items():
        if tool not in what.tools:
            continue
        for i in range(2):
            rng = random.Random(f"{tool} {domain} {i}")
            _, diagram = draw_diagram(rng, domain, (4, 9))
            svg = to_svg(diagram, choose_look(rng, tool))
            if not svg:
                continue
            drawn += 1
            shown = texts(svg)
            wanted = [diagram.title, *(g.label for g in diagram.groups), *(e.label for e in diagram.edges)]
            wanted += [w for n in diagram.nodes for w in (*n.label.split(), *n.members)]
            assert all(t in shown for t in wanted), (domain, i)
            assert "<script" not in svg and "href" not in svg
    assert drawn >= 6


@graphviz
def test_lanes_stand_side_by_side_and_hold_their_boxes() -> None:
    nodes = tuple(Node(f"n{i}", f"Step {i}", group="ab"[i % 2]) for i in range(6))
    edges = tuple(Edge(f"n{i}", f"n{i + 1}") for i in range(5))
    chart = Diagram(Kind.FLOWCHART, nodes, edges, (Group("a", "Sales"), Group("b", "Network")))
    made = in_places(chart, Look("drawio", lanes=True))
    boxes = {g.id: g.bbox for g in made.groups}
    one, other = boxes["a"], boxes["b"]
    assert one and other and one[2] <= other[0] and one[1] == other[1] and one[3] == other[3]
    for n in made.nodes:
        lane = boxes[n.group or ""]
        assert n.bbox and lane and lane[0] <= n.bbox[0] and n.bbox[2] <= lane[2] and n.bbox[3] <= lane[3]
    ends = {n.id: n.bbox for n in made.nodes}
    for e in made.edges:
        for place, point in ((ends[e.source], e.path[0]), (ends[e.target], e.path[-1])):
            assert (
                place
                and place[0] - 2 <= point[0] <= place[2] + 2
                and place[1] - 2 <= point[1] <= place[3] + 2
            )


@graphviz
def test_a_label_that_would_hide_a_box_gives_no_drawing() -> None:
    crowd = Diagram(
        Kind.STATE, (Node("a", "A"), Node("b", "B")),
        (Edge("a", "b", "a label that is far longer than the way between two boxes"),), direction="LR",
    )  # fmt: skip
    assert to_svg(crowd, Look("visio", splines="ortho")) == ""
    assert to_svg(crowd, Look("drawio", splines="polyline")) != ""


def test_requests_are_active_until_their_answer() -> None:
    assert active(FLOW) == [("b", 0, 2)]
    source = to_plantuml(FLOW, Look("plantuml", activation=True))
    assert source.index("note over p0, p1") < source.index("p0 -> p1") < source.index("activate p1")
    assert source.index("p1 --> p0") < source.index("deactivate p1")
    assert "activate" not in to_plantuml(FLOW, Look("plantuml"))
    code = mermaid_item(FLOW, Look("mermaid", activation=True), Path("x.png"), 500)["code"]
    assert re.search(r"->>\+\S+: *Ask", code) and re.search(r"-->>-\S+: *Answer", code)
    shown = texts(to_svg(FLOW, Look("excalidraw", activation=True)))
    assert all(t in shown for t in ("Client", "Ask", "Work", "Answer", "opt", "[cached]", "Phase one"))


@pytest.mark.parametrize("fault", FAULTS)
def test_damage_changes_pixels_and_not_what_is_there(fault: str) -> None:
    picture = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(picture).rectangle((60, 50, 220, 140), outline="black", width=4)
    worse = damaged(picture, fault, 7)
    assert worse.tobytes() == damaged(picture, fault, 7).tobytes() != picture.tobytes()
    back = np.asarray(worse.convert("L").resize(picture.size), np.float32)
    plain = np.asarray(picture.convert("L"), np.float32)
    assert 0.3 < np.corrcoef(back.ravel(), plain.ravel())[0, 1] < 1
    assert damaged(picture, "", 7) is picture


def test_icons_follow_the_name() -> None:
    drawn = {
        icon(n, "rect", 0, 0, 40, "#000")
        for n in ("Order DB", "gNB 2", "Core Router", "Edge Firewall", "UE 1")
    }
    assert len(drawn) == 5, "five different pictures"
    assert icon("Order DB", "rect", 0, 0, 40, "#000") == icon("Redis Cache", "rect", 0, 0, 40, "#000")


@graphviz
@pytest.mark.slow
def test_editors_are_drawn_in_one_browser(tmp_path: Path) -> None:
    try:
        browser = MermaidBrowser()
    except MissingExtraError as error:
        pytest.skip(str(error))
    jobs = [
        Job(FLOW, Look(tool, fault=fault), tmp_path / f"{tool}.png")
        for tool, fault in zip(EDITORS, ("", *FAULTS), strict=False)
    ]
    framed = Diagram(Kind.BLOCK, (Node("a", "A", group="g"),), (Edge("a", "g"),), (Group("g", "G"),))
    with browser:
        assert draw_all(jobs, 800, browser) == [""] * len(jobs)
        assert "frames" in draw_all([Job(framed, Look("visio"), tmp_path / "f.png")], 800, browser)[0]
    for job in jobs:
        with Image.open(job.out) as picture:
            assert len(picture.convert("L").getcolors(256) or ()) > 1
