"""Call flows: whole phases of a known procedure as a sequence diagram, with the frames that the plot says.

In: a random source, about how many messages, plots. Out: the procedure's name and a `Diagram`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node, Note
from dic_ingest.training.synthesise.words import Plots

_MESSAGE = re.compile(r"^(.+?) ([<>]) (.+?): (.+)$")
_WORK = re.compile(r"^([^<>:]+): (.+)$")
_FRAME = re.compile(r"^\[(opt|loop|alt|else) (.+)$")
HUMAN = ("User", "Caller", "Callee", "Customer", "Developer", "Operator", "Cardholder", "Field Engineer",
         "On-call Engineer", "Incident Commander", "Release Manager", "Sender", "Recipient")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A message; `answer` is drawn dashed."""

    source: str
    target: str
    text: str
    answer: bool = False


@dataclass
class Procedure:
    """A plot. Phases begin at steps; frames: kind, text, first step, end, where the else begins, its
    text."""

    steps: list[Step] = field(default_factory=list)
    phases: dict[int, str] = field(default_factory=dict)
    frames: list[tuple[str, str, int, int, int, str]] = field(default_factory=list)


def callflow(rng: random.Random, size: int, plots: Plots) -> tuple[str, Diagram]:
    """About `size` messages (at least 2) from the beginning of a phase on."""
    title, lines = plots.pick("callflows", rng)
    whole = procedure(lines)
    count = max(2, min(len(whole.steps), size + rng.randint(-1, 2)))
    starts = [i for i in whole.phases or {0: ""} if len(whole.steps) - i >= count]
    first = rng.choice(starts or [len(whole.steps) - count])
    chosen = whole.steps[first : first + count]
    order = list(dict.fromkeys(p for s in whole.steps for p in (s.source, s.target)))
    present = {p for s in chosen for p in (s.source, s.target)}
    who = [p for p in order if p in present]
    shown = _shown(rng, who)
    nodes = tuple(Node(f"p{i}", shown[p], _shape(rng, p)) for i, p in enumerate(who))
    ids = {p: f"p{i}" for i, p in enumerate(who)}
    edges = tuple(
        Edge(ids[s.source], ids[s.target], s.text, style="dashed" if s.answer else "solid") for s in chosen
    )
    frames = _frames(whole, first, count) if rng.random() < 0.8 else ()
    notes = _phase_notes(whole, first, count, nodes) if rng.random() < 0.45 else ()
    return title, Diagram(
        Kind.SEQUENCE, nodes, edges, frames, direction="LR",
        notes=tuple(n.text for n in notes), placed_notes=notes,
    )  # fmt: skip


def procedure(lines: Sequence[str]) -> Procedure:
    """A plot's lines as steps, phases and frames."""
    found, open_ = Procedure(), list[tuple[str, str, int, int, str]]()
    for line in lines:
        at = len(found.steps)
        if line.startswith("== "):
            found.phases[at] = line[3:]
        elif frame := _FRAME.match(line):
            if frame[1] == "else":
                kind, text, first, _, _ = open_.pop()
                open_.append((kind, text, first, at, frame[2]))
            else:
                open_.append((frame[1], frame[2], at, 0, ""))
        elif line == "]":
            kind, text, first, cut, other = open_.pop()
            found.frames.append((kind, text, first, at, cut, other))
        else:
            found.steps.append(_step(line))
    return found


def _step(line: str) -> Step:
    if found := _MESSAGE.match(line):
        left, arrow, right, text = found.groups()
        return Step(left, right, text) if arrow == ">" else Step(right, left, text, True)
    work = _WORK.match(line)
    if not work:
        raise ValueError(f"the vocabulary of call flows has a line that is no message: {line!r}")
    return Step(work[1], work[1], work[2])


def _shown(rng: random.Random, names: list[str]) -> dict[str, str]:
    """Names as printed: some with a number of their own."""
    plain = rng.random() < 0.5
    return {
        n: n if plain or n[-1].isdigit() or n in HUMAN or rng.random() < 0.6 else f"{n} {rng.randint(1, 9)}"
        for n in names
    }


def _shape(rng: random.Random, name: str) -> str:
    return "actor" if name in HUMAN and rng.random() < 0.7 else "rect"


def _frames(whole: Procedure, start: int, count: int) -> tuple[Group, ...]:
    """The plot's frames that lie whole in the steps that are drawn."""
    found: list[Group] = []
    for kind, text, first, end, cut, other in whole.frames:
        if start <= first and end <= start + count:
            own = f"f{len(found) + 1}"
            inside = tuple(range(first - start, end - start))
            found.append(Group(own, text, kind=kind, edges=inside))
            if cut:
                rest = tuple(i for i in inside if i >= cut - start)
                found.append(Group(f"{own}e", other, parent=own, kind="else", edges=rest))
    return tuple(found)


def _phase_notes(whole: Procedure, start: int, count: int, nodes: tuple[Node, ...]) -> tuple[Note, ...]:
    """A note across the lifelines where a phase begins; none in the middle of a frame."""
    over = tuple(dict.fromkeys((nodes[0].id, nodes[-1].id)))
    inside = {i for _, _, first, end, _, _ in whole.frames for i in range(first + 1, end)}
    named = [
        (at, text) for at, text in whole.phases.items() if start <= at < start + count and at not in inside
    ]
    if len(named) < 2:
        return ()
    return tuple(Note(text, over, at - start) for at, text in named)
