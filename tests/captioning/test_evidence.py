"""Evidence: what supports each statement, direction of arrows, recogniser's slips, recall and precision."""

from __future__ import annotations

import html
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from dic_ingest.captioning.engines.small import DicSmall
from dic_ingest.captioning.grounding.evidence import EvidenceSettings, weigh
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.errors import SettingsError
from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node
from dic_ingest.model.document import Document, Figure, Page, Parser
from dic_ingest.model.drawing import Drawing, Word
from dic_ingest.render.document import document_html, document_markdown
from dic_ingest.sources.pdf.document import PdfFile
from dic_ingest.text.tokens import statements
from dic_ingest.vision.ocr import Recognition

NODES = (Node("a", "Web client", group="g"), Node("b", "API gateway"), Node("c", "Order database"))
EDGES = (Edge("a", "b", "HTTPS"), Edge("b", "c", "SQL"))
GRAPH = Diagram(Kind.BLOCK, NODES, EDGES, (Group("g", "Browser"),))
WORDS = tuple(
    Word(t, (10.0 * i, 0.0, 10.0 * i + 9, 8.0))
    for i, t in enumerate(["Web", "client", "API", "gateway", "Order", "database", "HTTPS", "SQL", "Browser"])
)


def support(text: str, diagram: Diagram | None = GRAPH) -> list[str]:
    found = weigh(text, diagram, WORDS, "Ordering over the public network", ("See the retry budget.",))
    return [s.support for s in found.statements]


def test_own_text_is_fully_supported() -> None:
    found = weigh(
        GRAPH.to_text("Ordering over the public network"),
        GRAPH,
        WORDS,
        "Ordering over the public network",
        (),
    )
    assert (found.recall, found.precision, found.needs_review, found.unsupported) == (1.0, 1.0, False, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Web client connects to the API gateway over HTTPS.", "graph"),
        ("The API gateway receives requests from the Web client.", "graph"),
        ("The Web c1ient connects to the API gateway.", "graph"),
        ("The API gateway sends data to the Web client.", ""),  # the arrow runs the other way
        ("The Web client connects to the Order database.", ""),  # no such line
        ("The API gateway and the Web client are connected.", "graph"),
        ("Browser contains the Web client.", "graph"),
        ("Browser contains the Order database.", ""),
        ("The retry budget matters for ordering.", ""),
        ("Ordering over the public network.", "printed"),
        ("A Kafka broker buffers events.", ""),
        ("Block diagram.", "graph"),
    ],
)
def test_support_of_one_statement(text: str, expected: str) -> None:
    assert support(text) == [expected]


def test_words_support_without_a_graph_and_give_their_boxes() -> None:
    found = weigh("SQL and HTTPS.", None, WORDS, "", ())
    assert found.statements[0].support == "words"
    assert set(found.statements[0].boxes) == {WORDS[6].bbox, WORDS[7].bbox}


def test_recall_and_precision_count_words_and_statements() -> None:
    found = weigh("Web client connects to API gateway. Zebras graze.", None, WORDS, "", ())
    assert found.recall == pytest.approx(4 / 9, abs=1e-3)
    assert found.precision == 0.5
    assert found.unsupported == ("Zebras graze.",)
    assert found.needs_review


def test_an_empty_caption_needs_review() -> None:
    found = weigh("", None, WORDS, "", ())
    assert found.needs_review and found.recall == 0.0 and found.statements == ()


def test_statements_keep_quoted_labels_whole() -> None:
    text = 'Figure 1: Login.\n1. "a. B" leads to "c; d"; "no" leads back.\n  2. Next.'
    assert statements(text) == [
        "Figure 1: Login.",
        '"a. B" leads to "c; d"',
        '"no" leads back.',
        "Next.",
    ]


def test_settings_are_checked() -> None:
    with pytest.raises(SettingsError, match="min_recall"):
        EvidenceSettings(min_recall=1.5)


@pytest.mark.parametrize("kind", [Kind.PHOTO, Kind.SCREENSHOT, Kind.CHART, Kind.OTHER])
def test_remarks_on_what_was_not_read_claim_nothing(kind: Kind) -> None:
    """Words alone claim nothing: there are no scores, and a review where a graph or values were due."""
    drawing = Drawing(100.0, 20.0, WORDS)
    asked = FigureRequest(
        Image.new("RGB", (200, 40), "white"), 144.0, drawing, kind, "Figure 1", "Ordering over the network"
    )
    (said,) = DicSmall().caption([asked])
    assert said.diagram is None and "Words in it:" in said.caption
    assert said.evidence is not None
    assert (said.evidence.precision, said.evidence.recall) == (None, None)
    assert said.evidence.needs_review == (kind not in (Kind.PHOTO, Kind.SCREENSHOT))
    assert all(s.text in said.caption for s in said.evidence.statements)


