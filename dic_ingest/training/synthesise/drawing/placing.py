"""Places for boxes, frames and lines as people set them in editors: by Graphviz, in swimlanes, on lifelines.

In: a diagram without places and a look. Out: the same with boxes and paths in points, y downwards. Graphviz
is asked for places only; nothing of it is drawn.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import textwrap
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from dic_ingest.errors import DICIngestError
from dic_ingest.model.box import Box, Point
from dic_ingest.model.diagram import Diagram, Kind, Node
from dic_ingest.render.layout import placed
from dic_ingest.training.synthesise.drawing.dot import quoted
from dic_ingest.training.synthesise.drawing.render_style import EDITORS, Look
from dic_ingest.training.synthesise.drawing.rendering import SECONDS, MissingToolError

WRAP = 18  # characters of a line in a box
CHAR, LINE = 0.58, 1.35  # width and height of a letter, in font sizes
PAD = 12.0  # points around the words of a box
ICON = 40.0  # points of an icon's side
LANE_GAP, RANK_GAP, HEAD = 34.0, 44.0, 30.0  # points between lanes' boxes, between rows, of a lane's title
INCH = 72.0


def words_of(label: str) -> list[str]:
    """The lines that a label is printed in."""
    return textwrap.wrap(label, WRAP, break_long_words=False, break_on_hyphens=False) or (
        [label] if label else []
    )


def size_of(node: Node, look: Look) -> tuple[float, float]:
    """Width and height in points that a node needs."""
    if node.shape in ("start", "end") and not node.label.strip():
        return 18.0, 18.0
    lines = words_of(node.label)
    wide = max((len(t) for t in (*lines, *node.members)), default=3) * CHAR * look.size + 2 * PAD
    tall = (len(lines) + len(node.members)) * LINE * look.size + 1.5 * PAD
    if look.icons:
        return max(wide - PAD, ICON + 8), ICON + len(lines) * LINE * look.size + 6
    if node.shape == "diamond":
        return 1.5 * wide, 1.9 * tall
    if node.shape in ("circle", "hexagon", "cylinder"):
        return 1.2 * wide, 1.35 * tall + (8 if node.shape == "cylinder" else 0)
    return max(wide, 60.0), max(tall, 32.0)


def in_places(diagram: Diagram, look: Look) -> Diagram:
    """The diagram with a box for every node and frame, and a path for every line.

    Raises:
        MissingExtraError: Graphviz is absent. DICIngestError: it could not place the boxes.
    """
    if diagram.kind is Kind.SEQUENCE:
        return placed(diagram)
    lanes = diagram.kind is Kind.FLOWCHART and len(diagram.groups) > 1 and look.lanes
    return _in_lanes(diagram, look) if lanes else _read(diagram, _asked("dot", _source(diagram, look, True)))


def _source(diagram: Diagram, look: Look, frames: bool) -> str:
    ids = {n.id: f"n{i}" for i, n in enumerate(diagram.nodes)}
    way = {"LR": "LR", "RL": "RL", "BT": "BT"}.get(diagram.direction, "TB")
    lines = [
        f"digraph g {{ rankdir={way}; splines={look.splines}; nodesep={look.gap + 0.1:.2f}; "
        f'ranksep={look.gap + 0.35:.2f}; node [shape=box, fixedsize=true, label=""]; '
        f"edge [fontsize={look.size - 2}];"
    ]
    for n in diagram.nodes:
        wide, tall = size_of(n, look)
        lines.append(f"{ids[n.id]} [width={wide / INCH:.3f}, height={tall / INCH:.3f}];")
    if frames:
        lines += _clusters(diagram, ids, None, 0)
    for i, e in enumerate(diagram.edges):
        label = f", label={quoted(e.label)}" if e.label and look.splines != "ortho" else ""
        lines.append(f"{ids[e.source]} -> {ids[e.target]} [id={i}{label}];")
    return "\n".join([*lines, "}"])


def _clusters(diagram: Diagram, ids: dict[str, str], parent: str | None, depth: int) -> list[str]:
    lines: list[str] = []
    for i, g in enumerate(diagram.groups):
        if g.parent == parent and depth < 20:
            lines.append(f'subgraph cluster_{i} {{ id="{i}"; label={quoted(g.label)}; margin=14;')
            lines += [f"{ids[n.id]};" for n in diagram.nodes if n.group == g.id]
            lines += [*_clusters(diagram, ids, g.id, depth + 1), "}"]
    return lines


def _asked(program: str, source: str, *options: str) -> dict[str, Any]:
    """What Graphviz says of the places."""
    path = shutil.which(program)
    if path is None:
        raise MissingToolError("Graphviz", "apt-get install graphviz", *EDITORS)
    call = [path, "-Tjson", *options]
    try:
        done = subprocess.run(call, input=source.encode(), capture_output=True, timeout=SECONDS, check=False)
        found: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise DICIngestError(f"Graphviz found no places for a drawing: {error}") from error
    return found


def _read(diagram: Diagram, told: dict[str, Any]) -> Diagram:
    """Boxes and paths out of Graphviz' answer."""
    tall = float(told["bb"].split(",")[3])
    boxes: dict[str, Box] = {}
    frames: dict[int, Box] = {}
    for item in told.get("objects", ()):
        if "pos" in item:
            x, y = (float(v) for v in item["pos"].split(","))
            w, h = float(item["width"]) * INCH, float(item["height"]) * INCH
            boxes[item["name"]] = (x - w / 2, tall - y - h / 2, x + w / 2, tall - y + h / 2)
        elif item.get("name", "").startswith("cluster_"):
            x0, y0, x1, y1 = (float(v) for v in item["bb"].split(","))
            frames[int(item["name"][8:])] = (x0, tall - y1, x1, tall - y0)
    paths = {int(e["id"]): _points(e["pos"], tall) for e in told.get("edges", ()) if "pos" in e}
    return replace(
        diagram,
        nodes=tuple(replace(n, bbox=boxes[f"n{i}"]) for i, n in enumerate(diagram.nodes)),
        groups=tuple(replace(g, bbox=frames.get(i)) for i, g in enumerate(diagram.groups)),
        edges=tuple(replace(e, path=paths.get(i, ())) for i, e in enumerate(diagram.edges)),
    )


