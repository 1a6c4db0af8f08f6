"""The outlines of a scene with what belongs to them: the outline around, the texts inside, the lines that
end there.

In: a scene. Out: `Part`s, their roles still open (see `roles`), and which are backgrounds of
labels.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from dic_ingest.diagrams.scene import Line, Scene, Shape, TextLine
from dic_ingest.model.box import Box, Point, area, box_gap, center, grow, height_of, overlap, union, width_of
from dic_ingest.model.diagram import End
from dic_ingest.model.geometry import contains, outline_distance

ROOMY = 16  # times an icon's area: a frame of that size holds the icon as a thing of its own


class Role(StrEnum):
    """What an outline stands for in the graph."""

    NODE = "node"
    GROUP = "group"
    LABEL = "label"  # background of an edge's label
    PART = "part"  # compartment, inner rim or decoration of its parent
    LEGEND = "legend"  # a table of its own beside the graph: its texts are notes
    NOTHING = "nothing"


@dataclass(slots=True)
class Part:
    """An outline with what belongs to it. `parent` is the next outline around it, whatever its role."""

    shape: Shape
    role: Role = Role.NOTHING
    parent: int | None = None
    children: list[int] = field(default_factory=list)
    texts: list[TextLine] = field(default_factory=list)
    touched: int = 0
    holds: tuple[str, ...] = ()  # names of the icons in it, lines of a list under its name

    @property
    def box(self) -> Box:
        """The outline's box."""
        return self.shape.bbox


def place_texts(scene: Scene, em: float) -> tuple[list[Part], list[TextLine]]:
    """Parts without roles yet (same order as the scene's shapes), and the texts that lie in none."""
    parts = [Part(s) for s in scene.shapes]
    for i, holder in enumerate(_holders(scene.shapes, em)):
        parts[i].parent = holder
        if holder is not None:
            parts[holder].children.append(i)
    free = _give_texts(parts, scene.texts)
    _count_touches(parts, scene.lines, free, em)
    return parts, free


def _holders(shapes: tuple[Shape, ...], em: float) -> list[int | None]:
    """For each shape the smallest one that holds it."""
    if not shapes:
        return []
    boxes: npt.NDArray[np.float64] = np.array([s.bbox for s in shapes])
    slack = 0.3 * em
    sizes = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    found: list[int | None] = []
    for i, (x0, y0, x1, y1) in enumerate(boxes):
        holds = (
            (boxes[:, 0] <= x0 + slack)
            & (boxes[:, 1] <= y0 + slack)
            & (boxes[:, 2] >= x1 - slack)
            & (boxes[:, 3] >= y1 - slack)
            & ((sizes > sizes[i] * 1.001) | ((sizes >= sizes[i]) & (np.arange(len(boxes)) < i)))
        )
        holds[i] = False
        around = [int(k) for k in np.flatnonzero(holds)]
        around = [k for k in around if _surrounds(shapes[k], shapes[i])]
        found.append(min(around, key=lambda k: (sizes[k], -k), default=None))
    return found


def _surrounds(outer: Shape, inner: Shape) -> bool:
    if outer.kind in ("rect", "rounded", "icon"):
        return True
    return contains(outer.polygon, center(inner.bbox))


def _give_texts(parts: list[Part], texts: tuple[TextLine, ...]) -> list[TextLine]:
    """Each text to the smallest outline around it; those in none are returned."""
    free = []
    boxes = np.array([p.box for p in parts]) if parts else np.zeros((0, 4))
    for text in texts:
        cx, cy = center(text.bbox)
        at = (boxes[:, 0] <= cx) & (cx <= boxes[:, 2]) & (boxes[:, 1] <= cy) & (cy <= boxes[:, 3])
        around = [int(i) for i in np.flatnonzero(at)]
        around = [
            i
            for i in around
            if overlap(parts[i].box, text.bbox) >= 0.45 * area(text.bbox)
            and (
                parts[i].shape.kind in ("rect", "rounded", "icon")
                or contains(parts[i].shape.polygon, (cx, cy))
            )
        ]
        if around:
            parts[_home(parts, around, cx)].texts.append(text)
        else:
            free.append(text)
    return free


def _home(parts: list[Part], around: list[int], cx: float) -> int:
    """The innermost outline; of several that overlap without holding one another, the one it is centred
    in.
    """
    inmost = [i for i in around if not any(parts[k].parent == i for k in around)]
    return min(inmost, key=lambda i: (abs(cx - center(parts[i].box)[0]), area(parts[i].box)))