def test_a_drawing_is_read_as_the_kind_that_was_decided(samples: Path) -> None:
    with PdfFile(samples / "flowchart.pdf") as file:
        drawing, shown = file.drawing(1), file.render(1)
    asked = FigureRequest(shown, 144.0, drawing, Kind.BLOCK)
    block, flow, none = DicSmall().caption(
        [asked, replace(asked, kind=Kind.FLOWCHART), replace(asked, kind=Kind.OTHER)]
    )
    assert block.diagram and flow.diagram and none.diagram
    kinds = [d.diagram.kind for d in (block, flow, none) if d.diagram]
    assert kinds == [Kind.BLOCK, Kind.FLOWCHART, Kind.FLOWCHART]  # without a decision it is made here
    assert flow.diagram.edges == none.diagram.edges


def test_sentences_of_the_printed_caption_are_not_held_against_the_reading() -> None:
    printed = "How orders run. The Web client connects to the Order database only for reports."
    caption = f"Figure 2: {printed}\nThe Web client connects to the API gateway."
    found = weigh(caption, GRAPH, WORDS, printed, ())
    assert found.unsupported == ()
    assert weigh("The Web client connects to the Order database.", GRAPH, WORDS, printed, ()).precision == 0.0


def test_words_of_a_window_support_the_run_they_are_told_in() -> None:
    texts = ["File", "Edit", ">", "On", "the", "!", "5", "?", "Name:", "gateway-01."]
    words = [Word(t, (10.0 * i, 0.0, 10.0 * i + 9, 8.0)) for i, t in enumerate(texts)]
    assert weigh(" ".join(texts), None, words, "", ()).unsupported == ()
    assert weigh("Reboot the gateway.", None, words, "", ()).unsupported == ("Reboot the gateway.",)


def test_a_label_of_a_whole_page_takes_no_time_of_its_square() -> None:
    long = " ".join(f"word{n}" for n in range(3000))
    graph = Diagram(Kind.BLOCK, (Node("a", long), Node("b", "Pump")), (Edge("a", "b"),))
    began = time.process_time()
    found = weigh(f'"{long[:-1]}x" leads to "Pump".', graph, (), "", ())
    assert time.process_time() - began < 5.0
    assert found.precision is not None


def test_a_pictured_listing_is_given_with_its_lines() -> None:
    lines = ("int next(ring *r) {", "    if (r->head == r->tail) {", "        return -1;", "    }", "}")
    words = tuple(
        Word(found[0], (6.0 * found.start(), 12.0 * k, 6.0 * found.end(), 12.0 * k + 9), 9.0)
        for k, line in enumerate(lines)
        for found in re.finditer(r"\S+", line)
    )
    asked = FigureRequest(
        Image.new("RGB", (400, 200), "white"),
        144.0,
        Drawing(200.0, 100.0, words),
        Kind.SCREENSHOT,
        "Figure 2",
        "The ring",
    )
    (said,) = DicSmall().caption([asked])
    listed = "\n".join(lines)
    assert (
        said.caption
        == f"Figure 2: The ring. A picture of a listing, as it was recognised:\n\n```\n{listed}\n```"
    )
    figure = Figure("f", 1, (0.0, 0.0, 200.0, 100.0), 0, description=said)
    document = Document("a.pdf", "0" * 64, Parser("made"), (Page(1, 200.0, 100.0),), (figure,))
    assert f"```\n{listed}\n```" in document_markdown(document)
    assert f"<pre><code>{html.escape(listed)}</code></pre>" in document_html(document)


def test_labels_of_two_lines_stay_whole_where_nothing_else_is_read() -> None:
    places = {"Order": (0, 0), "Parcel": (90, 0), "book": (0, 10), "tracking": (90, 10)}
    words = tuple(Word(t, (x, y, x + 40.0, y + 9.0), 9.0) for t, (x, y) in places.items())
    asked = FigureRequest(
        Image.new("RGB", (400, 80), "white"), 144.0, Drawing(200.0, 40.0, words), Kind.PHOTO
    )
    (said,) = DicSmall().caption([asked])
    assert said.caption.endswith("Words in it: Order book; Parcel tracking")


def test_things_in_a_photograph_are_no_script_that_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [
        Word(t, (20.0 * k, 20.0 * k, 20.0 * k + 15, 20.0 * k + 12), 9.0)
        for k, t in enumerate(["0", "Fan", "o", "7%"])
    ]
    found = Recognition(tuple(seen), ((0.0, 0.0, 90.0, 9.0),))
    monkeypatch.setattr("dic_ingest.captioning.engines.small.recognise", lambda crop: found)
    for kind, told in (
        (Kind.PHOTO, "A photograph; its content is not described. Words in it: Fan"),
        (
            Kind.TABLE,
            "A figure whose structure was not read. It has a line of text in a script that is not read here.",
        ),
    ):
        (said,) = DicSmall().caption([FigureRequest(Image.new("RGB", (200, 120), "white"), 72.0, None, kind)])
        assert said.caption.startswith(told)
        assert said.unread_lines == (kind is Kind.TABLE)
