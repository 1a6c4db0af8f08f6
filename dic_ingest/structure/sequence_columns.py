"""Lifelines of a sequence diagram: upright lines and the activation bars on them, as columns.

In: a Scene. Out: columns from left to right, not yet told from frame borders: that is `sequence_heads.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from dic_ingest.drawing import Box, inside
from dic_ingest.structure.scene import Line, Scene, Shape, TextLine


@dataclass(slots=True)
class Column:
    """A participant: its lifeline from `top` to `bottom` at `x`, its head, the bars on it."""

    x: float
    top: float
    bottom: float
    ink: float  # length of line found
    bars: list[Box] = field(default_factory=list)
    head: Box = (0.0, 0.0, 0.0, 0.0)
    shape: str = "rect"
    texts: list[TextLine] = field(default_factory=list)
    foot: list[TextLine] = field(default_factory=list)
    pieces: list[tuple[float, float]] = field(default_factory=list)  # from, to

    @property
    def label(self) -> str:
        """The head's text, its lines joined."""
        return " ".join(t.text for t in self.texts)

    def reach(self, y: float, slack: float) -> tuple[float, float]:
        """From where to where a message may touch it at `y`: the lifeline, or the bars there."""
        near = [b for b in self.bars if b[1] - slack <= y <= b[3] + slack]
        return min([self.x, *(b[0] for b in near)]), max([self.x, *(b[2] for b in near)])


def text_height(scene: Scene) -> float:
    """The usual height of a line of text, the unit of all tolerances."""
    sizes = [t.size or t.bbox[3] - t.bbox[1] for t in scene.texts if t.text.strip()]
    return max(median(sizes), 1.0) if sizes else max(scene.height / 40, 1.0)


def texts_in(box: Box, texts: Sequence[TextLine]) -> list[TextLine]:
    """Lines of text that stand in the box, top to bottom; one may run over its border a little."""
    held = [t for t in texts if inside(t.bbox, box, 0.6)]
    return in_reading_order(held)


def in_reading_order(texts: Sequence[TextLine]) -> list[TextLine]:
    """Row by row, each from left to right; texts whose middles are about level are one row."""
    rows: list[list[TextLine]] = []
    for t in sorted(texts, key=lambda t: t.bbox[1] + t.bbox[3]):
        last = rows[-1][0] if rows else None
        apart = 0.0 if last is None else (t.bbox[1] + t.bbox[3] - last.bbox[1] - last.bbox[3]) / 2
        if last is not None and apart < 0.4 * min(t.bbox[3] - t.bbox[1], last.bbox[3] - last.bbox[1]):
            rows[-1].append(t)
        else:
            rows.append([t])
    return [t for row in rows for t in sorted(row, key=lambda t: t.bbox[0])]


def is_upright(line: Line, em: float) -> bool:
    """Whether all of the line runs straight up and down."""
    xs, ys = [p[0] for p in line.points], [p[1] for p in line.points]
    high = max(ys) - min(ys)
    return high > 0.8 * em and max(xs) - min(xs) <= max(0.12 * em, min(0.02 * high, 0.5 * em))


def is_bar(shape: Shape, scene: Scene, em: float) -> bool:
    """An activation bar: narrow, taller than wide, without text."""
    x0, y0, x1, y1 = shape.bbox
    wide, high = x1 - x0, y1 - y0
    return wide <= 2.2 * em and high >= max(0.8 * em, 1.4 * wide) and not texts_in(shape.bbox, scene.texts)


def lifelines(scene: Scene, em: float) -> list[Column]:
    """Lifelines of a sequence drawing, left to right, their broken pieces joined; `em` is the text height."""
    uprights = [line for line in scene.lines if is_upright(line, em)]
    pieces: list[tuple[float, float, float]] = []
    for line in uprights:
        ys = [p[1] for p in line.points]
        pieces.append((sum(p[0] for p in line.points) / len(line.points), min(ys), max(ys)))
    bars = [s.bbox for s in scene.shapes if is_bar(s, scene, em)]
    columns: list[Column] = []
    for x, top, bottom in sorted(pieces):
        last = columns[-1] if columns else None
        if last is not None and x - last.x <= 0.45 * em:
            last.x = (last.x * last.ink + x * (bottom - top)) / (last.ink + bottom - top)
            last.ink += bottom - top
            last.pieces.append((top, bottom))
        else:
            columns.append(Column(x, top, bottom, bottom - top, pieces=[(top, bottom)]))
    for c in columns:
        _trim(c, scene.texts, em)
    for bar in sorted(bars, key=lambda b: b[1] - b[3]):
        _add_bar(columns, bar, em)
    return [c for c in columns if c.bottom - c.top >= 1.5 * em]


