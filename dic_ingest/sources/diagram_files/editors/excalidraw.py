"""Excalidraw scenes (JSON) -> a `Diagram`: bindings name the shapes that an arrow joins, frames are
groups."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

from dic_ingest.errors import MALFORMED, BrokenFileError, LimitError
from dic_ingest.model.box import Box, union
from dic_ingest.model.diagram import Diagram, End
from dic_ingest.sources.diagram_files.editors.canvas import CanvasLine, CanvasShape, EditorCanvas
from dic_ingest.sources.diagram_files.limits import DiagramLimits

_FORMS = {
    "rectangle": "rect",
    "ellipse": "circle",
    "diamond": "diamond",
    "image": "icon",
    "embeddable": "rect",
}
_STROKES = frozenset({"line", "ellipse", "rectangle", "diamond", "freedraw"})
_BINDINGS = ("startBinding", "endBinding")
_HEADS = {
    "arrow": End.ARROW, "triangle": End.ARROW, "triangle_outline": End.TRIANGLE, "dot": End.CIRCLE,
    "circle": End.CIRCLE, "circle_outline": End.CIRCLE, "diamond": End.FILLED_DIAMOND,
    "diamond_outline": End.DIAMOND, "bar": End.ONE, "crowfoot_one": End.ONE, "crowfoot_many": End.MANY,
    "crowfoot_one_or_many": End.MANY,
}  # fmt: skip


def read_excalidraw(data: bytes | str, name: str, limits: DiagramLimits) -> Diagram:
    """The graph of a scene.

    Raises:
        BrokenFileError: no Excalidraw scene. LimitError: more elements than `limits` allow.
    """
    try:
        scene = json.loads(data)
        elements = [e for e in scene["elements"] if isinstance(e, dict) and not e.get("isDeleted")]
    except MALFORMED as error:
        raise BrokenFileError(f"{name} is no Excalidraw scene: {error}. Save it again.") from error
    if len(elements) > limits.max_cells:
        raise LimitError(f"{name} has over DiagramLimits.max_cells ({limits.max_cells}) elements. Raise it.")
    try:
        return _Scene(elements, limits).canvas().diagram()
    except MALFORMED as error:
        raise BrokenFileError(
            f"{name} has elements without their fields: {error!r}. Save it again."
        ) from error


class _Scene:
    def __init__(self, elements: list[dict[str, Any]], limits: DiagramLimits) -> None:
        self.limits = limits
        self.elements = {str(e["id"]): e for e in elements if "id" in e}
        self.held: dict[str, list[dict[str, Any]]] = {}
        for e in self.elements.values():
            if e.get("type") == "text" and e.get("containerId") in self.elements:
                self.held.setdefault(str(e["containerId"]), []).append(e)

    def _symbols(self) -> tuple[list[CanvasShape], set[str]]:
        """Strokes that are grouped, with one text at most and no arrow bound to a part, make one symbol each.

        The outermost group counts, else the innermost. Out: the symbols, and the ids of their parts.
        """
        bound = {str((e.get(k) or {}).get("elementId")) for e in self.elements.values() for k in _BINDINGS}
        symbols: list[CanvasShape] = []
        used: set[str] = set()
        for level in (-1, 0):
            parts: dict[str, list[str]] = {}
            for own, e in self.elements.items():
                if e.get("groupIds") and own not in used:
                    parts.setdefault(str(e["groupIds"][level]), []).append(own)
            for group, names in parts.items():
                if self._is_symbol(names, bound):
                    used.update(names)
                    symbols.append(self._symbol(group, names))
        return symbols, used

    def _is_symbol(self, names: list[str], bound: set[str]) -> bool:
        kinds = [str(self.elements[n].get("type")) for n in names]
        drawn = sum(k in _STROKES for k in kinds)
        by_hand = kinds.count("line") + kinds.count("freedraw")
        words = kinds.count("text")
        alone = not any(n in bound or n in self.held for n in names)
        return alone and by_hand > 0 and drawn > 1 and words < 2 and drawn + words == len(kinds)

    def _symbol(self, group: str, names: list[str]) -> CanvasShape:
        first = self.elements[names[0]]
        said = [self._words(self.elements[n]) for n in names if self.elements[n].get("type") == "text"]
        box = union(_box(self.elements[n]) for n in names)
        return CanvasShape(f"group-{group}", box, "".join(said), "icon", container=self._frame(first))

    def canvas(self) -> EditorCanvas:
        """The scene's shapes and lines."""
        shapes: list[CanvasShape] = []
        lines: list[CanvasLine] = []
        symbols, parts = self._symbols()
        shapes += symbols
        for own, e in self.elements.items():
            if own in parts:
                continue
            kind = e.get("type")
            if kind in _FORMS:
                shapes.append(self._shape(own, e, _FORMS[kind]))
            elif kind in ("frame", "magicframe"):
                frame = self._shape(own, e, "rect")
                shapes.append(replace(frame, label=str(e.get("name") or ""), frame=True))
            elif kind == "text" and e.get("containerId") not in self.elements:
                shapes.append(CanvasShape(own, _box(e), self._words(e), text=True, container=self._frame(e)))
            elif kind == "line" and _is_closed(e):
                shapes.append(self._shape(own, e, "rect"))
            elif kind in ("arrow", "line"):
                line = self._line(own, e)
                lines += [line] if line else []
        return EditorCanvas(shapes, lines)

    def _shape(self, own: str, e: dict[str, Any], form: str) -> CanvasShape:
        if form == "rect" and e.get("roundness"):
            form = "rounded"
        clear = (
            e.get("strokeColor") == "transparent" and e.get("backgroundColor", "transparent") == "transparent"
        )
        return CanvasShape(own, _box(e), self._label(own), form, container=self._frame(e), clear=clear)

    def _frame(self, e: dict[str, Any]) -> str:
        frame = str(e.get("frameId") or "")
        return frame if frame in self.elements else ""

    def _label(self, own: str) -> str:
        return "\n".join(self._words(t) for t in self.held.get(own, ()))

    def _words(self, e: dict[str, Any]) -> str:
        """A text as it was typed: the breaks that fitting it into a shape made are none of it."""
        text = str(e.get("originalText") or e.get("text") or "")[: self.limits.max_label]
        return "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())

    def _line(self, own: str, e: dict[str, Any]) -> CanvasLine | None:
        x, y = float(e["x"]), float(e["y"])
        path = tuple((x + float(p[0]), y + float(p[1])) for p in e.get("points") or ())[:5_000]
        source, target = self._bound(e, "startBinding"), self._bound(e, "endBinding")
        bare = e["type"] == "line" and not (source or target)
        if len(path) < 2 or not all(math.isfinite(v) for p in path for v in p):
            return None
        if bare and (len(path) > 4 or math.dist(path[0], path[-1]) < 1 or len(e.get("groupIds") or ()) > 0):
            return None  # a shape drawn by hand
        first, last = (_HEADS.get(str(e.get(k) or ""), End.NONE) for k in ("startArrowhead", "endArrowhead"))
        style = "dashed" if e.get("strokeStyle") in ("dashed", "dotted") else "solid"
        return CanvasLine(own, source, target, path, self._label(own), "", "", first, last, style)

    def _bound(self, e: dict[str, Any], end: str) -> str:
        found = str((e.get(end) or {}).get("elementId") or "")
        bound = self.elements.get(found)
        if bound is None:
            return ""
        return str(bound["containerId"]) if bound.get("containerId") in self.elements else found


def _is_closed(e: dict[str, Any]) -> bool:
    """Whether a polyline is an outline."""
    points: list[Any] = list(e.get("points") or [])
    if len(points) < 4:
        return False
    gap = math.dist(points[0][:2], points[-1][:2])
    return gap < 0.1 * max(abs(float(e["width"])), abs(float(e["height"])), 1.0)


def _box(e: dict[str, Any]) -> Box:
    """The box around an element, turned by its angle."""
    x, y, w, h = float(e["x"]), float(e["y"]), float(e["width"]), float(e["height"])
    x0, y0, x1, y1 = min(x, x + w), min(y, y + h), max(x, x + w), max(y, y + h)
    angle = float(e.get("angle") or 0.0)
    if not all(math.isfinite(v) for v in (x, y, w, h, angle)):
        raise ValueError("a place that is no number")
    if abs(math.sin(angle)) < 0.02:
        return x0, y0, x1, y1
    c, s = abs(math.cos(angle)), abs(math.sin(angle))
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    wide, tall = (x1 - x0) * c + (y1 - y0) * s, (x1 - x0) * s + (y1 - y0) * c
    return cx - wide / 2, cy - tall / 2, cx + wide / 2, cy + tall / 2
