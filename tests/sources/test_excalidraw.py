"""Excalidraw scenes, and the sources that exported pictures carry."""

from __future__ import annotations

import base64
import contextlib
import json
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from dic_ingest.cli import group
from dic_ingest.errors import BrokenFileError, InputError, LimitError
from dic_ingest.model.diagram import Diagram, End
from dic_ingest.sources.diagram_files.editors.embedded import embedded_pages
from dic_ingest.sources.diagram_files.editors.excalidraw import read_excalidraw
from dic_ingest.sources.diagram_files.limits import DiagramLimits

LIMITS = DiagramLimits()


def element(kind: str, own: str, box: tuple[float, float, float, float], **more: Any) -> dict[str, Any]:
    x, y, w, h = box
    return {"type": kind, "id": own, "x": x, "y": y, "width": w, "height": h, "groupIds": [], **more}


def words(own: str, text: str, holder: str | None, box: tuple[float, float, float, float]) -> dict[str, Any]:
    return element("text", own, box, text=text, containerId=holder)


def scene(*elements: dict[str, Any]) -> str:
    return json.dumps({"type": "excalidraw", "version": 2, "elements": list(elements)})


def arrow(
    own: str, points: list[list[float]], source: str = "", target: str = "", **more: Any
) -> dict[str, Any]:
    bound = {"startBinding": {"elementId": source} if source else None}
    bound["endBinding"] = {"elementId": target} if target else None
    more = {"endArrowhead": "arrow", **more}
    return element(
        "arrow",
        own,
        (*points[0], 1, 1),
        points=[[x - points[0][0], y - points[0][1]] for x, y in points],
        **bound,
        **more,
    )


BOXES = [
    element("rectangle", "a", (0, 0, 120, 60)),
    words("ta", "Web", "a", (30, 20, 40, 20)),
    element("ellipse", "b", (300, 0, 120, 60)),
    words("tb", "Cache", "b", (330, 20, 40, 20)),
]


def read(*elements: dict[str, Any]) -> Diagram:
    return read_excalidraw(scene(*elements), "a.excalidraw", LIMITS)


def arrows(diagram: Diagram) -> set[tuple[str, str, str]]:
    name = {n.id: n.label for n in diagram.nodes} | {g.id: g.label for g in diagram.groups}
    return {(name[e.source], name[e.target], e.label) for e in diagram.edges}


def test_bindings_join_and_bound_texts_are_labels() -> None:
    found = read(
        *BOXES, arrow("e", [[120, 30], [300, 30]], "a", "b"), words("te", "asks", "e", (190, 20, 40, 20))
    )
    assert arrows(found) == {("Web", "Cache", "asks")}
    assert [n.shape for n in found.nodes] == ["rect", "circle"]


def test_an_arrow_without_bindings_joins_what_it_touches() -> None:
    assert arrows(read(*BOXES, arrow("e", [[122, 30], [298, 30]]))) == {("Web", "Cache", "")}
    turned = arrow("e", [[122, 30], [298, 30]], startArrowhead="arrow", endArrowhead=None)
    assert arrows(read(*BOXES, turned)) == {("Cache", "Web", "")}


def test_a_frame_is_a_group() -> None:
    frame = element("frame", "f", (-20, -20, 200, 120), name="Edge")
    inside = {**BOXES[0], "frameId": "f"}
    found = read(frame, inside, *BOXES[1:], arrow("e", [[120, 30], [300, 30]], "a", "b"))
    assert [g.label for g in found.groups] == ["Edge"] and found.nodes[0].group == "f"


def test_grouped_strokes_are_one_symbol_with_its_word() -> None:
    lines = [
        element("line", f"l{i}", (0, 200 + i, 60, 0), points=[[0, 0], [60, 0]], groupIds=["g"])
        for i in (0, 60)
    ]
    sides = [element("ellipse", f"o{i}", (i, 200, 10, 60), groupIds=["g"]) for i in (0, 55)]
    word = {**words("w", "Bus", None, (20, 220, 30, 20)), "groupIds": ["g"]}
    found = read(*BOXES, *lines, *sides, word, arrow("e", [[60, 60], [40, 198]], "a"))
    assert ("Web", "Bus", "") in arrows(found)


