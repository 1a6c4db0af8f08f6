"""Whether a drawn region is text on a ground (a listing, note, form, table) or a drawing with labels.

In: marks and lines of one region. Out: features by name, and the probability that the region is text:
gradient boosted trees, fitted by `research/figure_or_text`. Decides nothing about pages or blocks.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from statistics import median
from typing import Any

from dic_ingest.figures.page.components import PageMark
from dic_ingest.figures.text.lines import SENTENCE, WordLine
from dic_ingest.model.box import Box, area, height_of, inside, size_of, union, width_of

WEIGHTS = "regions.json"
LEAST_LINES = 2  # of text in a region that is asked about
TEXT = 0.7  # probability from which on a region is text: 93 of 100 texts, 98 of 100 drawings right by owner
TEXT_ALONE = 0.9  # the same for a region that holds all words of its page
MOST_MARKS = 4000  # looked at in one region
RIM = 3.0  # points: edges nearer than this are one
SYMBOLS = frozenset('{}()[];=<>_/\\|&*+:"#@$`~^')
LINE_END = re.compile(r"[;{}),:\\]$|->$")
NUMBER = re.compile(r"\d{1,4}[.:]?$")


def text_probability(bbox: Box, marks: Sequence[PageMark], lines: Sequence[WordLine]) -> float:
    """Probability (0 to 1) that a region with its marks and lines is text; 0 for hardly any text."""
    if len(lines) < LEAST_LINES:
        return 0.0
    return _boosted(region_features(bbox, marks, lines))


def region_features(bbox: Box, marks: Sequence[PageMark], lines: Sequence[WordLine]) -> dict[str, float]:
    """Features of a region by name: lengths in font sizes, counts as log(1 + n), shares within 0 to 1."""
    em = median(line.size for line in lines)
    marks = marks[:MOST_MARKS]
    return {
        **_of_letters(lines),
        **_of_setting(bbox, lines, em),
        **_of_marks(bbox, marks, em),
        **_of_boxes(bbox, marks, lines),
    }


def fixed_width(lines: Sequence[WordLine]) -> float:
    """Share of the longer words whose letters all take the same width, as in a listing's typeface."""
    widths = [
        width_of(w.bbox) / len(w.text) / line.size
        for line in lines
        if line.upright
        for w in line.words
        if len(w.text) >= 3 and line.size > 0
    ]
    if len(widths) < 4:
        return 0.0
    middle = median(widths)
    return sum(abs(v - middle) < 0.035 * middle for v in widths) / len(widths)


def _of_letters(lines: Sequence[WordLine]) -> dict[str, float]:
    text = "".join(line.text for line in lines)
    letters = max(len(text), 1)
    prose = sum(len(line.text) for line in lines if SENTENCE.search(line.text) and len(line.words) >= 5)
    firsts = [int(m[0].strip(".:")) for line in lines if (m := NUMBER.match(line.words[0].text))]
    return {
        "fixed_width": fixed_width(lines),
        "symbols": sum(c in SYMBOLS for c in text) / letters,
        "digits": sum(c.isdigit() for c in text) / letters,
        "capitals": sum(c.isupper() for c in text) / letters,
        "prose": prose / letters,
        "line_ends": sum(bool(LINE_END.search(line.text)) for line in lines) / len(lines),
        "numbered": sum(b == a + 1 for a, b in pairwise(firsts)) / len(lines),
        "colons": sum(":" in line.text for line in lines) / len(lines),
        "words_a_line": sum(len(line.words) for line in lines) / len(lines),
        "letters_a_line": letters / len(lines),
        "upright": sum(line.upright for line in lines) / len(lines),
    }


def _of_setting(bbox: Box, lines: Sequence[WordLine], em: float) -> dict[str, float]:
    tops = sorted(line.bbox[1] for line in lines)
    gaps = [round((b - a) / em, 1) for a, b in pairwise(tops) if b - a > 0.3 * em]
    usual = Counter(gaps).most_common(1)[0] if gaps else (0.0, 0)
    near = sum(abs(g - usual[0]) <= 0.1 for g in gaps)
    lefts = Counter(round(line.bbox[0] / (0.3 * em)) for line in lines)
    rows = Counter(round(line.bbox[1] / (0.5 * em)) for line in lines)
    sizes = Counter(round(line.size) for line in lines)
    return {
        "lines": math.log1p(len(lines)),
        "pitch": usual[0],
        "even_pitch": near / max(len(gaps), 1),
        "left_edge": lefts.most_common(1)[0][1] / len(lines),
        "left_edges": sum(n for _, n in lefts.most_common(4)) / len(lines),
        "beside": sum(n for n in rows.values() if n > 1) / len(lines),
        "one_size": sizes.most_common(1)[0][1] / len(lines),
        "filled": min(sum(area(line.bbox) for line in lines) / max(area(bbox), 1.0), 1.5),
        "width": width_of(bbox) / em,
        "height": height_of(bbox) / em,
    }


