"""Cells of tables in pixels: by rules, by gaps, with spans; and pictures that hold none."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from dic_ingest import ingest
from dic_ingest.captioning.deferred import Deferred, number_of
from dic_ingest.model.drawing import Word
from dic_ingest.nodes.build import to_nodes
from dic_ingest.vision.table_cells import Grid, has_grid, read_table

STEP, WIDE, TALL = 30, 130, 14
ROWS = [
    ["Port", "Latency", "State"],
    ["lan1", "12.5", "up"],
    ["eth1", "", "down"],
    ["wlan0", "48", "up"],
]


def _letters(draw: ImageDraw.ImageDraw, x0: float, y0: float, x1: float, y1: float) -> None:
    for x in range(round(x0), round(x1), 8):
        draw.rectangle((x, y0 + 3, x + 3, y1 - 3), fill=0)


def _picture(rows: list[list[str]], rules: str) -> tuple[Image.Image, list[Word]]:
    """A table drawn without letters, and words that lie where they would; `rules`: "all", "rows" or ""."""
    width, height = WIDE * len(rows[0]) + 20, STEP * len(rows) + 20
    image = Image.new("L", (width, height), 255)
    draw, words = ImageDraw.Draw(image), list[Word]()
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            x = 20 + c * WIDE
            for part in text.split():
                box = (x, 18 + r * STEP, x + 8 * len(part), 18 + r * STEP + TALL)
                words.append(Word(part, box))
                _letters(draw, *box)
                x = round(box[2]) + 4
    for r in range(len(rows) + 1) if rules else ():
        draw.line((10, 10 + r * STEP, width - 10, 10 + r * STEP), fill=90)
    for c in range(len(rows[0]) + 1) if rules == "all" else ():
        draw.line((10 + c * WIDE, 10, 10 + c * WIDE, height - 10), fill=90)
    return image, words


def _rows(grid: Grid | None) -> list[list[str]]:
    assert grid is not None
    cells = {(c.row, c.column): c.text for c in grid.cells}
    return [[cells.get((r, c), "<") for c in range(grid.columns)] for r in range(grid.rows)]


@pytest.mark.parametrize("rules", ["all", "rows", ""])
def test_rules_or_gaps_give_the_cells(rules: str) -> None:
    assert _rows(read_table(*_picture(ROWS, rules))) == ROWS


def test_cell_over_two_columns_spans_them() -> None:
    image, words = _picture(ROWS, "all")
    draw = ImageDraw.Draw(image)
    draw.line((10 + WIDE, 12 + STEP, 10 + WIDE, 8 + 2 * STEP), fill=255)  # no border inside the second row
    grid = read_table(image, words)
    assert grid is not None
    assert [(c.columns, c.text) for c in grid.cells if c.row == 1] == [(2, "lan1 12.5"), (1, "up")]
    assert '<td colspan="2">lan1 12.5</td>' in grid.to_html()


def test_lines_of_one_cell_stay_together_between_rules() -> None:
    image = Image.new("L", (300, 150), 255)
    draw, words = ImageDraw.Draw(image), list[Word]()
    lines = {18: ("Step", "Meaning"), 48: ("one", "first"), 64: ("", "second"), 88: ("two", "short")}
    for y, row in lines.items():
        for x, text in zip((20, 150), row, strict=True):
            if text:
                words.append(Word(text, (x, y, x + 8 * len(text), y + TALL)))
                _letters(draw, x, y, x + 8 * len(text), y + TALL)
    for y in (10, 40, 82, 110):
        draw.line((10, y, 290, y), fill=90)
    assert _rows(read_table(image, words)) == [["Step", "Meaning"], ["one", "first second"], ["two", "short"]]


def test_running_text_and_too_little_are_no_table() -> None:
    words = []
    for y in range(20, 200, 20):
        x = 10
        while x < 280:  # words of different lengths, so that no gap runs down
            wide = 24 + 8 * ((x + y) * 7 % 6)
            words.append(Word("word", (x, y, x + wide, y + TALL)))
            x += wide + 5
    image = Image.new("L", (340, 220), 255)
    draw = ImageDraw.Draw(image)
    for word in words:
        _letters(draw, *word.bbox)
    assert read_table(image, words) is None
    assert read_table(image, []) is None and read_table(image, words[:3]) is None


def _ports(path: Path) -> Image.Image:
    """A picture of a table with all its rules."""
    image = Image.new("RGB", (640, 260), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(20)
    for r, row in enumerate(ROWS):
        for c, text in enumerate(row):
            draw.text((30 + 200 * c, 30 + 55 * r), text, fill="black", font=font)
    for r in range(5):
        draw.line((15, 15 + 55 * r, 615, 15 + 55 * r), fill="black", width=2)
    for c in range(4):
        draw.line((15 + 200 * c, 15, 15 + 200 * c, 235), fill="black", width=2)
    image.save(path)
    return image


def test_picture_of_a_table_reaches_nodes_and_markdown(tmp_path: Path) -> None:
    image = _ports(tmp_path / "ports.png")
    assert has_grid(image) and not has_grid(Image.new("RGB", (300, 300), "white"))
    document = ingest(tmp_path / "ports.png")
    (figure,) = document.figures
    assert figure.as_table is not None and figure.as_table.to_rows() == ROWS
    assert "| lan1 | 12.5 | up |" in document.to_markdown()
    assert "lan1" in "".join(n.text for n in to_nodes(document))


def test_figure_that_waits_for_a_model_is_taken_for_no_table(tmp_path: Path) -> None:
    """What is read in it is not known yet: it may be a diagram whose lines make a grid."""
    _ports(tmp_path / "ports.png")
    (figure,) = ingest(tmp_path / "ports.png", captioner=Deferred(tmp_path / "asked")).figures
    assert number_of(figure) == 0 and not figure.table
