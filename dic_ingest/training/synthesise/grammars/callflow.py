"""Call flows: a part of a known procedure as a sequence diagram, with loops, options and alternatives.

In: a random source and about how many messages. Out: the procedure's name and a `Diagram`.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from dic_ingest.model.diagram import Diagram, Edge, Group, Kind, Node
from dic_ingest.training.synthesise.words import pick_section

_MESSAGE = re.compile(r"^(.+?) ([<>]) (.+?): (.+)$")
_WORK = re.compile(r"^([^<>:]+): (.+)$")
LOOPS = ("every 30 s", "until acknowledged", "for each bearer", "up to 3 times", "while active",
         "for each item", "until timer expires", "per subscriber")  # fmt: skip
OPTIONS = ("roaming user", "emergency call", "cache is stale", "feature enabled", "first contact",
           "policy requires it", "debug tracing on", "backup node present")  # fmt: skip
CHOICES = (("accepted", "rejected"), ("cache hit", "cache miss"), ("user known", "user unknown"),
           ("resources free", "congestion"), ("primary up", "primary down"),
           ("valid", "invalid"))  # fmt: skip
EXTRA_WORK = ("Start guard timer", "Write trace entry", "Check license", "Update counters",
              "Validate parameters", "Stop guard timer", "Look up profile", "Apply rate limit",
              "Allocate context", "Release buffer")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A message; `answer` is drawn dashed."""

    source: str
    target: str
    text: str
    answer: bool = False


def callflow(rng: random.Random, size: int) -> tuple[str, Diagram]:
    """A window of one procedure, about `size` messages long (at least 2)."""
    title, lines = pick_section("callflows", rng)
    steps = [_step(line) for line in lines]
    count = max(2, min(len(steps), size + rng.randint(-1, 2)))
    start = rng.randint(0, len(steps) - count)
    chosen = [s for s in steps[start : start + count] if count < 4 or rng.random() > 0.1]
    if rng.random() < 0.4:
        at = rng.randint(1, len(chosen))
        own = chosen[at - 1].target
        chosen.insert(at, Step(own, own, rng.choice(EXTRA_WORK)))
    chosen = list(dict.fromkeys(chosen))
    order = list(dict.fromkeys(p for s in steps for p in (s.source, s.target)))
    present = {p for s in chosen for p in (s.source, s.target)}
    who = [p for p in order if p in present]
    shown = _shown(rng, who)
    nodes = tuple(Node(f"p{i}", shown[p], _shape(rng, p)) for i, p in enumerate(who))
    ids = {p: f"p{i}" for i, p in enumerate(who)}
    edges = tuple(
        Edge(ids[s.source], ids[s.target], s.text, style="dashed" if s.answer else "solid") for s in chosen
    )
    frames = _frames(rng, len(edges)) if rng.random() < 0.4 else ()
    return title, Diagram(Kind.SEQUENCE, nodes, edges, frames, direction="LR")


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
        n: n if plain or n[-1].isdigit() or rng.random() < 0.6 else f"{n} {rng.randint(1, 9)}" for n in names
    }


def _shape(rng: random.Random, name: str) -> str:
    human = name in (
        "User",
        "Caller",
        "Callee",
        "Customer",
        "Developer",
        "Operator",
        "Cardholder",
        "Field Engineer",
    )
    return "actor" if human and rng.random() < 0.7 else "rect"


def _frames(rng: random.Random, count: int) -> tuple[Group, ...]:
    if count < 3:
        return ()
    kind = rng.choice(["loop", "opt", "alt"])
    length = rng.randint(2, min(5, count))
    first = rng.randint(0, count - length)
    inside = tuple(range(first, first + length))
    if kind == "loop":
        return (Group("f1", rng.choice(LOOPS), kind="loop", edges=inside),)
    if kind == "opt":
        return (Group("f1", rng.choice(OPTIONS), kind="opt", edges=inside),)
    cut = rng.randint(1, length - 1)
    one, other = rng.choice(CHOICES)
    return (
        Group("f1", one, kind=kind, edges=inside),
        Group("f2", other, parent="f1", kind="else", edges=inside[cut:]),
    )
