"""Loop/alt/opt frames, notes and boxes around participants.

In: the Scene, columns, messages. Out: groups with the indexes of the messages inside, note texts, and which
texts were used up. A frame is known by the word in its corner, or by a corner tag.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dic_ingest.diagrams.scene import Scene, Shape, TextLine
from dic_ingest.diagrams.sequence.lifelines import Column, texts_in
from dic_ingest.diagrams.sequence.messages import Message, is_flat
from dic_ingest.model.box import Box, area, center, height_of, inside, shared_width, union, width_of
from dic_ingest.model.diagram import Group

_WORDS = {"loop", "alt", "opt", "par", "critical", "break", "group", "ref", "neg", "assert", "strict", "seq"}
_WORDS |= {"consider", "ignore", "par_over"}
_DIVIDED = {"alt", "par", "critical"}
_TAG = re.compile(r"^\W*([A-Za-z_]+)\W*(.*)$")


@dataclass(slots=True)
class Frame:
    """A frame as drawn: its word, its condition, the heights at which a new section begins."""

    box: Box
    kind: str
    label: str
    cuts: list[tuple[float, str]] = field(default_factory=list)


class Frames:
    """Finds frames; `used` holds the identities of the texts that belong to them."""

    def __init__(self, scene: Scene, messages: Sequence[Message], em: float) -> None:
        self.scene, self.messages, self.em = scene, messages, em
        self.used: set[int] = set()
        self.found: list[Frame] = []
        boxes = sorted(self._boxes(), key=area)
        for box in boxes:
            if not any(_close(box, f.box, em) for f in self.found) and self._crossed(box):
                self._read(box)
        for frame in self.found:
            self._cut(frame)

    def _boxes(self) -> list[Box]:
        large = [s.bbox for s in self.scene.shapes if width_of(s.bbox) > 3 * self.em]
        return [b for b in large if height_of(b) > 1.8 * self.em] + self._around_words()

    def _around_words(self) -> list[Box]:
        """Frames whose border is single lines: what runs from the corner where a frame's word stands."""
        found = []
        for t in self.scene.texts:
            match = _TAG.match(t.text)
            if match is None or match[1].casefold() not in _WORDS:
                continue
            x, y = t.bbox[0], t.bbox[1]
            right = [b for b in self._line_boxes() if width_of(b) > 3 * self.em and self._at_corner(b, x, y)]
            down = [b for b in self._line_boxes() if height_of(b) > 2 * self.em and self._at_corner(b, x, y)]
            if right and down:
                found.append(union([max(right, key=lambda b: b[2]), max(down, key=lambda b: b[3])]))
        return found

    def _at_corner(self, b: Box, x: float, y: float) -> bool:
        return -0.3 * self.em <= x - b[0] <= 2.2 * self.em and -0.3 * self.em <= y - b[1] <= 1.2 * self.em

    def _line_boxes(self) -> list[Box]:
        return [
            (min(xs), min(ys), max(xs), max(ys))
            for k in self.scene.lines
            for xs, ys in [([p[0] for p in k.points], [p[1] for p in k.points])]
        ]

    def _crossed(self, box: Box) -> bool:
        return any(self.holds(box, m) for m in self.messages)

    def holds(self, box: Box, m: Message) -> bool:
        """Whether the message runs inside the frame."""
        middle = (m.box[1] + m.box[3]) / 2
        shared = shared_width(m.box, box)
        return box[1] < middle < box[3] and shared >= 0.5 * width_of(m.box)

    def _read(self, box: Box) -> None:
        corner = (
            box[0] - 0.4 * self.em,
            box[1] - 0.4 * self.em,
            box[0] + 2.6 * self.em,
            box[1] + 1.8 * self.em,
        )
        tags = [
            t
            for t in self.scene.texts
            if inside((*t.bbox[:2], *t.bbox[:2]), corner) and id(t) not in self.used
        ]
        for t in sorted(tags, key=lambda t: (t.bbox[1], t.bbox[0])):
            match = _TAG.match(t.text)
            word = match[1].casefold() if match else ""
            rest = match[2].strip() if match else ""
            if (
                match is not None
                and word in _WORDS
                and (not rest or rest[0] in "[(" or t.text.startswith(match[1]))
            ):
                self.used.add(id(t))
                self.found.append(Frame(box, word, _bare(rest) or self._condition(box, t)))
                return
            if self._tagged(t, box):
                self.used.add(id(t))
                self.found.append(Frame(box, "group", t.text))
                return

    def _tagged(self, t: TextLine, box: Box) -> bool:
        """Whether a small outline of its own in the frame's corner holds the text."""
        for s in self.scene.shapes:
            small = area(s.bbox) < 0.3 * area(box) and height_of(s.bbox) < 2.5 * self.em
            corner = abs(s.bbox[0] - box[0]) < 0.4 * self.em and abs(s.bbox[1] - box[1]) < 0.4 * self.em
            if small and corner and inside(t.bbox, s.bbox, 0.7):
                return True
        return False

    def _condition(self, box: Box, tag: TextLine) -> str:
        """The text to the right of the word, lines below it that continue a bracket."""
        middle = (tag.bbox[1] + tag.bbox[3]) / 2
        row = [
            t
            for t in texts_in(box, self.scene.texts)
            if id(t) not in self.used
            and t.bbox[0] >= tag.bbox[2] - 0.2 * self.em
            and abs((t.bbox[1] + t.bbox[3]) / 2 - middle)
            <= (1.3 if t.text.startswith("[") else 0.7) * self.em
        ]
        row.sort(key=lambda t: t.bbox[0])
        return _bare(" ".join(self._whole(t) for t in row))

    def _whole(self, first: TextLine) -> str:
        """A bracketed text to its closing bracket, over several lines."""
        self.used.add(id(first))
        said, at = first.text, first
        while said.startswith("[") and "]" not in said:
            below = [
                t
                for t in self.scene.texts
                if id(t) not in self.used
                and -0.3 * self.em <= t.bbox[1] - at.bbox[3] <= 0.7 * self.em
                and min(t.bbox[2], at.bbox[2]) > max(t.bbox[0], at.bbox[0])
            ]
            if not below:
                break
            at = min(below, key=lambda t: t.bbox[1])
            self.used.add(id(at))
            said = f"{said} {at.text}"
        return said

    def _cut(self, frame: Frame) -> None:
        """Sections of a divided frame: below a level line through it, or at a bracketed text of its own."""
        inner = [f.box for f in self.found if f is not frame and inside(f.box, frame.box, 0.9)]
        heights = [y for y in self._dividers(frame.box) if not any(b[1] < y < b[3] for b in inner)]
        marks: list[tuple[float, str]] = []
        for t in texts_in(frame.box, self.scene.texts):
            own = id(t) not in self.used and not any(inside(t.bbox, b) for b in inner)
            near = any(-0.3 * self.em <= t.bbox[1] - y <= 1.6 * self.em for y in heights)
            closed = t.text.startswith("[") and frame.kind in _DIVIDED
            if own and t.text.startswith("[") and (closed or near):
                marks.append((t.bbox[1], _bare(self._whole(t))))
        unnamed = [y for y in heights if not any(-0.3 * self.em <= m - y <= 1.6 * self.em for m, _ in marks)]
        frame.cuts = sorted([*marks, *((y, "") for y in unnamed)])

    def _dividers(self, box: Box) -> list[float]:
        wide = 0.9 * width_of(box)
        found = []
        for k in self.scene.lines:
            (x0, y0), (x1, y1) = k.points[0], k.points[-1]
            level = is_flat(k, self.em) and abs(y1 - y0) < 0.3 * self.em
            across = (
                abs(x1 - x0) >= wide and min(x0, x1) < box[0] + self.em and max(x0, x1) > box[2] - self.em
            )
            if level and across and box[1] + self.em < y0 < box[3] - self.em:
                found.append(y0)
        for s in self.scene.shapes:  # a section closed by its divider and the frame
            sides = all(abs(s.bbox[i] - box[i]) < 0.4 * self.em for i in (0, 2, 3))
            if sides and box[1] + self.em < s.bbox[1] < box[3] - self.em:
                found.append(s.bbox[1])
        return sorted(set(found))

    def groups(self) -> list[Group]:
        """Frames as groups, outer ones first; a section after the first is a group of kind "else"."""
        ordered = sorted(self.found, key=lambda f: (-area(f.box), f.box[1]))
        groups: list[Group] = []
        for i, f in enumerate(ordered):
            around = [j for j in range(i) if inside(f.box, ordered[j].box, 0.9)]
            parent = f"f{around[-1] + 1}" if around else None
            indexes = tuple(k for k, m in enumerate(self.messages) if self.holds(f.box, m))
            groups.append(Group(f"f{i + 1}", f.label, parent, f.box, f.kind, indexes))
        for i, f in enumerate(ordered):
            for n, (y, label) in enumerate(f.cuts):
                end = f.cuts[n + 1][0] if n + 1 < len(f.cuts) else f.box[3]
                held = tuple(k for k in groups[i].edges if y < self.messages[k].y <= end)
                box = (f.box[0], y, f.box[2], end)
                if held:
                    groups.append(Group(f"f{i + 1}.{n + 2}", label, f"f{i + 1}", box, "else", held))
        return groups


