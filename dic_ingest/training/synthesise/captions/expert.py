"""What an engineer says of a drawing before its lines: phases, roles, begin, end; and what no drawing shows.

In: a diagram, what is known of its plot, a random source. Out: statements that follow from the graph, and
lines of domain knowledge, each behind `MARK`, so that a reader and a checker can tell both apart.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from dic_ingest.captioning.grounding.critic import criticise
from dic_ingest.model.diagram import Diagram, Kind, Node
from dic_ingest.training.synthesise.words import Plots, texts_behind

MARK = "Domain knowledge, not drawn:"
MOST_ROLES = 4  # parts whose role a caption says
DENIED = ("flipped", "no line", "label", "count", "instruction")  # of the critic: the graph says otherwise


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a plot and its parts beside the drawing. `roles`: printed name -> what it does."""

    purpose: str = ""
    fails: tuple[str, ...] = ()
    roles: dict[str, str] = field(default_factory=dict)


def known_of(plots: Plots, title: str, diagram: Diagram) -> Known:
    """The knowledge that the plot and the facts hold of a drawing."""
    lines = plots.lines(title)
    roles = {n.label: plots.facts.role(n.label) for n in diagram.nodes if n.label}
    purpose = next(iter(texts_behind(lines, "purpose")), "")
    return Known(purpose, tuple(texts_behind(lines, "fails")), {k: v for k, v in roles.items() if v})


def knowledge_lines(known: Known, rng: random.Random) -> list[str]:
    """Some of the knowledge as marked lines: purpose, roles, what happens on failure."""
    found = []
    if known.purpose and rng.random() < 0.85:
        found.append(f"Purpose: {known.purpose}")
    names = list({does: name for name, does in reversed(known.roles.items())}.values())[::-1]
    if names and rng.random() < 0.7:
        kept = sorted(rng.sample(range(len(names)), min(len(names), rng.randint(1, MOST_ROLES))))
        found.append("Roles: " + "; ".join(f'"{names[i]}" {known.roles[names[i]]}' for i in kept) + ".")
    if known.fails and rng.random() < 0.8:
        found.append(f"On failure: {rng.choice(known.fails)}")
    return [f"{MARK} {line}" for line in found]


def drawn_part(caption: str) -> str:
    """A caption without its lines of domain knowledge: what the picture proves."""
    return "\n".join(line for line in caption.splitlines() if not line.startswith(MARK)).rstrip()


def overview(diagram: Diagram, rng: random.Random) -> list[str]:
    """Statements about the whole that the graph proves; none that its checker denies."""
    said = {
        Kind.SEQUENCE: _exchange, Kind.FLOWCHART: _flow, Kind.STATE: _states, Kind.CLASS: _records,
        Kind.ER: _records,
    }.get(diagram.kind, _links)(diagram, rng)  # fmt: skip
    kept = [s for s in said if rng.random() < 0.75]
    return [s for s in kept if not denied(s, diagram)]


def denied(statement: str, diagram: Diagram) -> bool:
    """Whether the exact checker reads a statement as something that the graph says otherwise."""
    return any(c.reason in DENIED for c in criticise(statement, diagram, complete=False).changes)


def _named(diagram: Diagram) -> list[Node]:
    return [n for n in diagram.nodes if n.label.strip()]


def _list(names: Sequence[str]) -> str:
    quoted = [f'"{n}"' for n in names]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + f" and {quoted[-1]}"


