"""Open pieces joined into lines: doubled strokes dropped, pieces that touch end to end made one.

In: pieces and the outlines they may end at. Out: longer pieces, and closed ones where a chain bites its tail.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dic_ingest.diagrams.scene import Shape
from dic_ingest.diagrams.vector.paths import Piece
from dic_ingest.model.box import Point
from dic_ingest.model.geometry import (
    angle_between,
    bounds,
    distance,
    length,
    nearest,
    outline_distance,
    outward,
)

Key = tuple[int, bool]  # piece, whether its start
TURN_BACK = 50.0  # degrees between the directions of two ends: a line does not turn as sharply


def join_pieces(pieces: list[Piece], shapes: tuple[Shape, ...], em: float) -> list[Piece]:
    """Lines in painting order of their first piece."""
    pieces = _without_doubles(pieces, em)
    shapes = _leaves(shapes)  # a line may be broken at the frame of a group that it enters
    off = max(0.25 * em, 2.5)  # a sketchy border wobbles by that much
    pieces = _joined(pieces, shapes, max(0.06 * em, 0.6), off, any_path=True)
    pieces = _joined(pieces, shapes, 0.35 * em, max(0.35 * em, off), any_path=False)
    dashed = [p for p in pieces if p.dashed]
    return sorted(
        [*(p for p in pieces if not p.dashed), *_joined(dashed, (), 0.8 * em, off, any_path=False)],
        key=lambda p: (p.order, p.path),
    )


def _leaves(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Shapes that hold no other shape of note."""
    if not shapes:
        return ()
    boxes = np.array([s.bbox for s in shapes])
    sizes = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    for i, s in enumerate(shapes):
        x0, y0, x1, y1 = s.bbox
        held = (boxes[:, 0] > x0) & (boxes[:, 1] > y0) & (boxes[:, 2] < x1) & (boxes[:, 3] < y1)
        if not (held & (sizes > 0.01 * sizes[i]) & (sizes < 0.6 * sizes[i])).any():
            kept.append(s)
    return tuple(kept)


