"""Which text belongs to which message: above its arrow, on it, below it, or beside a loop.

In: messages and the texts that nothing else claimed. Out: the messages' `texts`, and the texts left over.
"""

from __future__ import annotations

from collections.abc import Sequence

from dic_ingest.diagrams.scene import TextLine
from dic_ingest.diagrams.sequence.lifelines import in_reading_order
from dic_ingest.diagrams.sequence.messages import Message
from dic_ingest.model.box import Box, shared_width, width_of

_NEAR = 1.35  # text heights between an arrow and the line of text next to it
_SECOND = 0.8  # between an arrow and the second line of its label, below it
_STACKED = 0.65  # between lines of one label


def label_messages(messages: Sequence[Message], texts: Sequence[TextLine], em: float) -> list[TextLine]:
    """Give every text to its message; returns those that fit none."""
    above = _Labeller(messages, em, below=False).assign(texts)
    under = _Labeller(messages, em, below=True).assign(texts)
    chosen = under if len(under) > 1.2 * len(above) + 1 else above
    if chosen is above:
        rest = [t for t in texts if id(t) not in above]
        bare = [m for m in messages if not any(owner is m for owner, _ in above.values())]
        chosen = {**above, **_Labeller(bare, em, below=True, alone=True).assign(rest)}
        chosen |= _second_lines([t for t in texts if id(t) not in chosen], messages, em)
    left = []
    for t in texts:
        if id(t) in chosen:
            chosen[id(t)][0].texts.append(t)
        else:
            left.append(t)
    for m in messages:
        m.texts = in_reading_order(m.texts)
        m.texts.sort(key=lambda t: not _leads(t, m.texts))
    return left


def _second_lines(
    texts: Sequence[TextLine], messages: Sequence[Message], em: float
) -> dict[int, tuple[Message, float]]:
    """Labels that go on below their arrow: a line of text close under it and within its ends."""
    found: dict[int, tuple[Message, float]] = {}
    for t in texts:
        under = [
            (gap, m)
            for m in messages
            if not m.own
            and m.box[0] <= t.bbox[0]
            and t.bbox[2] <= m.box[2]
            and -0.35 * em <= (gap := t.bbox[1] - _height_under(m, t.bbox[0], t.bbox[2])[1]) <= _SECOND * em
        ]
        if under:
            gap, owner = min(under, key=lambda u: u[0])
            found[id(t)] = (owner, gap)
    return found


def _leads(t: TextLine, label: Sequence[TextLine]) -> bool:
    """A running number to the left of a label of several lines, at half its height."""
    number = t.text.strip(" ().:").replace(".", "").isdigit()
    return number and all(t.bbox[2] <= other.bbox[0] for other in label if other is not t)


class _Labeller:
    """Greedy from the line outwards: a text joins the nearest arrow, or the label that stands next to it."""

    def __init__(self, messages: Sequence[Message], em: float, below: bool, alone: bool = False) -> None:
        self.messages, self.em, self.below = messages, em, below
        self.near = 0.8 if alone else _NEAR

    def assign(self, texts: Sequence[TextLine]) -> dict[int, tuple[Message, float]]:
        """Owner and cost by the text's identity."""
        found: dict[int, tuple[Message, float]] = {}
        done: list[TextLine] = []
        sign = 1 if self.below else -1
        for t in sorted(texts, key=lambda t: sign * (t.bbox[1] if self.below else t.bbox[3])):
            options = [(c, m) for m in self.messages if (c := self._cost(t, m)) is not None]
            for other in done:
                gap = self._gap(t.bbox, other.bbox)
                if -0.4 * self.em <= gap <= _STACKED * self.em and _aligned(t, other, self.em):
                    options.append((max(gap, 0.0) + 0.05 * self.em, found[id(other)][0]))
                elif _same_row(t, other, self.em):
                    options.append((0.1 * self.em, found[id(other)][0]))
            if options:
                cost, owner = min(options, key=lambda o: o[0])
                found[id(t)] = (owner, cost)
                done.append(t)
        return found

    def _gap(self, upper: Box, lower: Box) -> float:
        return upper[1] - lower[3] if self.below else lower[1] - upper[3]

    def _cost(self, t: TextLine, m: Message) -> float | None:
        return self._loop_cost(t, m) if m.own else self._line_cost(t, m)

    def _line_cost(self, t: TextLine, m: Message) -> float | None:
        x0, y0, x1, y1 = t.bbox
        shared = min(x1, m.box[2]) - max(x0, m.box[0])
        if shared < 0.5 * min(x1 - x0, width_of(m.box)):
            return None
        top, bottom = _height_under(m, x0, x1)
        on = abs((y0 + y1) / 2 - (top + bottom) / 2)
        if on <= 0.45 * self.em:
            return 0.2 * self.em + on
        gap = y0 - bottom if self.below else top - y1
        if -0.35 * self.em <= gap <= self.near * self.em:
            return max(gap, 0.0) + (0.3 * self.em if shared < 0.9 * (x1 - x0) else 0.0)
        return None

    def _loop_cost(self, t: TextLine, m: Message) -> float | None:
        x0, y0, x1, y1 = t.bbox
        left, top, right, bottom = m.box
        middle = (y0 + y1) / 2
        if top - 0.6 * self.em <= middle <= bottom + 0.6 * self.em:
            beside = min(abs(x0 - right), abs(left - x1))
            if beside <= 1.8 * self.em or (left - 0.5 * self.em <= x0 <= right):
                return min(beside, 0.6 * self.em)
        gap = y0 - bottom if self.below else top - y1
        over = x0 <= right + 0.5 * self.em and x1 >= left - 0.5 * self.em
        return max(gap, 0.0) if over and -0.4 * self.em <= gap <= self.near * self.em else None


def _height_under(m: Message, x0: float, x1: float) -> tuple[float, float]:
    """Heights of the arrow below and above a text; a slanted arrow is judged where the text stands."""
    (ax, ay), (bx, by) = m.line.points[0], m.line.points[-1]
    if abs(bx - ax) < 1e-6:
        return m.box[1], m.box[3]
    ys = [ay + (by - ay) * (min(max(x, m.box[0]), m.box[2]) - ax) / (bx - ax) for x in (x0, x1)]
    return min(ys), max(ys)


def _aligned(a: TextLine, b: TextLine, em: float) -> bool:
    """Whether two lines of text stand over each other as one block."""
    similar = 0.7 <= (a.size or 1.0) / (b.size or 1.0) <= 1.4
    left, middle = abs(a.bbox[0] - b.bbox[0]), abs(sum(a.bbox[::2]) - sum(b.bbox[::2])) / 2
    shared = shared_width(a.bbox, b.bbox)
    indented = left <= 2.5 * em and shared >= 0.7 * min(width_of(a.bbox), width_of(b.bbox))
    return similar and (min(left, middle) <= 0.6 * em or indented)


def _same_row(a: TextLine, b: TextLine, em: float) -> bool:
    """Whether one continues the other on the same row."""
    level = abs(a.bbox[1] + a.bbox[3] - b.bbox[1] - b.bbox[3]) / 2 <= 0.3 * em
    gap = max(a.bbox[0], b.bbox[0]) - min(a.bbox[2], b.bbox[2])
    return level and gap <= 0.7 * em
