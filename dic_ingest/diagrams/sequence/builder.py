"""A sequence diagram from its Scene: participants, messages in order, frames, notes.

Reasons from geometry alone: lifelines hang from heads, messages run between lifelines, labels stand at them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from dic_ingest.diagrams.scene import Scene, Shape, TextLine
from dic_ingest.diagrams.sequence.frames import Frames, is_note
from dic_ingest.diagrams.sequence.labels import label_messages
from dic_ingest.diagrams.sequence.lifelines import Column, find_columns, texts_in
from dic_ingest.diagrams.sequence.messages import Message, find_messages, has_head
from dic_ingest.diagrams.text_blocks import text_height
from dic_ingest.model.box import Box, area, center, height_of, inside, union, width_of
from dic_ingest.model.diagram import Diagram, Edge, End, Group, Kind, Node, Note

_NUMBER = re.compile(r"\d+(?:\.\d+)*[a-z]?")


def assemble_sequence(scene: Scene) -> Diagram:
    """The diagram; without nodes where no lifeline hangs from anything."""
    em = text_height(scene)
    columns = find_columns(scene, em)
    if not columns:
        return Diagram(Kind.SEQUENCE)
    messages = find_messages(scene, columns, em)
    frames = Frames(scene, messages, em)
    used = frames.used | {id(t) for c in columns for t in (*c.texts, *c.foot)}
    boxes, held = _boxes(scene, columns, used, em)
    title = _title(scene, columns, used, em)
    boxed = _notes(scene, messages, columns, used, em)
    notes = [text for _, text in boxed]
    used |= _counters(scene, messages, used, em)
    left = label_messages(messages, [t for t in scene.texts if id(t) not in used], em)
    told = [m for m in messages if m.source is not None and m.target is not None]
    lost = [_outside(m) for m in messages if (m.source is None or m.target is None) and m.texts]
    index = {id(m): i for i, m in enumerate(told)}
    groups = [_kept(g, messages, index) for g in frames.groups()]
    ids = {id(c): f"p{i}" for i, c in enumerate(columns, 1)}
    return Diagram(
        Kind.SEQUENCE,
        tuple(_node(c, ids[id(c)], held.get(id(c))) for c in columns),
        tuple(_edge(m, ids) for m in told),
        (*boxes, *groups),
        title,
        (*notes, *lost, *(t.text for t in _blocks(left, em))),
        "LR",
        placed_notes=_placed(boxed, columns, told, ids),
    )


def _placed(
    notes: Sequence[tuple[Box, str]], columns: Sequence[Column], told: Sequence[Message], ids: dict[int, str]
) -> tuple[Note, ...]:
    """Notes that lie on lifelines, each after the messages above its middle."""
    found = []
    for box, text in notes:
        over = tuple(ids[id(c)] for c in columns if box[0] <= c.x <= box[2])
        if over:
            middle = (box[1] + box[3]) / 2
            found.append(Note(text, over, sum(m.y < middle for m in told), box))
    return tuple(found)


def _node(column: Column, own: str, group: str | None) -> Node:
    return Node(own, column.label, column.shape, (), group, column.head)


def _edge(m: Message, ids: dict[int, str]) -> Edge:
    both = has_head(m.start) and has_head(m.end)
    if both and not m.own:
        ends = (End.ARROW, End.ARROW)
    else:
        ends = (End.NONE, End.CROSS if m.end is End.CROSS else End.ARROW if has_head(m.end) else End.NONE)
    label = " ".join(t.text for t in m.texts)
    style = "dashed" if m.line.dashed else "solid"
    return Edge(
        ids[id(m.source)],
        ids[id(m.target)],
        label,
        True,
        style,
        *ends,
        score=m.line.score,
        path=m.line.points,
    )


def _outside(m: Message) -> str:
    said = " ".join(t.text for t in m.texts)
    if m.source is None:
        return f"{said} (from outside to {m.target.label if m.target else ''})"
    return f"{said} (from {m.source.label} to outside)"


def _kept(group: Group, messages: Sequence[Message], index: dict[int, int]) -> Group:
    """The group with message numbers as told, those to nobody left out."""
    edges = tuple(index[id(messages[k])] for k in group.edges if id(messages[k]) in index)
    return Group(group.id, group.label, group.parent, group.bbox, group.kind, edges)


def _boxes(
    scene: Scene, columns: Sequence[Column], used: set[int], em: float
) -> tuple[list[Group], dict[int, str]]:
    """Boxes around participants, with the text at their top; what they hold by the column's identity."""
    longest = max(c.bottom - c.top for c in columns)
    groups: list[Group] = []
    held: dict[int, str] = {}
    for s in sorted(scene.shapes, key=lambda s: area(s.bbox)):
        inner = [c for c in columns if inside(c.head, s.bbox, 0.75)]
        if not inner or height_of(s.bbox) < 0.6 * longest or any(id(c) in held for c in inner):
            continue
        first = min(c.head[1] for c in inner)
        top = [
            t for t in texts_in(s.bbox, scene.texts) if id(t) not in used and t.bbox[3] <= first + 0.3 * em
        ]
        if top:
            own = f"b{len(groups) + 1}"
            used.update(id(t) for t in top)
            groups.append(Group(own, " ".join(t.text for t in top), None, s.bbox, "box"))
            held.update((id(c), own) for c in inner)
    return groups, held


