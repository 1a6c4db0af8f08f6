"""Words as lines of text, and lines as blocks that read on from one line to the next."""

from __future__ import annotations

import itertools
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from dic_ingest.diagrams.scene import Line, Scene, TextLine
from dic_ingest.model.box import Box, grow, height_of, shared_height, shared_width, size_of, union, width_of
from dic_ingest.model.diagram import End
from dic_ingest.model.drawing import Path, Word
from dic_ingest.model.grouping import DisjointSets
from dic_ingest.model.word_lines import Placed, lines_along

# Words as lines of text: words that stand on one baseline, close together and alike in size and turn.


TINY = 2.5  # times: labels so much larger than the usual word tell the size of the drawing
DEFAULT_SIZE = 10.0
WIDE = 60  # text heights of a drawing without text
LEAST_SIZE = 0.5  # of a word's font, in the drawing's unit: less is none that the file knows
SMALLEST = 2.0  # the least usual height, in the drawing's unit
BAND = 8.0  # height of the bands in which a line is searched that a word may continue, in the drawing's unit
FONT_SHARE = 0.85  # font size by height of a word's box, where the file does not tell it
TURNED = (45, 135)  # degrees: text that runs up or down the page
WORD_GAP = 0.75  # times the larger size, between words of one line
WORD_OVERLAP = (0.6, 0.3)  # times the larger size and the narrower box, that words of one line may overlap
LEVEL = 0.6  # share of the lower word's height that words of one line and size have in common
EVEN = 0.85  # of the larger size: words of one size; a smaller one is a script
SCRIPT = 0.45  # of the larger size, the least of a raised or lowered word
SCRIPT_LEVEL = 0.3  # share of the lower word's height that a script has in common with its base
SCRIPT_GAP = 0.3  # times the larger size, before a script
SCRIPT_LETTERS = 3
GLUED = 0.12  # times the size: words less apart are one word
UNDERLINE_RISE = 0.1  # text heights between the ends of an underline
UNDERLINE_OVERHANG = 0.3  # text heights that it may end before or beyond its text
UNDERLINE_BELOW = 0.05  # text heights under the box of its text


def usual_size(words: tuple[Word, ...]) -> float:
    """Usual height of a drawing's lines of text, in its unit; 10 where there is no text."""
    return max(SMALLEST, typical_height([t.size for t in text_lines(words)]) or DEFAULT_SIZE)


def text_height(scene: Scene) -> float:
    """The usual height of a scene's lines of text, the unit of tolerances; without text from its width."""
    heights = [t.size or height_of(t.bbox) for t in scene.texts if t.text.strip()]
    return max(1.0, typical_height(heights) or scene.width / WIDE)


def typical_height(heights: Iterable[float]) -> float:
    """The usual one of the heights of lines of text, in their unit; 0 where there are none.

    The median, but where small print has most of the lines and little of the ink: there the median by ink.
    """
    ordered = sorted(h for h in heights if h > 0)
    if not ordered:
        return 0.0
    low, high = statistics.median_low(ordered), statistics.median_high(ordered)
    usual = (low + high) / 2 if high <= TINY * low else high
    if len(ordered) > 2 and ordered[-1] > TINY * ordered[-2]:
        ordered.pop()  # one large title tells nothing of the rest
    half = sum(ordered) / 2
    inked = next(h for h, ink in zip(ordered, itertools.accumulate(ordered), strict=True) if ink >= half)
    return inked if inked > TINY * usual else usual


def word_size(word: Word) -> float:
    """Font size of a word; from its box where the file does not tell."""
    if word.size > LEAST_SIZE:
        return word.size
    w, h = size_of(word.bbox)
    return max(1.0, (w if TURNED[0] < word.angle % 180 < TURNED[1] else h) * FONT_SHARE)