def test_deleted_elements_are_not_there() -> None:
    assert [n.label for n in read(*BOXES[:2], {**BOXES[2], "isDeleted": True}).nodes] == ["Web"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"elements": 3}', '{"elements": [{"type": "arrow", "id": 1}]}']
)
def test_what_is_no_scene_is_a_typed_error(text: str) -> None:
    with pytest.raises(BrokenFileError):
        read_excalidraw(text, "a.excalidraw", LIMITS)


def test_more_elements_than_allowed() -> None:
    with pytest.raises(LimitError):
        read_excalidraw(scene(*BOXES), "a.excalidraw", DiagramLimits(max_cells=3))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damage_is_read_or_a_typed_error(data: st.DataObject) -> None:
    whole = scene(*BOXES, arrow("e", [[120, 30], [300, 30]], "a", "b"))
    at = data.draw(st.integers(0, len(whole) - 1))
    piece = data.draw(st.sampled_from(["", "null", "1e999", '"', "[", "{}", "-1"]))
    with contextlib.suppress(InputError):
        read_excalidraw(whole[:at] + piece + whole[at + data.draw(st.integers(0, 9)) :], "a", LIMITS)


def payload() -> str:
    packed = zlib.compress(scene(*BOXES, arrow("e", [[120, 30], [300, 30]], "a", "b")).encode())
    return json.dumps(
        {"version": "1", "encoding": "bstring", "compressed": True, "encoded": packed.decode("latin-1")}
    )


AT = 'vertex="1" parent="1"><mxGeometry width="100" height="40" as="geometry"'
MXFILE = (
    '<mxfile><diagram name="P"><mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>'
    f'<mxCell id="a" value="Web" {AT}/></mxCell><mxCell id="b" value="Cache" {AT} y="120"/></mxCell>'
    '<mxCell id="e" edge="1" source="a" target="b" parent="1"/></root></mxGraphModel></diagram></mxfile>'
)


@pytest.mark.parametrize(
    ("key", "text", "packed"),
    [
        ("mxfile", quote(MXFILE), False),
        ("mxfile", MXFILE, True),
        ("application/vnd.excalidraw+json", payload(), False),
    ],
)
def test_a_png_that_carries_its_source(tmp_path: Path, key: str, text: str, packed: bool) -> None:
    info = PngInfo()
    info.add_text(key, text, zip=packed)
    file = tmp_path / "drawing.png"
    Image.new("RGB", (440, 200), "white").save(file, pnginfo=info)
    printed = CliRunner().invoke(group, ["describe", str(file)]).output
    found = json.loads(printed.splitlines()[0])
    assert [n["label"] for n in found["nodes"]] == ["Web", "Cache"] and len(found["edges"]) == 1
    assert found["evidence"]["precision"] == 1.0 and found["bbox"] == [0.0, 0.0, 440.0, 200.0]


def test_an_svg_that_carries_its_source() -> None:
    from html import escape

    svg = f'<svg xmlns="http://www.w3.org/2000/svg" content="{escape(MXFILE)}"><g/></svg>'
    assert arrows(embedded_pages(svg.encode(), "a.svg", LIMITS)[0][1]) == {("Web", "Cache", "")}
    inside = base64.b64encode(payload().encode()).decode()
    svg = f"<svg><metadata><!-- payload-start -->{inside}<!-- payload-end --></metadata></svg>"
    assert arrows(embedded_pages(svg.encode(), "a.svg", LIMITS)[0][1]) == {("Web", "Cache", "")}


def test_a_png_without_a_source_is_a_picture(tmp_path: Path) -> None:
    file = tmp_path / "plain.png"
    Image.new("RGB", (90, 90), "white").save(file)
    assert embedded_pages(file.read_bytes(), "plain.png", LIMITS) == []


def test_edges_keep_their_ends() -> None:
    found = read(*BOXES, arrow("e", [[120, 30], [300, 30]], "a", "b", startArrowhead="dot"))
    assert (found.edges[0].source_end, found.edges[0].target_end) == (End.CIRCLE, End.ARROW)