def _points(pos: str, tall: float) -> tuple[Point, ...]:
    """Control points of a line, its ends included: 3 n + 1 of them, a straight tip as one more piece."""
    start: list[Point] = []
    end: list[Point] = []
    middle: list[Point] = []
    for part in pos.split():
        mark, _, rest = part.rpartition(",")
        kind, _, x = mark.rpartition(",")
        point = (float(x), tall - float(rest))
        {"s": start, "e": end}.get(kind, middle).append(point)
    found = middle
    if start:
        found = [start[0], start[0], middle[0], *middle]
    if end:
        found = [*found, found[-1], end[0], end[0]]
    return tuple(found)


def _rows(nodes: Iterable[Node]) -> dict[float, list[Node]]:
    """Nodes by the height at which their middles stand."""
    rows: dict[float, list[Node]] = defaultdict(list)
    for n in nodes:
        assert n.bbox is not None
        rows[round((n.bbox[1] + n.bbox[3]) / 2)].append(n)
    return rows


def _in_lanes(diagram: Diagram, look: Look) -> Diagram:
    """Lanes side by side; rows by the ranks that Graphviz finds; lines routed around the boxes."""
    told = _asked("dot", _source(replace(diagram, direction="TD"), look, False))
    free = _read(replace(diagram, groups=()), told)
    rows = _rows(free.nodes)
    order = [g.id for g in diagram.groups]
    lane_of = _lanes_of(diagram, order)
    wide = {lane: 120.0 for lane in order}
    for row in rows.values():
        for lane in order:
            own = [n for n in row if lane_of[n.id] == lane]
            wide[lane] = max(wide[lane], sum(size_of(n, look)[0] + LANE_GAP for n in own))
    left, x = dict[str, float](), 0.0
    for lane in order:
        left[lane] = x
        x += wide[lane]
    boxes, y = dict[str, Box](), HEAD + LANE_GAP / 2
    for at in sorted(rows):
        high = max(size_of(n, look)[1] for n in rows[at])
        for lane in order:
            own = [n for n in rows[at] if lane_of[n.id] == lane]
            space = wide[lane] - sum(size_of(n, look)[0] for n in own)
            at_x = left[lane]
            for n in own:
                w, h = size_of(n, look)
                at_x += space / (len(own) + 1)
                boxes[n.id] = (at_x, y + (high - h) / 2, at_x + w, y + (high + h) / 2)
                at_x += w
        y += high + RANK_GAP
    bottom = y
    source = _fixed(diagram, boxes, bottom)
    routed = _read(replace(diagram, groups=()), _asked("neato", source, "-n2"))
    shift = boxes[diagram.nodes[0].id][0] - (routed.nodes[0].bbox or (0.0,))[0]
    drop = boxes[diagram.nodes[0].id][1] - (routed.nodes[0].bbox or (0.0, 0.0))[1]
    routed = routed.moved(shift, drop)
    groups = tuple(
        replace(g, bbox=(left[g.id], 0.0, left[g.id] + wide[g.id], bottom)) for g in diagram.groups
    )
    return replace(routed, groups=groups)


def _lanes_of(diagram: Diagram, order: list[str]) -> dict[str, str]:
    """The lane of each node; one without stands in the lane of a neighbour."""
    found = {n.id: n.group for n in diagram.nodes if n.group in order}
    for n in diagram.nodes:
        if n.id not in found:
            near = [
                e.target if e.source == n.id else e.source
                for e in diagram.edges
                if n.id in (e.source, e.target)
            ]
            found[n.id] = next((found[m] for m in near if m in found), order[0])
    return {k: str(v) for k, v in found.items()}


def _fixed(diagram: Diagram, boxes: dict[str, Box], tall: float) -> str:
    ids = {n.id: f"n{i}" for i, n in enumerate(diagram.nodes)}
    lines = ['digraph g { splines=ortho; node [shape=box, fixedsize=true, label=""];']
    for n in diagram.nodes:
        x0, y0, x1, y1 = boxes[n.id]
        lines.append(
            f"{ids[n.id]} [width={(x1 - x0) / INCH:.3f}, height={(y1 - y0) / INCH:.3f}, "
            f'pos="{(x0 + x1) / 2:.1f},{tall - (y0 + y1) / 2:.1f}"];'
        )
    lines += [f"{ids[e.source]} -> {ids[e.target]} [id={i}];" for i, e in enumerate(diagram.edges)]
    return "\n".join([*lines, "}"])
