"""Drawings in Word files: DrawingML and VML shapes, pictures in old wrappers, charts."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from office_samples import flowchart_png

from dic_ingest.figures.recovery import recover_figures
from dic_ingest.model.box import width_of
from dic_ingest.model.diagram import Diagram, End
from dic_ingest.model.document import Document, Text
from dic_ingest.sources.office.drawing.word_shapes import read_vml
from dic_ingest.sources.office.file import OfficeFile
from dic_ingest.sources.office.settings import OfficeSettings

docx = pytest.importorskip("docx", reason="the office extra is not installed")

SPACES = " ".join(
    f'xmlns:{name}="{space}"'
    for name, space in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "wpc": "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
    }.items()
)
BORDER = '<a:ln><a:solidFill><a:srgbClr val="000000"/></a:solidFill>{head}</a:ln>'


def shape(
    name: str, x: int, y: int, w: int, h: int, text: str = "", preset: str = "rect", own: str = ""
) -> str:
    """A `wps:wsp`, sizes in points."""
    line = "onnector" in preset
    kind = f"<wps:cNvCnPr>{own}</wps:cNvCnPr>" if line else "<wps:cNvSpPr/>"
    border = BORDER.format(head='<a:tailEnd type="triangle"/>' if line else "")
    words = f"<wps:txbx><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></wps:txbx>"
    return f"""<wps:wsp><wps:cNvPr id="{name}" name="s"/>{kind}<wps:spPr><a:xfrm>
    <a:off x="{x * 12700}" y="{y * 12700}"/><a:ext cx="{w * 12700}" cy="{h * 12700}"/></a:xfrm>
    <a:prstGeom prst="{preset}"/>{border}</wps:spPr>{words if text else ""}<wps:bodyPr/></wps:wsp>"""


def floating(x: int, y: int, inner: str) -> str:
    """A drawing that floats in its paragraph."""
    left, top = (f"<wp:posOffset>{v * 12700}</wp:posOffset>" for v in (x, y))
    return f"""<w:drawing><wp:anchor><wp:positionH relativeFrom="column">{left}</wp:positionH>
    <wp:positionV relativeFrom="paragraph">{top}</wp:positionV>
    <wp:extent cx="100" cy="100"/><wp:docPr id="9" name="d"/><a:graphic><a:graphicData uri="u">{inner}
    </a:graphicData></a:graphic></wp:anchor></w:drawing>"""


def written(tmp_path: Path, *drawings: str) -> Path:
    report = docx.Document()
    report.add_heading("Report", 1)
    paragraph = report.add_paragraph("Words of the paragraph.")
    for one in drawings:
        paragraph._p.append(etree.fromstring(f"<w:r {SPACES}>{one}</w:r>"))
    report.add_paragraph("Figure 1: What happens.")
    path = tmp_path / "report.docx"
    report.save(str(path))
    return path


def read(path: Path) -> Document:
    with OfficeFile(path, OfficeSettings(libreoffice="off")) as opened:
        found = opened.layout("", lambda file, pdf: pytest.fail("no PDF is needed"))
        return recover_figures(found, opened.drawing)


def told(diagram: Diagram | None) -> list[tuple[str, str]]:
    assert diagram is not None
    names = {n.id: n.label for n in diagram.nodes}
    return sorted((names[e.source], names[e.target]) for e in diagram.edges)


def test_single_shapes_that_float_are_one_drawing(tmp_path: Path) -> None:
    document = read(
        written(
            tmp_path,
            floating(20, 10, shape("1", 0, 0, 110, 30, "Received")),
            floating(75, 40, shape("2", 0, 0, 0, 30, preset="straightConnector1")),
            floating(20, 70, shape("3", 0, 0, 110, 50, "Severe?", "flowChartDecision")),
        )
    )
    (figure,) = document.figures
    assert told(figure.reading) == [("Received", "Severe?")]
    assert (figure.label, figure.printed_caption) == ("Figure 1", "What happens.")
    assert not document.warnings
    assert [b.content for b in document.blocks if isinstance(b, Text)] == ["Words of the paragraph."]


def test_connectors_of_a_canvas_name_their_shapes(tmp_path: Path) -> None:
    joins = '<a:stCxn id="1" idx="3"/><a:endCxn id="2" idx="1"/>'
    canvas = f"""<wpc:wpc>{shape("1", 0, 0, 80, 30, "A")}{shape("2", 200, 90, 80, 30, "B")}
    {shape("3", 120, 40, 10, 10, preset="straightConnector1", own=joins)}</wpc:wpc>"""
    (figure,) = read(written(tmp_path, floating(0, 0, canvas))).figures
    assert told(figure.reading) == [("A", "B")]


def test_a_text_box_alone_stays_text(tmp_path: Path) -> None:
    document = read(written(tmp_path, floating(0, 0, shape("1", 0, 0, 200, 60, "Read this first"))))
    assert not document.figures and not document.warnings
    assert "Read this first" in [b.content for b in document.blocks]


def test_the_crop_shows_the_shapes(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        floating(0, 0, shape("1", 0, 0, 80, 30, "A")),
        floating(80, 15, shape("2", 0, 0, 100, 0, preset="straightConnector1")),
        floating(180, 0, shape("3", 0, 0, 80, 30, "B")),
    )
    with OfficeFile(path, OfficeSettings(libreoffice="off")) as opened:
        (figure,) = opened.layout("", lambda file, pdf: pytest.fail("no PDF")).figures
        assert figure.bbox is not None
        crop = opened.render(figure.page, figure.bbox, 72.0).convert("L")
        words = [w.text for w in opened.drawing(1).within(figure.bbox).words]
    assert crop.size == (260, 30) and words == ["A", "B"]
    assert crop.crop((90, 10, 170, 20)).getextrema()[0] < 60  # the line is there


def test_a_picture_in_vml_is_a_figure(tmp_path: Path) -> None:
    report = docx.Document()
    relation, _ = report.part.get_or_add_image(io.BytesIO(flowchart_png()))
    run = report.add_paragraph().add_run()
    run._r.append(
        etree.fromstring(
            f'<w:pict {SPACES}><v:shape id="p" style="width:300pt;height:190pt">'
            f'<v:imagedata r:id="{relation}"/></v:shape></w:pict>'
        )
    )
    report.add_paragraph("Figure 1: Way of a parcel.")
    report.save(str(tmp_path / "old.docx"))
    document = read(tmp_path / "old.docx")
    assert [f.label for f in document.figures] == ["Figure 1"] and not document.warnings


def vml(inner: str) -> Any:
    return etree.fromstring(f"<w:pict {SPACES}>{inner}</w:pict>")


VML_GROUP = """<v:group id="g" style="width:200pt;height:100pt" coordorigin="0,0" coordsize="2000,1000">
<v:rect id="_x0000_s1" style="left:0;top:0;width:800;height:400"><v:textbox><w:txbxContent><w:p><w:r>
<w:t>A</w:t></w:r></w:p></w:txbxContent></v:textbox></v:rect>
<v:shape id="_x0000_s2" type="#_x0000_t110" style="left:1200;top:500;width:800;height:500"><v:textbox>
<w:txbxContent><w:p><w:r><w:t>B?</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape>
<v:shape id="_x0000_s3" type="#_x0000_t32" style="left:900;top:100;width:100;height:100">
<v:stroke endarrow="block"/></v:shape></v:group><o:rules><o:r type="connector" idref="#_x0000_s3">
<o:proxy start="" idref="#_x0000_s1"/><o:proxy end="" idref="#_x0000_s2"/></o:r></o:rules>"""


def test_vml_shapes_and_their_rules(tmp_path: Path) -> None:
    a, b, line = read_vml(vml(VML_GROUP))
    assert a.bbox == pytest.approx((0, 0, 80, 40)) and b.bbox == pytest.approx((120, 50, 200, 100))
    assert b.geometry == "flowChartDecision" and line.end_head is End.ARROW
    (figure,) = read(written(tmp_path, f"<w:pict>{VML_GROUP}</w:pict>")).figures
    assert told(figure.reading) == [("A", "B?")]


@pytest.mark.parametrize(
    "style", ["", "width:nan;height:1e999pt", "width:99999999999999999999pt;height:5pt", "width:5pt" * 10_000]
)
def test_odd_styles_of_vml_are_left_out(style: str) -> None:
    assert read_vml(vml(f'<v:rect style="{style}"/>')) == []


def test_a_chart_in_word_keeps_its_numbers(tmp_path: Path) -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    report = docx.Document()
    chart = f"""<c:chartSpace {SPACES}><c:chart><c:plotArea><c:pieChart><c:ser><c:cat><c:strLit>
    <c:pt idx="0"><c:v>Bus</c:v></c:pt><c:pt idx="1"><c:v>Rail</c:v></c:pt></c:strLit></c:cat><c:val>
    <c:numLit><c:pt idx="0"><c:v>0.4</c:v></c:pt><c:pt idx="1"><c:v>0.6</c:v></c:pt></c:numLit></c:val>
    </c:ser></c:pieChart>
    </c:plotArea></c:chart></c:chartSpace>"""
    part = Part(PackURI("/word/charts/chart1.xml"), "application/xml", chart.encode(), report.part.package)
    relation = report.part.relate_to(part, "http://x/relationships/chart")
    run = report.add_paragraph().add_run()
    run._r.append(
        etree.fromstring(
            f"""<w:drawing {SPACES}><wp:inline><wp:extent cx="3810000" cy="2540000"/>
            <wp:docPr id="1" name="n"/><a:graphic><a:graphicData uri="u"><c:chart r:id="{relation}"/>
            </a:graphicData></a:graphic></wp:inline></w:drawing>"""
        )
    )
    report.save(str(tmp_path / "chart.docx"))
    document = read(tmp_path / "chart.docx")
    (figure,) = document.figures
    assert figure.chart is not None and figure.bbox is not None and not document.warnings
    assert [(p.x, p.y) for p in figure.chart.series[0].points] == [("Bus", 0.4), ("Rail", 0.6)]
    assert width_of(figure.bbox) == pytest.approx(300)
