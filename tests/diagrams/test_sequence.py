"""Sequence diagrams from scenes built by hand, drawn in several manners, and from the corpus."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from dic_ingest.diagrams.scene import Line, Scene, Shape, TextLine
from dic_ingest.diagrams.sequence.builder import assemble_sequence
from dic_ingest.model.diagram import Diagram, End

EM = 10.0


def box(x0: float, y0: float, x1: float, y1: float, kind: str = "rect", stroke: bool = True) -> Shape:
    outline = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return Shape((x0, y0, x1, y1), outline, kind, (240, 240, 240), (0, 0, 0) if stroke else None)


def text(said: str, x: float, y: float, left: bool = False) -> TextLine:
    """Centred on x (or from x on), its bottom at y."""
    wide = 5.0 * len(said)
    x0 = x if left else x - wide / 2
    return TextLine(said, (x0, y - EM, x0 + wide, y), EM)


def arrow(
    x0: float, x1: float, y: float, end: End = End.ARROW, dashed: bool = False, start: End = End.NONE
) -> Line:
    return Line(((x0, y), (x1, y)), start, end, dashed)


def upright(x: float, y0: float, y1: float, dashed: bool = True) -> Line:
    return Line(((x, y0), (x, y1)), dashed=dashed)


def loop(x: float, y: float) -> Line:
    return Line(((x, y), (x + 30, y), (x + 30, y + 12), (x, y + 12)), End.NONE, End.ARROW)


def heads(*columns: tuple[str, float], bottom: float = 400, repeated: bool = True) -> tuple[list, list, list]:
    shapes, lines, texts = [], [], []
    for name, x in columns:
        for y in (10, bottom) if repeated else (10,):
            shapes.append(box(x - 40, y, x + 40, y + 30))
            texts.append(text(name, x, y + 20))
        lines.append(upright(x, 40, bottom))
    return shapes, lines, texts


def read(shapes: Iterable[Shape], lines: Iterable[Line], texts: Iterable[TextLine]) -> Diagram:
    return assemble_sequence(Scene(700, 460, tuple(shapes), tuple(lines), tuple(texts)))


def told(d: Diagram) -> list[tuple[str, str, str]]:
    names = {n.id: n.label for n in d.nodes}
    return [(names[e.source], names[e.target], e.label) for e in d.edges]


def test_messages_in_order_with_returns_and_loops() -> None:
    shapes, lines, texts = heads(("User", 100), ("Web app", 300), ("Store", 500))
    lines += [arrow(300, 100, 190, dashed=True), arrow(100, 300, 90), arrow(300, 500, 150), loop(300, 110)]
    texts += [
        text("open page", 200, 87),
        text("check", 300, 107),
        text("find rows", 400, 147),
        text("page", 200, 187),
    ]
    d = read(shapes, lines, texts)
    assert [n.label for n in d.nodes] == ["User", "Web app", "Store"]
    assert told(d) == [
        ("User", "Web app", "open page"),
        ("Web app", "Web app", "check"),
        ("Web app", "Store", "find rows"),
        ("Web app", "User", "page"),
    ]
    assert [e.style for e in d.edges] == ["solid", "solid", "solid", "dashed"]
    assert d.notes == () and d.groups == () and d.title == ""


def test_an_arrow_drawn_from_head_to_tail_and_one_with_two_heads() -> None:
    shapes, lines, texts = heads(("A", 100), ("B", 300))
    lines += [arrow(100, 300, 90, End.NONE, start=End.ARROW), arrow(100, 300, 130, start=End.ARROW)]
    d = read(shapes, lines, texts)
    assert told(d) == [("B", "A", ""), ("A", "B", "")]
    assert (d.edges[1].source_end, d.edges[1].target_end) == (End.ARROW, End.ARROW)


def test_activation_bars_stop_arrows_short_of_the_lifeline() -> None:
    shapes, lines, texts = heads(("A", 100), ("B", 300))
    shapes += [box(294, 80, 306, 200), box(300, 120, 312, 160)]
    lines += [arrow(100, 294, 90), arrow(294, 100, 190, dashed=True), loop(306, 130)]
    texts += [text("go", 200, 87), text("done", 200, 187)]
    d = read(shapes, lines, texts)
    assert told(d) == [("A", "B", "go"), ("B", "B", ""), ("B", "A", "done")]
    assert len(d.nodes) == 2


def test_labels_of_two_lines_below_the_arrow_and_on_it() -> None:
    shapes, lines, texts = heads(("A", 100), ("B", 300))
    lines += [arrow(100, 300, 120)]
    texts += [text("first half", 200, 105), text("second half", 200, 117)]
    assert told(read(shapes, lines, texts)) == [("A", "B", "first half second half")]
    shapes, lines, texts = heads(("A", 100), ("B", 300))
    lines += [arrow(100, 300, y) for y in (100, 160, 220, 280)]
    texts += [text(f"m{y}", 200, y + 13) for y in (100, 160, 220, 280)]
    assert [label for *_, label in told(read(shapes, lines, texts))] == ["m100", "m160", "m220", "m280"]
    shapes, lines, texts = heads(("A", 100), ("B", 300))
    lines += [Line(((100, 100), (170, 100))), arrow(230, 300, 100)]
    texts += [text("on the line", 200, 105)]
    assert told(read(shapes, lines, texts)) == [("A", "B", "on the line")]


def test_frames_nest_and_have_sections() -> None:
    shapes, lines, texts = heads(("A", 100), ("B", 300))
    shapes += [box(60, 60, 340, 300, stroke=True), box(60, 60, 100, 75), box(80, 90, 320, 150)]
    texts += [text("alt", 66, 73, True), text("[is valid]", 200, 73), text("loop", 86, 103, True)]
    texts += [text("[3 times]", 200, 103), text("[else]", 200, 190)]
    lines += [
        Line(((60, 175), (340, 175)), dashed=True),
        arrow(100, 300, 130),
        arrow(300, 100, 240),
        arrow(100, 300, 330),
    ]
    texts += [text("try", 200, 127), text("refuse", 200, 237), text("end", 200, 327)]
    d = read(shapes, lines, texts)
    assert [label for *_, label in told(d)] == ["try", "refuse", "end"]
    got = [(g.kind, g.label, g.parent, g.edges) for g in d.groups]
    assert got == [
        ("alt", "is valid", None, (0, 1)),
        ("loop", "3 times", "f1", (0,)),
        ("else", "else", "f1", (1,)),
    ]
    assert d.notes == ()


def test_notes_titles_and_boxes_are_no_messages() -> None:
    shapes, lines, texts = heads(("A", 100), ("B", 300), ("C", 500), repeated=False)
    shapes += [box(240, 0, 560, 420), box(270, 100, 330, 130, "note")]
    texts += [text("Cloud", 400, 9.5), text("cached", 300, 120), text("Login", 120, 5)]
    lines += [arrow(100, 300, 80), arrow(300, 500, 160)]
    texts += [text("ask", 200, 77), text("fetch", 400, 157)]
    d = read(shapes, lines, texts)
    assert told(d) == [("A", "B", "ask"), ("B", "C", "fetch")]
    assert d.notes == ("cached",)
    assert d.title == "Login"
    assert [(g.kind, g.label) for g in d.groups] == [("box", "Cloud")]
    assert [n.group for n in d.nodes] == [None, "b1", "b1"]


def test_stick_figures_are_named_by_the_text_below_them() -> None:
    shapes, lines, texts = heads(("Server", 300))
    shapes += [box(93, 5, 107, 19, "circle")]
    lines += [upright(100, 19, 32, False), Line(((88, 24), (112, 24))), Line(((100, 32), (90, 42)))]
    lines += [upright(100, 60, 400), arrow(100, 300, 90)]
    texts += [text("Alice", 100, 56), text("hello", 200, 87)]
    d = read(shapes, lines, texts)
    assert told(d) == [("Alice", "Server", "hello")]


def test_a_participant_created_on_the_way() -> None:
    shapes, lines, texts = heads(("A", 100), repeated=False)
    shapes += [box(260, 100, 340, 130)]
    lines += [upright(300, 130, 400), arrow(100, 260, 115), arrow(300, 100, 200)]
    texts += [text("Job", 300, 120), text("create", 180, 112), text("done", 200, 197)]
    assert told(read(shapes, lines, texts)) == [("A", "Job", "create"), ("Job", "A", "done")]


def test_running_numbers_in_circles_are_no_labels() -> None:
    shapes, lines, texts = heads(("A", 100), ("B", 300))
    shapes += [box(93, 83, 107, 97, "circle")]
    lines += [arrow(107, 300, 90)]
    texts += [TextLine("1", (98, 86, 102, 94), 8), text("go", 200, 87)]
    assert told(read(shapes, lines, texts)) == [("A", "B", "go")]


def test_a_message_from_outside_is_a_note() -> None:
    shapes, lines, texts = heads(("A", 200), ("B", 400))
    lines += [arrow(20, 200, 90), arrow(200, 400, 130)]
    texts += [text("event", 110, 87)]
    d = read(shapes, lines, texts)
    assert told(d) == [("A", "B", "")]
    assert d.notes == ("event (from outside to A)",)


def test_nothing_drawn_gives_no_participants() -> None:
    assert read([], [], []).nodes == ()
    assert read([box(0, 0, 50, 20)], [arrow(0, 100, 50)], [text("x", 20, 15)]).nodes == ()


@pytest.mark.corpus
def test_vector_sequences_of_other_people(corpus: Path) -> None:
    from dic_ingest.diagrams.vector.scene import scene_from_drawing
    from dic_ingest.sources.pdf.document import PdfFile

    right = total = found = 0
    for line in (corpus / "diagrams_truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        if truth["kind"] != "sequence":
            continue
        with PdfFile(corpus / "diagrams" / f"{truth['id']}.pdf") as file:
            d = assemble_sequence(scene_from_drawing(file.drawing(1)))
        names = {n["id"]: "".join(n["label"].split()) for n in truth["nodes"]}
        wanted = [(names[e["source"]], names[e["target"]]) for e in truth["edges"]]
        got = [("".join(a.split()), "".join(b.split())) for a, b, _ in told(d)]
        right += sum(a == b for a, b in zip(wanted, got, strict=False))
        total, found = total + len(wanted), found + len(got)
    assert right >= 0.95 * max(total, found)
