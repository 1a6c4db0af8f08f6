"""The words of a page as lines and paragraphs, and pages that are scans: what stands when no layout parser
does.

In: a page's `Drawing`. Out: `Text` and `Figure` blocks without ids or order. It finds no titles, tables or
columns but those that the order of the PDF's own text gives.
"""

from __future__ import annotations

from dic_ingest.document import Figure, Hint, Text
from dic_ingest.drawing import Box, Drawing, Word, area, intersection, union

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


def _same_line(last: Word, word: Word) -> bool:
    height = max(min(last.bbox[3] - last.bbox[1], word.bbox[3] - word.bbox[1]), 1.0)
    shared = min(last.bbox[3], word.bbox[3]) - max(last.bbox[1], word.bbox[1])
    gap = word.bbox[0] - last.bbox[2]
    return shared > 0.5 * height and -height < gap < 3 * height


def _continues(rows: list[Word], row: list[Word]) -> bool:
    above, below = union(w.bbox for w in rows), union(w.bbox for w in row)
    height = max(above[3] - above[1], 1.0)
    gap = below[1] - above[3]
    beside = min(above[2], below[2]) - max(above[0], below[0])
    alike = 0.75 < (below[3] - below[1]) / height < 1.33
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
