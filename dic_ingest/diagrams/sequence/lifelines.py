"""Lifelines of a sequence diagram with their activation bars, and the participants that they hang from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dic_ingest.diagrams.scene import Line, Scene, Shape, TextLine
from dic_ingest.model.box import Box, area, grow, height_of, inside, size_of, union, width_of

# Lifelines of a sequence diagram: upright lines and the activation bars on them, as columns.


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
        if last is not None and apart < 0.4 * min(height_of(t.bbox), height_of(last.bbox)):
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
    return abs((box[0] + box[2]) / 2 - x) <= max(0.8 * em, 0.12 * width_of(box))


def mirrored(scene: Scene, em: float) -> list[Column]:
    """Two rows of the same heads, one at the top and one at the foot, stand for lifelines however faint."""
    boxes = [
        (s.bbox, " ".join(t.text for t in held).casefold())
        for s in scene.shapes
        if height_of(s.bbox) < 8 * em and (held := texts_in(s.bbox, scene.texts))
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
    elif height_of(bar) >= 3 * em:
        x = (bar[0] + bar[2]) / 2
        columns.append(Column(x, bar[1], bar[3], height_of(bar), [bar]))


# Participants of a sequence diagram: the heads that lifelines hang from.


_PICTURES = ("icon", "actor")


def find_columns(scene: Scene, em: float) -> list[Column]:
    """Lifelines that have a head, left to right."""
    columns = lifelines(scene, em)
    for mirror in mirrored(scene, em):
        join_mirror(columns, mirror, em)
    heads = _Heads(scene, columns, em)
    for c in columns:
        heads.hang(c)
    for c in columns:
        heads.raise_head(c, [k for k in columns if k is not c and k.texts])
    for c in columns:
        if not c.texts:
            heads.name(c, [k for k in columns if k.texts and k.head != (0.0, 0.0, 0.0, 0.0)])
    for c in columns:
        c.foot = c.foot or heads.below(c)
    take_edges([c for c in columns if c.texts], [c for c in columns if not c.texts], em)
    return sorted(_one_per_head([c for c in columns if c.texts], em), key=lambda c: c.x)


class _Heads:
    """Shapes and texts that a lifeline may hang from."""

    def __init__(self, scene: Scene, columns: Sequence[Column], em: float) -> None:
        self.scene, self.em = scene, em
        self.longest = max((c.bottom - c.top for c in columns), default=0.0)
        self.xs = sorted(c.x for c in columns if c.bottom - c.top > 0.3 * self.longest)
        self.boxes: list[tuple[Shape, list[TextLine]]] = []
        for s in scene.shapes:
            wide, high = size_of(s.bbox)
            if wide < 0.8 * em or high < 0.8 * em or high > 0.6 * scene.height:
                continue
            self.boxes.append((s, texts_in(s.bbox, scene.texts)))

    def hang(self, column: Column) -> None:
        """The box that the lifeline leaves downwards, and the one it may end in."""
        fits = [(s, t) for s, t in self.boxes if t and self._holds(s, column, column.top, s.bbox[3])]
        feet = [(s, t) for s, t in self.boxes if t and self._holds(s, column, column.bottom, s.bbox[1])]
        head, foot = self._best(fits, column), self._best(feet, column)
        if head is None and foot is not None and foot[0].bbox[1] > column.top:
            head, foot = foot, None
        if head is not None:
            column.head, column.shape, column.texts = head[0].bbox, head[0].kind, head[1]
        if foot is not None and head is not None and foot[0] is not head[0]:
            column.foot = foot[1]

    def raise_head(self, column: Column, others: Sequence[Column]) -> None:
        """An action right under the head is no head: that one stands level with the other columns' heads."""
        if not column.texts:
            return
        for shape, texts in self.boxes:
            x0, y0, x1, y1 = shape.bbox
            centred = abs(column.x - (x0 + x1) / 2) < 0.4 * self.em
            if not texts or not centred or y1 > column.head[1] or any(k.texts is texts for k in others):
                continue
            level = [k for k in others if abs(k.head[1] + k.head[3] - y0 - y1) < self.em]
            if level and all(k.head[1] < column.head[1] - self.em for k in level):
                column.head, column.shape, column.texts, column.top = shape.bbox, shape.kind, texts, y1
                return

    def _holds(self, shape: Shape, column: Column, at: float, edge: float) -> bool:
        x0, y0, x1, y1 = shape.bbox
        if abs(column.x - (x0 + x1) / 2) > max(0.3 * (x1 - x0), 0.4 * self.em):
            return False
        others = sum(
            x0 + 0.3 * self.em < x < x1 - 0.3 * self.em and abs(x - column.x) > 1.8 * self.em for x in self.xs
        )
        touches = abs(at - edge) <= 1.2 * self.em or y0 - 0.3 * self.em <= at <= y1 + 0.3 * self.em
        return touches and others == 0 and y1 - y0 < 0.7 * max(self.longest, column.bottom - column.top)

    def _best(
        self, fits: list[tuple[Shape, list[TextLine]]], column: Column
    ) -> tuple[Shape, list[TextLine]] | None:
        """The one with most text; of these the smallest that is drawn, before any mere picture."""
        if not fits:
            return None
        most = max(len(t) for _, t in fits)
        full = [f for f in fits if len(f[1]) == most]
        return min(full, key=lambda f: (f[0].kind in _PICTURES, area(f[0].bbox)))

    def name(self, column: Column, others: Sequence[Column]) -> None:
        """A participant drawn without a box: text, or a picture and text, right above the lifeline."""
        top = column.top
        pictures = [
            s.bbox
            for s, t in self.boxes
            if not t and self._holds(s, column, column.top, s.bbox[3]) and s.bbox[1] < column.top
        ]
        found = self._stack(column.x, top, 1.6 if not pictures else 0.9)
        if not found and pictures:
            top = min(b[1] for b in pictures)
            found = self._stack(column.x, top, 1.2)
        drawn = [t for t in found if not any(inside(t.bbox, b, 0.6) for b in pictures)]
        found = drawn or found  # strokes of a picture read as letters
        if not found or not self._in_band(column, found, others):
            return
        column.texts = found
        column.head = union([*(t.bbox for t in found), *pictures])
        column.shape = "actor" if not pictures else "icon"

    def _in_band(self, column: Column, found: Sequence[TextLine], others: Sequence[Column]) -> bool:
        if column.bottom - column.top < 0.25 * self.longest:
            return False
        if not others:
            return True
        tops, bottoms = min(c.head[1] for c in others), max(c.head[3] for c in others)
        middle = (found[0].bbox[1] + found[-1].bbox[3]) / 2
        return tops - 2 * self.em <= middle <= bottoms + 2 * self.em

    def _stack(self, x: float, top: float, gap: float) -> list[TextLine]:
        """Lines of text centred over `x`, the lowest within `gap` text heights above `top`."""
        found: list[TextLine] = []
        edge, allowed = top, gap * self.em
        for t in sorted(self.scene.texts, key=lambda t: -t.bbox[3]):
            _, y0, _, y1 = t.bbox
            if over(x, t.bbox, self.em) and -0.5 * self.em <= edge - y1 <= allowed and y0 < edge:
                found.insert(0, t)
                edge, allowed = y0, 0.6 * self.em
        return found

    def below(self, column: Column) -> list[TextLine]:
        """The label repeated at the foot."""
        wanted = {t.text for t in column.texts}
        low = [t for t in self.scene.texts if t.text in wanted and t.bbox[1] > column.bottom - self.em]
        return [t for t in low if t.bbox[0] - self.em <= column.x <= t.bbox[2] + self.em]


def _one_per_head(columns: list[Column], em: float) -> list[Column]:
    """Lifelines that hang from the same head are one; the one nearest to its middle gives the place."""
    kept: list[Column] = []
    for c in sorted(columns, key=lambda c: abs(c.x - (c.head[0] + c.head[2]) / 2)):
        twin = next(
            (k for k in kept if k.texts[0] is c.texts[0] or inside(c.head, grow(k.head, 0.1 * em), 0.9)), None
        )
        if twin is None:
            kept.append(c)
        else:
            twin.top, twin.bottom = min(twin.top, c.top), max(twin.bottom, c.bottom)
            twin.bars += c.bars
    return kept
