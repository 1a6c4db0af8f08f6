"""The words of a page as lines and paragraphs, and pages that are scans: what stands when no layout parser
does.

In: a page's `Drawing`. Out: `Text` and `Figure` blocks without ids or order. It finds no titles, tables or
columns but those that the order of the PDF's own text gives.
"""

from __future__ import annotations

from dic_ingest.model.box import Box, area, height_of, intersection, shared_height, shared_width, union
from dic_ingest.model.document import Figure, Hint, Text
from dic_ingest.model.drawing import Drawing, Word

SCAN_SHARE = 0.5  # of the page under images: the page is a picture
CELLS = 40  # the page is looked at in a grid of so many cells a side
LINE_GAP = 0.9  # of the line height: a wider gap between lines ends a paragraph
MAX_WORDS = 100_000


def paragraphs(page: int, drawing: Drawing) -> list[Text]:
    """The text layer in the PDF's own order, a block per paragraph."""
    found: list[Text] = []
    rows: list[list[Word]] = []
    for row in lines(drawing.words[:MAX_WORDS]):
        if rows and not _continues(rows[-1], row):
            found.append(_block(page, rows))
            rows = []
        rows.append(row)
    if rows:
        found.append(_block(page, rows))
    return found


def lines(words: tuple[Word, ...]) -> list[list[Word]]:
    """Words that follow one another on one line."""
    found: list[list[Word]] = []
    for word in words:
        if found and _same_line(found[-1][-1], word):
            found[-1].append(word)
        else:
            found.append([word])
    return found


def words_text(words: tuple[Word, ...]) -> str:
    """Words as text, a line per line."""
    return "\n".join(" ".join(w.text for w in row) for row in lines(words))


def _upright(word: Word) -> Box:
    """The word's box turned so that it reads to the right, lines following downwards."""
    x0, y0, x1, y1 = word.bbox
    turns = round(word.angle / 90) % 4
    return ((x0, y0, x1, y1), (y0, -x1, y1, -x0), (-x1, -y1, -x0, -y0), (-y1, x0, -y0, x1))[turns]


def _turned(a: Word, b: Word) -> bool:
    return round(a.angle / 90) % 4 != round(b.angle / 90) % 4


def _same_line(last: Word, word: Word) -> bool:
    if _turned(last, word):
        return False
    a, b = _upright(last), _upright(word)
    height = max(min(height_of(a), height_of(b)), 1.0)
    shared = shared_height(a, b)
    return shared > 0.5 * height and -height < b[0] - a[2] < 3 * height


def _continues(rows: list[Word], row: list[Word]) -> bool:
    if _turned(rows[0], row[0]):
        return False
    above, below = union(map(_upright, rows)), union(map(_upright, row))
    height = max(height_of(above), 1.0)
    gap = below[1] - above[3]
    beside = shared_width(above, below)
    alike = 0.75 < height_of(below) / height < 1.33
    return alike and beside > 0 and -0.5 * height < gap < LINE_GAP * height


def _block(page: int, rows: list[list[Word]]) -> Text:
    text = ""
    for row in rows:
        said = " ".join(w.text for w in row)
        if text.endswith("-") and text[-2:-1].isalpha() and said[:1].islower():
            text = text[:-1] + said
        else:
            text = f"{text} {said}".strip()
    return Text("", page, union(w.bbox for row in rows for w in row), 0, text)


def scan_box(drawing: Drawing) -> Box | None:
    """Where the page is a picture, or strips of one, over at least `SCAN_SHARE` of it; None where it is
    not."""
    page = (0.0, 0.0, drawing.width, drawing.height)
    boxes = [b for b in (intersection(i.bbox, page) for i in drawing.images) if area(b) > 0]
    if not boxes:
        return None
    around = union(boxes)
    if area(around) < SCAN_SHARE * area(page):
        return None
    covered = sum(
        any(b[0] <= x <= b[2] and b[1] <= y <= b[3] for b in boxes)
        for x in ((i + 0.5) * drawing.width / CELLS for i in range(CELLS))
        for y in ((j + 0.5) * drawing.height / CELLS for j in range(CELLS))
    )
    return around if covered >= SCAN_SHARE * CELLS * CELLS else None


def scan_figure(page: int, box: Box) -> Figure:
    """The figure that stands for a scanned page; its hint says so."""
    return Figure("", page, box, 0, hint=Hint("layout", "scanned_page"))
