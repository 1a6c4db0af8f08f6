"""A picture behind the words of a title slide stands once, as those words; a drawing stays a figure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dic_ingest.figures.behind_text import without_backgrounds
from dic_ingest.model.box import Box
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram, Kind, Node
from dic_ingest.model.document import Document, Figure, Heading, Page, Parser, Route, Text
from dic_ingest.model.drawing import Word

SLIDE: Box = (0.0, 0.0, 960.0, 540.0)


def _document(*seen: str, **changed: object) -> Document:
    words = tuple(Word(t, (300.0, 160.0, 400.0, 190.0)) for t in seen)
    description = Description("A figure whose structure was not read.", words=words)
    route = Route("other", Kind.OTHER, 0.5, "an illustration")
    figure = Figure("f", 1, SLIDE, 0, route=route, description=description)
    heading = Heading("h", 1, (250.0, 150.0, 700.0, 190.0), 1, text="Overview of Switches", level=1)
    author = Text("t", 1, (370.0, 420.0, 580.0, 450.0), 2, text="Ada Example")
    blocks = (replace(figure, **changed), heading, author)  # type: ignore[arg-type]
    return Document("slides.pdf", "ab" * 32, Parser("mineru"), (Page(1, 960.0, 540.0),), blocks)


def _route(document: Document) -> str:
    (figure,) = without_backgrounds(document).figures
    assert figure.route is not None
    return figure.route.route


def test_background_of_a_title_slide_is_decoration() -> None:
    assert _route(_document("Overview", "of", "Switches", "Ada", "Example")) == "decoration"


@pytest.mark.parametrize(
    "changed",
    [
        {"label": "Figure 1"},
        {"table": "<table></table>"},
        {"bbox": (0.0, 200.0, 960.0, 540.0)},
        {"description": Description("Block diagram.", Diagram(Kind.BLOCK, (Node("n1", "Overview"),)))},
    ],
)
def test_what_has_something_of_its_own_stays(changed: dict[str, object]) -> None:
    assert _route(_document("Overview", "of", "Switches", **changed)) == "other"


def test_words_of_its_own_or_none_keep_a_figure() -> None:
    assert _route(_document("Port", "Buffer", "Overview")) == "other"
    assert _route(_document()) == "other"
