"""Shapes and lines of an editable drawing -> a `Diagram`: the same rules for every drawing program.

In: shapes with boxes, lines that may name the shapes they join. Out: nodes, edges, groups, notes. Where the
file does not name the end of a line, the place where it ends decides.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from shapely import STRtree
from shapely import box as rectangle
from shapely.geometry import Point as Dot

from dic_ingest.model.box import Box, Point, area, center, height_of, iou, union, width_of
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node
from dic_ingest.sources.diagram_files.editors.kinds import kind_of_graph


@dataclass(frozen=True, slots=True)
class CanvasSettings:
    """Distances as shares of the drawing's usual shape height (geometry, no fit)."""

    reach: float = 0.35  # of a loose end to the shape that it is meant to touch
    label_reach: float = 0.6  # of a text to the line that it names
    caption_reach: float = 0.6  # of a text to the icon above or beside which it stands
    copy: float = 0.8  # overlap, intersection over union, from which two shapes with one label are copies
    hold: float = 0.98  # share of a shape's area that lies in the frame that holds it


DEFAULTS = CanvasSettings()
LARGER = 1.15  # a frame has at least so many times the area of what stands in it


@dataclass(frozen=True, slots=True)
class CanvasShape:
    """A shape as the file has it. `container` is the id of the shape that holds it in the file, if any."""

    id: str
    box: Box
    label: str = ""
    form: str = "rect"
    text: bool = False  # words without an outline
    container: str = ""
    frame: bool = False  # the file says that it is a container
    clear: bool = False  # neither outline nor fill: an invisible helper
    members: tuple[str, ...] = ()
    title_on_top: bool = False  # its label stands at its upper edge
    alone: bool = False  # the file says that no frame holds it but its container
    order: int = 0


@dataclass(frozen=True, slots=True)
class CanvasLine:
    """A connector. `source` and `target` are ids of shapes, "" where the file names none."""

    id: str
    source: str = ""
    target: str = ""
    path: tuple[Point, ...] = ()
    label: str = ""
    source_label: str = ""
    target_label: str = ""
    source_end: End = End.NONE
    target_end: End = End.NONE
    style: str = "solid"


