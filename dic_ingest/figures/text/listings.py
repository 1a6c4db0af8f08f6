"""Listings of a page: lines in a fixed-width typeface that stand under one another, with their line breaks.

In: lines of a page, and its pieces judged as text or drawing. Out: `Listing`s with the layout of their
letters. On a page that is set in such a typeface as a whole (a typescript) only text art and code count.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from dic_ingest.figures.labels import opens_caption, opens_table_caption
from dic_ingest.figures.page.components import Component
from dic_ingest.figures.text.lines import SENTENCE, WordLine, lines_of
from dic_ingest.model.box import Box, area, grow, inside, size_of, union, width_of
from dic_ingest.model.drawing import Word

SAME = 0.035  # share by which widths of letters of one fixed-width typeface may differ
GRID = 0.15  # of a letter's width: how far a letter may stand from its column
STRONG = 10  # letters in a line that shows by itself that its typeface is of fixed width
STEPS = re.compile(r"\W*(?:algorithm|algorithmus|algorithme|listing|procedure)\b", re.IGNORECASE)
LEAST = 6.0  # points of the shorter side of a drawn piece that may hold labels
LINES = 3  # lines that make a listing outside a frame
STANZA = 1.9  # font sizes between the tops of two lines: more is an empty line between them
FAR = 3.0  # font sizes of room between two stanzas of one listing
RIM = 1.3  # font sizes by which a listing's first and last line may stand off the ground painted under it
FIXED = 0.75  # share of a frame's letters, and of its longer lines, that are in fixed width
TYPESCRIPT = 0.6  # share of a page's letters in fixed width: the page is set so as a whole
ART = frozenset("-|+=<>/\\_^*.:#~─│┌┐└┘├┤┬┴┼═║▲▼►◄")
ART_SHARE = 0.18  # of the letters: lines drawn with characters
CODE = frozenset("{}()[];=<>_/\\|&*+#@$`~^")
CODE_SHARE = 0.07
PICTURED = 5  # rows that make a picture of words a listing
APART = 0.2  # share of its rows that may stand beside another one, far from the one above, or at an odd place
STEPPED = 5  # places at which its rows begin: depths of indentation


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines of code, of a grammar or of text art; `text` keeps line breaks and indentation."""

    bbox: Box
    lines: tuple[WordLine, ...]
    text: str


def listings_of(
    lines: Sequence[WordLine],
    pieces: Sequence[Component],
    texts: Sequence[Component],
    rules: Sequence[Box] = (),
) -> tuple[Listing, ...]:
    """Listings from top to bottom.

    `texts` are the pieces judged to be text; others keep their labels. `rules` are lone lines, between which
    algorithms are set.
    """
    known = {id(p) for p in texts}
    drawn = [p.bbox for p in pieces if id(p) not in known and min(size_of(p.bbox)) > LEAST]
    free = [line for line in lines if line.upright and not any(inside(line.bbox, b, 0.5) for b in drawn)]
    width = letter_width(free)
    fixed = [line for line in free if width is not None and _is_fixed(line, width)]
    letters = sum(len(line.text) for line in free)
    typescript = sum(len(line.text) for line in fixed) > TYPESCRIPT * letters
    framed = [p.bbox for p in texts] + _ruled(rules, free)
    found: list[list[WordLine]] = []
    for frame, group in _by_frame(fixed, framed).items():
        stanzas = [_Stanza(rows) for rows in _stanzas(group)]
        if frame >= 0:
            held = [line for line in free if _frame(line, framed) == frame]
            if _is_set_fixed(group, held) and _set_as_code(group):
                found.append(_whole(group, held))
        else:
            found += _runs(stanzas, typescript)
    listed = {id(line) for rows in found for line in rows}
    for number in range(len(framed)):
        held = [line for line in free if _frame(line, framed) == number and inside(line.bbox, framed[number])]
        if not any(id(line) in listed for line in held) and _is_pseudo_code(held):
            found.append(held)
    made = (Listing(union(line.bbox for line in rows), tuple(rows), layout(rows)) for rows in found)
    return tuple(sorted(made, key=lambda listing: (listing.bbox[1], listing.bbox[0])))


