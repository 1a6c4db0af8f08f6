"""Outlines that stand for something else: labelled ports for their box, connectors for the rest of a line.

In: a `Reading` whose lines are linked. Out: the same; edges end at what the ports and connectors stand for,
and these are nodes no more.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dic_ingest.diagrams.graph.attachment import Attachment, To
from dic_ingest.diagrams.graph.containment import Part, Role
from dic_ingest.diagrams.graph.nets import EdgeDraft
from dic_ingest.diagrams.graph.reading import Reading
from dic_ingest.diagrams.text_blocks import read_on
from dic_ingest.model.box import area, overlap
from dic_ingest.model.diagram import Kind
from dic_ingest.model.geometry import is_round

BOXES = frozenset({"rect", "rounded"})  # ports and their owners; other forms overlap as they please
LARGER = 5.0  # times a port's area: the least that its owner has
ASTRIDE = (0.15, 0.85)  # share of a port that lies within its owner
CONNECTOR = 3.2  # text heights of the largest connector
SIGN = re.compile(r"[A-Z]\d?|\d{1,2}")


def read_stand_ins(r: Reading) -> None:
    """Apply both conventions; a state's points on its border have names of their own and stay."""
    if r.kind is not Kind.STATE:
        _pass_on_ports(r)
    _join_connectors(r)


def _pass_on_ports(r: Reading) -> None:
    """Small named boxes astride the border of a larger named one: the line's ends, with their names there.

    A port without a line is a member of its owner.
    """
    owners = _port_owners(r)
    for draft in r.drafts:
        source, target = draft.source, draft.target
        at = [owners.get(h.index) if h.to is To.PART else None for h in (source, target)]
        if at[0] is not None and at[0] != target.index:
            draft.source = replace(source, index=at[0])
            draft.source_labels.append(read_on(r.parts[source.index].texts))
        if at[1] is not None and at[1] != source.index:
            draft.target = replace(target, index=at[1])
            draft.target_labels.append(read_on(r.parts[target.index].texts))
    linked = {h.index for d in r.drafts for h in (d.source, d.target) if h.to is To.PART}
    for port in owners:
        if port not in linked:
            r.parts[port].role = Role.PART
    _hold_unused(r, owners, linked)


def _hold_unused(r: Reading, owners: dict[int, int], linked: set[int]) -> None:
    said = {label for d in r.drafts for label in (*d.source_labels, *d.target_labels)}
    for port, owner in owners.items():
        name = read_on(r.parts[port].texts)
        if port not in linked and name not in said:
            r.parts[owner].holds = (*r.parts[owner].holds, name)


def _port_owners(r: Reading) -> dict[int, int]:
    """Port to the named box whose border passes through it; at a frame of boxes it is a box itself."""
    found: dict[int, int] = {}
    boxes = [i for i, p in enumerate(r.parts) if p.shape.kind in BOXES]
    named = [i for i in boxes if r.parts[i].role is Role.NODE and r.parts[i].texts]
    for i in boxes:
        port = r.parts[i]
        if port.role is not Role.NODE or not port.texts or port.children:
            continue
        size = area(port.box)
        around = [
            k
            for k in named
            if k != i
            and area(r.parts[k].box) >= LARGER * size
            and ASTRIDE[0] * size < overlap(r.parts[k].box, port.box) < ASTRIDE[1] * size
        ]
        if len(around) == 1:
            found[i] = around[0]
    return found


def _join_connectors(r: Reading) -> None:
    """Two small circles with one sign, where lines only end at one and only begin at the other: one line."""
    by_sign: dict[str, list[int]] = {}
    for i, part in enumerate(r.parts):
        if part.role is Role.NODE and _is_connector(part, r.em):
            by_sign.setdefault(read_on(part.texts), []).append(i)
    for pair in by_sign.values():
        if len(pair) != 2:
            continue
        for last, first in (pair, pair[::-1]):
            into, out = _ends(r, last), _ends(r, first)
            if (
                into
                and len(out) == 1
                and all(d.target.index == last for d in into)
                and out[0].source.index == first
            ):
                _join(r, into, out[0])
                r.parts[last].role = r.parts[first].role = Role.NOTHING
                break


def _is_connector(part: Part, em: float) -> bool:
    x0, y0, x1, y1 = part.box
    small = max(x1 - x0, y1 - y0) < CONNECTOR * em and is_round(part.shape.polygon)
    return small and bool(part.texts) and SIGN.fullmatch(read_on(part.texts).strip()) is not None


def _ends(r: Reading, i: int) -> list[EdgeDraft]:
    return [d for d in r.drafts if _at(d.source, i) or _at(d.target, i)]


def _at(hit: Attachment, i: int) -> bool:
    return hit.to is To.PART and hit.index == i


def _join(r: Reading, into: list[EdgeDraft], out: EdgeDraft) -> None:
    """Every line into the first connector goes on to where the second one's line leads."""
    for draft in into:
        draft.target, draft.target_end = out.target, out.target_end
        draft.path = (*draft.path, *out.path)
        draft.wires = (*draft.wires, *out.wires)
        draft.directed = draft.directed or out.directed
        draft.score = round(draft.score * out.score, 3)
    r.drafts = [d for d in r.drafts if d is not out]
