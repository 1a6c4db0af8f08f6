"""Results folders made by hand, and one Chromium for all tests that need a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chrome import Chrome, find
from made_document import FLOW_TEXT, made, write_crops

from dic_ingest.batch.results import write_document
from dic_ingest.model.description import Description, Evidence, Statement
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.model.document import Document, Figure
from dic_ingest.nodes import NodeSettings

PLACED = Diagram(
    Kind.FLOWCHART,
    (
        Node("n1", "Receive order", bbox=(10.0, 10.0, 90.0, 30.0)),
        Node("n2", "Check stock", "diamond", bbox=(10.0, 45.0, 90.0, 65.0)),
        Node("n3", "Ship parcel", "stadium", bbox=(10.0, 80.0, 90.0, 98.0)),
    ),
    (
        Edge("n1", "n2", path=((50.0, 30.0), (50.0, 45.0))),
        Edge("n2", "n3", "in stock", path=((50.0, 65.0), (50.0, 80.0))),
    ),
)
SAID = (
    Statement("Figure 3: Order handling.", "printed"),
    Statement("A flowchart with three steps.", "graph"),
    Statement("It begins at 'Receive order'.", "graph", ((12.0, 12.0, 60.0, 24.0),)),
    Statement(
        "From there the flow goes to the decision 'Check stock'.", "graph", ((12.0, 48.0, 60.0, 60.0),)
    ),
    Statement("If 'in stock', it goes on to 'Ship parcel'.", "", ()),
)
EVIDENCE = Evidence(0.9, 0.8, (SAID[-1].text,), True, SAID)


def weighed(document: Document) -> Document:
    """The made document with a placed graph and statements on its kept figure."""

    def change(figure: Figure) -> Figure:
        if figure.description is None:
            return figure
        return replace(figure, description=Description(FLOW_TEXT, PLACED, "dic-small", "m/1", "", EVIDENCE))

    return document.replace_figures(change)


def write(document: Document, folder: Path) -> Path:
    """Results as `dic-ingest run` leaves them."""
    folder.mkdir(parents=True)
    write_document(document, folder, NodeSettings())
    write_crops(folder)
    return folder


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A results folder with one document."""
    write(weighed(made()), tmp_path / "out" / "orders")
    return tmp_path / "out"


@pytest.fixture(scope="session")
def browser() -> Iterator[Chrome]:
    program = find()
    if program is None:
        pytest.skip("no Chromium on this machine; DIC_INGEST_CHROMIUM names one")
    with Chrome(program) as chrome:
        yield chrome


@pytest.fixture
def chrome(browser: Chrome) -> Chrome:
    """The browser, in a plain window, nothing remembered."""
    browser.resize(1500, 950)
    browser.prefer("light")
    return browser
