"""Figures drawn for the tests of the large engines: crop, what the PDF would hold, the graph in it."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from dic_ingest.captioning.chat import ChatAnswer, Question
from dic_ingest.captioning.request import FigureRequest
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.model.drawing import Drawing, Word

TEXTS = ("Receive order", "Check stock", "Ship parcel", "Notify customer")
GRAPH = Diagram(
    Kind.FLOWCHART,
    tuple(Node(f"n{i}", t, bbox=(20, 20 + 60 * i, 140, 50 + 60 * i)) for i, t in enumerate(TEXTS)),
    (Edge("n0", "n1"), Edge("n1", "n2", "yes"), Edge("n1", "n3", "no")),
)


def words(extra: Sequence[str] = ()) -> tuple[Word, ...]:
    """The words of the figure, one line below the other."""
    lines = [*TEXTS, "yes no", *extra]
    return tuple(
        Word(w, (20 + 60 * k, 20 + 60 * i, 70 + 60 * k, 32 + 60 * i), 9.0)
        for i, line in enumerate(lines)
        for k, w in enumerate(line.split())
    )


def request(extra: Sequence[str] = (), printed: str = "Order handling", hint: str = "") -> FigureRequest:
    """A flowchart; `extra` are further words printed in it."""
    found = words(extra)
    height = 60 * (len(TEXTS) + 2 + len(extra))
    crop = Image.new("RGB", (400, height * 2), "white")
    pen = ImageDraw.Draw(crop)
    for w in found:
        pen.rectangle([2 * v for v in w.bbox], outline="black")
        pen.text((2 * w.bbox[0] + 2, 2 * w.bbox[1] + 2), w.text, fill="black")
    drawing = Drawing(200.0, float(height), found)
    return FigureRequest(crop, 144.0, drawing, Kind.FLOWCHART, "Figure 1", printed, hint=hint)


class Reader:
    """Stands for dic-small: says the graph it was given and the request's words."""

    name = "reader"

    def __init__(self, diagram: Diagram | None = GRAPH) -> None:
        self.diagram = diagram

    def caption(self, requests: Sequence[FigureRequest]) -> list[Description]:
        return [
            Description(
                self.diagram.to_text(r.printed_caption) if self.diagram else r.printed_caption,
                self.diagram,
                "dic-small",
                words=r.drawing.words if r.drawing else (),
            )
            for r in requests
        ]


class Scripted:
    """A talker that answers with given texts, one after the other, and keeps what it was asked."""

    name, model, limits = "scripted", "scripted@1", "64"

    def __init__(self, *texts: str | ChatAnswer) -> None:
        self.texts = list(texts)
        self.asked: list[Question] = []

    def answer(self, questions: Sequence[Question]) -> list[ChatAnswer]:
        self.asked += questions
        found = []
        for _ in questions:
            text = self.texts.pop(0) if self.texts else ""
            found.append(text if isinstance(text, ChatAnswer) else ChatAnswer(text, "", 100, 20))
        return found
