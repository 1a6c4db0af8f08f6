"""Office files that mean harm or are half written: typed errors or a bounded result, never anything else."""

from __future__ import annotations

import random
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from office_samples import make_docx, make_pptx, make_xlsx

from dic_ingest.errors import DICIngestError, EncryptedFileError
from dic_ingest.sources.office.drawing.colors import Palette
from dic_ingest.sources.office.drawing.drawingml import read_shapes
from dic_ingest.sources.office.drawing.graph.build import read_graph
from dic_ingest.sources.office.drawing.shapes import BOX, LINE, OfficeShape
from dic_ingest.sources.office.file import OfficeFile
from dic_ingest.sources.office.settings import OfficeSettings

ALONE = OfficeSettings(libreoffice="off")
MAKERS: dict[str, Callable[[Path], Path]] = {"pptx": make_pptx, "docx": make_docx, "xlsx": make_xlsx}
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"


def opened(path: Path) -> int:
    """Read the whole file and every page of it; gives the number of its blocks."""
    with OfficeFile(path, ALONE) as office:
        document = office.layout("", lambda file, pdf: pytest.fail("no PDF is needed"))
        for page in office.pages[:3]:
            office.drawing(page.number)
            office.render(page.number, None, 20.0)
        return len(document.blocks)


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_damaged_parts_are_typed_errors(kind: str, tmp_path: Path) -> None:
    """Bytes of the XML parts are changed, cut and doubled; the archive stays whole."""
    chance = random.Random(7)
    source = MAKERS[kind](tmp_path / f"a.{kind}")
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    xml = [n for n in parts if n.endswith((".xml", ".rels"))]
    target = tmp_path / f"b.{kind}"
    for _ in range(60):
        name = chance.choice(xml)
        data = bytearray(parts[name])
        at = chance.randrange(len(data))
        change = chance.randrange(4)
        if change == 0:
            data[at : at + 20] = bytes(chance.randrange(32, 127) for _ in range(20))
        elif change == 1:
            del data[at:]
        elif change == 2:
            data[at:at] = data[at : at + 400]
        else:
            data = bytearray(re.sub(rb'"-?[0-9]+"', rb'"-99999999999999999999"', bytes(data)))
        with zipfile.ZipFile(target, "w") as copy:
            for other, old in parts.items():
                copy.writestr(other, bytes(data) if other == name else old)
        try:
            opened(target)
        except DICIngestError:
            continue


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_half_written_files_are_typed_errors(kind: str, tmp_path: Path) -> None:
    data = MAKERS[kind](tmp_path / f"a.{kind}").read_bytes()
    target = tmp_path / f"b.{kind}"
    for share in (0.1, 0.5, 0.9, 0.99):
        target.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(DICIngestError):
            opened(target)


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_a_password_is_named(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"locked.{kind}"
    stream = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * ((1 << 20) - 10) + stream + b"\0" * 500)
    with pytest.raises(EncryptedFileError, match="password"):
        OfficeFile(path, ALONE)


def tree(inner: str) -> etree._Element:
    return etree.fromstring(f'<p:spTree xmlns:p="{P}" xmlns:a="{A}">{inner}</p:spTree>')


def box(own: str, extent: str = "12700") -> str:
    return f"""<p:sp><p:nvSpPr><p:cNvPr id="{own}"/></p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="0"/>
    <a:ext cx="{extent}" cy="{extent}"/></a:xfrm></p:spPr></p:sp>"""


def test_groups_in_groups_without_an_end() -> None:
    deep = "<p:grpSp>" * 200 + box("1") + "</p:grpSp>" * 200
    assert read_shapes(tree(deep)) == []
    assert len(read_shapes(tree("<p:grpSp>" * 30 + box("1") + "</p:grpSp>" * 30))) == 1


def test_equal_ids_stay_apart() -> None:
    assert len({s.id for s in read_shapes(tree(box("1") * 3))}) == 3


@pytest.mark.parametrize("number", ["1e400", "nan", "-5", "999999999999999999999", "x", ""])
def test_odd_sizes(number: str) -> None:
    for shape in read_shapes(tree(box("1", number))):
        assert all(abs(v) < 1e9 for v in shape.bbox)


def test_formulas_of_outlines_do_not_run_away() -> None:
    guides = "".join(f'<a:gd name="g{i}" fmla="*/ g{i - 1} 100000 1"/>' for i in range(1, 500))
    points = "<a:lnTo><a:pt x='5' y='5'/></a:lnTo><a:lnTo><a:pt x='0' y='9'/></a:lnTo>"
    custom = f"""<p:sp><p:nvSpPr><p:cNvPr id="1"/></p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="0"/>
    <a:ext cx="12700" cy="12700"/></a:xfrm><a:custGeom><a:gdLst><a:gd name="g0" fmla="val 9"/>{guides}
    </a:gdLst><a:pathLst><a:path w="10" h="10"><a:moveTo><a:pt x="g499" y="0"/></a:moveTo>{points}
    <a:close/></a:path></a:pathLst></a:custGeom></p:spPr></p:sp>"""
    for shape in read_shapes(tree(custom)):
        assert all(abs(v) < 1e9 for p in shape.path for v in p)


def test_colours_that_are_none() -> None:
    element = etree.fromstring(f'<a:solidFill xmlns:a="{A}"><a:srgbClr val="zz"/></a:solidFill>')
    assert Palette().color(element) is None


def test_very_many_shapes_are_bounded_in_time() -> None:
    """A grid of 1,500 boxes with 1,500 lines between them."""
    shapes = []
    for i in range(1_500):
        x, y = 40.0 * (i % 50), 40.0 * (i // 50)
        corners = ((x, y), (x + 20, y), (x + 20, y + 20), (x, y + 20))
        shapes.append(
            OfficeShape(f"b{i}", BOX, (x, y, x + 20, y + 20), corners, lines=(f"n{i}",), stroke=(0, 0, 0))
        )
        path = ((x + 20, y + 10), (x + 40, y + 10))
        shapes.append(OfficeShape(f"l{i}", LINE, (x + 20, y + 10, x + 40, y + 10), path, stroke=(0, 0, 0)))
    start = time.monotonic()
    found = read_graph(shapes)
    assert len(found.nodes) == 1_500 and time.monotonic() - start < 60
