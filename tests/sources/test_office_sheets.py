"""What floats over the cells of a workbook: charts with their numbers, shapes with connectors."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from dic_ingest.model.chart import ChartType
from dic_ingest.model.document import Document
from dic_ingest.sources.office.file import OfficeFile
from dic_ingest.sources.office.settings import OfficeSettings

openpyxl = pytest.importorskip("openpyxl", reason="the office extra is not installed")


def read(path: Path) -> Document:
    with OfficeFile(path, OfficeSettings(libreoffice="off")) as opened:
        return opened.layout("", lambda file, pdf: pytest.fail("no PDF is needed"))


def test_a_chart_takes_its_numbers_from_the_cells(tmp_path: Path) -> None:
    from openpyxl.chart import LineChart, Reference, ScatterChart, Series

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Ann's data"
    for row in (("Size", "Price", "Cost"), ("S", 4, 1.5), ("M", 5.5, 2), ("L", -7, 3)):
        sheet.append(row)
    line = LineChart()
    line.title, line.y_axis.title = "Prices by size", "EUR"
    line.add_data(Reference(sheet, min_col=2, max_col=3, min_row=1, max_row=4), titles_from_data=True)
    line.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=4))
    sheet.add_chart(line, "E2")
    scatter = ScatterChart()
    x, y = (Reference(sheet, min_col=c, min_row=2, max_row=4) for c in (3, 2))
    scatter.series.append(Series(y, x, title="Price over cost"))
    sheet.add_chart(scatter, "E20")
    book.save(tmp_path / "book.xlsx")
    document = read(tmp_path / "book.xlsx")
    first, second = (f.chart for f in document.figures)
    assert first is not None and second is not None and not document.warnings
    assert (first.type, first.title) == (ChartType.LINE, "Prices by size")
    assert first.y_axis is not None and first.y_axis.label == "EUR"
    assert {s.name: [(p.x, p.y) for p in s.points] for s in first.series} == {
        "Price": [("S", 4), ("M", 5.5), ("L", -7)],
        "Cost": [("S", 1.5), ("M", 2), ("L", 3)],
    }
    assert [(p.x, p.y) for p in second.series[0].points] == [(1.5, 4), (2, 5.5), (3, -7)]


XDR = 'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
LINE = '<a:ln><a:solidFill><a:srgbClr val="000000"/></a:solidFill><a:tailEnd type="triangle"/></a:ln>'


def anchored(row: int, inner: str) -> str:
    return f"""<xdr:twoCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:row>{row}</xdr:row></xdr:from>
    <xdr:to><xdr:col>3</xdr:col><xdr:row>{row + 2}</xdr:row></xdr:to>{inner}</xdr:twoCellAnchor>"""


def box(own: int, text: str) -> str:
    return f"""<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="{own}" name="b"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr>
    <a:prstGeom prst="rect"/>{LINE}</xdr:spPr><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p>
    </xdr:txBody></xdr:sp>"""


def test_shapes_of_a_sheet_are_a_graph(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (8, 8)).save(tmp_path / "p.png")
    book = openpyxl.Workbook()
    book.active.append(("Words",))
    book.active.add_image(openpyxl.drawing.image.Image(str(tmp_path / "p.png")), "H9")
    book.save(tmp_path / "plain.xlsx")
    line = f"""<xdr:cxnSp><xdr:nvCxnSpPr><xdr:cNvPr id="4" name="c"/><xdr:cNvCxnSpPr>
    <a:stCxn id="2" idx="2"/><a:endCxn id="3" idx="0"/></xdr:cNvCxnSpPr></xdr:nvCxnSpPr><xdr:spPr>
    <a:prstGeom prst="straightConnector1"/>{LINE}</xdr:spPr></xdr:cxnSp>"""
    drawing = (
        f"<xdr:wsDr {XDR} {A}>{anchored(1, box(2, 'Order'))}{anchored(10, box(3, 'Invoice'))}"
        f"{anchored(5, line)}</xdr:wsDr>"
    )
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, drawing if name == "xl/drawings/drawing1.xml" else old.read(name))
    (figure,) = read(tmp_path / "b.xlsx").figures
    assert figure.reading is not None
    names = {n.id: n.label for n in figure.reading.nodes}
    assert [(names[e.source], names[e.target]) for e in figure.reading.edges] == [("Order", "Invoice")]
