"""Drawings with known graphs as training cases: a scene, and where its true nodes and groups lie in it.

In: a folder of drawings with truth (draw.io, Excalidraw, PowerPoint sources; rendered Mermaid) and scenes
read from them (`read_scenes.py`). Out: `Case`s whose boxes are in the scene's own coordinates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import TypeAdapter

from dic_ingest.diagrams.scene import Scene
from dic_ingest.diagrams.text_blocks import blocks
from dic_ingest.model.box import Box, area, center, overlap
from dic_ingest.model.diagram import Kind

SCENE = TypeAdapter(Scene)
POINTS = 0.75  # of a CSS pixel, in the vector renders of drawings made for the screen


@dataclass(slots=True)
class TrueBox:
    """A node or a group as its author drew it."""

    id: str
    label: str
    box: Box
    group: bool = False


@dataclass(slots=True)
class Case:
    """One drawing read one way. `truth`: the graph in the scorer's format."""

    id: str
    owner: str
    pixels: bool
    scene: Scene
    boxes: list[TrueBox]
    truth: dict[str, Any]
    looks: dict[str, float] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """The true kind."""
        return Kind(self.truth["kind"])


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def load_cases(corpus: Path, scenes: Path) -> list[Case]:
    """All cases of a corpus folder that a scene was stored for, as `read_scenes.py` wrote them."""
    owners = {m["id"]: m["owner"] for m in lines_of(corpus / "real_sources/manifest.jsonl")}
    found = []
    for truth in lines_of(corpus / "real_sources/truth.jsonl"):
        found += _with_scenes(scenes, "sources", truth, owners[truth["id"]], _source_boxes(truth))
    for truth in lines_of(corpus / "diagrams_truth.jsonl"):
        drawn = json.loads((corpus / "diagrams" / f"{truth['id']}.json").read_text("utf-8"))
        owner = drawn["repo"].split("/")[0]
        found += _with_scenes(scenes, "mermaid", truth, owner, _mermaid_boxes(drawn["truth"], truth))
    return found


def _with_scenes(
    scenes: Path, group: str, truth: dict[str, Any], owner: str, boxes: list[TrueBox]
) -> list[Case]:
    found = []
    for route in ("vector", "pixels"):
        path = scenes / f"{group}-{route}-{truth['id']}.json"
        if not path.exists():
            continue
        stored = json.loads(path.read_text("utf-8"))
        scene = SCENE.validate_python(stored["scene"])
        placed = _placed(scene, boxes, truth, route == "pixels")
        if placed:
            found.append(Case(truth["id"], owner, route == "pixels", scene, placed, truth, stored["looks"]))
    return found


def _source_boxes(truth: dict[str, Any]) -> list[TrueBox]:
    found = []
    for item, is_group in [*((n, False) for n in truth["nodes"]), *((g, True) for g in truth["groups"])]:
        if item.get("bbox"):
            x, y, w, h = item["bbox"]
            box = (x, y, x + w, y + h)
            found.append(TrueBox(item["id"], item["label"], box, is_group or bool(item.get("group"))))
    return with_holders(found)


def with_holders(boxes: list[TrueBox]) -> list[TrueBox]:
    """The boxes, once each, with those that hold others' boxes as groups."""
    once: dict[str, TrueBox] = {}
    for item in boxes:
        known = once.setdefault(item.id, item)
        known.group = known.group or item.group
    for item in once.values():
        item.group = item.group or any(
            o is not item
            and area(o.box) < 0.7 * area(item.box)
            and overlap(o.box, item.box) > 0.98 * area(o.box)
            for o in once.values()
        )
    return list(once.values())


def _mermaid_boxes(drawn: dict[str, Any], truth: dict[str, Any]) -> list[TrueBox]:
    labels = {n["id"]: n["label"] for n in truth["nodes"]}
    found = []
    for item in drawn.get("nodes") or ():
        if item.get("bbox_css"):
            label = labels.get(item["id"], item.get("label") or "")
            found.append(TrueBox(item["id"], label, tuple(item["bbox_css"])))
    placed = bool(found)
    for k, item in enumerate(drawn.get("node_boxes") or ()):
        if "cluster" in item["cls"] or not placed:
            found.append(TrueBox(f"box{k}", item["text"], tuple(item["bbox"]), "cluster" in item["cls"]))
    truth.setdefault("css_width", drawn["css_size"][0])
    return with_holders(found)


def _placed(scene: Scene, boxes: list[TrueBox], truth: dict[str, Any], pixels: bool) -> list[TrueBox]:
    """The boxes in the scene's coordinates; none where they cannot be placed."""
    if "css_width" in truth:
        scale, dx, dy = scene.width / truth["css_width"], 0.0, 0.0
    else:
        place = truth.get("px") or {}
        scale = float(place.get("scale", 1.0)) if pixels else POINTS
        if "origin" in place:
            dx, dy = (float(v) * scale for v in place["origin"])
        else:
            dx, dy = _shift(scene, boxes, scale)
    return [
        TrueBox(b.id, b.label, tuple(v * scale + (dx, dy)[k % 2] for k, v in enumerate(b.box)), b.group)
        for b in boxes
    ]


def _shift(scene: Scene, boxes: list[TrueBox], scale: float) -> tuple[float, float]:
    """How far the drawing was moved, by the nodes whose name stands once in the scene."""
    printed = [(plain(b.text), center(b.box)) for b in blocks(list(scene.texts))]
    moves = []
    for box in boxes:
        at = [p for text, p in printed if text and text == plain(box.label)]
        if len(at) == 1 and not box.group:
            cx, cy = center(box.box)
            moves.append((at[0][0] - cx * scale, at[0][1] - cy * scale))
    if not moves:
        return 0.0, 0.0
    return median(m[0] for m in moves), median(m[1] for m in moves)


def plain(text: str) -> str:
    """Letters and digits, case folded."""
    return "".join(c for c in text.casefold() if c.isalnum())


def in_held_fifth(owner: str) -> bool:
    """Whether an owner's drawings are kept for the last check: a fifth of all, by a hash of the name."""
    import hashlib

    return hashlib.sha1(owner.encode()).digest()[0] % 5 == 0


def by_owner(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """Cases of each owner."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.owner, []).append(case)
    return found