def _without_doubles(pieces: list[Piece], em: float) -> list[Piece]:
    """Without strokes that run along another one of their colour: sketchy double strokes, double lines."""
    reach = 0.3 * em
    cells: dict[tuple[int, int], list[Piece]] = defaultdict(list)
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: -p.size):
        a, b = piece.points[0], piece.points[-1]
        cx, cy = int(a[0] // em), int(a[1] // em)
        near = [q for dx in (-1, 0, 1) for dy in (-1, 0, 1) for q in cells[cx + dx, cy + dy]]
        if not any(_runs_along(piece, q, reach) for q in near):
            kept.append(piece)
            for p in {(int(a[0] // em), int(a[1] // em)), (int(b[0] // em), int(b[1] // em))}:
                cells[p].append(piece)
    return sorted(kept, key=lambda p: (p.order, p.path))


def _runs_along(piece: Piece, other: Piece, reach: float) -> bool:
    if piece.stroke != other.stroke:
        return False
    a, b = piece.points[0], piece.points[-1]
    c, d = other.points[0], other.points[-1]
    if distance(a, d) + distance(b, c) < distance(a, c) + distance(b, d):
        c, d = d, c
    together = piece.path == other.path
    limit = min(reach, 0.25 * max(piece.size, 0.1)) if together else 0.3 * reach
    if together and piece.dashed and piece.size < 0.9 * other.size:
        return all(nearest(other.points, p)[0] <= limit for p in (a, b, *_inner(piece.points)))
    if max(distance(a, c), distance(b, d)) > 1.5 * limit:
        return False
    return all(nearest(other.points, p)[0] <= limit for p in _inner(piece.points))


def _inner(points: tuple[Point, ...]) -> list[Point]:
    (x0, y0), (x1, y1) = points[0], points[-1]
    inner = list(points[1:-1])
    return inner[:: max(1, len(inner) // 12)] if inner else [((x0 + x1) / 2, (y0 + y1) / 2)]


def _joined(
    pieces: list[Piece], shapes: tuple[Shape, ...], reach: float, off: float, any_path: bool
) -> list[Piece]:
    """Pieces linked where exactly two ends of like style meet, further than `off` from any outline."""
    ends: dict[tuple[int, int], list[Key]] = defaultdict(list)
    for i, piece in enumerate(pieces):
        if piece.closed:
            continue
        for start in (True, False):
            x, y = _tip(pieces, (i, start))
            ends[int(x // reach), int(y // reach)].append((i, start))
    partner: dict[Key, Key] = {}
    boxes = np.array([p.bbox for p in pieces]) if pieces else np.zeros((0, 4))
    for i, piece in enumerate(pieces):
        if piece.closed:
            continue
        for start in (True, False):
            other = _only_partner(pieces, ends, (i, start), reach, any_path)
            if other is None or _on_a_line(pieces, boxes, (i, start), other, reach):
                continue
            if _goes_on(pieces, (i, start), other, reach) or not _on_outline(
                _tip(pieces, (i, start)), shapes, off
            ):
                partner[i, start] = other
    return _chained(pieces, {k: v for k, v in partner.items() if partner.get(v) == k})


def _tip(pieces: list[Piece], key: Key) -> Point:
    return pieces[key[0]].points[0 if key[1] else -1]


def _only_partner(
    pieces: list[Piece], ends: dict[tuple[int, int], list[Key]], key: Key, reach: float, any_path: bool
) -> Key | None:
    x, y = tip = _tip(pieces, key)
    cx, cy = int(x // reach), int(y // reach)
    near = [
        k
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
        for k in ends.get((cx + dx, cy + dy), ())
        if k != key and distance(_tip(pieces, k), tip) <= reach
    ]
    if not any_path:
        near = [k for k in near if _same_hand(pieces, k, key, reach)]
    if len(near) != 1:
        return _straight_on(pieces, key, near, reach)
    other = pieces[near[0][0]]
    if not _like(pieces[key[0]], other) or _side_by_side(pieces, key, near[0], reach):
        return None
    return near[0]


def _side_by_side(pieces: list[Piece], a: Key, b: Key, reach: float) -> bool:
    """Whether two ends come from one direction: two lines that end at one place, not one that turns back."""
    p, q = pieces[a[0]], pieces[b[0]]
    if p.path == q.path or min(length(p.points), length(q.points)) < 6 * reach:
        return False
    mine = outward(p.points, a[1], 6 * reach)
    return angle_between(mine, outward(q.points, b[1], 6 * reach)) < TURN_BACK


def _straight_on(pieces: list[Piece], key: Key, near: list[Key], reach: float) -> Key | None:
    """Where several lines meet in a point: the one that goes straight on, if but one does."""
    mine = outward(pieces[key[0]].points, key[1], 4 * reach)
    on = []
    for k in near:
        theirs = outward(pieces[k[0]].points, k[1], 4 * reach)
        if _like(pieces[key[0]], pieces[k[0]]) and angle_between(mine, theirs) > 170:
            on.append(k)
    return on[0] if len(on) == 1 and len(near) == 3 else None


def _on_a_line(pieces: list[Piece], boxes: npt.NDArray[np.float64], a: Key, b: Key, reach: float) -> bool:
    """Whether the two ends meet in the course of a third line: a junction, which is resolved later."""
    x, y = tip = _tip(pieces, a)
    close = (
        (boxes[:, 0] - reach <= x) & (x <= boxes[:, 2] + reach)
        & (boxes[:, 1] - reach <= y) & (y <= boxes[:, 3] + reach)
    )  # fmt: skip
    for k in (int(n) for n in np.flatnonzero(close)):
        other = pieces[k]
        if k in (a[0], b[0]) or other.closed or other.path in (pieces[a[0]].path, pieces[b[0]].path):
            continue
        gap, along = nearest(other.points, tip)
        clear = 3 * reach < along < length(other.points) - 3 * reach
        if gap <= 0.7 * reach and clear and _like(other, pieces[a[0]]):
            return True
    return False


def _goes_on(pieces: list[Piece], a: Key, b: Key, reach: float) -> bool:
    """Two pieces of one path that run on into one another."""
    if pieces[a[0]].path != pieces[b[0]].path:
        return False
    mine = outward(pieces[a[0]].points, a[1], 4 * reach)
    return angle_between(mine, outward(pieces[b[0]].points, b[1], 4 * reach)) > 120


def _same_hand(pieces: list[Piece], a: Key, b: Key, reach: float) -> bool:
    """Painted together, or of one style in immediate succession and running on."""
    p, q = pieces[a[0]], pieces[b[0]]
    if p.path == q.path:
        return True
    if abs(p.path - q.path) > 1 or not _like(p, q):
        return False
    mine = outward(p.points, a[1], 4 * reach)
    return angle_between(mine, outward(q.points, b[1], 4 * reach)) > 120


def _like(a: Piece, b: Piece) -> bool:
    if a.dashed != b.dashed and min(a.size, b.size) > 12 * max(a.width, b.width, 1.0):
        return False
    near = all(abs(p - q) <= 40 for p, q in zip(a.color, b.color, strict=True))
    return near and max(a.width, b.width) <= 2.5 * max(min(a.width, b.width), 0.4)


def _on_outline(p: Point, shapes: tuple[Shape, ...], reach: float) -> bool:
    for s in shapes:
        x0, y0, x1, y1 = s.bbox
        if (
            x0 - reach <= p[0] <= x1 + reach
            and y0 - reach <= p[1] <= y1 + reach
            and max(x1 - x0, y1 - y0) > 6 * reach
            and outline_distance(s.polygon, p) <= reach
        ):
            return True
    return False


def _chained(pieces: list[Piece], partner: dict[Key, Key]) -> list[Piece]:
    done: set[int] = set()
    out: list[Piece] = []
    for i, piece in enumerate(pieces):
        if i in done:
            continue
        chain, ring = _chain(i, partner)
        done.update(k for k, _ in chain)
        out.append(piece if len(chain) == 1 and not ring else _one(pieces, chain, ring))
    return out


def _chain(i: int, partner: dict[Key, Key]) -> tuple[list[tuple[int, bool]], bool]:
    """Pieces of one line in order, each with whether it is walked from its start; whether it closes."""
    first = (i, True)  # walk back from the start of piece i to the line's beginning
    seen = {i}
    while (back := partner.get(first)) is not None:
        if back[0] in seen:
            break
        seen.add(back[0])
        first = (back[0], not back[1])
    chain = [first]
    used = {first[0]}
    ring = False
    while (ahead := partner.get((chain[-1][0], not chain[-1][1]))) is not None:
        if ahead[0] in used:
            ring = ahead == (chain[0][0], chain[0][1])
            break
        used.add(ahead[0])
        chain.append(ahead)
    return chain, ring


def _one(pieces: list[Piece], chain: list[tuple[int, bool]], ring: bool) -> Piece:
    points: list[Point] = []
    for i, forward in chain:
        step = pieces[i].points if forward else pieces[i].points[::-1]
        points.extend(step[1:] if points and distance(points[-1], step[0]) < 1e-6 else step)
    longest = max((pieces[i] for i, _ in chain), key=lambda p: length(p.points))
    order = min(pieces[i].order for i, _ in chain)
    if ring and len(points) > 3:
        points = points[:-1]
    return replace(
        longest, points=tuple(points), closed=ring and len(points) > 2, order=order, bbox=bounds(points),
        curved=any(pieces[i].curved for i, _ in chain),
    )  # fmt: skip