def _trim(column: Column, texts: Sequence[TextLine], em: float) -> None:
    """Set top and bottom by what is lifeline: not the body of a stick figure whose name stands below it."""
    pieces = sorted(column.pieces)
    for at in (0, -1):
        while len(pieces) > 1:
            end, rest = pieces[at], pieces[1:] if at == 0 else pieces[:-1]
            gap = (end[1], rest[0][0]) if at == 0 else (max(p[1] for p in rest), end[0])
            parted = any(over(column.x, t.bbox, em) and gap[0] - em < t.bbox[1] < gap[1] for t in texts)
            ink = sum(p[1] - p[0] for p in rest)
            short = end[1] - end[0] < min(3 * em, 0.3 * column.ink, 0.4 * ink)
            if not short or not (parted or (at == -1 and gap[1] - gap[0] > 0.8 * em)):
                break
            pieces = rest
    column.pieces = pieces
    column.top, column.bottom = pieces[0][0], max(p[1] for p in pieces)


def over(x: float, box: Box, em: float) -> bool:
    """Whether a text is centred on the height line at `x`."""
    return abs((box[0] + box[2]) / 2 - x) <= max(0.8 * em, 0.12 * (box[2] - box[0]))


def mirrored(scene: Scene, em: float) -> list[Column]:
    """Two rows of the same heads, one at the top and one at the foot, stand for lifelines however faint."""
    boxes = [
        (s.bbox, " ".join(t.text for t in held).casefold())
        for s in scene.shapes
        if s.bbox[3] - s.bbox[1] < 8 * em and (held := texts_in(s.bbox, scene.texts))
    ]
    pairs = [
        Column((a[0] + a[2]) / 2, a[3], b[1], 0.0)
        for a, said in boxes
        for b, again in boxes
        if said == again and b[1] - a[3] > 6 * em and abs(a[0] + a[2] - b[0] - b[2]) < em
    ]
    level = [
        c
        for c in pairs
        if any(
            o is not c and abs(o.top - c.top) < 3 * em and abs(o.bottom - c.bottom) < 3 * em for o in pairs
        )
    ]
    return level


def join_mirror(columns: list[Column], mirror: Column, em: float) -> None:
    """The lifeline between two equal heads reaches from one to the other."""
    near = [c for c in columns if abs(c.x - mirror.x) < 0.6 * em]
    if not near:
        columns.append(mirror)
        return
    home = max(near, key=lambda c: c.ink)
    home.top, home.bottom = mirror.top, mirror.bottom


def take_edges(named: Sequence[Column], bare: Sequence[Column], em: float) -> None:
    """Two uprights on either side of a lifeline, as far left as right, are the sides of an activation bar."""
    for home in named:
        for left in bare:
            for right in bare:
                even = abs(left.x + right.x - 2 * home.x) < 0.5 * em and 0 < home.x - left.x < 1.2 * em
                top, bottom = max(left.top, right.top), min(left.bottom, right.bottom)
                if even and bottom - top > 2 * em and top > home.head[3]:
                    home.bars.append(
                        (left.x, min(left.top, right.top), right.x, max(left.bottom, right.bottom))
                    )
                    home.bottom = max(home.bottom, bottom)


def _add_bar(columns: list[Column], bar: Box, em: float) -> None:
    """A bar belongs to the lifeline it lies on; a long one on none is a lifeline drawn as a bar."""
    near = [c for c in columns if bar[0] - 0.5 * em <= c.x <= bar[2] + 0.5 * em]
    if near:
        home = min(near, key=lambda c: abs(c.x - (bar[0] + bar[2]) / 2))
        home.bars.append(bar)
        home.top, home.bottom = min(home.top, bar[1]), max(home.bottom, bar[3])
    elif bar[3] - bar[1] >= 3 * em:
        x = (bar[0] + bar[2]) / 2
        columns.append(Column(x, bar[1], bar[3], bar[3] - bar[1], [bar]))