def without_glyphs(paths: tuple[Path, ...], words: tuple[Word, ...], em: float) -> list[Path]:
    """The paths without letters that are drawn as outlines under words of a text layer."""
    cells: dict[tuple[int, int], list[Box]] = defaultdict(list)
    for word in words:
        x0, y0, x1, y1 = grow(word.bbox, 0.15 * em)
        for cx in range(int(x0 // em), int(x1 // em) + 1):
            for cy in range(int(y0 // em), int(y1 // em) + 1):
                cells[cx, cy].append((x0, y0, x1, y1))

    def is_glyph(path: Path) -> bool:
        x0, y0, x1, y1 = path.bbox
        if path.stroke is not None or max(x1 - x0, y1 - y0) > 2.0 * em:
            return False
        near = cells.get((int((x0 + x1) / 2 // em), int((y0 + y1) / 2 // em)), ())
        return any(b[0] <= x0 and b[1] <= y0 and x1 <= b[2] and y1 <= b[3] for b in near)

    return [p for p in paths if not is_glyph(p)]


def without_underlines(lines: list[Line], texts: list[TextLine], em: float) -> list[Line]:
    """The lines without strokes that run close under, or through, the letters of one line of text."""

    def decorates(line: Line) -> bool:
        (x0, y0), (x1, y1) = line.points[0], line.points[-1]
        if abs(y1 - y0) > UNDERLINE_RISE * em or line.start is not End.NONE or line.end is not End.NONE:
            return False
        low, high = min(x0, x1), max(x0, x1)
        return any(
            t.angle == 0
            and t.bbox[0] - UNDERLINE_OVERHANG * em <= low
            and high <= t.bbox[2] + UNDERLINE_OVERHANG * em
            and (t.bbox[1] + t.bbox[3]) / 2 < y0 < t.bbox[3] + UNDERLINE_BELOW * em
            for t in texts
        )

    return [line for line in lines if not decorates(line)]


def text_lines(words: tuple[Word, ...]) -> list[TextLine]:
    """Lines of text in reading order (top to bottom, then left to right)."""
    by_turn: dict[int, list[Word]] = defaultdict(list)
    seen: set[tuple[str, int, int]] = set()
    for word in words:
        x, y = (word.bbox[0] + word.bbox[2]) / 4, (word.bbox[1] + word.bbox[3]) / 4
        places = {(word.text, int(x + dx), int(y + dy)) for dx in (0, 0.5) for dy in (0, 0.5)}
        if places & seen:
            continue  # printed twice at one place, as shadows and sketchy styles do
        seen |= places
        if word.text.strip():
            by_turn[round(word.angle / 5) * 5 % 360].append(word)
    lines = [line for turn, group in by_turn.items() for line in _lines(group, float(turn))]
    return sorted(lines, key=lambda t: (t.bbox[1], t.bbox[0]))


def _lines(words: list[Word], turn: float) -> list[TextLine]:
    """Lines among words of one turn: words are taken along the text, each joins the line it continues."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    upright = turn % 90 == 0
    placed = sorted(((_turned(w.bbox, c, s, upright), w) for w in words), key=lambda p: p[0][0])
    return [_line(line, turn) for line in lines_along(placed, _misfit, _reach, BAND)]


def _misfit(last: Placed, new: Placed) -> float | None:
    """How far apart base lines and neighbouring sides are, None where a word does not continue the other."""
    if not _continues(last, new):
        return None
    (a, _), (b, _) = last, new
    return abs(a[3] - b[3]) + abs(b[0] - a[2])


def _reach(word: Word) -> float:
    return 2 * word_size(word) + 10


def _turned(box: Box, c: float, s: float, upright: bool) -> Box:
    """A box in the frame in which its text runs to the right."""
    x0, y0, x1, y1 = box
    corners = [(x * c + y * s, y * c - x * s) for x in (x0, x1) for y in (y0, y1)]
    xs, ys = [p[0] for p in corners], [p[1] for p in corners]
    if upright:
        return min(xs), min(ys), max(xs), max(ys)
    cx, cy = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    # slanted text: its box is far larger than its ink; keep the middle, shrink to a plausible height
    w, h = x1 - x0, y1 - y0
    along = max(abs(w * c), abs(h * s), 0.5 * max(w, h))
    return cx - along / 2, cy - 4, cx + along / 2, cy + 4


def _continues(last: Placed, new: Placed) -> bool:
    (a, wa), (b, wb) = last, new
    sa, sb = word_size(wa), word_size(wb)
    size, small = max(sa, sb), min(sa, sb)
    gap = b[0] - a[2]
    overlap = WORD_OVERLAP[0] * size + WORD_OVERLAP[1] * min(width_of(a), width_of(b))
    if gap > WORD_GAP * size or gap < -overlap:
        return False
    shared = shared_height(a, b)
    low = min(height_of(a), height_of(b))
    if small > EVEN * size:
        return shared > LEVEL * low
    return small > SCRIPT * size and shared > SCRIPT_LEVEL * low and gap < SCRIPT_GAP * size


def _line(words: list[Word], turn: float) -> TextLine:
    text = words[0].text
    for before, word in itertools.pairwise(words):
        script = word_size(word) < EVEN * word_size(before) and len(word.text) <= SCRIPT_LETTERS
        glued = _gap(before, word, turn) < GLUED * word_size(word)
        text += word.text if script or glued else f" {word.text}"
    return TextLine(
        " ".join(text.split()),
        union(w.bbox for w in words),
        max(word_size(w) for w in words),
        turn,
        sum(w.bold for w in words) * 2 > len(words),
        words[0].color,
        min(w.confidence for w in words),
    )


def _gap(a: Word, b: Word, turn: float) -> float:
    if turn % 180 == 0:
        return max(b.bbox[0] - a.bbox[2], a.bbox[0] - b.bbox[2])
    if turn % 180 == 90:
        return max(b.bbox[1] - a.bbox[3], a.bbox[1] - b.bbox[3])
    return math.inf


# Lines of text as blocks: what reads on from one line to the next, in the order in which it is read.


ALIKE = 0.8  # of the larger size: two lines of one text
UNLIKE = 0.45  # a smaller line that is set tight below another one may still belong to it
SET_TIGHT = 0.2  # of the larger size between such lines
LINE_GAP = (-0.6, 0.55)  # times the larger size, between lines of one text
IN_LINE = 0.25  # share of the narrower line's width that lines of one text have in common
FLUSH = 0.6  # times the larger size, between the left or the right ends of lines that are set flush
CENTERED = 0.8  # times the larger size, between the middles of lines that are centred
BESIDE = 0.5  # share of the lower line's height that lines of one row have in common


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Some lines of text that are one label. `ground`: the part that it is printed on, if any."""

    lines: tuple[TextLine, ...]
    ground: int | None = None

    @property
    def text(self) -> str:
        """The label, lines joined by spaces."""
        return read_on(self.lines)

    @property
    def box(self) -> Box:
        """Around all lines."""
        return union(t.bbox for t in self.lines)

    @property
    def size(self) -> float:
        """Largest text size."""
        return max(t.size for t in self.lines)


def rows(lines: Iterable[TextLine]) -> list[list[TextLine]]:
    """Lines in reading order, those beside one another in one row."""
    ordered = sorted(lines, key=_place)
    found: list[list[TextLine]] = []
    for line in ordered:
        last = found[-1][0] if found else None
        if last is not None and last.angle == line.angle and _beside(last.bbox, line.bbox, line.angle):
            found[-1].append(line)
        else:
            found.append([line])
    for row in found:
        row.sort(key=_along)
    return found


def read_on(lines: Iterable[TextLine]) -> str:
    """The lines as one string in reading order, joined by spaces."""
    return " ".join(t.text for row in rows(lines) for t in row)


def blocks(lines: list[TextLine]) -> list[TextBlock]:
    """Lines that stand close below one another, alike in size and turn, as one block."""
    joined = DisjointSets(len(lines))
    order = sorted(range(len(lines)), key=lambda i: lines[i].bbox[1])
    for n, i in enumerate(order):
        for j in order[n + 1 :]:
            if lines[j].bbox[1] > lines[i].bbox[3] + 2 * lines[i].size and lines[i].angle == 0:
                break
            if _reads_on(lines[i], lines[j]):
                joined.join(j, i)
    return [TextBlock(tuple(lines[i] for i in group)) for group in joined.groups()]


def _reads_on(a: TextLine, b: TextLine) -> bool:
    if a.angle != b.angle or min(a.size, b.size) < UNLIKE * max(a.size, b.size):
        return False
    size = max(a.size, b.size)
    if _frame(a)[1] > _frame(b)[1]:
        a, b = b, a
    p, q = _frame(a), _frame(b)
    gap = q[1] - p[3]
    if min(a.size, b.size) < ALIKE * size and (a.size < b.size or gap > SET_TIGHT * size):
        return False
    shared = shared_width(p, q)
    if not LINE_GAP[0] * size < gap < LINE_GAP[1] * size or shared < IN_LINE * min(width_of(p), width_of(q)):
        return False
    left = abs(p[0] - q[0]) < FLUSH * size
    middle = abs(p[0] + p[2] - q[0] - q[2]) / 2 < CENTERED * size
    return left or middle or abs(p[2] - q[2]) < FLUSH * size


def _frame(line: TextLine) -> Box:
    """The line's box as if its text ran to the right."""
    x0, y0, x1, y1 = line.bbox
    if line.angle == 90:
        return y0, -x1, y1, -x0
    if line.angle == 270:
        return -y1, x0, -y0, x1
    return x0, y0, x1, y1


def _place(line: TextLine) -> tuple[float, float, float]:
    x0, y0, _, _ = _frame(line)
    return line.angle, math.floor(y0 * 2) / 2, x0


def _along(line: TextLine) -> float:
    return _frame(line)[0]


def _beside(a: Box, b: Box, angle: float) -> bool:
    if angle in (90.0, 270.0):
        low, high, small = max(a[0], b[0]), min(a[2], b[2]), min(width_of(a), width_of(b))
    else:
        low, high, small = max(a[1], b[1]), min(a[3], b[3]), min(height_of(a), height_of(b))
    return high - low > BESIDE * small
