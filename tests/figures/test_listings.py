"""Listings, notes and tables on a ground are text; drawings whose labels read like code are not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from dic_ingest.captioning.request import crop_request
from dic_ingest.classification.analysis import FigureAnalyses
from dic_ingest.classification.router import route_figures
from dic_ingest.diagrams.graph.text_graphs import reads_as_text
from dic_ingest.figures.recovery import recover_figures
from dic_ingest.figures.text.listings import listing_in
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.model.document import Code, Document, Figure
from dic_ingest.model.drawing import Word
from dic_ingest.nodes.build import to_nodes
from tests.figures.drawn import arrow, parsed, prose

Make = Callable[..., Path]
A4 = (595, 842)
GREEN = Color(0.9, 1.0, 0.85)
LOOP = (
    "parser vlan {",
    "    extract(vlan);",
    "    return select(latest.type) {",
    "        0xaaaa:     mtag;",
    "        default:    ingress;",
    "    }",
    "}",
)


def recovered(path: Path) -> Document:
    document, drawings = parsed(path)
    return recover_figures(document, lambda n: drawings[n - 1])


def code(c: Canvas, x: float, y: float, lines: tuple[str, ...] = LOOP, size: float = 9) -> None:
    """Lines in a fixed-width typeface, a word at a time as programs print them."""
    for k, line in enumerate(lines):
        words = c.beginText(x, y - 12 * k)
        words.setFont("Courier", size)
        words.textOut(line)
        c.drawText(words)


def words_of(document: Document) -> Counter[str]:
    told: Counter[str] = Counter()
    for block in document.blocks:
        if isinstance(block, Figure):
            told.update(" ".join([block.label, block.printed_caption]).split())
            told.update(w.text for w in block.embedded_words)
        else:
            told.update(block.content.split())
    return told


def shaded(c: Canvas) -> None:
    """A ground painted line by line with rules around it, as specifications set grammars."""
    c.setFillColor(GREEN)
    for k in range(len(LOOP)):
        c.rect(70, 596 - 12 * k, 450, 12, stroke=0, fill=1)
    c.line(70, 608, 520, 608)
    c.line(70, 608 - 12 * len(LOOP), 520, 608 - 12 * len(LOOP))
    c.line(70, 608, 70, 608 - 12 * len(LOOP))
    c.setFillColorRGB(0, 0, 0)


def test_a_listing_on_a_ground_is_a_code_block_with_its_layout(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 780)
        shaded(c)
        code(c, 74, 599)
        prose(c, 70, 480)

    document = recovered(make_pdf(page, size=A4))
    assert [b.type for b in document.blocks] == ["text", "code", "text"]
    listing = document.blocks[1]
    assert isinstance(listing, Code)
    assert listing.text == "\n".join(LOOP)
    assert words_of(document)["extract(vlan);"] == 1


def test_a_listing_without_a_ground_keeps_its_lines_too(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 780)
        code(c, 90, 650)
        prose(c, 70, 480)

    document = recovered(make_pdf(page, size=A4))
    assert [b.content for b in document.blocks if isinstance(b, Code)] == ["\n".join(LOOP)]
    assert (
        max(words_of(document).values()) == words_of(recovered(make_pdf(page, size=A4))).most_common(1)[0][1]
    )


def test_a_listing_with_a_figure_caption_has_no_graph(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 780)
        shaded(c)
        code(c, 74, 599)
        c.setFont("Helvetica", 9)
        c.drawString(70, 505, "Figure 4: How a tag is parsed.")
        prose(c, 70, 480)

    path = make_pdf(page, size=A4)
    document = recovered(path)
    (figure,) = document.figures
    assert (figure.label, figure.set_as_text, figure.embedded_words) == ("Figure 4", True, ())
    assert [b.content for b in document.blocks if isinstance(b, Code)] == ["\n".join(LOOP)]
    drawing = parsed(path)[1][0]
    blank = Image.new("RGB", (200, 80), "white")
    routed = route_figures(document, FigureAnalyses(lambda _: drawing, lambda _: blank)).figures[0]
    assert routed.route is not None
    assert (routed.route.route, routed.route.kind) == ("other", Kind.OTHER)
    assert crop_request(routed, blank).set_as_text
    nodes = to_nodes(document)
    assert [n.metadata["dic_type"] for n in nodes if "extract(vlan);" in n.text] == ["code"]


def test_framed_notes_stay_text(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 780)
        c.setFillColor(GREEN)
        c.roundRect(70, 580, 450, 90, 6, fill=1)
        c.circle(90, 650, 9, fill=1)
        c.setFillColorRGB(0, 0, 0)
        c.setFont("Helvetica-Bold", 10)
        c.drawString(110, 646, "Note")
        note = ("The queue keeps what no worker takes within ten minutes and", "offers it to another one,")
        prose(c, 110, 630, (*note, "so that nothing is lost when one of the machines goes away."))

    document = recovered(make_pdf(page, size=A4))
    assert not document.figures
    assert words_of(document)["machines"] == 1


@pytest.mark.parametrize("font", ["Courier", "Helvetica"])
def test_blocks_with_code_for_labels_stay_a_drawing(make_pdf: Make, font: str) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 780)
        for k, label in enumerate(("main()", "parse_args();", "run(queue)")):
            x, y = 70 + 130 * k, 650
            c.rect(x, y, 95, 30)
            c.setFont(font, 9)
            c.drawCentredString(x + 47, y + 11, label)
            if k:
                arrow(c, x - 35, x, y + 15)
        prose(c, 70, 480)

    document = recovered(make_pdf(page, size=A4))
    (figure,) = document.figures
    assert {w.text for w in figure.embedded_words} == {"main()", "parse_args();", "run(queue)"}
    assert not any(isinstance(b, Code) for b in document.blocks)


ART = (
    "+--------+            +----------+",
    "|        |--(A)------>| Resource |",
    "| Client |            |   Owner  |",
    "|        |<-(B)-------|          |",
    "+--------+            +----------+",
)


def test_text_art_in_a_typescript_keeps_its_lines(make_pdf: Make) -> None:
    body = (
        "The client asks the owner for access and gets a grant.  The",
        "grant is then shown to the server, which gives a token for",
        "the resource, as Figure 1 shows.",
    )

    def page(c: Canvas) -> None:
        code(c, 80, 780, body, 10)
        code(c, 80, 720, ART, 10)
        code(c, 140, 640, ("Figure 1: Access to a resource",), 10)
        code(c, 80, 600, body, 10)

    document = recovered(make_pdf(page, size=A4))
    assert [b.content for b in document.blocks if isinstance(b, Code)] == ["\n".join(ART)]
    (figure,) = document.figures
    assert (figure.label, figure.set_as_text) == ("Figure 1", True)
    assert not document.warnings
    assert words_of(document)["Client"] == 1


STEPS = (
    (0, "Algorithm 2: Scheduling of requests"),
    (0, "1 while Q is not empty do"),
    (1, "2 r <- head of Q"),
    (2, "3 if w is idle then assign r to w"),
    (0, "4 end"),
)


def test_an_algorithm_between_rules_keeps_its_steps(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 780)
        for y in (620, 603, 530):
            c.line(70, y, 520, y)
        c.setFont("Times-Roman", 10)
        for k, (depth, step) in enumerate(STEPS):
            c.drawString(74 + 14 * depth, 608 - 16 * k, step)
        prose(c, 70, 480)

    (listing,) = [b for b in recovered(make_pdf(page, size=A4)).blocks if isinstance(b, Code)]
    rows = listing.text.splitlines()
    assert [row.strip() for row in rows] == [step for _, step in STEPS]
    indents = [len(row) - len(row.lstrip()) for row in rows]
    assert indents[0] == indents[1] == indents[4] == 0
    assert 0 < indents[2] < indents[3]


def test_a_table_between_rules_is_no_listing(make_pdf: Make) -> None:
    def page(c: Canvas) -> None:
        prose(c, 70, 780)
        for y in (620, 603, 530):
            c.line(70, y, 520, y)
        c.setFont("Times-Roman", 10)
        for k in range(5):
            for column in range(4):
                c.drawString(74 + 110 * column, 608 - 16 * k, f"{k + 1} (cell) {column};")
        prose(c, 70, 480)

    assert not any(isinstance(b, Code) for b in recovered(make_pdf(page, size=A4)).blocks)


def graph(*labels: str, joined: bool) -> Diagram:
    nodes = tuple(Node(str(k), label) for k, label in enumerate(labels))
    edges = tuple(Edge(str(k), str(k + 1), directed=True) for k in range(len(labels) - 1)) if joined else ()
    return Diagram(Kind.BLOCK, nodes, edges)


def test_lines_of_code_and_sentences_are_no_graph() -> None:
    assert reads_as_text(graph(*LOOP, joined=False))
    assert not reads_as_text(graph("Gateway", "Session store", "Worker {id}", joined=False))
    assert not reads_as_text(graph("x = 0;", "x = x + 1;", "print(x);", joined=True))
    sentence = "the gateway keeps what no worker takes within ten minutes."
    assert reads_as_text(graph(sentence, sentence, sentence, "Gateway", joined=False))


def recognised(*lines: str, step: float = 12.0) -> list[Word]:
    """Words as they stand in a picture of these lines, in letters of one width."""
    words = []
    for k, line in enumerate(lines):
        for found in re.finditer(r"\S+", line):
            x0, x1 = 6.0 * found.start(), 6.0 * found.end()
            words.append(Word(found[0], (x0, step * k, x1, step * k + 9), 9.0))
    return words


PROGRAM = (
    "static int next(struct ring *r) {",
    "    if (r->head == r->tail) {",
    "        return -1;",
    "    }",
    "    return r->slot[r->head++ & MASK];",
    "}",
)


def test_words_of_a_pictured_program_keep_their_lines_and_indentation() -> None:
    assert listing_in(recognised(*PROGRAM)).splitlines() == list(PROGRAM)


@pytest.mark.parametrize(
    "words",
    [
        recognised(
            *["The reader keeps every message (and its number) until the worker says it is done."] * 6
        ),
        recognised(
            "send()          get()", "", "   Queue      Pool", "put()      free()", "  drop()", " x{}"
        ),
        recognised(*PROGRAM[:2]),
        recognised(*PROGRAM, step=60.0),
    ],
    ids=["sentences", "labels beside one another", "two lines", "lines far apart"],
)
def test_other_words_are_no_listing(words: list[Word]) -> None:
    assert listing_in(words) == ""
