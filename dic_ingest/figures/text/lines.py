"""Words of a page into lines, and lines into paragraphs, by geometry alone.

In: `Word`s of one page. Out: `WordLine`s and `Paragraph`s, with a judgement whether one reads as running
text. Words that are not upright stay lines of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dic_ingest.figures.labels import opens_caption
from dic_ingest.model.box import Box, height_of, shared_height, shared_width, union, width_of
from dic_ingest.model.drawing import Word

WORD_GAP = 1.2  # of the font size: a wider gap between words starts another line
BLOCK_GAP = 0.55  # the same between words of two blocks
BULLET = re.compile(r"^([•‣▪●■◦○·∙*–—\-►➢✓❑]|\(?\d{1,2}[.)]|\(?[a-z][.)]|\[\d{1,3}\])$")
CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
SENTENCE = re.compile(rf"\b[^\W\d_A-Z]{{2,}}[,;]? [^\W\d_A-Z]{{2,}}|[{CJK}]{{8,}}")
WIDE = re.compile(rf"[{CJK}]")


@dataclass(frozen=True, slots=True)
class WordLine:
    """Words that stand on one line without a column's gap between them."""

    words: tuple[Word, ...]
    bbox: Box
    size: float

    @property
    def text(self) -> str:
        """Words joined by blanks."""
        return " ".join(w.text for w in self.words)

    @property
    def upright(self) -> bool:
        """Whether the line runs from left to right."""
        return is_upright(self.words[0])


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that stand under one another at one pitch."""

    lines: tuple[WordLine, ...]
    bbox: Box

    @property
    def text(self) -> str:
        """Lines joined, words that were broken at a line's end made whole."""
        return join_lines([line.text for line in self.lines])

    @property
    def size(self) -> float:
        """Font size of its first line, points."""
        return self.lines[0].size

    @property
    def running(self) -> bool:
        """Whether it reads as running text rather than as a label of a drawing."""
        count = len(self.lines)
        text = self.text
        per_line = (len(text) + len(WIDE.findall(text))) / count  # a wide letter takes the place of two
        if not self.lines[0].upright:
            return False
        if BULLET.match(self.lines[0].words[0].text) and len(text) > 15 and len(self.lines[0].words) > 2:
            return True
        if not SENTENCE.search(text):
            return count >= 4 and per_line >= 40
        return per_line >= (55 if count == 1 else 38 if count == 2 else 26)


def is_upright(word: Word) -> bool:
    """Whether a word reads from left to right, within 20 degrees."""
    return abs((word.angle + 180.0) % 360.0 - 180.0) < 20.0


def text_size(word: Word) -> float:
    """Font size of a word; its height where the size is unknown or nonsense."""
    height = max(height_of(word.bbox), 1.0)
    return word.size if 0.4 * height < word.size < 2.5 * height else height * 0.8


def join_lines(lines: Sequence[str]) -> str:
    """One text of several lines; a hyphen at a line's end between lower-case letters is taken out."""
    text = ""
    for line in lines:
        if re.search(r"[a-z]-$", text) and re.match(r"[a-z]", line):
            text = text[:-1] + line
        else:
            text = f"{text} {line}" if text else line
    return text


def text_key(text: str) -> str:
    """A text for comparison: one width of characters, one case, letters and digits alone.

    Full-width letters, ligatures and half-width kana equal their plain forms (NFKC): parsers give either.
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def lines_of(words: Sequence[Word], blocks: Sequence[Box] = ()) -> tuple[WordLine, ...]:
    """Lines from top to bottom, left to right.

    `blocks` are boxes that a layout parser found: a narrow gap between two of them ends a line as well.
    """
    owner = _owners(words, blocks)
    lines: list[WordLine] = []
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.bbox[1] + w.bbox[3]) / 2):
        if not is_upright(word):
            lines.append(WordLine((word,), word.bbox, text_size(word)))
            continue
        row = next((r for r in reversed(rows[-4:]) if _on_row(r, word)), None)
        if row is None:
            rows.append([word])
        else:
            row.append(word)
    for row in rows:
        lines.extend(_split_row(row, owner))
    return tuple(sorted(lines, key=lambda line: (line.bbox[1], line.bbox[0])))


def _on_row(row: list[Word], word: Word) -> bool:
    """Whether a word stands on the row that its first words began."""
    anchor = row[0].bbox
    y = (word.bbox[1] + word.bbox[3]) / 2
    shared = shared_height(anchor, word.bbox)
    height = min(height_of(anchor), height_of(word.bbox))
    return anchor[1] < y < anchor[3] and shared > 0.55 * height


def _split_row(row: list[Word], owner: dict[int, int]) -> list[WordLine]:
    out: list[WordLine] = []
    run: list[Word] = []
    for word in sorted(row, key=lambda w: w.bbox[0]):
        if run:
            other = owner.get(id(word), -1) != owner.get(id(run[-1]), -1)
            widest = (BLOCK_GAP if other else WORD_GAP) * max(text_size(word), text_size(run[-1]))
            if word.bbox[0] - max(w.bbox[2] for w in run) > widest:
                out.append(_line(run))
                run = []
        run.append(word)
    out.append(_line(run))
    return out


def _owners(words: Sequence[Word], blocks: Sequence[Box]) -> dict[int, int]:
    """For every word the smallest block that its middle stands in."""
    if not words or not blocks:
        return {}
    boxes = np.array(sorted(blocks, key=lambda b: width_of(b) * height_of(b)))
    places = np.array([w.bbox for w in words])
    x, y = places[:, 0::2].mean(axis=1)[:, None], places[:, 1::2].mean(axis=1)[:, None]
    within = (x >= boxes[:, 0]) & (x <= boxes[:, 2]) & (y >= boxes[:, 1]) & (y <= boxes[:, 3])
    first = within.argmax(axis=1)
    found = within.any(axis=1)
    return {id(w): int(first[i]) if found[i] else -1 for i, w in enumerate(words)}


def _line(words: list[Word]) -> WordLine:
    sizes = sorted(text_size(w) for w in words)
    return WordLine(tuple(words), union(w.bbox for w in words), sizes[len(sizes) // 2])


def paragraphs_of(lines: Sequence[WordLine]) -> tuple[Paragraph, ...]:
    """Paragraphs from top to bottom: lines of about one size, under one another, less than a line apart."""
    open_ones: list[list[WordLine]] = []
    for line in sorted(lines, key=lambda item: (item.bbox[1], item.bbox[0])):
        best = next((g for g in reversed(open_ones[-60:]) if _continues(g, line)), None)
        if best is None:
            open_ones.append([line])
        else:
            best.append(line)
    return tuple(Paragraph(tuple(g), union(line.bbox for line in g)) for g in open_ones)


def _continues(group: list[WordLine], line: WordLine) -> bool:
    last = group[-1]
    if not (line.upright and last.upright) or not 0.8 < line.size / max(last.size, 0.1) < 1.25:
        return False
    if BULLET.match(line.words[0].text) and len(line.words) > 1:
        return False
    if opens_caption(line.text, strict=True):
        return False
    gap = line.bbox[1] - last.bbox[3]
    if not -0.6 * line.size < gap < 0.75 * line.size or line.bbox[1] - last.bbox[1] < 0.4 * line.size:
        return False
    shared = shared_width(last.bbox, line.bbox)
    narrow = min(width_of(last.bbox), width_of(line.bbox))
    return shared > 0.5 * narrow
