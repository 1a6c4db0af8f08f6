"""Kinds told by what is drawn: hand-built scenes of each, and drawings of other people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from dic_ingest.diagrams.kind_traits import traits_of
from dic_ingest.diagrams.kinds import leaning, weights_of
from dic_ingest.diagrams.scene import Line, Scene, Shape, TextLine
from dic_ingest.model.diagram import End, Kind
from dic_ingest.model.drawing import Color

INK: Color = (0, 0, 0)


def shape(x0: float, y0: float, x1: float, y1: float, kind: str = "rect", fill: Color | None = None) -> Shape:
    if kind == "diamond":
        outline = (((x0 + x1) / 2, y0), (x1, (y0 + y1) / 2), ((x0 + x1) / 2, y1), (x0, (y0 + y1) / 2))
        return Shape((x0, y0, x1, y1), outline, kind, fill, INK)
    if kind == "circle":
        cut = (x1 - x0) * 0.29
        xs, ys = (x0, x0 + cut, x1 - cut, x1), (y0, y0 + cut, y1 - cut, y1)
        order = ((0, 1), (1, 0), (2, 0), (3, 1), (3, 2), (2, 3), (1, 3), (0, 2))
        return Shape((x0, y0, x1, y1), tuple((xs[i], ys[j]) for i, j in order), kind, fill, INK)
    return Shape((x0, y0, x1, y1), ((x0, y0), (x1, y0), (x1, y1), (x0, y1)), kind, fill, INK)


def text(said: str, x: float, y: float) -> TextLine:
    return TextLine(said, (x - 2.5 * len(said), y - 5, x + 2.5 * len(said), y + 5), 10)


def line(*points: tuple[float, float], start: End = End.NONE, end: End = End.NONE) -> Line:
    return Line(points, start, end)


def told(shapes: Sequence[Shape], lines: Sequence[Line], texts: Sequence[TextLine]) -> Kind:
    kind, sure = leaning(Scene(600, 500, tuple(shapes), tuple(lines), tuple(texts)))
    assert 0 < sure <= 1
    return kind


def column_of_boxes(kind: str, names: Sequence[str], end: End) -> tuple[list, list, list]:
    shapes = [shape(100, 20 + 80 * i, 260, 60 + 80 * i, kind) for i in range(len(names))]
    texts = [text(n, 180, 40 + 80 * i) for i, n in enumerate(names)]
    lines = [line((180, 60 + 80 * i), (180, 100 + 80 * i), end=end) for i in range(len(names) - 1)]
    return shapes, lines, texts


def test_flowchart_with_a_decision() -> None:
    shapes, lines, texts = column_of_boxes(
        "rect", ["Read the order form", "Check the stock", "Send to buyer"], End.ARROW
    )
    shapes.append(shape(100, 260, 260, 320, "diamond"))
    texts.append(text("Paid?", 180, 290))
    lines.append(line((180, 220), (180, 260), end=End.ARROW))
    assert told(shapes, lines, texts) is Kind.FLOWCHART


def test_states_with_a_start_dot_and_without() -> None:
    shapes, lines, texts = column_of_boxes("rounded", ["Idle", "Running", "Stopped"], End.ARROW)
    assert told(shapes, lines, texts) is Kind.STATE
    dot = shape(174, 2, 186, 14, "circle", INK)
    assert told([dot, *shapes], [line((180, 14), (180, 20), end=End.ARROW), *lines], texts) is Kind.STATE


def test_rounded_steps_with_long_names_are_a_flowchart() -> None:
    names = ["Read the whole order form", "Check what is in stock", "Send it to the buyer"]
    assert told(*column_of_boxes("rounded", names, End.ARROW)) is Kind.FLOWCHART


def test_undirected_boxes_in_frames_are_a_block_diagram() -> None:
    shapes, lines, texts = column_of_boxes("rect", ["Router", "Switch", "Host"], End.NONE)
    shapes.append(shape(60, 5, 300, 240))
    assert told(shapes, lines, texts) is Kind.BLOCK


def test_icons_on_undirected_lines_are_a_topology() -> None:
    shapes = [shape(50 + 150 * i, 50, 90 + 150 * i, 90, "icon") for i in range(3)]
    texts = [text(f"host {i}", 70 + 150 * i, 100) for i in range(3)]
    lines = [line((90 + 150 * i, 70), (200 + 150 * i, 70)) for i in range(2)]
    assert told(shapes, lines, texts) is Kind.TOPOLOGY


def test_the_same_names_again_are_a_topology() -> None:
    names = ["Broker", "Node 1", "Node 2", "Node 3"]
    shapes = [shape(40 + 130 * i, 40, 140 + 130 * i, 90) for i in range(4)]
    lines = [line((90, 90), (90, 140), (90 + 130 * i, 140), (90 + 130 * i, 90)) for i in range(1, 4)]
    several = told(shapes, lines, [text(n, 90 + 130 * i, 65) for i, n in enumerate(names)])
    others = ["Broker", "Parser", "Index", "Cache"]
    single = told(shapes, lines, [text(n, 90 + 130 * i, 65) for i, n in enumerate(others)])
    assert (several, single) == (Kind.TOPOLOGY, Kind.BLOCK)


def test_looks_are_asked_only_in_doubt() -> None:
    shapes, lines, texts = column_of_boxes("rect", ["Alpha", "Beta", "Gamma"], End.ARROW)
    scene = Scene(600, 500, tuple(shapes), tuple(lines), tuple(texts))
    asked = []

    def looks() -> dict[str, float]:
        asked.append(1)
        return {"state": 1.0}

    (plain, sure), (kind, less) = leaning(scene), leaning(scene, looks)
    assert asked and plain is kind is Kind.FLOWCHART and less < sure < 0.95
    leaning(Scene(600, 500), looks)
    assert len(asked) == 1  # an empty scene is nothing, whatever it looks like


def test_sequence() -> None:
    shapes = [shape(20 + 200 * i, 10, 120 + 200 * i, 40) for i in range(3)]
    texts = [text(n, 70 + 200 * i, 25) for i, n in enumerate(["User", "Server", "Store"])]
    lines = [line((70 + 200 * i, 40), (70 + 200 * i, 400)) for i in range(3)]
    lines += [line((70, 100 + 50 * i), (270, 100 + 50 * i), end=End.ARROW) for i in range(4)]
    assert told(shapes, lines, texts) is Kind.SEQUENCE


def test_classes_and_entities() -> None:
    shapes = [shape(50, 20, 200, 120), shape(50, 200, 200, 300)]
    texts = [text("Account", 125, 35), text("+id: int", 90, 60), text("close()", 90, 105)]
    texts += [text("Savings", 125, 215), text("+rate: float", 90, 240), text("pay()", 90, 285)]
    bars = [line((50, y), (200, y)) for y in (50, 90, 230, 270)]
    assert told(shapes, [*bars, line((125, 200), (125, 120), end=End.TRIANGLE)], texts) is Kind.CLASS
    feet = line((125, 120), (125, 200), start=End.ONE, end=End.ZERO_OR_MANY)
    tables = [line((50, y), (200, y)) for y in (50, 70, 90, 105, 230, 250, 270, 285)]
    split = [line((120, 50), (120, 120)), line((120, 230), (120, 300))]
    plain = [
        text(n, 80, y)
        for n, y in (("ORDER", 35), ("id", 60), ("day", 80), ("ITEM", 215), ("id", 240), ("sum", 260))
    ]
    assert told(shapes, [*tables, *split, feet], plain) is Kind.ER


def test_charts_and_bit_fields() -> None:
    ticks = [text(str(20 * i), 40, 300 - 50 * i) for i in range(6)] + [
        text(str(2000 + i), 100 + 60 * i, 320) for i in range(6)
    ]
    axes = [line((60, 310), (60, 40)), line((60, 310), (450, 310))]
    curve = [line((100, 280), (200, 190), (300, 210), (400, 60))]
    assert told([], [*axes, *curve], ticks) is Kind.CHART
    names = ["Version", "Length", "Type", "Flags", "Offset", "Checksum"]
    cells = [shape(20 + 80 * i, 50, 100 + 80 * i, 80) for i in range(6)]
    bits = [text(str(4 * i), 25 + 80 * i, 40) for i in range(6)]
    assert told(cells, [], [*bits, *(text(n, 60 + 80 * i, 65) for i, n in enumerate(names))]) is Kind.TIMING


def test_nothing_is_other() -> None:
    assert told([], [], []) is Kind.OTHER
    assert told([], [], [text("only words", 50, 50)]) is Kind.OTHER


def test_reasons_can_be_read() -> None:
    shapes, lines, texts = column_of_boxes("rect", ["one step here", "another step there"], End.ARROW)
    reasons = weights_of(traits_of(Scene(600, 500, tuple(shapes), tuple(lines), tuple(texts))))
    assert reasons[Kind.FLOWCHART]["boxes joined by arrows"] > 0
    assert reasons[Kind.SEQUENCE]["messages across lifelines"] == 0


@pytest.mark.corpus
def test_vector_drawings_of_other_people(corpus: Path) -> None:
    from dic_ingest.diagrams.vector.scene import scene_from_drawing
    from dic_ingest.sources.pdf.document import PdfFile

    alike = {"topology": "block"}
    right = count = 0
    for row in (corpus / "diagrams_truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(row)
        with PdfFile(corpus / "diagrams" / f"{truth['id']}.pdf") as file:
            kind, _ = leaning(scene_from_drawing(file.drawing(1)))
        right += alike.get(str(kind), str(kind)) == truth["kind"]
        count += 1
    assert right >= 0.9 * count
