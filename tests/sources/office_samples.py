"""Office files drawn by the tests: one short report in every format, with a picture and its caption."""

from __future__ import annotations

import io
import itertools
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

CAPTION = "Figure 1: Way of a parcel."


def flowchart_png(size: tuple[int, int] = (480, 200)) -> bytes:
    """Two boxes and an arrow, with words in them."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for x, word in ((20, "Collect"), (320, "Deliver")):
        draw.rectangle((x, 70, x + 130, 130), outline="black", width=3)
        draw.text((x + 30, 88), word, fill="black", font_size=20)
    draw.line((150, 100, 312, 100), fill="black", width=3)
    draw.polygon(((320, 100), (306, 93), (306, 107)), fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def make_docx(path: Path, shapes: bool = False) -> Path:
    """A Word file; with `shapes`, a group of drawn boxes stands before the closing words."""
    import docx
    from docx.oxml import parse_xml

    report = docx.Document()
    report.add_heading("Parcels", 1)
    report.add_paragraph("Every parcel is collected first. Figure 1 shows its way.")
    report.add_paragraph("weigh it", style="List Bullet")
    report.add_paragraph("label it", style="List Bullet")
    report.add_picture(io.BytesIO(flowchart_png()))
    report.add_paragraph(CAPTION, style="Caption")
    table = report.add_table(rows=2, cols=2)
    for cell, text in zip(
        [c for row in table.rows for c in row.cells], ("Size", "Price", "S", "4 <"), strict=True
    ):
        cell.text = text
    report.add_page_break()
    report.add_heading("Returns", 2)
    if shapes:
        paragraph = report.add_paragraph()
        paragraph._p.append(parse_xml(GROUP))
        report.add_paragraph("Figure 2: Way back.")
    report.add_paragraph("Returned parcels wait for two weeks.")
    report.save(str(path))
    return path


_BOX = """<wps:wsp><wps:cNvSpPr/><wps:spPr>
<a:xfrm><a:off x="{x}" y="0"/><a:ext cx="1200000" cy="500000"/></a:xfrm>
<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>
<a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>
<a:ln w="12700"><a:solidFill><a:srgbClr val="000000"/></a:solidFill></a:ln></wps:spPr>
<wps:txbx>
<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp>"""
GROUP = f"""<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
 xmlns:wpg="http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"
 xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
<mc:AlternateContent><mc:Choice Requires="wpg"><w:drawing>
<wp:inline distT="0" distB="0" distL="0" distR="0">
<wp:extent cx="4000000" cy="500000"/><wp:docPr id="77" name="Group" descr="the way back"/>
<a:graphic>
<a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"><wpg:wgp>
<wpg:cNvGrpSpPr/><wpg:grpSpPr>
<a:xfrm><a:off x="0" y="0"/><a:ext cx="4000000" cy="500000"/><a:chOff x="0" y="0"/>
<a:chExt cx="4000000" cy="500000"/></a:xfrm></wpg:grpSpPr>
{_BOX.format(x=0, text="Returned")}{_BOX.format(x=2800000, text="Refunded")}
</wpg:wgp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice></mc:AlternateContent></w:r>"""


def make_pptx(path: Path) -> Path:
    """Two slides: bullets with notes, then a drawn flow of shapes, a table and a picture with a caption."""
    from pptx import Presentation
    from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
    from pptx.util import Inches

    show = Presentation()
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = "Parcels"
    first.placeholders[1].text = "Every parcel is weighed\nEvery parcel gets a label"
    first.notes_slide.notes_text_frame.text = "Mention the new scales."
    second = show.slides.add_slide(show.slide_layouts[5])
    second.shapes.title.text = "The way"
    boxes: list[Any] = []
    for number, word in enumerate(("Collect", "Sort", "Deliver")):
        box = second.shapes.add_shape(
            MSO_SHAPE.RECTANGLE, Inches(0.7 + 3 * number), Inches(2), Inches(1.8), Inches(0.8)
        )
        box.text_frame.text = word
        boxes.append(box)
    for a, b in itertools.pairwise(boxes):
        line = second.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, 0, 0, 0, 0)
        line.begin_connect(a, 3)
        line.end_connect(b, 1)
    third = show.slides.add_slide(show.slide_layouts[5])
    third.shapes.title.text = "A picture"
    third.shapes.add_picture(io.BytesIO(flowchart_png()), Inches(2), Inches(2), Inches(5))
    label = third.shapes.add_textbox(Inches(2), Inches(4.3), Inches(5), Inches(0.5))
    label.text_frame.text = CAPTION
    show.save(str(path))
    return path


def make_xlsx(path: Path, chart: bool = False) -> Path:
    """Two sheets: a table with a picture beside it, and two separate tables."""
    import openpyxl
    from openpyxl.chart import BarChart, Reference
    from openpyxl.drawing.image import Image as SheetImage

    book = openpyxl.Workbook()
    prices = book.active
    assert prices is not None
    prices.title = "Prices"
    for row in (("Size", "Price"), ("S", 4), ("M", 5.5)):
        prices.append(row)
    prices.add_image(SheetImage(io.BytesIO(flowchart_png())), "E2")
    if chart:
        bars = BarChart()
        bars.title = "Prices by size"
        bars.add_data(Reference(prices, min_col=2, min_row=1, max_row=3), titles_from_data=True)
        prices.add_chart(bars, "E20")
    other = book.create_sheet("Places")
    for row in (("Town",), ("Ulm",), (), ("Zone", "Days"), ("A", 1)):
        other.append(row)
    book.save(path)
    return path


HTML = f"""<!DOCTYPE html><html><head><title>t</title><style>p {{}}</style></head><body><h1>Parcels</h1>
<p>Every parcel is collected first. Figure 1 shows its way.</p><ul><li>weigh it</li><li>label it</li></ul>
<figure><img src="way.png" alt="two boxes"><figcaption>{CAPTION}</figcaption></figure>
<table><tr><th>Size</th><th>Price</th></tr><tr><td>S</td><td>4 &lt;</td></tr></table>
<h2>Returns</h2><p>Returned parcels wait for two weeks.</p><pre>x = 1</pre>
<script>alert(1)</script></body></html>"""

MARKDOWN = f"""# Parcels

Every parcel is collected first. Figure 1 shows its way.

- weigh it
- label it

![two boxes](way.png)

{CAPTION}

| Size | Price |
|------|-------|
| S    | 4     |

## Returns

Returned parcels wait for two weeks.
"""


def make_html(path: Path) -> Path:
    """A web page with its picture beside it."""
    path.write_text(HTML, encoding="utf-8")
    (path.parent / "way.png").write_bytes(flowchart_png())
    return path


def make_markdown(path: Path) -> Path:
    """A Markdown file with its picture beside it."""
    path.write_text(MARKDOWN, encoding="utf-8")
    (path.parent / "way.png").write_bytes(flowchart_png())
    return path


def make_epub(path: Path) -> Path:
    """An e-book of two chapters; the first is the report."""
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        )
        book.writestr(
            "OEBPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
            '<item id="b" href="text/two.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="a" href="text/one.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
        )
        book.writestr("OEBPS/text/one.xhtml", HTML.replace("way.png", "../images/way.png"))
        book.writestr(
            "OEBPS/text/two.xhtml", "<html><body><h1>Second</h1><p>The end of it.</p></body></html>"
        )
        book.writestr("OEBPS/images/way.png", flowchart_png())
    return path
