"""Questions on a figure as a whole and on its parts: kind, counts, hubs, groups, what it shows.

In: a `View`, a reference caption and a random source. Out: global and partial questions.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from dic_ingest.model.diagram import DIAGRAM_KINDS, Kind
from dic_ingest.render.names import flat, listed, quote
from dic_ingest.training.questions.view import DiagramView, QuestionAsked, with_options

CALLED = {
    Kind.FLOWCHART: "flowchart", Kind.SEQUENCE: "sequence diagram", Kind.STATE: "state diagram",
    Kind.CLASS: "class diagram", Kind.ER: "entity-relationship diagram", Kind.TOPOLOGY: "network topology",
    Kind.BLOCK: "block diagram", Kind.TIMING: "timing diagram",
}  # fmt: skip
# kinds that people call by each other's name are no wrong options
_NEAR: dict[Kind, tuple[Kind, ...]] = {
    Kind.TOPOLOGY: (Kind.BLOCK,), Kind.BLOCK: (Kind.TOPOLOGY, Kind.FLOWCHART),
    Kind.FLOWCHART: (Kind.BLOCK, Kind.STATE),
    Kind.STATE: (Kind.FLOWCHART,), Kind.CLASS: (Kind.ER,), Kind.ER: (Kind.CLASS,),
}  # fmt: skip
_LINE = {
    Kind.SEQUENCE: "messages",
    Kind.STATE: "transitions",
    Kind.TOPOLOGY: "links",
    Kind.FLOWCHART: "arrows",
}
_BOXES = {"class": "classes", "entity": "entities", "box": "boxes"}


def whole_questions(view: DiagramView, caption: str, rng: random.Random) -> Iterator[QuestionAsked]:
    """What the figure is, how many parts it has, which box stands in the middle, what it shows."""
    called = CALLED[view.kind]
    near = {view.kind, *_NEAR.get(view.kind, ())}
    others = [CALLED[k] for k in sorted(DIAGRAM_KINDS) if k not in near]
    asked = rng.choice(["What kind of diagram is this?", "Which type of drawing does the figure show?"])
    yield QuestionAsked(
        "global", "kind", asked, called, f"drawn as: {called}", with_options(rng, called, others)
    )
    asked = rng.choice(
        ["What does the figure show?", "Describe the figure completely.", "Explain the figure."]
    )
    yield QuestionAsked("global", "description", asked, caption, "the checked caption")
    yield from _counts(view, rng)
    yield from _hub(view, rng)
    yield from _groups(view, rng)


def _counts(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    d = view.diagram
    boxes = sum(1 for n in d.nodes if n.label.strip())
    word = "boxes of any shape" if view.kind is Kind.FLOWCHART else _BOXES.get(view.box, f"{view.box}s")
    counts = [(word, boxes), (_LINE.get(view.kind, "lines between boxes"), len(d.edges))]
    decisions = sum(1 for n in d.nodes if n.shape in ("diamond", "choice"))
    if view.kind is Kind.FLOWCHART:
        counts.append(("decisions", decisions))
    frames = [g for g in d.groups if g.kind == "group"]
    if frames:
        counts.append(("frames around boxes", len(frames)))
    every = {n for _, n in counts}
    for what, number in counts:
        near = every | {number + k for k in (-2, -1, 1, 2) if number + k >= 0}
        options = with_options(rng, str(number), [str(n) for n in sorted(near)])
        yield QuestionAsked(
            "global", "count", f"How many {what} are there?", str(number), f"{number} {what}", options
        )


def _hub(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    if view.kind is Kind.SEQUENCE:
        return
    ends = Counter(i for e in view.edges for i in {e.source, e.target})
    ranked = ends.most_common(2)
    if len(ranked) == 2 and ranked[0][1] > ranked[1][1] and ranked[0][0] in view.names:
        answer = view.names[ranked[0][0]]
        options = with_options(rng, answer, view.others(ranked[0][0]))
        asked = f"Which {view.box} has the most lines?"
        yield QuestionAsked("global", "count", asked, answer, f"{answer} has {ranked[0][1]} lines", options)


def _groups(view: DiagramView, rng: random.Random) -> Iterator[QuestionAsked]:
    labels = [flat(g.label) for g in view.diagram.groups if g.kind == "group" and g.label.strip()]
    for g in view.diagram.groups:
        held = [view.names[n.id] for n in view.diagram.nodes if n.group == g.id and n.id in view.names]
        every = [n for n in view.diagram.nodes if n.group == g.id]
        inner = any(i.parent == g.id for i in view.diagram.groups)
        name = flat(g.label)
        if (
            g.kind != "group"
            or not name
            or labels.count(name) != 1
            or len(held) != len(every)
            or inner
            or not held
        ):
            continue
        said = listed([quote(h) for h in held])
        asked = rng.choice(
            [f'What does the frame "{name}" hold?', f'Which {view.box} names stand in "{name}"?']
        )
        yield QuestionAsked("partial", "group", asked, f"{said}.", f"{name}: {', '.join(held)}")
        outside = [name for i, name in view.names.items() if name not in held]
        one = rng.choice(held)
        options = with_options(rng, one, outside)
        if options:
            asked = f'Which of these stands inside "{name}"?'
            yield QuestionAsked("partial", "group", asked, one, f"{name} holds {one}", options)
