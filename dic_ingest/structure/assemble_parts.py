"""What each outline of a scene is: node, group, label background, part of another, or nothing.

In: shapes, lines, texts of a scene. Out: `Part`s with their role, their texts and the group around them. Judged by
what holds what, what carries text, and what lines end at; never by who drew it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from dic_ingest.drawing import Box, area, grow, overlap, union
from dic_ingest.structure.geometry import center, contains, outline_distance
from dic_ingest.structure.scene import Line, Scene, Shape, TextLine


class Role(StrEnum):
    """What an outline stands for in the graph."""

    NODE = "node"
    GROUP = "group"
    LABEL = "label"  # background of an edge's label
    PART = "part"  # compartment, inner rim or decoration of its parent
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

    @property
    def box(self) -> Box:
        """The outline's box."""
        return self.shape.bbox


def usual_height(scene: Scene) -> float:
    """Median text size of a scene; a sixtieth of its width where it has no text."""
    sizes = sorted(t.size or (t.bbox[3] - t.bbox[1]) for t in scene.texts)
    return max(sizes[len(sizes) // 2], 1.0) if sizes else max(scene.width / 60, 1.0)


def find_parts(scene: Scene, em: float, cells_are_parts: bool) -> tuple[list[Part], list[TextLine]]:
    """Parts (same order as the scene's shapes) and the texts that lie in none.

    `cells_are_parts`: boxes that tile a larger one are its compartments (class, ER), not nodes in a group.
    """
    parts = [Part(s) for s in scene.shapes]
    for i, holder in enumerate(_holders(scene.shapes, em)):
        parts[i].parent = holder
        if holder is not None:
            parts[holder].children.append(i)
    free = _give_texts(parts, scene.texts)
    _count_touches(parts, scene.lines, em)
    labels = _label_grounds(parts, scene, em)
    for i in sorted(range(len(parts)), key=lambda i: area(parts[i].box)):
        parts[i].role = Role.LABEL if i in labels else _role(parts, i, em, cells_are_parts)
    _drop_frame(parts)
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
            and (parts[i].shape.kind in ("rect", "rounded", "icon") or contains(parts[i].shape.polygon, (cx, cy)))
        ]
        if around:
            parts[_home(parts, around, cx)].texts.append(text)
        else:
            free.append(text)
    return free


def _home(parts: list[Part], around: list[int], cx: float) -> int:
    """The innermost outline; of several that overlap without holding one another, the one it is centred in."""
    inmost = [i for i in around if not any(parts[k].parent == i for k in around)]
    return min(inmost, key=lambda i: (abs(cx - center(parts[i].box)[0]), area(parts[i].box)))


def _count_touches(parts: list[Part], lines: tuple[Line, ...], em: float) -> None:
    """How many line ends lie at each outline's border and at no nearer one."""
    if not parts:
        return
    boxes = np.array([p.box for p in parts])
    reach = 0.6 * em
    for line in lines:
        for x, y in (line.points[0], line.points[-1]):
            close = (
                (boxes[:, 0] - reach <= x)
                & (x <= boxes[:, 2] + reach)
                & (boxes[:, 1] - reach <= y)
                & (y <= boxes[:, 3] + reach)
            )
            gaps = [
                (outline_distance(parts[int(i)].shape.polygon, (x, y)), area(parts[int(i)].box), int(i))
                for i in np.flatnonzero(close)
            ]
            gaps = [g for g in gaps if g[0] <= reach]
            if gaps:
                best = min(g[0] for g in gaps)
                parts[min((g for g in gaps if g[0] < best + 0.15 * em), key=lambda g: g[1])[2]].touched += 1


def _label_grounds(parts: list[Part], scene: Scene, em: float) -> set[int]:
    """Borderless boxes that fit tightly around text, lie on a line that runs through, or look like those that do."""
    tight = [i for i, p in enumerate(parts) if _is_tight(p, 1.8 * em, em)]
    loose = [i for i, p in enumerate(parts) if _is_tight(p, 20 * em, em)]
    crossed = {i for i in loose if any(_runs_through(line, parts[i].box, em) for line in scene.lines)}
    fills = {parts[i].shape.fill for i in crossed}
    framed = sum(p.shape.stroke is not None and bool(p.texts) for p in parts)
    plain = Counter(p.shape.fill for p in parts if p.shape.stroke is None and p.texts)
    found = set(crossed)
    for i in tight:
        fill = parts[i].shape.fill
        alike = not parts[i].touched and (fill in fills or framed > 2 * plain[fill])
        if alike or fill == scene.background:
            found.add(i)
    return found


def _is_tight(part: Part, beside: float, em: float) -> bool:
    shape = part.shape
    if shape.stroke is not None or not part.texts or shape.kind == "icon" or part.children:
        return False
    x0, y0, x1, y1 = union(t.bbox for t in part.texts)
    box = part.box
    return (box[3] - box[1]) - (y1 - y0) < 1.3 * em and (box[2] - box[0]) - (x1 - x0) < beside


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


def _role(parts: list[Part], i: int, em: float, cells_are_parts: bool) -> Role:
    part = parts[i]
    kids = [k for k in part.children if parts[k].role in (Role.NODE, Role.GROUP)]
    if not kids:
        return _leaf_role(parts, i, em)
    cells = [k for k in kids if parts[k].role is Role.NODE and _is_cell(parts[k].box, part.box, em)]
    if len(cells) == len(kids) and (cells_are_parts or not _tiled_nodes(parts, part, cells)):
        _absorb(parts, part, cells)
        return Role.NODE
    if len(kids) == 1:
        kid = parts[kids[0]]
        only = not part.texts and (not kid.touched or _rim(kid.box, part.box))
        if kid.role is Role.NODE and only and (part.touched or _rim(kid.box, part.box)):
            _absorb(parts, part, kids)
            return Role.NODE
        if kid.role is Role.GROUP and not kid.texts and _is_cell(kid.box, part.box, em):
            kid.role = Role.PART
    return Role.GROUP


def _leaf_role(parts: list[Part], i: int, em: float) -> Role:
    part = parts[i]
    x0, y0, x1, y1 = part.box
    if part.texts:
        return Role.NODE
    inner = [k for k in part.children if not parts[k].texts]
    if part.touched and max(x1 - x0, y1 - y0) > 0.45 * em:
        for k in inner:
            parts[k].role = Role.PART
        return Role.NODE
    if part.shape.kind == "icon" and min(x1 - x0, y1 - y0) > 1.2 * em:
        return Role.NOTHING
    return Role.PART if part.parent is not None else Role.NOTHING


def _is_cell(inner: Box, outer: Box, em: float) -> bool:
    """Whether a box spans its holder from side to side, or lies in a grid that does."""
    slack = 0.3 * em
    wide = abs(inner[0] - outer[0]) < slack and abs(inner[2] - outer[2]) < slack
    tall = abs(inner[1] - outer[1]) < slack and abs(inner[3] - outer[3]) < slack
    edges = sum(abs(a - b) < slack for a, b in zip(inner, outer, strict=True))
    return wide or tall or edges >= 1 and area(inner) < 0.5 * area(outer)


def _tiled_nodes(parts: list[Part], part: Part, cells: list[int]) -> bool:
    """Cells that are boxes of their own: they carry lines or paint of their own, or the holder a text beside."""
    fills = {parts[k].shape.fill for k in cells}
    return len(cells) > 1 and (len(fills) > 1 or any(parts[k].touched for k in cells) or bool(part.texts))


def _rim(inner: Box, outer: Box) -> bool:
    return area(inner) > 0.55 * area(outer)


def _absorb(parts: list[Part], part: Part, kids: list[int]) -> None:
    for k in kids:
        parts[k].role = Role.PART
        part.texts.extend(parts[k].texts)
        part.touched += parts[k].touched


def _drop_frame(parts: list[Part]) -> None:
    """A frame without words around everything is no group."""
    roots = [p for p in parts if p.parent is None and p.role is not Role.NOTHING]
    if len(roots) == 1 and roots[0].role is Role.GROUP and not roots[0].texts and not roots[0].touched:
        roots[0].role = Role.NOTHING