@dataclass
class EditorCanvas:
    """One page of a drawing on its way to a graph."""

    shapes: list[CanvasShape]
    lines: list[CanvasLine]
    settings: CanvasSettings = DEFAULTS
    notes: list[str] = field(default_factory=list)

    def diagram(self, kind: Kind | None = None, title: str = "") -> Diagram:
        """The graph; `kind` overrides the one that its shapes tell."""
        self.by_id = {s.id: s for s in self.shapes}
        heights = sorted(height_of(s.box) for s in self.shapes if not s.text and s.box[3] > s.box[1])
        self.unit = min(max(heights[len(heights) // 2] if heights else 40.0, 12.0), 80.0)
        self._merge_copies()
        self._resolve()
        self._through_texts()
        self._through_waypoints()
        self._texts_in_shapes()
        self._texts_at_icons()
        self._texts_at_lines()
        groups = self._groups()
        nodes = self._nodes(groups)
        edges = self._edges(nodes, groups)
        made = Diagram(
            Kind.BLOCK,
            tuple(nodes.values()),
            tuple(edges),
            tuple(groups.values()),
            title,
            tuple(self.notes),
            _direction(nodes, groups, edges),
        )
        found = kind or kind_of_graph(made)
        if found is Kind.FLOWCHART:  # a hollow head is a matter of taste there
            made = replace(made, edges=tuple(replace(e, target_end=_solid(e.target_end)) for e in made.edges))
        return replace(made, kind=found)

    # -- ends of lines

    def _merge_copies(self) -> None:
        """A shape that a later one with the same words covers is the same thing, drawn twice."""
        alike: dict[tuple[str, bool], list[CanvasShape]] = defaultdict(list)
        for s in self.by_id.values():
            if s.label and not s.members:
                alike[s.label, s.text].append(s)
        instead: dict[str, str] = {}
        for same in alike.values():
            for k, below in enumerate(same[:200]):
                cover = [s for s in same[k + 1 : 200] if iou(s.box, below.box) >= self.settings.copy]
                if cover:
                    instead[below.id] = cover[-1].id
        self._drop(set(instead))
        self._renamed(instead)

    def _resolve(self) -> None:
        solid = [s for s in self.by_id.values() if not s.text and area(s.box) > 0]
        self.solid = solid
        self.tree = STRtree([rectangle(*s.box) for s in solid]) if solid else None
        self.areas = np.array([area(s.box) for s in solid])
        self.holding: dict[str, bool] = {}
        lines = []
        for line in self.lines:
            source = line.source if line.source in self.by_id else self._at(line.path[:1])
            target = line.target if line.target in self.by_id else self._at(line.path[-1:])
            both = line.source in self.by_id and line.target in self.by_id
            if source == target and not both and len(line.path) < 4:
                source = line.source if line.source in self.by_id else ""
                target = line.target if line.target in self.by_id else ""  # it only leaves its own shape
            lines.append(replace(line, source=source, target=target))
        self.lines = lines
        self.attached = Counter(x for line in lines for x in (line.source, line.target) if x)

    def _at(self, end: Sequence[Point]) -> str:
        """The shape that a loose end touches: the nearest outline, the smaller one of two."""
        if not end or self.tree is None:
            return ""
        reach = self.settings.reach * self.unit
        x, y = end[0]
        found = []
        for i in self.tree.query(Dot(x, y).buffer(reach)):
            x0, y0, x1, y1 = self.solid[i].box
            within = x0 <= x <= x1 and y0 <= y <= y1
            away = (
                min(x - x0, x1 - x, y - y0, y1 - y)
                if within
                else math.hypot(max(x0 - x, 0, x - x1), max(y0 - y, 0, y - y1))
            )
            if away <= reach or (within and not self.solid[i].frame and not self._holds_any(self.solid[i])):
                found.append((round(min(away, reach) / reach, 1), area(self.solid[i].box), self.solid[i].id))
        return min(found)[2] if found else ""

    def _holds_any(self, outer: CanvasShape) -> bool:
        """Whether a smaller shape lies in a shape."""
        known = self.holding.get(outer.id)
        if known is None:
            assert self.tree is not None
            inner = self.tree.query(rectangle(*outer.box), predicate="contains")
            known = bool((self.areas[inner] < 0.8 * area(outer.box)).any())
            self.holding[outer.id] = known
        return known

    def _holds_things(self, outer: CanvasShape) -> bool:
        """Whether more than pictures without words or lines lies in a shape."""
        if not self._holds_any(outer) or self.tree is None:
            return False
        inner = (self.solid[i] for i in self.tree.query(rectangle(*outer.box), predicate="contains"))
        return any(s.id != outer.id and (s.label or self.attached[s.id] or s.form != "icon") for s in inner)

    def _through_texts(self) -> None:
        """Two lines that meet in a text without an outline are one line with that label."""
        at: dict[str, list[int]] = defaultdict(list)
        for k, line in enumerate(self.lines):
            for end in {line.source, line.target}:
                if end and self.by_id[end].text and self.by_id[end].label:
                    at[end].append(k)
        gone: set[int] = set()
        for name, pair in at.items():
            if len(pair) != 2 or gone & set(pair):
                continue
            a, b = (self._away_from(self.lines[k], name) for k in pair)
            heads = [a.target_end in _POINTED, b.target_end in _POINTED]
            bare = a.source_end is End.NONE and b.source_end is End.NONE
            if not bare or all(heads) or name in (a.target, b.target) or not (a.target and b.target):
                continue
            first, last = (a, b) if heads[1] or (pair[0] < pair[1] and not heads[0]) else (b, a)
            whole = replace(
                last,
                source=first.target,
                source_end=first.target_end,
                path=(*first.path[::-1], *last.path),
                label="\n".join(filter(None, (first.label, self.by_id[name].label, last.label))),
                style="dashed" if "dashed" in (a.style, b.style) else "solid",
            )
            self.lines[pair[1]] = whole
            gone.add(pair[0])
            self._drop({name})
        self._kept_lines(gone)

    def _away_from(self, line: CanvasLine, name: str) -> CanvasLine:
        return line if line.source == name else _turned(line)

    def _through_waypoints(self) -> None:
        """Lines that meet in a junction join what stands at their far ends; a dot with words is none."""
        dots = [s for s in self.by_id.values() if s.form == "waypoint"]
        junctions = {s.id for s in dots if not s.label}
        for dot in dots:
            self._set(replace(dot, form="circle"))
        at: dict[str, list[int]] = defaultdict(list)
        for k, line in enumerate(self.lines):
            for end in {line.source, line.target} & junctions:
                at[end].append(k)
        done: set[str] = set()
        gone: set[int] = set()
        for start in sorted(at):
            if start in done:
                continue
            inner, reached = self._net(start, junctions, at)
            done |= inner
            gone |= {k for name in inner for k in at[name]}
            self.lines += _across(reached, len(self.lines))
        self._kept_lines(gone)
        self._drop(junctions)

    def _net(
        self, start: str, junctions: set[str], at: dict[str, list[int]]
    ) -> tuple[set[str], list[tuple[str, bool, bool, CanvasLine]]]:
        """The junctions that hang together, and what they reach: its id, whether it sends, whether it
        receives."""
        inner, stack = {start}, [start]
        reached: dict[int, tuple[str, bool, bool, CanvasLine]] = {}
        while stack:
            name = stack.pop()
            for k in at[name]:
                line = self.lines[k]
                far = line.target if line.source == name else line.source
                if far in junctions:
                    if far not in inner:
                        inner.add(far)
                        stack.append(far)
                elif far:
                    head = line.target_end if far == line.target else line.source_end
                    reached.setdefault(
                        k, (far, far == line.source and head not in _POINTED, head in _POINTED, line)
                    )
        return inner, list(reached.values())

    def _kept_lines(self, gone: set[int]) -> None:
        self.lines = [line for k, line in enumerate(self.lines) if k not in gone]
        self.attached = Counter(x for line in self.lines for x in (line.source, line.target) if x)

    # -- texts

    def _free_texts(self) -> list[CanvasShape]:
        return [s for s in self.by_id.values() if s.text and s.label and not self.attached[s.id]]

    def _texts_in_shapes(self) -> None:
        """Words put over an unlabelled shape are its label."""
        if self.tree is None:
            return
        inside: dict[str, list[CanvasShape]] = defaultdict(list)
        for text in self._free_texts():
            x, y = center(text.box)
            over = [self.solid[i] for i in self.tree.query(Dot(x, y), predicate="within")]
            over = [s for s in over if not s.clear or self.attached[s.id]]
            if over:
                inside[min(over, key=lambda s: area(s.box)).id].append(text)
        gone: set[str] = set()
        for name, texts in inside.items():
            shape = self.by_id[name]
            if shape.label or (shape.frame and self._holds_any(shape)) or len(texts) > 6:
                continue
            if self._holds_things(shape):
                top = min(texts, key=lambda t: (t.box[1], t.box[0]))
                if center(top.box)[1] - shape.box[1] > 1.2 * self.unit:
                    continue
                texts = [top]
            texts.sort(key=lambda t: (round(t.box[1]), t.box[0]))
            self._set(replace(shape, label="\n".join(t.label for t in texts)))
            gone |= {t.id for t in texts}
        self._drop(gone)

    def _texts_at_lines(self) -> None:
        """A text beside a line without a label is its label."""
        reach = self.settings.label_reach * self.unit
        pairs = []
        texts = self._free_texts()
        bare = [
            (k, line) for k, line in enumerate(self.lines) if not line.label and line.source and line.target
        ]
        if not bare or not texts:
            return
        segments = [(k, a, b) for k, line in bare for a, b in zip(line.path, line.path[1:], strict=False)]
        tree = STRtree(
            [
                rectangle(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
                for _, a, b in segments
            ]
        )
        for text in texts:
            wide = width_of(text.box) / 2
            for i in tree.query(rectangle(*text.box).buffer(reach)):
                k, a, b = segments[i]
                away = _distance(text.box, a, b)
                length = math.dist(a, b)
                if away <= reach and len(text.label) <= 80 and (length > 0.3 * wide):
                    pairs.append((away, k, text.id, text.label))
        gone: set[str] = set()
        named: set[int] = set()
        for _, k, name, label in sorted(pairs):
            if k not in named and name not in gone:
                named.add(k)
                gone.add(name)
                self.lines[k] = replace(self.lines[k], label=label)
        self._drop(gone)

    def _texts_at_icons(self) -> None:
        """A text below, above or beside an unlabelled shape that nothing else names is its caption."""
        bare = [
            s for s in self.by_id.values() if not s.text and not s.label and not s.clear and area(s.box) > 0
        ]
        bare = [s for s in bare if not self._holds_any(s) and s.form not in _BOXES]
        reach = self.settings.caption_reach * self.unit
        pairs = []
        for text in self._free_texts() if bare else []:
            tx, ty = center(text.box)
            for shape in bare if len(bare) < 2_000 else ():
                x0, y0, x1, y1 = shape.box
                below = x0 - reach <= tx <= x1 + reach and -0.6 * self.unit <= text.box[1] - y1 <= reach
                above = x0 - reach <= tx <= x1 + reach and 0 <= y0 - text.box[3] <= reach
                beside = y0 <= ty <= y1 and (0 <= text.box[0] - x1 <= reach or 0 <= x0 - text.box[2] <= reach)
                if below or above or beside:
                    gap = (
                        abs(text.box[1] - y1)
                        if below
                        else reach + abs(y0 - text.box[3])
                        if above
                        else 2 * reach
                    )
                    pairs.append((gap, shape.id, text))
        gone: set[str] = set()
        named: set[str] = set()
        for _, name, text in sorted(pairs, key=lambda p: p[0]):
            if name not in named and text.id not in gone:
                named.add(name)
                gone.add(text.id)
                self._set(replace(self.by_id[name], label=text.label))
        self._drop(gone)

    def _set(self, shape: CanvasShape) -> None:
        self.by_id[shape.id] = shape

    def _drop(self, ids: set[str]) -> None:
        for name in ids:
            self.by_id.pop(name, None)

    # -- what holds what

    def _groups(self) -> dict[str, Group]:
        """Frames: shapes that hold others, by the file or by place."""
        things = [s for s in self.by_id.values() if self._is_thing(s)]
        held_by: dict[str, str] = {}
        frames = [s for s in self.by_id.values() if not s.text and not s.members and area(s.box) > 0]
        tree = STRtree([rectangle(*s.box) for s in frames]) if frames else None
        sizes = np.array([area(f.box) for f in frames])
        for s in things:
            outer = self._container(s)
            if not outer and not s.alone and tree is not None:
                near = tree.query(rectangle(*s.box), predicate="intersects")
                near = near[sizes[near] > LARGER * area(s.box)]
                around = (frames[i] for i in near[np.argsort(sizes[near], kind="stable")])
                outer = next((f.id for f in around if f.id != s.id and self._surrounds(f, s)), "")
            if outer and outer != s.id:
                held_by[s.id] = outer
        self.held_by = _acyclic(held_by)
        self._name_bare_frames()
        holders = Counter(self.held_by.values())
        groups: dict[str, Group] = {}
        for s in self.by_id.values():
            if holders[s.id] and (s.label or self.attached[s.id]):
                groups[s.id] = Group(s.id, s.label, None, s.box)
        for name in list(groups):
            groups[name] = replace(groups[name], parent=self._group_of(name, groups))
        return groups

    def _name_bare_frames(self) -> None:
        """A frame without words, with lines, around one named thing and nothing else is that thing."""
        held: dict[str, list[str]] = defaultdict(list)
        for name, outer in self.held_by.items():
            held[outer].append(name)
        instead = {}
        for name, members in held.items():
            frame, only = self.by_id[name], self.by_id[members[0]]
            bare = (
                self.attached[name] and not (frame.label or frame.text or frame.frame) and len(members) == 1
            )
            if bare and only.label and not only.text and not held.get(only.id):
                instead[only.id] = name
                form = only.form if only.form == "icon" else frame.form
                self._set(replace(frame, label=only.label, form=form, members=only.members))
        for name in instead:
            del self.held_by[name]
        self._drop(set(instead))
        self._renamed(instead)

    def _renamed(self, instead: dict[str, str]) -> None:
        """Lines at a shape end on the one that stands for it."""
        self.lines = [
            replace(x, source=instead.get(x.source, x.source), target=instead.get(x.target, x.target))
            for x in self.lines
        ]
        self.attached = Counter(x for line in self.lines for x in (line.source, line.target) if x)

    def _container(self, shape: CanvasShape) -> str:
        """The nearest visible container that the file names."""
        seen = {shape.id}
        at = shape.container
        while at and at in self.by_id and at not in seen:
            seen.add(at)
            if not self.by_id[at].clear:
                return at
            at = self.by_id[at].container
        return ""

    def _is_thing(self, s: CanvasShape) -> bool:
        if s.text:
            return bool(self.attached[s.id])
        return bool(s.label or s.members or self.attached[s.id] or s.form in _SILENT)

    def _surrounds(self, outer: CanvasShape, inner: CanvasShape) -> bool:
        big, small = area(outer.box), area(inner.box)
        if (
            outer.form in ("diamond", "actor", "icon")
            or big <= LARGER * small
            or (outer.clear and not outer.label)
        ):
            return False
        x0, y0 = max(outer.box[0], inner.box[0]), max(outer.box[1], inner.box[1])
        x1, y1 = min(outer.box[2], inner.box[2]), min(outer.box[3], inner.box[3])
        return max(0.0, x1 - x0) * max(0.0, y1 - y0) >= self.settings.hold * small

    def _group_of(self, name: str, groups: dict[str, Group]) -> str | None:
        at = self.held_by.get(name)
        while at is not None and at not in groups:
            at = self.held_by.get(at)
        return at

    # -- the graph

    def _nodes(self, groups: dict[str, Group]) -> dict[str, Node]:
        nodes: dict[str, Node] = {}
        for s in self.by_id.values():
            if s.id in groups:
                continue
            if self._is_thing(s):
                nodes[s.id] = Node(s.id, s.label, s.form, s.members, self._group_of(s.id, groups), s.box)
            elif s.text and s.label:
                self.notes.append(s.label)
        return nodes

    def _edges(self, nodes: dict[str, Node], groups: dict[str, Group]) -> list[Edge]:
        edges = []
        for line in self.lines:
            known = [x for x in (line.source, line.target) if x in nodes or x in groups]
            if len(known) < 2:
                if line.label:
                    self.notes.append(line.label)
                continue
            edges.append(_edge(line))
        return edges


_SILENT = frozenset({"start", "end", "bar", "choice"})  # forms that mean something without a word
_BOXES = _SILENT | {"rect", "rounded", "stadium"}  # their words stand inside them
_POINTED = frozenset({End.ARROW, End.TRIANGLE, End.CROSS})


def _solid(end: End) -> End:
    return End.ARROW if end is End.TRIANGLE else end


MOST_AT_A_JUNCTION = 60


def _across(reached: list[tuple[str, bool, bool, CanvasLine]], number: int) -> list[CanvasLine]:
    """Lines from each end that sends into a junction to each that receives from it."""
    reached = reached[:MOST_AT_A_JUNCTION]
    senders = [r for r in reached if r[1]] or reached[:1]
    receivers = [r for r in reached if r not in senders] or reached[1:]
    found = []
    for a, _, a_head, first in senders:
        for b, _, b_head, last in receivers:
            if a != b:
                label = "\n".join(dict.fromkeys(filter(None, (first.label, last.label))))
                ends = (End.ARROW if a_head else End.NONE, End.ARROW if b_head else End.NONE)
                found.append(
                    CanvasLine(f"{first.id}+{last.id}+{number}", a, b, (), label, "", "", *ends, last.style)
                )
    return found


def _turned(line: CanvasLine) -> CanvasLine:
    return replace(
        line,
        source=line.target,
        target=line.source,
        source_end=line.target_end,
        target_end=line.source_end,
        source_label=line.target_label,
        target_label=line.source_label,
        path=line.path[::-1],
    )


def _edge(line: CanvasLine) -> Edge:
    """An edge runs the way its arrow points."""
    if line.source_end in _POINTED and line.target_end not in _POINTED:
        line = _turned(line)
    directed = line.source_end in _POINTED or line.target_end in _POINTED
    return Edge(
        line.source, line.target, line.label, directed, line.style, line.source_end, line.target_end,
        line.source_label, line.target_label, 1.0, line.path,
    )  # fmt: skip


def _acyclic(held_by: dict[str, str]) -> dict[str, str]:
    """Without the links that would make a shape hold itself."""
    done: dict[str, str] = {}
    for name, outer in held_by.items():
        at: str | None = outer
        while at is not None and at != name:
            at = done.get(at)
        if at is None:
            done[name] = outer
    return done


def _distance(box: Box, a: Point, b: Point) -> float:
    """How far the middle of a text's box is from a segment, less what the text itself covers."""
    x, y = center(box)
    dx, dy = b[0] - a[0], b[1] - a[1]
    t = ((x - a[0]) * dx + (y - a[1]) * dy) / max(dx * dx + dy * dy, 1e-9)
    t = min(max(t, 0.0), 1.0)
    px, py = a[0] + t * dx, a[1] + t * dy
    return math.hypot(max(box[0] - px, 0.0, px - box[2]), max(box[1] - py, 0.0, py - box[3]))


def _direction(nodes: dict[str, Node], groups: dict[str, Group], edges: Iterable[Edge]) -> str:
    boxes = {n.id: n.bbox for n in nodes.values()} | {g.id: g.bbox for g in groups.values()}
    votes: Counter[str] = Counter()
    for e in edges:
        a, b = boxes.get(e.source), boxes.get(e.target)
        if a is not None and b is not None:
            (ax, ay), (bx, by) = center(a), center(b)
            way = ("LR" if bx > ax else "RL") if abs(bx - ax) > abs(by - ay) else ("TD" if by > ay else "BT")
            votes[way] += 1
    return votes.most_common(1)[0][0] if votes else "TD"


def extent(diagram: Diagram) -> Box | None:
    """The box around everything that has a place; None where nothing has."""
    boxes = [n.bbox for n in diagram.nodes if n.bbox is not None]
    boxes += [g.bbox for g in diagram.groups if g.bbox is not None]
    points = [p for e in diagram.edges for p in e.path]
    if points:
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
    return union(boxes) if boxes else None