def listing_in(words: Sequence[Word]) -> str:
    """The layout of words that are a listing as a whole, as recognised in a picture; "" where they are not.

    A listing has one line of text to a row, signs of code among its letters, rows that follow closely, and
    beginnings that stand at few places.
    """
    lines = [line for line in lines_of(words) if line.upright]
    rows = _line_rows(lines)
    if len(rows) < PICTURED or sum(len(row) > 1 for row in rows) > APART * len(rows):
        return ""
    stanza = _Stanza(rows)
    gaps = [b[0].bbox[1] - a[0].bbox[3] for a, b in pairwise(rows)]
    close = sum(gap < FAR * stanza.size for gap in gaps) >= (1 - APART) * len(gaps)
    starts = Counter(round((row[0].bbox[0] - stanza.bbox[0]) / stanza.size) for row in rows)
    stepped = sum(n for _, n in starts.most_common(min(STEPPED, len(rows) // 2))) >= (1 - APART) * len(rows)
    return layout(lines) if stanza.code and not stanza.prose and close and stepped else ""


def letter_width(lines: Iterable[WordLine]) -> float | None:
    """Width of a letter of the page's fixed-width typeface in font sizes; None where none is used."""
    widths: Counter[int] = Counter()
    values: dict[int, list[float]] = {}
    for line in lines:
        own = _own_width(line)
        if own is not None:
            key = round(own / 0.02)
            widths[key] += len(line.text)
            values.setdefault(key, []).append(own)
    if not widths:
        return None
    key = widths.most_common(1)[0][0]
    return median(values[key])


def layout(lines: Sequence[WordLine]) -> str:
    """Lines as text whose letters stand in the columns that they stand in on the page."""
    rows = _rows(lines)
    size = median(line.size for line in lines)
    widths = [width_of(w.bbox) / len(w.text) for line in lines for w in line.words if len(w.text) > 1]
    letter = median(widths) if widths else 0.6 * size
    left = min(line.bbox[0] for line in lines)
    pitches = [b[0].bbox[1] - a[0].bbox[1] for a, b in pairwise(rows)]
    usual = min((p for p in pitches if p > 0.8 * size), default=size)
    out: list[str] = []
    for k, row in enumerate(rows):
        if k and pitches[k - 1] > 1.6 * usual:
            out.append("")
        text = ""
        for before, word in zip((None, *row), row, strict=False):
            column = round((word.bbox[0] - left) / letter)
            near = before is not None and word.bbox[0] - before.bbox[2] < 1.5 * letter
            text += " " * (1 if near else max(column - len(text), 1 if text else 0)) + word.text
        out.append(text)
    return "\n".join(out)


def _own_width(line: WordLine) -> float | None:
    """Width of a letter in font sizes, where a line alone shows that all its letters have the same."""
    words = [w for w in line.words if len(w.text) > 1]
    if sum(len(w.text) for w in words) < STRONG or len(words) < 2 or line.size <= 0:
        return None
    widths = [width_of(w.bbox) / len(w.text) for w in words]
    letter = median(widths)
    if any(abs(v - letter) > SAME * letter for v in widths) or not _on_grid(line, letter):
        return None
    return letter / line.size


def _on_grid(line: WordLine, letter: float) -> bool:
    """Whether every word begins a whole number of letters after the first one."""
    first = line.words[0].bbox[0]
    steps = [(w.bbox[0] - first) / letter for w in line.words]
    return all(abs(s - round(s)) <= GRID for s in steps)


def _is_fixed(line: WordLine, width: float) -> bool:
    letter = width * line.size
    wide = [width_of(w.bbox) / len(w.text) for w in line.words]
    # a letter alone has the width of its typeface as well, within the rounding of its box
    return all(abs(v - letter) <= 1.5 * SAME * letter for v in wide) and _on_grid(line, letter)


def _by_frame(lines: Sequence[WordLine], frames: Sequence[Box]) -> dict[int, list[WordLine]]:
    """Lines by the number of the frame that they stand in; -1 for those in none."""
    out: dict[int, list[WordLine]] = {}
    for line in lines:
        out.setdefault(_frame(line, frames), []).append(line)
    return out


def _frame(line: WordLine, frames: Sequence[Box]) -> int:
    """The smallest frame that holds a line, or whose rim it stands at."""
    rim = RIM * line.size
    held = [
        (area(b), i)
        for i, b in enumerate(frames)
        if inside(line.bbox, (b[0], b[1] - rim, b[2], b[3] + rim), 0.6)
    ]
    return min(held)[1] if held else -1


class _Stanza:
    """Rows without an empty line between them."""

    def __init__(self, rows: Sequence[Sequence[WordLine]]) -> None:
        self.lines = [line for row in rows for line in row]
        self.rows = len(rows)
        self.bbox = union(line.bbox for line in self.lines)
        self.size = median(line.size for line in self.lines)
        text = "".join(line.text for line in self.lines).replace(" ", "")
        self.letters = len(text)
        self.art = sum(c in ART for c in text) / max(len(text), 1) >= ART_SHARE
        self.code = sum(c in CODE for c in text) / max(len(text), 1) >= CODE_SHARE
        self.prose = _prose(self.lines) > 0.5
        self.caption = opens_caption(self.lines[0].text) or opens_table_caption(self.lines[0].text)


def _stanzas(lines: Sequence[WordLine]) -> list[list[list[WordLine]]]:
    """Rows of lines, parted where the size changes, an empty line stands, or a caption begins or ends."""
    stanzas: list[list[list[WordLine]]] = []
    captioned = False
    for row in _line_rows(lines):
        caption = opens_caption(row[0].text)
        last = stanzas[-1][-1] if stanzas else None
        if last is None or caption or captioned or _apart(last, row):
            stanzas.append([])
        stanzas[-1].append(row)
        captioned = caption
    return stanzas


def _apart(above: Sequence[WordLine], below: Sequence[WordLine]) -> bool:
    size = below[0].size
    gap = min(line.bbox[1] for line in below) - max(line.bbox[1] for line in above)
    return gap > STANZA * size or abs(above[0].size - size) > 0.06 * size


def _runs(stanzas: Sequence[_Stanza], typescript: bool) -> list[list[WordLine]]:
    """Lines of stanzas that are code or art, with what stands between two of one listing."""
    out: list[list[_Stanza]] = []
    between: list[_Stanza] = []
    for stanza in stanzas:
        if stanza.caption or stanza.prose:
            between = []
            out.append([])
        elif stanza.art or (stanza.code and not typescript):
            near = out and out[-1] and stanza.bbox[1] - out[-1][-1].bbox[3] < FAR * stanza.size
            if not near:
                out.append([])
                between = []
            out[-1] += [*between, stanza]
            between = []
        elif out and out[-1] and stanza.letters < 60:
            between.append(stanza)
    runs = [run for run in out if run and sum(s.rows for s in run) >= LINES]
    return [[line for s in run for line in s.lines] for run in runs]


def _prose(lines: Sequence[WordLine]) -> float:
    """Share of the letters that stand in sentences."""
    letters = sum(len(line.text) for line in lines)
    said = sum(len(line.text) for line in lines if SENTENCE.search(line.text) and len(line.words) > 6)
    return said / max(letters, 1)


def _is_set_fixed(fixed: Sequence[WordLine], held: Sequence[WordLine]) -> bool:
    """Whether a frame's text is of fixed width: most letters, and lines that show it by themselves."""
    letters = sum(len(line.text) for line in held)
    if sum(len(line.text) for line in fixed) < FIXED * letters:
        return False
    able = [line for line in fixed if len(line.words) > 1 and sum(len(w.text) for w in line.words) >= STRONG]
    return not able or sum(_own_width(line) is not None for line in able) >= FIXED * len(able)


def _set_as_code(lines: Sequence[WordLine]) -> bool:
    """Whether the line breaks of framed lines in a fixed-width typeface matter."""
    text = "".join(line.text for line in lines).replace(" ", "")
    signs = sum(c in CODE or c in ART for c in text) / max(len(text), 1)
    return bool(text) and (signs >= CODE_SHARE or _prose(lines) < 0.5)


def _is_pseudo_code(held: Sequence[WordLine]) -> bool:
    """Whether framed lines in proportional letters are steps or productions: indented signs, or numbers."""
    rows = _line_rows(held)
    if len(rows) < LINES or sum(len(row) > 2 for row in rows) > 0.2 * len(rows):
        return False
    named = STEPS.match(rows[0][0].text) is not None
    if not named and _prose(held) > 0.2:
        return False
    text = "".join(line.text for line in held).replace(" ", "")
    signs = sum(c in CODE for c in text) / max(len(text), 1) >= CODE_SHARE
    firsts = [row[0].words[0].text.rstrip(".:") for row in rows]
    numbered = sum(b.isdigit() and a.isdigit() and int(b) == int(a) + 1 for a, b in pairwise(firsts))
    size = median(line.size for line in held)
    left = min(line.bbox[0] for line in held)
    indented = sum(row[0].bbox[0] > left + 0.8 * size for row in rows)
    return numbered >= 0.6 * (len(rows) - 1) or ((signs or named) and indented >= 0.2 * len(rows))


def _ruled(rules: Sequence[Box], lines: Sequence[WordLine]) -> list[Box]:
    """Boxes between rules of one length under one another, whose first line names an algorithm or listing."""
    level = sorted((r for r in rules if size_of(r)[0] > 8 * size_of(r)[1]), key=lambda r: r[1])
    found: list[Box] = []
    for k, top in enumerate(level):
        same = [r for r in level[k + 1 :] if abs(r[0] - top[0]) < 3 and abs(r[2] - top[2]) < 3]
        if not same or any(inside(top, (b[0] - 3, b[1] - 3, b[2] + 3, b[3] + 3)) for b in found):
            continue
        box = (top[0], top[1], top[2], same[min(len(same), 2) - 1][3])
        first = next((line for line in lines if inside(line.bbox, box, 0.8)), None)
        if first is not None and opens_table_caption(first.text) and STEPS.match(first.text):
            found.append(box)
    return found


def _whole(lines: Sequence[WordLine], held: Sequence[WordLine]) -> list[WordLine]:
    """A framed listing with what stands between its lines in another typeface: a comment, a keyword."""
    around = grow(union(line.bbox for line in lines), 1.0)
    known = {id(line) for line in lines}
    rest = [line for line in held if id(line) not in known and inside(line.bbox, around, 0.8)]
    return sorted([*lines, *rest], key=lambda item: (item.bbox[1], item.bbox[0]))


def _line_rows(lines: Sequence[WordLine]) -> list[list[WordLine]]:
    """Lines row by row, left to right."""
    rows: list[list[WordLine]] = []
    for line in sorted(lines, key=lambda item: (item.bbox[1] + item.bbox[3]) / 2):
        middle = (line.bbox[1] + line.bbox[3]) / 2
        if rows and rows[-1][0].bbox[1] < middle < rows[-1][0].bbox[3]:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda item: item.bbox[0]) for row in rows]


def _rows(lines: Sequence[WordLine]) -> list[list[Word]]:
    """Words of lines row by row, left to right."""
    return [[w for line in row for w in line.words] for row in _line_rows(lines)]