def _of_marks(bbox: Box, marks: Sequence[PageMark], em: float) -> dict[str, float]:
    paths = [m for m in marks if m.path is not None]
    slanted = curved = heads = 0
    for m in paths:
        assert m.path is not None
        turns = [
            (a, b)
            for s in m.path.subpaths
            for a, b in pairwise(s.points)
            if min(abs(a[0] - b[0]), abs(a[1] - b[1])) > 1.0
        ]
        curved += any(s.curved for s in m.path.subpaths)
        slanted += bool(turns)
        points = sum(len(s.points) for s in m.path.subpaths)
        small = max(size_of(m.bbox)) < 1.6 * em
        heads += bool(turns) and small and points <= 6
    rim, full = 0, 0
    inner = 0.0
    for m in marks:
        on_rim = _on_rim(m.bbox, bbox)
        across = size_of(m.bbox)[0] > 0.95 * size_of(bbox)[0] or size_of(m.bbox)[1] > 0.95 * size_of(bbox)[1]
        rim += on_rim
        full += across and not on_rim
        if m.thin and not on_rim and not across:
            inner += max(size_of(m.bbox))
    fills = {m.path.fill for m in paths if m.path is not None and m.path.fill is not None}
    pictures = sum(area(m.bbox) for m in marks if m.image is not None)
    return {
        "marks": math.log1p(len(marks)),
        "slanted": math.log1p(slanted),
        "curved": math.log1p(curved),
        "heads": math.log1p(heads),
        "rim": rim / max(len(marks), 1),
        "across": full / max(len(marks), 1),
        "inner_lines": math.log1p(inner / em),
        "fills": math.log1p(len(fills)),
        "dashed": math.log1p(sum(m.path is not None and m.path.dashed for m in marks)),
        "pictures": min(pictures / max(area(bbox), 1.0), 1.0),
    }


def _of_boxes(bbox: Box, marks: Sequence[PageMark], lines: Sequence[WordLine]) -> dict[str, float]:
    """How the lines are shared out among the boxes that are drawn."""
    boxes = sorted(_distinct([m.bbox for m in marks if m.frame]), key=area)
    held: Counter[int] = Counter()
    free = 0
    for line in lines:
        at = next((i for i, b in enumerate(boxes) if inside(line.bbox, b, 0.7)), None)
        if at is None:
            free += 1
        else:
            held[at] += 1
    most = max(held.values(), default=0)
    few = sum(n for i, n in held.items() if n <= 3 and area(boxes[i]) < 0.5 * area(bbox))
    around = union(line.bbox for line in lines)
    return {
        "boxes": math.log1p(len(held)),
        "empty_boxes": math.log1p(len(boxes) - len(held)),
        "one_box": most / len(lines),
        "labels": few / len(lines),
        "free": free / len(lines),
        "text_width": size_of(around)[0] / max(size_of(bbox)[0], 1.0),
        "text_height": size_of(around)[1] / max(size_of(bbox)[1], 1.0),
    }


def _distinct(boxes: Sequence[Box]) -> list[Box]:
    rounded = {tuple(round(v / RIM) for v in b): b for b in boxes}
    return list(rounded.values())[:400]


def _on_rim(mark: Box, box: Box) -> bool:
    """Whether a mark is the region's outline, or lies along one side of it."""
    sides = (
        mark[2] < box[0] + RIM,
        mark[0] > box[2] - RIM,
        mark[3] < box[1] + RIM,
        mark[1] > box[3] - RIM,
        all(abs(a - b) < RIM for a, b in zip(mark, box, strict=True)),
    )
    return any(sides)


def _boosted(features: dict[str, float]) -> float:
    """What the trees say: each node tells a feature, a limit, and where to go on below and above it."""
    model = _model()
    total = float(model["base"])
    values = [features[name] for name in model["features"]]
    for tree in model["trees"]:
        node = 0
        while tree["feature"][node] >= 0:
            below = values[tree["feature"][node]] <= tree["limit"][node]
            node = tree["below"][node] if below else tree["above"][node]
        total += tree["value"][node]
    return 1.0 / (1.0 + math.exp(-total))


@lru_cache(maxsize=1)
def _model() -> dict[str, Any]:
    model: dict[str, Any] = json.loads((files(__package__) / WEIGHTS).read_text(encoding="utf-8"))
    return model