def _exchange(diagram: Diagram, rng: random.Random) -> list[str]:
    named = {n.id: n.label for n in diagram.nodes}
    count = Counter(p for e in diagram.edges for p in {e.source, e.target})
    own = sum(e.source == e.target for e in diagram.edges)
    answers = sum(e.style == "dashed" and e.source != e.target for e in diagram.edges)
    first, last = diagram.edges[0], diagram.edges[-1]
    said = []
    if phases := [n.text for n in diagram.placed_notes]:
        said.append(rng.choice([
            f"It runs in {len(phases)} phases: {_list(phases)}.",
            f"The phases are {_list(phases)}, in this order.",
        ]))  # fmt: skip
    said.append(f'It opens with "{first.label}" and closes with "{last.label}".')
    busiest, times = count.most_common(1)[0]
    if len(named) > 2 and times < len(diagram.edges):
        said.append(f'"{named[busiest]}" takes part in {times} of the {len(diagram.edges)} messages.')
    if answers:
        said.append("One answer is drawn dashed." if answers == 1 else f"{answers} answers are drawn dashed.")
    if own:
        said.append(f"Work inside a participant is drawn {own} times." if own > 1 else
                    "Work inside a participant is drawn once.")  # fmt: skip
    return said


def _flow(diagram: Diagram, rng: random.Random) -> list[str]:
    named = {n.id: n.label for n in diagram.nodes}
    order = {n.id: i for i, n in enumerate(diagram.nodes)}
    questions = [n.label for n in diagram.nodes if n.shape == "diamond"]
    back = [e for e in diagram.edges if order[e.target] <= order[e.source]]
    stores = [n.label for n in diagram.nodes if n.shape == "cylinder"]
    said = []
    if questions:
        said.append(rng.choice([
            f"It branches at {_list(questions)}.", f"The outcome is decided at {_list(questions)}.",
        ]))  # fmt: skip
    else:
        said.append("It has no decision.")
    if back:
        said.append(f"Work is repeated from {_list(list(dict.fromkeys(named[e.target] for e in back)))} on.")
    if stores:
        said.append(f"Data is kept in {_list(stores)}.")
    if diagram.groups:
        said.append(f"Responsibilities are split over the lanes {_list([g.label for g in diagram.groups])}.")
    return said


def _states(diagram: Diagram, rng: random.Random) -> list[str]:
    out = Counter(e.source for e in diagram.edges)
    states = _named(diagram)
    stuck = [n.label for n in states if not out[n.id]]
    most = max(states, key=lambda n: out[n.id])
    said = []
    if out[most.id] > 1:
        said.append(f'Most ways, {out[most.id]}, lead out of "{most.label}".')
    if stuck:
        said.append(f"No way leads out of {_list(stuck)}.")
    return said


def _records(diagram: Diagram, rng: random.Random) -> list[str]:
    count = Counter(p for e in diagram.edges for p in {e.source, e.target})
    named = {n.id: n.label for n in diagram.nodes}
    busiest, times = count.most_common(1)[0]
    bare = [n.label for n in diagram.nodes if not n.members]
    said = (
        [f'The model is built around "{named[busiest]}", which has {times} relations.'] if times > 1 else []
    )
    if bare and len(bare) < len(named):
        said.append(f"No fields are drawn for {_list(bare)}.")
    return said


def _links(diagram: Diagram, rng: random.Random) -> list[str]:
    count = Counter(p for e in diagram.edges for p in {e.source, e.target})
    named = {n.id: n.label for n in diagram.nodes}
    hub, times = count.most_common(1)[0]
    lone = [named[i] for i, n in count.items() if n == 1]
    labels = Counter(e.label for e in diagram.edges if e.label)
    said = []
    if times > 2:
        said.append(rng.choice([
            f'The centre is "{named[hub]}" with {times} lines.',
            f'Most lines, {times}, meet at "{named[hub]}".',
        ]))  # fmt: skip
    if 1 <= len(lone) <= 5:
        said.append(f"By a single line alone hang {_list(lone)}.")
    if labels and len(labels) <= 4:
        said.append(f"Lines are labelled {_list(list(labels))}.")
    outer = [g for g in diagram.groups if any(h.parent == g.id for h in diagram.groups)]
    said += [
        f'The frame "{g.label}" has inside it {_list([h.label for h in diagram.groups if h.parent == g.id])}.'
        for g in outer
    ]
    return said
