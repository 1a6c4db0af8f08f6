"""Office charts and SmartArt: every number and every relation that the file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from dic_ingest.model.chart import Chart, ChartType, Scale
from dic_ingest.model.document import Document, Figure
from dic_ingest.sources.office.charts.extended import read_extended_chart
from dic_ingest.sources.office.charts.read import read_chart
from dic_ingest.sources.office.drawing.smartart import category_of, read_smartart
from dic_ingest.sources.office.file import OfficeFile
from dic_ingest.sources.office.settings import OfficeSettings

ALONE = OfficeSettings(libreoffice="off")
C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
CX = "http://schemas.microsoft.com/office/drawing/2014/chartex"
DGM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def layout(path: Path) -> Document:
    with OfficeFile(path, ALONE) as opened:
        return opened.layout("", lambda file, pdf: pytest.fail("no PDF is needed"))


def values(chart: Chart) -> dict[str, list[tuple[object, float | None]]]:
    return {s.name: [(p.x, p.y) for p in s.points] for s in chart.series}


def on_slide(tmp_path: Path, kind: str, data: Any, title: str = "") -> Chart:
    """The chart of a slide made by python-pptx."""
    pptx = pytest.importorskip("pptx", reason="the office extra is not installed")
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Pt

    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    frame = slide.shapes.add_chart(getattr(XL_CHART_TYPE, kind), Pt(50), Pt(50), Pt(500), Pt(300), data)
    frame.chart.has_legend = True
    if title:
        frame.chart.has_title = True
        frame.chart.chart_title.text_frame.text = title
        frame.chart.value_axis.has_title = True
        frame.chart.value_axis.axis_title.text_frame.text = "Latency (ms)"
    show.save(str(tmp_path / "talk.pptx"))
    (figure,) = layout(tmp_path / "talk.pptx").blocks  # the words of the chart are no text of the slide
    assert isinstance(figure, Figure) and figure.bbox == pytest.approx((50, 50, 550, 350))
    assert figure.chart is not None and figure.chart.read_from == "file"
    return figure.chart


def categories(**series: tuple[float | None, ...]) -> Any:
    from pptx.chart.data import CategoryChartData

    data = CategoryChartData()
    data.categories = ["Q1", "Q2", "Q3"]
    for name, numbers in series.items():
        data.add_series(name, numbers)
    return data


pptx_only = pytest.importorskip("pptx", reason="the office extra is not installed")


@pytest.mark.parametrize(
    ("kind", "series", "expected", "horizontal"),
    [
        ("COLUMN_CLUSTERED", {"North": (1.5, 2, 3)}, ChartType.BAR, False),
        ("COLUMN_CLUSTERED", {"North": (1, 2, 3), "South": (4, 5, 6)}, ChartType.GROUPED_BAR, False),
        ("BAR_CLUSTERED", {"North": (1, 2, 3)}, ChartType.HORIZONTAL_BAR, True),
        ("BAR_STACKED", {"North": (1, 2, 3), "South": (4, 5, 6)}, ChartType.STACKED_BAR, True),
        ("LINE_MARKERS", {"North": (1, None, 3), "South": (4, 5, -6.25)}, ChartType.LINE, False),
        ("AREA", {"North": (1, 2, 3)}, ChartType.AREA, False),
        ("PIE", {"Share": (0.2, 0.3, 0.5)}, ChartType.PIE, False),
        ("DOUGHNUT", {"Share": (20, 30, 50)}, ChartType.DONUT, False),
        ("RADAR", {"North": (1, 2, 3)}, ChartType.RADAR, False),
    ],
)
def test_every_value_of_a_chart(
    tmp_path: Path,
    kind: str,
    series: dict[str, tuple[float | None, ...]],
    expected: ChartType,
    horizontal: bool,
) -> None:
    chart = on_slide(tmp_path, kind, categories(**series))
    assert (chart.type, chart.horizontal) == (expected, horizontal)
    assert values(chart) == {n: list(zip(("Q1", "Q2", "Q3"), v, strict=True)) for n, v in series.items()}


def test_titles_and_axes(tmp_path: Path) -> None:
    chart = on_slide(tmp_path, "BAR_CLUSTERED", categories(North=(1, 2, 3)), "Times by quarter")
    assert chart.title == "Times by quarter"
    assert chart.x_axis is not None and chart.x_axis.label == "Latency (ms)"  # bars lie: values run along x
    assert chart.y_axis is not None and chart.y_axis.categories == ("Q1", "Q2", "Q3")


def test_scatter_and_bubbles(tmp_path: Path) -> None:
    from pptx.chart.data import BubbleChartData, XyChartData

    points = XyChartData()
    one = points.add_series("Runs")
    for x, y in ((0.5, 10), (1.5, 7.25), (9, -3)):
        one.add_data_point(x, y)
    chart = on_slide(tmp_path, "XY_SCATTER", points)
    assert chart.type is ChartType.SCATTER
    assert values(chart) == {"Runs": [(0.5, 10), (1.5, 7.25), (9, -3)]}
    bubbles = BubbleChartData()
    bubbles.add_series("Towns").add_data_point(1, 2, 30)
    assert values(on_slide(tmp_path, "BUBBLE", bubbles)) == {
        "Towns": [(1, 2)],
        "Towns (bubble size)": [(1, 30)],
    }


def test_dates_and_several_levels_of_categories(tmp_path: Path) -> None:
    import datetime

    from pptx.chart.data import CategoryChartData

    days = CategoryChartData()
    days.categories = [datetime.date(2024, 1, 31), datetime.date(2024, 2, 29)]
    days.add_series("Load", (1, 2))
    chart = on_slide(tmp_path, "LINE", days)
    assert values(chart) == {"Load": [("2024-01-31", 1), ("2024-02-29", 2)]}
    assert chart.x_axis is not None and chart.x_axis.scale is Scale.DATE
    nested = CategoryChartData()
    for year, quarters in (("2023", ("Q3", "Q4")), ("2024", ("Q1",))):
        outer = nested.add_category(year)
        for quarter in quarters:
            outer.add_sub_category(quarter)
    nested.add_series("Load", (1, 2, 3))
    assert values(on_slide(tmp_path, "COLUMN_CLUSTERED", nested)) == {
        "Load": [("2023 / Q3", 1), ("2023 / Q4", 2), ("2024 / Q1", 3)]
    }


def series_xml(name: str, numbers: str, extra: str = "") -> str:
    points = "".join(f'<c:pt idx="{i}"><c:v>{v}</c:v></c:pt>' for i, v in enumerate(numbers.split()))
    names = "".join(f'<c:pt idx="{i}"><c:v>k{i}</c:v></c:pt>' for i in range(len(numbers.split())))
    return f"""<c:ser><c:order val="0"/><c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>{name}</c:v></c:pt>
    </c:strCache></c:strRef></c:tx>{extra}<c:cat><c:strRef><c:strCache>{names}</c:strCache></c:strRef></c:cat>
    <c:val><c:numRef><c:numCache>{points}</c:numCache></c:numRef></c:val></c:ser>"""


def space(plot: str) -> Any:
    return etree.fromstring(
        f'<c:chartSpace xmlns:c="{C}" xmlns:a="{A}"><c:chart><c:plotArea>{plot}</c:plotArea></c:chart>'
        "</c:chartSpace>"
    )


def test_a_second_axis_and_two_kinds() -> None:
    chart = read_chart(
        space(
            f"""<c:barChart><c:barDir val="col"/>{series_xml("Sales", "3 4")}<c:axId val="1"/>
            <c:axId val="2"/></c:barChart><c:lineChart>{series_xml("Share", "0.5 0.25")}
            <c:axId val="3"/><c:axId val="4"/></c:lineChart>
            <c:catAx><c:axId val="1"/></c:catAx><c:valAx><c:axId val="2"/></c:valAx>
            <c:catAx><c:axId val="3"/></c:catAx><c:valAx><c:axId val="4"/><c:scaling><c:logBase val="10"/>
            <c:min val="0.1"/><c:max val="1"/></c:scaling></c:valAx>"""
        )
    )
    assert chart is not None and chart.type is ChartType.COMBINATION
    assert [(s.name, s.mark, s.secondary) for s in chart.series] == [
        ("Sales", "bar", False),
        ("Share", "line", True),
    ]
    assert chart.second_y_axis is not None
    assert (chart.second_y_axis.scale, chart.second_y_axis.range) == (Scale.LOG, (0.1, 1.0))


def test_error_bars() -> None:
    bars = """<c:errBars><c:errDir val="y"/><c:errBarType val="both"/><c:errValType val="percentage"/>
    <c:val val="10"/></c:errBars>"""
    chart = read_chart(
        space(f'<c:barChart><c:barDir val="col"/>{series_xml("A", "50 -20", bars)}</c:barChart>')
    )
    assert chart is not None
    assert [(p.low, p.high) for p in chart.series[0].points] == [(45, 55), (-22, -18)]


def test_trend_lines_are_series_without_values() -> None:
    fitted = """<c:trendline><c:trendlineType val="linear"/></c:trendline>
    <c:trendline><c:name>Guess</c:name><c:trendlineType val="exp"/></c:trendline>"""
    chart = read_chart(
        space(f'<c:barChart><c:barDir val="col"/>{series_xml("A", "5 2", fitted)}</c:barChart>')
    )
    assert chart is not None and chart.type is ChartType.BAR and chart.title == "A"
    assert [(s.name, s.trend, len(s.points)) for s in chart.series] == [
        ("A", False, 2),
        ("Linear (A)", True, 0),
        ("Guess", True, 0),
    ]
    assert "the trend line" in chart.to_text().lower() and "not read" not in chart.to_text()


def test_numbers_without_a_copy_are_looked_up_in_the_cells() -> None:
    cells = {"S!$A$1:$A$2": ["x", "y"], "S!$B$1:$B$2": [1, 2.5]}
    chart = read_chart(
        space(
            """<c:lineChart><c:ser><c:cat><c:strRef><c:f>S!$A$1:$A$2</c:f></c:strRef></c:cat>
            <c:val><c:numRef><c:f>S!$B$1:$B$2</c:f></c:numRef></c:val></c:ser></c:lineChart>"""
        ),
        lambda formula: cells.get(formula, []),
    )
    assert chart is not None and values(chart) == {"": [("x", 1), ("y", 2.5)]}


@pytest.mark.parametrize("bad", ["nan", "inf", "1e999", "", "x"])
def test_what_is_no_number_is_no_value(bad: str) -> None:
    chart = read_chart(
        space(f"<c:lineChart>{series_xml('A', '1 2').replace('<c:v>2<', f'<c:v>{bad}<')}</c:lineChart>")
    )
    assert chart is not None
    assert [(p.x, p.y) for p in chart.series[0].points] == [("k0", 1), ("k1", None)]


def test_places_far_out_are_left_out() -> None:
    xml = (
        series_xml("A", "1 2")
        .replace('idx="1"', 'idx="999999999999"')
        .replace("<c:numCache>", '<c:numCache><c:ptCount val="999999999999"/>')
    )
    chart = read_chart(space(f"<c:lineChart>{xml}</c:lineChart>"))
    assert chart is not None and values(chart) == {"A": [("k0", 1)]}


def test_a_waterfall_of_newer_office() -> None:
    tree = etree.fromstring(
        f"""<cx:chartSpace xmlns:cx="{CX}" xmlns:a="{A}"><cx:chartData><cx:data id="0">
        <cx:strDim type="cat"><cx:lvl><cx:pt idx="0">Start</cx:pt><cx:pt idx="1">Cost</cx:pt></cx:lvl>
        </cx:strDim><cx:numDim type="val"><cx:lvl><cx:pt idx="0">100</cx:pt><cx:pt idx="1">-30</cx:pt>
        </cx:lvl></cx:numDim></cx:data></cx:chartData><cx:chart><cx:title><cx:tx><cx:rich><a:p><a:r>
        <a:t>Cash</a:t></a:r></a:p></cx:rich></cx:tx></cx:title><cx:plotArea><cx:plotAreaRegion>
        <cx:series layoutId="waterfall">
        <cx:dataId val="0"/></cx:series></cx:plotAreaRegion></cx:plotArea></cx:chart></cx:chartSpace>"""
    )
    chart = read_extended_chart(tree)
    assert chart is not None and (chart.type, chart.title) == (ChartType.WATERFALL, "Cash")
    assert values(chart) == {"": [("Start", 100), ("Cost", -30)]}


def extended(layout: str, levels: list[list[str]], more: str = "") -> Chart | None:
    """A chart of newer office with the numbers 1, 2 ... for the categories, innermost level first."""
    cats = "".join(
        "<cx:lvl>" + "".join(f'<cx:pt idx="{i}">{w}</cx:pt>' for i, w in enumerate(level) if w) + "</cx:lvl>"
        for level in levels
    )
    numbers = "".join(f'<cx:pt idx="{i}">{i + 1}</cx:pt>' for i in range(len(levels[0])))
    tree = etree.fromstring(
        f"""<cx:chartSpace xmlns:cx="{CX}" xmlns:a="{A}"><cx:chartData><cx:data id="0">
        <cx:strDim type="cat">{cats}</cx:strDim><cx:numDim type="size"><cx:lvl>{numbers}</cx:lvl></cx:numDim>
        </cx:data></cx:chartData><cx:chart><cx:plotArea><cx:plotAreaRegion><cx:series layoutId="{layout}">
        <cx:dataId val="0"/></cx:series>{more}</cx:plotAreaRegion><cx:axis id="0"><cx:catScaling/><cx:title>
        <cx:tx><cx:txData><cx:v>Stage</cx:v></cx:txData></cx:tx></cx:title></cx:axis>
        <cx:axis id="1"><cx:valScaling min="0" max="9"/></cx:axis></cx:plotArea></cx:chart></cx:chartSpace>"""
    )
    return read_extended_chart(tree)


@pytest.mark.parametrize("kind", ["treemap", "sunburst"])
def test_tiles_carry_the_way_down_to_them(kind: str) -> None:
    chart = extended(kind, [["Leaf 1", "Leaf 2", "Leaf 3"], ["Stem", "", "Other"], ["Branch", "", ""]])
    assert chart is not None and chart.type == ChartType(kind)
    ways = ["Branch / Stem / Leaf 1", "Branch / Stem / Leaf 2", "Branch / Other / Leaf 3"]
    assert values(chart) == {"": list(zip(ways, [1, 2, 3], strict=True))}


def test_a_funnel_lies_and_has_titled_axes() -> None:
    chart = extended("funnel", [["Leads", "Orders"]])
    assert chart is not None and (chart.type, chart.horizontal) == (ChartType.FUNNEL, True)
    assert chart.y_axis is not None and chart.y_axis.label == "Stage"
    assert chart.x_axis is not None and chart.x_axis.range == (0, 9)
    assert values(chart) == {"": [("Leads", 1), ("Orders", 2)]}


def test_a_pareto_line_is_a_trend_without_values() -> None:
    line = '<cx:series layoutId="paretoLine" ownerIdx="0"/>'
    chart = extended("clusteredColumn", [["Late", "Lost"]], line)
    assert chart is not None and chart.type is ChartType.COMBINATION
    assert [(s.name, s.trend, len(s.points)) for s in chart.series] == [
        ("", False, 2),
        ("Pareto line", True, 0),
    ]
    plain = extended("clusteredColumn", [["Late", "Lost"]])
    assert plain is not None and plain.type is ChartType.HISTOGRAM and plain.unread
    box = extended("boxWhisker", [["a", "a"]])
    assert box is not None and box.type is ChartType.BOX_PLOT


def model(*links: tuple[str, str], name: str = "") -> Any:
    """A data model: `links` are (parent, child); the parent "" is the document."""
    points = dict.fromkeys(p for link in links for p in link if p)
    pts = "".join(
        f'<dgm:pt modelId="{p}"><dgm:t><a:p><a:r><a:t>{p}</a:t></a:r></a:p></dgm:t></dgm:pt>' for p in points
    )
    cxns = "".join(
        f'<dgm:cxn modelId="c{i}" srcId="{a or "doc"}" destId="{b}" srcOrd="{i}" destOrd="0"/>'
        for i, (a, b) in enumerate(links)
    )
    return etree.fromstring(
        f"""<dgm:dataModel xmlns:dgm="{DGM}" xmlns:a="{A}"><dgm:ptLst><dgm:pt modelId="doc" type="doc">
        <dgm:prSet loTypeId="{name}"/></dgm:pt>{pts}</dgm:ptLst>
        <dgm:cxnLst>{cxns}</dgm:cxnLst></dgm:dataModel>"""
    )


def edges(diagram: Any) -> list[tuple[str, str]]:
    return [(e.source, e.target) for e in diagram.edges]


def test_a_process_a_cycle_and_a_tree() -> None:
    steps = model(("", "Plan"), ("", "Do"), ("", "Check"), ("Do", "build"), ("Do", "ship"))
    process = read_smartart(steps, "process")
    assert edges(process) == [("Plan", "Do"), ("Do", "Check")]
    assert {n.label: n.members for n in process.nodes}["Do"] == ("build", "ship")
    assert edges(read_smartart(steps, "cycle")) == [("Plan", "Do"), ("Do", "Check"), ("Check", "Plan")]
    assert edges(read_smartart(steps, "list")) == []
    tree = model(("", "Head"), ("Head", "Left"), ("Head", "Right"), ("Left", "Leaf"))
    assert edges(read_smartart(tree, "hierarchy")) == [("Head", "Left"), ("Left", "Leaf"), ("Head", "Right")]


def test_a_circle_in_a_model_ends() -> None:
    found = read_smartart(model(("", "A"), ("A", "B"), ("B", "A")), "hierarchy")
    assert edges(found) == [("A", "B")]


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("x/layout/chevron1", "process"),
        ("x/orgChart1", "hierarchy"),
        ("x/cycle2", "cycle"),
        ("x/default", "list"),
    ],
)
def test_layouts_without_a_definition_are_told_by_their_name(name: str, category: str) -> None:
    assert category_of(None, name) == category


def test_smartart_on_a_slide(tmp_path: Path) -> None:
    from pptx.opc.package import Part
    from pptx.opc.packuri import PackURI
    from pptx.util import Pt

    show = pptx_only.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    data = etree.tostring(model(("", "Plan"), ("", "Do"), name="urn:x/layout/process1"))
    part = Part(PackURI("/ppt/diagrams/data1.xml"), "application/xml", show.part.package, data)
    relation = slide.part.relate_to(part, f"{R}/diagramData")
    frame = slide.shapes.add_table(1, 1, Pt(50), Pt(50), Pt(300), Pt(100))
    holder = frame._element.graphic.graphicData
    for old in list(holder):
        holder.remove(old)
    holder.set("uri", DGM)
    holder.append(etree.fromstring(f'<dgm:relIds xmlns:dgm="{DGM}" xmlns:r="{R}" r:dm="{relation}"/>'))
    show.save(str(tmp_path / "talk.pptx"))
    (figure,) = layout(tmp_path / "talk.pptx").figures
    assert figure.reading is not None and edges(figure.reading) == [("Plan", "Do")]