def _title(scene: Scene, columns: Sequence[Column], used: set[int], em: float) -> str:
    """Text above all heads."""
    top = min(c.head[1] for c in columns)
    found = [t for t in scene.texts if id(t) not in used and t.bbox[3] <= top + 0.2 * em]
    used.update(id(t) for t in found)
    return " ".join(t.text for t in found)


def _notes(
    scene: Scene, messages: Sequence[Message], columns: Sequence[Column], used: set[int], em: float
) -> list[tuple[Box, str]]:
    """Note shapes with their texts, top to bottom."""
    found: list[tuple[Box, str]] = []
    for s in sorted(scene.shapes, key=lambda s: area(s.bbox)):
        texts = [t for t in texts_in(s.bbox, scene.texts) if id(t) not in used]
        if (
            texts
            and not _is_counter(s, texts, em)
            and not _hugs(s, texts)
            and is_note(s, scene, messages, columns, em)
        ):
            used.update(id(t) for t in texts)
            found.append((s.bbox, " ".join(t.text for t in texts)))
    return sorted(found, key=lambda n: (n[0][1], n[1]))


def _hugs(shape: Shape, texts: Sequence[TextLine]) -> bool:
    """A label's background is no note: without a border, hardly larger than its text."""
    around = union(t.bbox for t in texts)
    return shape.stroke is None and area(shape.bbox) < 1.5 * area(around)


def _is_counter(shape: Shape, texts: Sequence[TextLine], em: float) -> bool:
    """A message's running number in its circle."""
    small = width_of(shape.bbox) < 2.5 * em and height_of(shape.bbox) < 2.5 * em
    return small and len(texts) == 1 and _NUMBER.fullmatch(texts[0].text.strip()) is not None


def _counters(scene: Scene, messages: Sequence[Message], used: set[int], em: float) -> set[int]:
    """Running numbers: in a circle of their own, or at the very end of an arrow."""
    found: set[int] = set()
    for s in scene.shapes:
        texts = [t for t in texts_in(s.bbox, scene.texts) if id(t) not in used]
        if _is_counter(s, texts, em):
            found.add(id(texts[0]))
    ends = [p for m in messages for p in (m.line.points[0], m.line.points[-1])]
    for t in scene.texts:
        x, y = center(t.bbox)
        if _NUMBER.fullmatch(t.text.strip()) and any(
            abs(px - x) < em and abs(py - y) < 0.4 * em for px, py in ends
        ):
            found.add(id(t))
    return found


def _blocks(texts: Sequence[TextLine], em: float) -> list[TextLine]:
    """Leftover lines of text that stand over each other put together."""
    ordered = sorted((t for t in texts if t.text.strip()), key=lambda t: (t.bbox[1], t.bbox[0]))
    if not ordered:
        return []
    blocks = [ordered[0]]
    for _, t in pairwise(ordered):
        last = blocks[-1]
        if -0.3 * em <= t.bbox[1] - last.bbox[3] <= 0.7 * em and abs(t.bbox[0] - last.bbox[0]) < em:
            blocks[-1] = TextLine(f"{last.text} {t.text}", union([last.bbox, t.bbox]), t.size)
        else:
            blocks.append(t)
    return blocks
