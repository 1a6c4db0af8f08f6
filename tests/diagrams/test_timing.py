"""Bit fields from scenes built by hand: a ruler above all rows, numbers at each cell's corners."""

from __future__ import annotations

from dic_ingest.diagrams.bit_fields import read_fields
from dic_ingest.diagrams.scene import Scene, Shape, TextLine


def cell(x0: float, y0: float, x1: float, label: str) -> tuple[Shape, TextLine]:
    box = (x0, y0, x1, y0 + 20)
    outline = ((x0, y0), (x1, y0), (x1, y0 + 20), (x0, y0 + 20))
    middle, wide = (x0 + x1) / 2, 2.0 * len(label)
    return Shape(box, outline, stroke=(0, 0, 0)), TextLine(
        label, (middle - wide, y0 + 5, middle + wide, y0 + 15), 10
    )


def number(said: str, x: float, y: float) -> TextLine:
    wide = 5.0 * len(said)
    return TextLine(said, (x - wide / 2, y - 10, x + wide / 2, y), 10)


def read(cells: list[tuple[Shape, TextLine]], numbers: list[TextLine]) -> list[tuple[str, tuple[str, ...]]]:
    d = read_fields(Scene(700, 200, tuple(s for s, _ in cells), (), (*(t for _, t in cells), *numbers)))
    return [(n.label, n.members) for n in d.nodes]


def test_a_ruler_gives_the_bits_of_all_rows() -> None:
    cells = [cell(20, 60, 180, "Version"), cell(180, 60, 340, "Length"), cell(20, 80, 340, "Address")]
    ruler = [number(str(i), 40 + 40 * i, 56) for i in range(8)]
    assert read(cells, ruler) == [
        ("Version", ("bits 0-3",)),
        ("Length", ("bits 4-7",)),
        ("Address", ("bits 0-7",)),
    ]
    down = [number(str(7 - i), 40 + 40 * i, 56) for i in range(8)]
    assert read(cells, down)[0] == ("Version", ("bits 7-4",))


def test_numbers_at_the_corners_of_each_cell() -> None:
    cells = [cell(20, 60, 180, "Source"), cell(185, 60, 340, "Target"), cell(345, 60, 365, "F")]
    corners = [number("0", 23, 58), TextLine("15 16", (168, 48, 195, 58), 10), number("31", 335, 58)]
    assert read(cells, [*corners, number("32", 355, 58)]) == [
        ("Source", ("bits 0-15",)),
        ("Target", ("bits 16-31",)),
        ("F", ("bit 32",)),
    ]


def test_fields_without_numbers_keep_their_order() -> None:
    cells = [cell(20, 60, 180, "B"), cell(180, 60, 340, "C"), cell(20, 30, 340, "A")]
    assert [label for label, _ in read(cells, [])] == ["A", "B", "C"]
    assert read([cell(20, 60, 180, "alone")], []) == []
