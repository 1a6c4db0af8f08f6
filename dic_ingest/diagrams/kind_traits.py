"""Countable traits of a drawing from which its kind is decided: lines, outlines, words, each a plain
number.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import pairwise
from statistics import median

from dic_ingest.diagrams.scene import Line, Scene, Shape
from dic_ingest.diagrams.sequence.lifelines import find_columns, is_upright, texts_in
from dic_ingest.diagrams.sequence.messages import find_messages, is_flat
from dic_ingest.diagrams.text_blocks import text_height
from dic_ingest.diagrams.tick_labels import axes_of, cells_of, extent, is_number
from dic_ingest.model.box import Box, area, grow, height_of, inside, size_of, union, width_of
from dic_ingest.model.diagram import End
from dic_ingest.model.geometry import length, outline_distance, signed_area

# What the words in a drawing say of its kind: steps begin with verbs, parts of a system are called by
# nouns.


_NETWORK = re.compile(
    r"\b(?:routers?|switch(?:es)?|firewalls?|subnets?|vlans?|vpcs?|vpns?|lan|wan|dmz|internet|"
    r"load ?balancers?|eth\d|\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?|sites?|regions?|data ?cent(?:er|re)s?|"
    r"leaf|spine|gnb|enb|base stations?|racks?)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(?:step\s*)?\(?(\d{1,2})[.):]?(?:\s|$)", re.IGNORECASE)
_WORD = re.compile(r"[a-zA-Z]+")
# which one of several: "app a", "sidecar 1", "foo-v2"
_COUNTED_OFF = re.compile(r"(?:[\W_]*v?\d+|[\W_]+[a-z])\W*$")


@cache
def _known() -> dict[str, frozenset[str]]:
    """Verbs that steps begin with, and nouns that parts of a system are called by."""
    text = resources.files("dic_ingest.diagrams").joinpath("kinds_words.json").read_text("utf-8")
    return {name: frozenset(words) for name, words in json.loads(text).items()}


@dataclass(frozen=True, slots=True)
class WordTraits:
    """Shares (0..1) are of the boxes with words."""

    steps: float = 0.0  # begin with a verb, as instructions do
    questions: float = 0.0  # end with a question mark
    numbered: int = 0  # how far the boxes count: 1, 2, 3 ...
    parts: float = 0.0  # name a part of a system
    network: int = 0  # texts anywhere that name what networks are made of
    long: float = 0.0  # five words or more
    single: float = 0.0  # one word
    again: float = 0.0  # bear a name that another box has, too, but for a number or letter behind it
    numbers: float = 0.0  # a number alone, as bars with their values have; not where they count 1, 2, 3


def word_traits(boxes: Sequence[str], texts: Sequence[str]) -> WordTraits:
    """Traits of the texts of the boxes, each joined, and of all texts."""
    split = [[w.casefold() for w in _WORD.findall(b)] for b in boxes]
    said = [ws for ws in split if ws]
    count = max(1, len(said))
    counted = _counted(boxes)
    alone = 0 if counted else sum(is_number(b) for b in boxes)
    return WordTraits(
        steps=sum(_is_step(ws) for ws in said) / count,
        questions=sum(b.strip().endswith("?") for b in boxes) / count,
        numbered=counted,
        parts=sum(any(w in _known()["parts"] for w in ws) and not _is_step(ws) for ws in said) / count,
        network=sum(bool(_NETWORK.search(t)) for t in texts),
        long=sum(len(ws) >= 5 for ws in said) / count,
        single=sum(len(ws) == 1 for ws in said) / count,
        again=_repeated(boxes) / count,
        numbers=alone / max(1, len(boxes)),
    )


def _is_step(words: Sequence[str]) -> bool:
    """Whether a text begins with a verb that something follows: "check stock", "sends it on"."""
    if len(words) < 2:
        return False
    first = words[0]
    stems = (first, first.removesuffix("s"), first.removesuffix("es"), first.removesuffix("ies") + "y")
    # "store manager", "update service" are names
    return any(s in _known()["verbs"] for s in stems) and not (
        len(words) == 2 and words[1] in _known()["parts"]
    )


def _repeated(boxes: Sequence[str]) -> int:
    """Boxes that share their name with another: "Pod 1" and "Pod 2"."""
    bare = [_COUNTED_OFF.sub("", b.strip().casefold()) for b in boxes]
    times = Counter(b for b in bare if _WORD.search(b) and len(b) >= 3)
    return sum(n for n in times.values() if n > 1)


def _counted(boxes: Sequence[str]) -> int:
    """The largest n for which boxes begin with 1 to n; 0 under three."""
    found = {int(m[1]) for b in boxes if (m := _NUMBERED.match(b.strip()))}
    n = 0
    while n + 1 in found:
        n += 1
    return n if n >= 3 else 0


# Countable traits of a drawing from which its kind is told: plain numbers that a person can check on the
# picture.


@dataclass(frozen=True, slots=True)
class Traits:
    """Numbers of what is drawn. `shares` are 0..1 of the connecting lines."""

    boxes: int = 0  # outlines with text of their own
    connectors: int = 0  # lines between outlines
    lifelines: int = 0
    mirrored: int = 0  # lifelines whose head is drawn again at a far foot
    messages: int = 0
    message_share: float = 0.0  # by length, of the lines that are not upright
    directed: float = 0.0
    both_ways: float = 0.0
    undirected: float = 0.0
    onward: float = 0.0  # share of the links that run in the one main direction
    curved: float = 0.0  # share of the links that swing, as flow layouts draw them
    answers: int = 0  # yes, no, true, false
    labelled: float = 0.0
    generalised: int = 0  # hollow triangles, diamonds at ends
    feet: int = 0
    compartments: int = 0  # boxes with level dividers through them
    tables: int = 0  # boxes of three rows or more, or with upright dividers
    members: float = 0.0  # share of texts that read like members of a class
    keys: int = 0  # PK, FK
    cardinals: int = 0
    dots: int = 0  # small filled circles that a line leaves or enters
    bulls: int = 0  # circle in a circle
    diamonds: int = 0
    terminals: int = 0  # stadiums and parallelograms with text
    rounded: float = 0.0  # share of boxes
    words: float = 0.0  # in a box, the middle of all
    icons: int = 0
    frames: int = 0  # outlines around two boxes or more
    loose: float = 0.0  # share of boxes that no line touches
    cylinders: int = 0
    ticks: int = 0  # numbers in one evenly spaced row or column
    axes: int = 0  # long lines beside such numbers
    percents: int = 0
    cells: int = 0  # boxes side by side that share borders
    sectors: int = 0  # filled outlines without text, of several colours
    said: WordTraits = field(default_factory=WordTraits)  # what the words say


# Countable traits of a drawing from which its kind is told: ends of lines, outlines, compartments, axes.


_MEMBER = re.compile(
    r"^[+\-#~]\s*\w|\w\([^)]*\)\s*(?::\s*\S+)?$|^\w+\s*:\s*[\w<>\[\]]+$|^\u00ab.*\u00bb$|^<<.*>>$"
)
_CARDINAL = re.compile(r"^(?:[01nNmM*]|[01]\.\.[1nNmM*\d]+|\d\.\.\*|\(\d,[\dnN]\))$")
_ANSWERS = {"yes", "no", "true", "false", "y", "n", "ok", "success", "failure", "else"}
_ROUNDED = ("rounded", "stadium", "circle", "ellipse")
_KEY = re.compile(r"\b(?:PK|FK)\d?\b")
_FEET = (End.ONE, End.ZERO_OR_ONE, End.MANY, End.ZERO_OR_MANY)
_MOST = 400  # shapes, lines, texts looked at: the traits of a large drawing show in a part of it


def traits_of(scene: Scene) -> Traits:
    """Count everything once."""
    return _Counter(scene).traits()


class _Counter:
    def __init__(self, scene: Scene) -> None:
        self.em = text_height(scene)
        shapes = sorted(scene.shapes, key=lambda s: -area(s.bbox))[:_MOST]
        lines = sorted(scene.lines, key=lambda k: -length(k.points))[:_MOST]
        texts = [t for t in scene.texts if t.text.strip()][:_MOST]
        self.scene = Scene(
            scene.width, scene.height, tuple(shapes), tuple(lines), tuple(texts), scene.background
        )
        self.held = {id(s): texts_in(s.bbox, texts) for s in shapes}
        self.boxes = [s for s in shapes if self._is_box(s)]
        self.frames = [s for s in shapes if self._holds_boxes(s)]
        framing = {id(s) for s in self.frames}
        self.leaves = [s for s in self.boxes if id(s) not in framing]

    def _is_box(self, s: Shape) -> bool:
        """Drawn, with text, and not merely the background of a label."""
        texts = self.held[id(s)]
        if not texts or s.kind == "icon":
            return False
        hugs = area(s.bbox) < 1.7 * area(union(t.bbox for t in texts))
        filled = s.fill is not None and s.fill != self.scene.background
        return s.stroke is not None or (filled and not hugs)

    def _holds_boxes(self, s: Shape) -> bool:
        inner = [
            b
            for b in self.boxes
            if b is not s and area(b.bbox) < 0.8 * area(s.bbox) and inside(b.bbox, s.bbox, 0.95)
        ]
        if len(inner) < 1 or area(s.bbox) > 0.97 * self.scene.width * self.scene.height:
            return False
        touching = [
            b
            for b in inner
            if abs(b.bbox[0] - s.bbox[0]) < 0.3 * self.em and abs(b.bbox[2] - s.bbox[2]) < 0.3 * self.em
        ]
        return len(inner) > len(touching)

    def traits(self) -> Traits:
        columns = find_columns(self.scene, self.em)
        messages = [m for m in find_messages(self.scene, columns, self.em) if m.source and m.target]
        crossing = [m for m in messages if m.own or (m.target and m.target.top < m.y < m.target.bottom)]
        told = sum(length(m.line.points) for m in crossing)
        drawn = sum(length(k.points) for k in self.scene.lines if not is_upright(k, self.em))
        links = self._links()
        ends = [sum(self._pointed(e) for e in (k.start, k.end)) for k in links]
        marks = Counter(e for k in self.scene.lines for e in (k.start, k.end))
        kinds = Counter(s.kind for s in self.leaves)
        count = max(1, len(links))
        compartments, tables = self._compartments()
        ticks, axes = axes_of(self.scene, self.em)
        return Traits(
            boxes=len(self.leaves),
            connectors=len(links),
            lifelines=len(columns),
            mirrored=sum(
                bool(c.foot)
                and c.foot[0].text == c.texts[0].text
                and c.bottom - c.top > 0.4 * self.scene.height
                for c in columns
            ),
            messages=len(crossing),
            message_share=min(1.0, told / max(1.0, drawn)),
            directed=ends.count(1) / count,
            both_ways=ends.count(2) / count,
            undirected=ends.count(0) / count,
            onward=self._onward(links),
            answers=sum(t.text.strip(" []()?!.").casefold() in _ANSWERS for t in self.scene.texts),
            labelled=sum(self._has_label(k) for k in links[:80]) / max(1, min(80, len(links))),
            generalised=marks[End.TRIANGLE] + marks[End.DIAMOND] + marks[End.FILLED_DIAMOND],
            feet=sum(marks[e] for e in _FEET),
            compartments=compartments,
            tables=tables,
            members=sum(bool(_MEMBER.search(t.text)) for t in self.scene.texts)
            / max(1, len(self.scene.texts)),
            keys=sum(bool(_KEY.search(t.text)) for t in self.scene.texts),
            cardinals=sum(bool(_CARDINAL.match(t.text.strip())) for t in self.scene.texts),
            dots=len(self._dots()),
            bulls=self._ringed_dots(),
            diamonds=sum(s.kind == "diamond" and area(s.bbox) > self.em**2 for s in self.scene.shapes),
            terminals=kinds["stadium"] + kinds["parallelogram"],
            rounded=sum(kinds[k] for k in _ROUNDED) / max(1, len(self.leaves)),
            curved=sum(_is_curved(k) for k in links) / count,
            words=median([sum(len(t.text.split()) for t in self.held[id(s)]) for s in self.leaves] or [0]),
            icons=sum(s.kind in ("icon", "actor") for s in self.scene.shapes),
            frames=len(self.frames),
            loose=self._loose(links),
            cylinders=kinds["cylinder"],
            ticks=ticks,
            axes=axes,
            percents=sum(t.text.strip().endswith("%") for t in self.scene.texts),
            cells=cells_of(self.leaves, self.em),
            sectors=self._sectors(),
            said=word_traits(
                [" ".join(t.text for t in self.held[id(s)]) for s in self.leaves],
                [t.text for t in self.scene.texts],
            ),
        )

    def _pointed(self, end: End) -> bool:
        return end in (End.ARROW, End.TRIANGLE)

    def _links(self) -> list[Line]:
        """Lines that end at two different outlines, and arrows."""
        shapes = [s for s in self.scene.shapes if s.kind != "icon" or not self.held[id(s)]]
        found = []
        for k in self.scene.lines:
            if any(self._pointed(e) or e in _FEET for e in (k.start, k.end)):
                found.append(k)
                continue
            at = [self._touched(p, shapes) for p in (k.points[0], k.points[-1])]
            if at[0] and at[1] and not (at[0] & at[1]) and length(k.points) > self.em:
                found.append(k)
        return found

    def _touched(self, p: tuple[float, float], shapes: Sequence[Shape]) -> set[int]:
        near = [s for s in shapes if inside((*p, *p), grow(s.bbox, 0.8 * self.em))]
        return {id(s) for s in near if outline_distance(s.polygon, p) < 0.8 * self.em}

    def _has_label(self, k: Line) -> bool:
        xs, ys = [p[0] for p in k.points], [p[1] for p in k.points]
        around = grow((min(xs), min(ys), max(xs), max(ys)), 0.6 * self.em)
        boxed = [s.bbox for s in self.leaves]
        return any(
            inside(t.bbox, around) and not any(inside(t.bbox, b, 0.8) for b in boxed)
            for t in self.scene.texts
        )

    def _onward(self, links: Sequence[Line]) -> float:
        """Flows run down or across, from step to step; what a block diagram links lies all around."""
        ways: Counter[str] = Counter()
        for k in links:
            (ax, ay), (bx, by) = k.points[0], k.points[-1]
            if self._pointed(k.start) and not self._pointed(k.end):
                ax, ay, bx, by = bx, by, ax, ay
            level = abs(bx - ax) > abs(by - ay)
            ways[("right" if bx > ax else "left") if level else ("down" if by > ay else "up")] += 1
        return max(ways.values()) / len(links) if links else 0.0

    def _loose(self, links: Sequence[Line]) -> float:
        touched: set[int] = set()
        for k in links:
            for p in (k.points[0], k.points[-1]):
                touched |= self._touched(p, self.leaves)
        return sum(id(s) not in touched for s in self.leaves) / max(1, len(self.leaves))

    def _compartments(self) -> tuple[int, int]:
        """Boxes with level dividers or stacked parts; of these, how many are tables."""
        levels = [extent(k) for k in self.scene.lines if is_flat(k, self.em)]
        rights = [
            extent(k) for k in self.scene.lines if abs(k.points[0][0] - k.points[-1][0]) < 0.2 * self.em
        ]
        parts = tables = 0
        for s in self.boxes:
            x0, y0, x1, y1 = s.bbox
            rows = {round(b[1] / (0.4 * self.em)) for b in levels if _spans(b, s.bbox, 0, self.em)}
            rows |= {
                round(o.bbox[1] / (0.4 * self.em))
                for o in self.scene.shapes
                if o is not s and _spans(o.bbox, s.bbox, 0, self.em) and y0 + 0.5 * self.em < o.bbox[1]
            }
            sides = [
                b for b in rights if x0 + self.em < b[0] < x1 - self.em and b[1] >= y0 - 2 and b[3] <= y1 + 2
            ]
            upright = [b for b in sides if height_of(b) > 0.7 * (y1 - y0 - 2.5 * self.em)]
            if rows and x1 - x0 > 2 * self.em:
                parts += 1
                tables += len(rows) >= 4 or bool(upright)
        return parts, tables

    def _dots(self) -> list[Shape]:
        """Small filled circles without text that a line meets."""
        dark = []
        for s in self.scene.shapes:
            small = 0.4 * self.em <= width_of(s.bbox) <= 2.2 * self.em
            sketched = s.stroke is not None and width_of(s.bbox) <= 1.3 * self.em  # hatched, not filled
            filled = s.fill not in (None, self.scene.background) or sketched
            if small and filled and _is_round(s) and not self.held[id(s)]:
                dark.append(s)
        ends = [p for k in self.scene.lines for p in (k.points[0], k.points[-1])]
        return [s for s in dark if any(inside((*p, *p), grow(s.bbox, 0.5 * self.em)) for p in ends)]

    def _ringed_dots(self) -> int:
        rounds = [s for s in self.scene.shapes if _is_round(s) and not self.held[id(s)]]
        found = 0
        for s in rounds:
            if width_of(s.bbox) > 3 * self.em:
                continue
            found += any(
                o is not s and inside(o.bbox, s.bbox, 0.99) and area(o.bbox) < 0.8 * area(s.bbox)
                for o in rounds
            )
        return found

    def _sectors(self) -> int:
        bare = [
            s
            for s in self.scene.shapes
            if s.fill not in (None, self.scene.background) and not self.held[id(s)]
        ]
        large = [s for s in bare if area(s.bbox) > 4 * self.em**2 and s.kind in ("other", "rect")]
        return len({s.fill for s in large})


def _is_curved(k: Line) -> bool:
    """Many points, hardly a level or upright stretch."""
    steps = [(abs(b[0] - a[0]), abs(b[1] - a[1])) for a, b in pairwise(k.points)]
    straight = sum(max(x, y) for x, y in steps if min(x, y) < 0.1 * max(x, y))
    return len(k.points) > 4 and straight < 0.9 * sum(max(x, y) for x, y in steps)


def _is_round(s: Shape) -> bool:
    """A circle, a sketched one too: as wide as high, filling about pi/4 of its box."""
    wide, high = size_of(s.bbox)
    level = 0.8 < wide / max(high, 0.1) < 1.25
    return level and 0.68 < abs(signed_area(s.polygon)) / max(wide * high, 0.1) < 0.88


def _spans(b: Box, box: Box, axis: int, em: float) -> bool:
    """Whether a level line or part runs through the whole box, strictly inside it."""
    wide = abs(b[0] - box[0]) < 0.5 * em and abs(b[2] - box[2]) < 0.5 * em
    return wide and box[1] + 0.5 * em < b[1] < box[3] - 0.2 * em and b[3] < box[3] + 0.3 * em
