"""Visio packages: glued connectors, masters, groups, text; damaged and hostile ones."""

from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.errors import BrokenFileError, EncryptedFileError, InputError, LimitError
from dic_ingest.model.diagram import Diagram, End
from dic_ingest.sources.diagram_files.editors.visio import read_visio
from dic_ingest.sources.diagram_files.limits import DiagramLimits

LIMITS = DiagramLimits()
MAIN = 'xmlns="http://schemas.microsoft.com/office/visio/2012/main"'
RELATION = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'


def cells(**values: object) -> str:
    return "".join(f'<Cell N="{k}" V="{v}"/>' for k, v in values.items())


def shape(own: int, text: str, x: float, y: float, inner: str = "", more: str = "", wide: float = 1.5) -> str:
    said = f"<Text>{text}</Text>" if text else ""
    place = cells(PinX=x, PinY=y, Width=wide, Height=0.75)
    return f'<Shape ID="{own}" Type="Shape" {more}>{place}<Section N="Geometry"/>{said}{inner}</Shape>'


def line(own: int, text: str = "", more: str = "", place: str = "") -> str:
    said = f"<Text>{text}</Text>" if text else ""
    return f'<Shape ID="{own}">{place or cells(BeginX=1, BeginY=1, EndX=2, EndY=2)}{more}{said}</Shape>'


def glue(own: int, source: int, target: int) -> str:
    return (
        f'<Connect FromSheet="{own}" FromCell="BeginX" ToSheet="{source}"/>'
        f'<Connect FromSheet="{own}" FromCell="EndX" ToSheet="{target}"/>'
    )


def package(shapes: str, connects: str = "", masters: str = "", pages: int = 1) -> bytes:
    listed = "".join(
        f'<Page ID="{k}" Name="Page {k}"><PageSheet>{cells(PageHeight=8)}</PageSheet>'
        f'<Rel r:id="r{k}"/></Page>'
        for k in range(pages)
    )
    targets = "".join(f'<Relationship Id="r{k}" Target="page{k}.xml"/>' for k in range(pages))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("visio/pages/pages.xml", f"<Pages {MAIN} {RELATION}>{listed}</Pages>")
        file.writestr(
            "visio/pages/_rels/pages.xml.rels", f"<Relationships {RELATIONS}>{targets}</Relationships>"
        )
        for k in range(pages):
            inner = f"<Shapes>{shapes}</Shapes><Connects>{connects}</Connects>"
            content = f"<PageContents {MAIN}>{inner}</PageContents>"
            file.writestr(f"visio/pages/page{k}.xml", content)
        if masters:
            file.writestr("visio/masters/masters.xml", f"<Masters {MAIN} {RELATION}>{masters}</Masters>")
            inner = '<Relationship Id="m1" Target="master1.xml"/><Relationship Id="x" Target="http://example.org"/>'
            file.writestr(
                "visio/masters/_rels/masters.xml.rels", f"<Relationships {RELATIONS}>{inner}</Relationships>"
            )
            model = f'<Shape ID="5">{cells(Width=1, Height=1)}<Text>Ready?</Text></Shape>'
            file.writestr(
                "visio/masters/master1.xml",
                f"<MasterContents {MAIN}><Shapes>{model}</Shapes></MasterContents>",
            )
    return data.getvalue()


def read(*args: str) -> Diagram:
    return read_visio(package(*args), "a.vsdx", LIMITS)[0][1]


def told(diagram: Diagram) -> set[tuple[str, str, str]]:
    name = {n.id: n.label for n in diagram.nodes} | {g.id: g.label for g in diagram.groups}
    return {(name[e.source], name[e.target], e.label) for e in diagram.edges}


TWO = shape(1, "Mix", 2, 7) + shape(2, "Bake\nit", 2, 4)


def test_glued_connectors_name_their_shapes() -> None:
    found = read(TWO + line(3, "then", cells(EndArrow=13)), glue(3, 1, 2))
    assert told(found) == {("Mix", "Bake\nit", "then")} and found.edges[0].directed
    assert found.nodes[0].bbox == pytest.approx((90, 45, 198, 99))


def test_a_loose_line_is_joined_by_place() -> None:
    place = cells(BeginX=2, BeginY=6.6, EndX=2, EndY=4.4)
    assert told(read(TWO + line(3, "", cells(BeginArrow=4), place))) == {("Bake\nit", "Mix", "")}


def test_a_master_gives_form_and_words() -> None:
    master = '<Master ID="7" NameU="Decision"><Rel r:id="m1"/></Master>'
    own = f'<Shape ID="9" Master="7">{cells(PinX=5, PinY=5)}</Shape>'
    found = read(TWO + own + line(3), glue(3, 1, 9), master)
    assert [(n.label, n.shape) for n in found.nodes][2] == ("Ready?", "diamond")
    assert ("Mix", "Ready?", "") in told(found) and found.edges[0].target_end is End.NONE


def test_a_group_of_shapes_is_a_frame() -> None:
    inner = f"<Shapes>{shape(11, 'Mix', 1, 1)}{shape(12, 'Bake', 3, 1)}</Shapes>"
    found = read(shape(10, "Kitchen", 4, 4, inner, wide=5) + line(3), glue(3, 11, 12))
    assert [g.label for g in found.groups] == ["Kitchen"] and {n.group for n in found.nodes} == {"10"}
    assert told(found) == {("Mix", "Bake", "")}


def test_every_page_has_its_title() -> None:
    assert [t for t, _ in read_visio(package(TWO, pages=2), "a.vsdx", LIMITS)] == ["Page 0", "Page 1"]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", BrokenFileError),
        (b"PK\x03\x04 half", BrokenFileError),
        (b"\xd0\xcf\x11\xe0 protected", EncryptedFileError),
        (package("<Shape", ""), BrokenFileError),
        (package(TWO + " " * 3_000_000), LimitError),
        (package("".join(shape(k, "x", 1, 1) for k in range(1, 300))), LimitError),
    ],
)
def test_hostile_files_are_typed_errors(data: bytes, error: type[InputError]) -> None:
    with pytest.raises(error):
        read_visio(data, "a.vsdx", DiagramLimits(max_cells=200, max_unpacked=1 << 20))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_is_read_or_a_typed_error(data: st.DataObject) -> None:
    whole = package(TWO + line(3), glue(3, 1, 2))
    at = data.draw(st.integers(0, len(whole) - 1))
    with contextlib.suppress(InputError):
        read_visio(whole[:at] + data.draw(st.binary(max_size=5)) + whole[at + 2 :], "a.vsdx", LIMITS)
