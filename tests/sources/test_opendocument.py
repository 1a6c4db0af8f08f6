"""OpenDocument files made of strings: connectors that name their shapes, text, tables, notes, passwords."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from office_samples import flowchart_png

from dic_ingest.errors import BrokenFileError, EncryptedFileError
from dic_ingest.model.diagram import Diagram, Kind
from dic_ingest.model.document import Document
from dic_ingest.sources.office.drawing.odf import length
from dic_ingest.sources.office.file import OfficeFile
from dic_ingest.sources.office.settings import OfficeSettings

_BASE = "urn:oasis:names:tc:opendocument:xmlns"
SPACES = " ".join(
    f'xmlns:{name}="{space}"'
    for name, space in {
        **{n: f"{_BASE}:{n}:1.0" for n in ("office", "text", "table", "style", "presentation")},
        "draw": f"{_BASE}:drawing:1.0",
        "svg": f"{_BASE}:svg-compatible:1.0",
        "fo": f"{_BASE}:xsl-fo-compatible:1.0",
        "chart": f"{_BASE}:chart:1.0",
        "xlink": "http://www.w3.org/1999/xlink",
    }.items()
)
STYLES = """<office:automatic-styles><style:style style:name="arrow" style:family="graphic">
<style:graphic-properties draw:marker-end="Arrow" draw:stroke="dash"/></style:style>
<style:style style:name="both" style:family="graphic" style:parent-style-name="arrow">
<style:graphic-properties draw:marker-start="Arrow"/></style:style></office:automatic-styles>"""


def box(name: str, x: float, y: float, text: str, kind: str = "rectangle") -> str:
    place = f'svg:x="{x}cm" svg:y="{y}cm" svg:width="3cm" svg:height="1cm"'
    return f"""<draw:custom-shape draw:id="{name}" {place}>
    <text:p><text:span>{text}</text:span></text:p>
    <draw:enhanced-geometry draw:type="{kind}"/></draw:custom-shape>"""


def connector(ends: str, style: str = "arrow") -> str:
    return f"""<draw:connector draw:style-name="{style}" svg:x1="0cm" svg:y1="0cm" svg:x2="1cm" svg:y2="1cm"
    {ends}/>"""


def packed(path: Path, body: str, **parts: bytes) -> Path:
    inner = f"{STYLES}<office:body>{body}</office:body>"
    content = f"<office:document-content {SPACES}>{inner}</office:document-content>"
    layout = f"""<office:document-styles {SPACES}><office:automatic-styles><style:page-layout style:name="p">
    <style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/></style:page-layout>
    </office:automatic-styles></office:document-styles>"""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", content)
        archive.writestr("styles.xml", layout)
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return path


def read(path: Path) -> Document:
    with OfficeFile(path, OfficeSettings(libreoffice="off")) as opened:
        found = opened.layout("", lambda file, pdf: pytest.fail("no PDF is needed"))
        opened.render(1, None, 20.0)
        return found


def told(diagram: Diagram | None) -> list[tuple[str, str, bool]]:
    assert diagram is not None
    names = {n.id: n.label for n in diagram.nodes}
    return sorted((names[e.source], names[e.target], e.directed) for e in diagram.edges)


DRAWN = (
    box("a", 2, 2, "Start")
    + box("b", 10, 2, "Ready?", "flowchart-decision")
    + "<draw:g>"
    + box("c", 10, 8, "Stop")
    + "</draw:g>"
    + connector('draw:start-shape="a" draw:end-shape="b"')
    + connector('draw:start-shape="c" draw:end-shape="b"', "both")
)


@pytest.mark.parametrize(("suffix", "body"), [("odp", "presentation"), ("odg", "drawing")])
def test_connectors_name_their_shapes(suffix: str, body: str, tmp_path: Path) -> None:
    page = f"<office:{body}><draw:page>{DRAWN}</draw:page></office:{body}>"
    document = read(packed(tmp_path / f"a.{suffix}", page))
    (figure,) = document.figures
    assert told(figure.reading) == [("Start", "Ready?", True), ("Stop", "Ready?", True)]
    assert figure.reading is not None and figure.reading.kind is Kind.FLOWCHART
    assert {e.style for e in figure.reading.edges} == {"dashed"}
    assert len(figure.reading.arrows()) == 3  # one has heads at both ends
    assert figure.bbox is not None and figure.bbox[0] == pytest.approx(2 * 72 / 2.54, abs=0.5)
    assert (document.pages[0].width, document.pages[0].height) == pytest.approx((793.7, 595.3), abs=0.1)


def test_a_line_without_ends_takes_the_nearest_shape(tmp_path: Path) -> None:
    line = '<draw:line draw:style-name="arrow" svg:x1="5cm" svg:y1="2.5cm" svg:x2="10cm" svg:y2="2.5cm"/>'
    page = f"<draw:page>{box('a', 2, 2, 'A')}{box('b', 10, 2, 'B')}{line}</draw:page>"
    (figure,) = read(packed(tmp_path / "a.odg", f"<office:drawing>{page}</office:drawing>")).figures
    assert told(figure.reading) == [("A", "B", True)]


def test_slides_with_titles_notes_tables_and_pictures(tmp_path: Path) -> None:
    page = """<draw:page><draw:frame presentation:class="title" svg:x="1cm" svg:y="1cm" svg:width="20cm"
    svg:height="2cm"><draw:text-box><text:p>Parcels</text:p></draw:text-box></draw:frame>
    <draw:frame svg:x="1cm" svg:y="4cm" svg:width="9cm" svg:height="3cm"><table:table><table:table-row>
    <table:table-cell><text:p>Size</text:p></table:table-cell><table:table-cell>
    <text:p>Price</text:p></table:table-cell></table:table-row></table:table></draw:frame>
    <draw:frame svg:x="1cm" svg:y="9cm" svg:width="9cm" svg:height="4cm">
    <draw:image xlink:href="Pictures/a.png"/></draw:frame><presentation:notes><draw:frame><draw:text-box>
    <text:p>Say <text:span>more</text:span>.</text:p>
    </draw:text-box></draw:frame></presentation:notes></draw:page>"""
    path = packed(tmp_path / "a.odp", f"<office:presentation>{page}</office:presentation>")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("Pictures/a.png", flowchart_png())
    document = read(path)
    assert [(b.type, b.content) for b in document.blocks] == [
        ("heading", "Parcels"),
        ("table", "Size\tPrice"),
        ("figure", ""),
        ("text", "Notes: Say more."),
    ]
    assert not document.warnings


def test_a_text_with_a_drawing_in_it(tmp_path: Path) -> None:
    body = f"""<office:text><text:h text:outline-level="2">Way</text:h>
    <text:p>Words<text:s/>first.{DRAWN}</text:p><text:list>
    <text:list-item><text:p>weigh it</text:p></text:list-item></text:list><table:table>
    <table:table-row><table:table-cell><text:p>S</text:p></table:table-cell></table:table-row></table:table>
    </office:text>"""
    document = read(packed(tmp_path / "a.odt", body))
    assert [(b.type, b.content) for b in document.blocks] == [
        ("heading", "Way"),
        ("text", "Words first."),
        ("figure", ""),
        ("list", "weigh it"),
        ("table", "S"),
    ]
    assert told(document.figures[0].reading)[0] == ("Start", "Ready?", True)


@pytest.mark.parametrize("suffix", ["odp", "odg", "odt"])
def test_passwords_and_empty_archives(suffix: str, tmp_path: Path) -> None:
    manifest = b'<m:manifest xmlns:m="u"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    with pytest.raises(EncryptedFileError, match="password"):
        read(packed(tmp_path / f"a.{suffix}", "", **{"META-INF__manifest.xml": manifest}))
    with zipfile.ZipFile(tmp_path / f"b.{suffix}", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(BrokenFileError):
        read(tmp_path / f"b.{suffix}")


def test_links_out_of_the_file_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(flowchart_png())
    links = ("../secret.png", f"file://{tmp_path}/secret.png", "http://127.0.0.1:9/a.png", "/etc/passwd")
    frames = "".join(
        f'<draw:frame svg:x="1cm" svg:y="1cm" svg:width="3cm" svg:height="2cm"><draw:image xlink:href="{a}"/>'
        "</draw:frame>"
        for a in links
    )
    document = read(packed(tmp_path / "a.odt", f"<office:text><text:p>x{frames}</text:p></office:text>"))
    assert not document.figures


@pytest.mark.parametrize(
    ("text", "points"),
    [("1in", 72), ("2.54cm", 72), ("-10mm", -28.35), ("nan", None), ("1e9cm", None), ("", None)],
)
def test_lengths(text: str, points: float | None) -> None:
    assert length(text) == (None if points is None else pytest.approx(points, abs=0.01))


def cell(value: str | float) -> str:
    kind = "string" if isinstance(value, str) else "float"
    number = "" if isinstance(value, str) else f' office:value="{value}"'
    return f'<table:table-cell office:value-type="{kind}"{number}><text:p>{value}</text:p></table:table-cell>'


def rows(*found: tuple[str | float, ...]) -> str:
    return "".join(f"<table:table-row>{''.join(map(cell, r))}</table:table-row>" for r in found)


def embedded_chart(kind: str, series: str, own: str = "", styles: str = "", axis: str = "") -> bytes:
    """The content of a chart object; `own` are the rows of its own copy of the cells."""
    table = f'<table:table table:name="local-table">{own}</table:table>' if own else ""
    return f"""<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles>
    <office:body><office:chart><chart:chart chart:class="chart:{kind}"><chart:title><text:p>Heat</text:p>
    </chart:title><chart:legend/><chart:plot-area chart:style-name="plot"><chart:axis chart:dimension="x"
    chart:name="primary-x"><chart:title><text:p>Month</text:p></chart:title>{axis}</chart:axis>
    <chart:axis chart:dimension="y" chart:name="primary-y"/>{series}</chart:plot-area>{table}</chart:chart>
    </office:chart></office:body></office:document-content>""".encode()


FRAME = """<draw:frame svg:width="9cm" svg:height="6cm" svg:x="1cm" svg:y="1cm">
<draw:object xlink:href="./Object 1"/></draw:frame>"""
NUMBERS = rows(("Month", "Hot"), ("Jan", 3), ("Feb", 6))
SERIES = """<chart:series chart:values-cell-range-address="Data.B2:Data.B3" chart:style-name="bars"
chart:label-cell-address="$Data.$B$1">{inner}</chart:series>"""
CATEGORIES = '<chart:categories table:cell-range-address="Data.$A$2:.$A$3"/>'


def series_of(document: Document) -> list[tuple[str, list[tuple[object, float | None]]]]:
    (figure,) = document.figures
    assert figure.chart is not None
    return [(s.name, [(p.x, p.y) for p in s.points]) for s in figure.chart.series]


def test_a_chart_of_a_sheet_takes_its_numbers_from_the_cells(tmp_path: Path) -> None:
    trend = '<chart:regression-curve chart:style-name="fit"/><chart:mean-value/>'
    styles = """<style:style style:name="fit"><style:chart-properties chart:regression-type="power"/>
    </style:style><style:style style:name="plot"><style:chart-properties chart:vertical="true"/>
    </style:style>"""
    chart = embedded_chart("bar", SERIES.format(inner=trend), styles=styles, axis=CATEGORIES)
    sheet = f"""<table:table table:name="Data">{NUMBERS}<table:table-row><table:table-cell>{FRAME}
    </table:table-cell></table:table-row></table:table>"""
    path = packed(tmp_path / "a.ods", f"<office:spreadsheet>{sheet}</office:spreadsheet>")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("Object 1/content.xml", chart)
    document = read(path)
    hot = ("Hot", [("Jan", 3), ("Feb", 6)])
    assert series_of(document) == [hot, ("Power (Hot)", []), ("Mean (Hot)", [])]
    found = document.figures[0].chart
    assert found is not None and found.horizontal and found.title == "Heat"
    assert found.y_axis is not None and found.y_axis.label == "Month"
    assert [s.trend for s in found.series] == [False, True, True]
    assert [b.content for b in document.blocks[:2]] == ["Data", "Month\tHot\nJan\t3\nFeb\t6"]


def test_charts_of_slides_and_texts_carry_their_own_cells(tmp_path: Path) -> None:
    inner = """<chart:domain table:cell-range-address="local-table.$A$2:.$A$3"/><chart:error-indicator
    chart:style-name="bars" chart:dimension="y"/>"""
    series = f"""<chart:series chart:values-cell-range-address="local-table.$B$2:.$B$3"
    chart:label-cell-address="local-table.$B$1" chart:class="chart:scatter">{inner}</chart:series>"""
    styles = """<style:style style:name="bars"><style:chart-properties chart:error-category="constant"
    chart:error-upper-limit="0.5" chart:error-upper-indicator="true" chart:error-lower-indicator="false"/>
    </style:style>"""
    chart = embedded_chart("scatter", series, rows(("", "Hot"), (1.5, 3), (2.5, 6)), styles)
    for suffix, body in (
        ("odp", f"<office:presentation><draw:page>{FRAME}</draw:page></office:presentation>"),
        ("odt", f"<office:text><text:p>{FRAME}</text:p></office:text>"),
    ):
        path = packed(tmp_path / f"a.{suffix}", body)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("Object 1/content.xml", chart)
        document = read(path)
        assert series_of(document) == [("Hot", [(1.5, 3), (2.5, 6)])]
        assert not document.warnings
        found = document.figures[0].chart
        assert found is not None
        assert [(p.low, p.high) for p in found.series[0].points] == [(None, 3.5), (None, 6.5)]


def test_shapes_over_cells_are_a_graph(tmp_path: Path) -> None:
    def in_cell(inner: str) -> str:
        return f"<table:table-row><table:table-cell>{inner}</table:table-cell></table:table-row>"

    a, b = box("a", 0, 0, "Pump"), box("b", 0, 0, "Tank")
    line = connector('draw:start-shape="a" draw:end-shape="b"')
    blank = '<table:table-row table:number-rows-repeated="9"><table:table-cell/></table:table-row>'
    sheet = f'<table:table table:name="S">{in_cell(a)}{blank}{in_cell(b)}<table:shapes>{line}</table:shapes>'
    path = packed(tmp_path / "a.ods", f"<office:spreadsheet>{sheet}</table:table></office:spreadsheet>")
    (figure,) = read(path).figures
    assert told(figure.reading) == [("Pump", "Tank", True)]
    assert figure.reading is not None
    boxes = {n.label: n.bbox for n in figure.reading.nodes}
    assert boxes["Tank"] is not None and boxes["Pump"] is not None
    assert boxes["Tank"][1] - boxes["Pump"][1] == pytest.approx(10 * 12.8, abs=0.1)


@pytest.mark.parametrize("times", ["99999999", "1000000", "-5", "x"])
def test_repeated_cells_are_bounded(times: str, tmp_path: Path) -> None:
    row = f"""<table:table-row table:number-rows-repeated="{times}"><table:table-cell office:value="1"
    table:number-columns-repeated="{times}"><text:p>1</text:p></table:table-cell></table:table-row>"""
    sheet = f'<table:table table:name="S">{row}</table:table>'
    path = packed(tmp_path / "a.ods", f"<office:spreadsheet>{sheet}</office:spreadsheet>")
    with OfficeFile(path, OfficeSettings(libreoffice="off", max_cells=1000)) as opened:
        found = opened.layout("", lambda file, pdf: pytest.fail("no PDF is needed"))
    assert found.blocks[-1].content.count("1") <= 1000
    assert bool(found.warnings) == (times == "1000000")


def test_a_spreadsheet_without_sheets_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(BrokenFileError, match="damaged"):
        read(packed(tmp_path / "a.ods", "<office:text/>"))