def _count_touches(parts: list[Part], lines: tuple[Line, ...], free: list[TextLine], em: float) -> None:
    """How many line ends lie at each outline's border and at no nearer one.

    A bare line that leads to no text and no icon at either end is a drawn detail and does not count,
    unless it runs from a dot to a text outside all outlines.
    """
    if not parts:
        return
    for line, ends in zip(lines, line_ends(parts, lines, em), strict=True):
        bare = line.start is End.NONE and line.end is End.NONE
        told = any(i is not None and (parts[i].texts or parts[i].shape.kind == "icon") for i in ends)
        if bare and not told and not _from_dot_to_text(line, ends, parts, free, em):
            continue
        for i in ends:
            if i is not None:
                parts[i].touched += 1


def line_ends(parts: list[Part], lines: tuple[Line, ...], em: float) -> list[list[int | None]]:
    """For every line the outlines that its start and its end touch; None where it touches none."""
    if not parts:
        return [[None, None] for _ in lines]
    boxes = np.array([p.box for p in parts])
    return [
        [_touched(parts, boxes, tip, 0.6 * em, em) for tip in (line.points[0], line.points[-1])]
        for line in lines
    ]


def _from_dot_to_text(
    line: Line, ends: list[int | None], parts: list[Part], free: list[TextLine], em: float
) -> bool:
    """Whether one end is at a small round outline, and the other right at a text that stands in none."""
    at = [i for i in ends if i is not None]
    tips = [p for p, i in zip((line.points[0], line.points[-1]), ends, strict=True) if i is None]
    if len(at) != 1 or parts[at[0]].shape.kind not in ("circle", "ellipse"):
        return False
    x0, y0, x1, y1 = parts[at[0]].box
    return max(x1 - x0, y1 - y0) < 3.0 * em and any(box_gap(t.bbox, tips[0]) < 0.3 * em for t in free)


def _is_free_icon(parts: list[Part], i: int) -> bool:
    """An icon by itself or in a roomy frame; in a box of little more than its size it is an ornament."""
    icon = parts[i]
    holder = None if icon.parent is None else parts[icon.parent]
    return icon.shape.kind == "icon" and (holder is None or area(holder.box) > ROOMY * area(icon.box))


def _touched(
    parts: list[Part], boxes: npt.NDArray[np.float64], tip: Point, reach: float, em: float
) -> int | None:
    x, y = tip
    close = (
        (boxes[:, 0] - reach <= x) & (x <= boxes[:, 2] + reach)
        & (boxes[:, 1] - reach <= y) & (y <= boxes[:, 3] + reach)
    )  # fmt: skip
    gaps = [
        (outline_distance(parts[int(i)].shape.polygon, tip), area(parts[int(i)].box), int(i))
        for i in np.flatnonzero(close)
    ]
    gaps = [g for g in gaps if g[0] <= reach]
    if not gaps:
        return None
    best = min(g[0] for g in gaps)
    return min((g for g in gaps if g[0] < best + 0.15 * em), key=lambda g: g[1])[2]


def label_fills(parts: list[Part], scene: Scene, em: float) -> set[int]:
    """Borderless boxes that fit tightly around text, lie on a line that runs through, or look like those
    that do.
    """
    tight = [i for i, p in enumerate(parts) if _is_tight(p, 1.8 * em, em)]
    loose = [i for i, p in enumerate(parts) if _is_tight(p, 20 * em, em)]
    crossed = {i for i in loose if any(_runs_through(line, parts[i].box, em) for line in scene.lines)}
    fills = Counter(parts[i].shape.fill for i in crossed)
    framed = sum(p.shape.stroke is not None and bool(p.texts) for p in parts)
    plain = Counter(p.shape.fill for p in parts if p.shape.stroke is None and p.texts)
    found = set(crossed)
    for i in tight:
        fill = parts[i].shape.fill
        alike = not parts[i].touched and (fill in fills or framed > 2 * plain[fill])
        if alike or fill == scene.background or fills[fill] > 2:
            found.add(i)
    return found


def _is_tight(part: Part, beside: float, em: float) -> bool:
    shape = part.shape
    if shape.stroke is not None or not part.texts or shape.kind == "icon" or part.children:
        return False
    x0, y0, x1, y1 = union(t.bbox for t in part.texts)
    box = part.box
    return height_of(box) - (y1 - y0) < 1.3 * em and width_of(box) - (x1 - x0) < beside


def _runs_through(line: Line, box: Box, em: float) -> bool:
    """The line enters the box and leaves it: neither end lies in it."""
    x0, y0, x1, y1 = box
    for x, y in (line.points[0], line.points[-1]):
        if x0 - 0.1 * em <= x <= x1 + 0.1 * em and y0 - 0.1 * em <= y <= y1 + 0.1 * em:
            return False
    xs, ys = [p[0] for p in line.points], [p[1] for p in line.points]
    if max(xs) < x0 or min(xs) > x1 or max(ys) < y0 or min(ys) > y1:
        return False
    inner = shapely.box(*grow(box, -0.1 * min(x1 - x0, y1 - y0)))
    return bool(inner.intersects(shapely.LineString(line.points)))