def _close(a: Box, b: Box, em: float) -> bool:
    return all(abs(p - q) < 0.6 * em for p, q in zip(a, b, strict=True))


def _bare(text: str) -> str:
    """A condition without its outer brackets."""
    text = text.strip()
    return text[1:-1].strip() if text.startswith("[") and text.endswith("]") else text


def is_note(
    shape: Shape, scene: Scene, messages: Sequence[Message], columns: Sequence[Column], em: float
) -> bool:
    """Whether a shape is a note: drawn, filled by its text, with no message through it.

    What covers a lifeline is seen, whatever its paint: pictures tell no borders.
    """
    held = texts_in(shape.bbox, scene.texts)
    if not held or area(shape.bbox) > 12 * sum(area(t.bbox) for t in held) + 30 * em * em:
        return False
    drawn = (
        shape.kind == "icon"
        or shape.stroke is not None
        or (shape.fill is not None and shape.fill != scene.background)
        or any(abs(c.x - center(shape.bbox)[0]) < em and c.top < shape.bbox[1] < c.bottom for c in columns)
    )
    x0, y0, x1, y1 = shape.bbox
    through = any(
        y0 + 0.2 * em < m.y < y1 - 0.2 * em and min(x1, m.box[2]) - max(x0, m.box[0]) > 0.5 * em
        for m in messages
    )
    return drawn and not through
