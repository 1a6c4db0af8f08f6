"""A small document made by hand: two pages, sections, a flow with words, a table, a duplicate, a logo."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from dic_ingest.model.box import Box
from dic_ingest.model.description import Description, Evidence
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.model.document import (
    Block,
    Code,
    Document,
    Equation,
    Figure,
    Heading,
    List,
    Page,
    Parser,
    Reference,
    Route,
    Table,
    Text,
    block_id,
)
from dic_ingest.model.drawing import Word

SHA = "ab" * 32
FLOW = Diagram(
    Kind.FLOWCHART,
    (Node("n1", "Receive order"), Node("n2", "Check stock", "diamond"), Node("n3", "Ship parcel")),
    (Edge("n1", "n2"), Edge("n2", "n3", "in stock")),
)
FLOW_TEXT = (
    "Figure 3: Order handling. A flowchart with three steps. It begins at 'Receive order'. From there "
    "the flow goes to the decision 'Check stock'. If 'in stock', it goes on to 'Ship parcel'."
)


def words(text: str, top: float = 10.0) -> tuple[Word, ...]:
    """Words in one line."""
    return tuple(Word(t, (10.0 + 30 * i, top, 35.0 + 30 * i, top + 10)) for i, t in enumerate(text.split()))


def described(
    caption: str = FLOW_TEXT, diagram: Diagram | None = FLOW, engine: str = "dic-small"
) -> Description:
    """What an engine said."""
    return Description(caption, diagram, engine, f"{engine}/1", "", Evidence(0.9, 1.0))


def figure(page: int, box: Box, order: int, sha: str = SHA, **known: object) -> Figure:
    """A figure; its id follows from its place."""
    route = Route("diagram", Kind.FLOWCHART, 0.9, "boxes and arrows")
    return Figure(block_id(sha, "figure", page, box), page, box, order, **{"route": route, **known})  # type: ignore[arg-type]


def made(sha: str = SHA, flow_text: str = FLOW_TEXT, source: str = "/papers/orders.pdf") -> Document:
    """The document; another `sha` or text makes another revision of it."""

    def own(name: str) -> str:
        return block_id(sha, name, 1, None)

    logo = Route("decoration", Kind.DECORATION, 1.0, "small and repeated")
    grid = Route("table", Kind.TABLE, 0.9, "a grid")
    flow = figure(
        1,
        (100.0, 300.0, 300.0, 500.0),
        6,
        sha,
        label="Figure 3",
        printed_caption="Order handling",
        embedded_words=words("Receive order Check stock Ship parcel in stock queue-7"),
        section="2 Orders",
        description=described(flow_text),
        image="figures/flow.png",
        dpi=144.0,
        crop_sha256="c1" * 32,
        references=(Reference(own("b-intro"), 1, "Orders are handled as Figure 3 shows."),),
    )
    again = figure(
        2,
        (100.0, 300.0, 300.0, 500.0),
        13,
        sha,
        label="Figure 7",
        printed_caption="Order handling, repeated",
        duplicate_of=flow.id,
        route=Route("duplicate", Kind.FLOWCHART, 1.0, "same pixels as Figure 3"),
        image="figures/flow.png",
        dpi=144.0,
        crop_sha256="c1" * 32,
    )
    blocks: tuple[Block, ...] = (
        Text(own("b-head"), 1, (0, 0, 500, 20), 0, "Orders Ltd. confidential", "header"),
        Heading(own("b-title"), 1, (50, 30, 300, 50), 1, "Handbook of orders", 1),
        Heading(own("b-sec"), 1, (50, 60, 300, 80), 2, "2 Orders", 2),
        Text(
            own("b-intro"),
            1,
            (50, 90, 300, 120),
            3,
            "Orders are handled as Figure 3 shows. Nothing waits long.",
        ),
        List(own("b-list"), 1, (50, 130, 300, 160), 4, ("- parcels", "- letters")),
        figure(1, (0, 0, 20, 20), 5, sha, route=logo, embedded_words=words("Logo")),
        flow,
        Text(own("b-after"), 1, (50, 510, 300, 560), 7, "After the flow comes the invoice."),
        Text(own("b-number"), 1, (250, 800, 260, 810), 8, "1", "page_number"),
        Text(own("b-second"), 2, (50, 50, 300, 90), 9, "The second page goes on about invoices."),
        Equation(own("b-eq"), 2, (50, 95, 300, 110), 10, r"t = \frac{n}{r}"),
        Table(
            own("b-table"),
            2,
            (50, 120, 300, 220),
            11,
            "<table></table>",
            "item\tprice\npen\t2",
            "Table 1: Prices",
        ),
        figure(2, (50, 230, 300, 290), 12, sha, route=grid, embedded_words=words("Zone Fee North 4")),
        again,
        Code(own("b-code"), 2, (50, 510, 300, 560), 14, "ship(order)", "python"),
        Heading(own("b-last"), 2, (50, 600, 300, 620), 15, "3 Outlook", 2),
    )
    pages = (Page(1, 595.0, 842.0), Page(2, 595.0, 842.0))
    return Document(source, sha, Parser("made"), pages, blocks)


def write_crops(folder: Path) -> None:
    """The crop that the figures name."""
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(picture).rectangle((20, 20, 180, 80), outline="black")
    picture.save(folder / "figures" / "flow.png")
