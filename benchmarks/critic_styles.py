"""True captions of a graph in several hands: the package's own, and three ways in which models write.

The hands differ in quoting, verbs, voice and how much one sentence tells; labels are verbatim in all of them.
"""

from __future__ import annotations

from collections.abc import Callable

from dic_ingest.model.diagram import Diagram, Edge, End, Kind

FORTH = (
    "{a} leads to {b}{by}.", "From {a}, the flow proceeds to {b}{by}.", "{a} connects to {b}{by}.",
    "After {a}, the next step is {b}{by}.", "{a} then goes on to {b}{by}.", "{a} points to {b}{by}.",
    "{a} is followed by {b}{by}.", "{b} is reached from {a}{by}.", "An arrow goes from {a} to {b}{by}.",
)  # fmt: skip
SENT = (
    "{a} sends {m} to {b}.", "{b} receives {m} from {a}.", "{a} calls {b} with {m}.",
    "{m} is sent from {a} to {b}.", "{a} responds to {b} with {m}.", "{a} passes {m} on to {b}.",
)  # fmt: skip
BY = (" ({l})", " when the outcome is {l}", " labelled {l}", ", marked {l}")
LOOSE = (
    "{a} and {b} are connected{by}.",
    "{a} is linked with {b}{by}.",
    "There is a line between {a} and {b}{by}.",
)


def own(diagram: Diagram, seed: int) -> str:
    """As this package says it."""
    return diagram.to_text()


def plain(diagram: Diagram, seed: int) -> str:
    """Without quotation marks, a sentence a line of the graph."""
    return _told(diagram, seed, quoted=False, bullets=False)


def listed(diagram: Diagram, seed: int) -> str:
    """Quoted, as a list."""
    return _told(diagram, seed, quoted=True, bullets=True)


def grouped(diagram: Diagram, seed: int) -> str:
    """All that leaves a node in one sentence; messages singly, since their order counts."""
    if diagram.kind in (Kind.SEQUENCE, Kind.CLASS, Kind.ER):
        return _told(diagram, seed + 3, quoted=True, bullets=False)
    name = _names(diagram, True)
    lines = [_opening(diagram, name)]
    for node in dict.fromkeys(e.source for e in diagram.edges):
        out = [e for e in diagram.edges if e.source == node and e.target in name]
        ways = [
            f"{name[e.target]}{f' ({_mark(e, True)})' if _mark(e, True) else ''}" for e in out if e.directed
        ]
        if ways and node in name:
            lines.append(f"{name[node]} branches to {', '.join(ways[:-1])} and {ways[-1]}." if len(ways) > 1
                         else f"{name[node]} continues to {ways[0]}.")  # fmt: skip
        lines += [_sentence(e, name, seed, 0, True, diagram.kind) for e in out if not e.directed]
    return " ".join(lines)


STYLES: dict[str, Callable[[Diagram, int], str]] = {
    "own": own,
    "plain": plain,
    "list": listed,
    "grouped": grouped,
}


def _told(diagram: Diagram, seed: int, quoted: bool, bullets: bool) -> str:
    name = _names(diagram, quoted)
    lines = [_opening(diagram, name)]
    for e in diagram.edges:
        if e.source in name and e.target in name:
            turn = sum(map(ord, e.source + e.target + e.label)) + seed
            lines.append(_sentence(e, name, turn, seed, quoted, diagram.kind))
    return "\n".join([lines[0], *(f"- {s}" for s in lines[1:])]) if bullets else " ".join(lines)


def _opening(diagram: Diagram, name: dict[str, str]) -> str:
    shown = [name[n.id] for n in diagram.nodes if n.label.strip()][:40]
    word = {Kind.SEQUENCE: "participants", Kind.STATE: "states", Kind.CLASS: "classes", Kind.ER: "entities"}
    noun = word.get(diagram.kind, "nodes")
    return (
        f"This {diagram.kind} diagram shows {noun} such as {', '.join(shown[:3])}." if shown else "A diagram."
    )


def _sentence(e: Edge, name: dict[str, str], turn: int, seed: int, quoted: bool, kind: Kind) -> str:
    a, b, mark = name[e.source], name[e.target], _mark(e, quoted)
    by = BY[turn % len(BY)].format(l=mark) if mark else ""
    if e.source == e.target:
        return (
            f"{a} sends {mark} to itself."
            if kind is Kind.SEQUENCE and mark
            else f"{a} loops back to itself{by}."
        )
    for whole, part, end in ((b, a, e.target_end), (a, b, e.source_end)):
        if end is End.TRIANGLE:
            return f"{part} {('inherits from', 'extends')[turn % 2]} {whole}."
        if end in (End.DIAMOND, End.FILLED_DIAMOND):
            return f"{whole} {'aggregates' if end is End.DIAMOND else 'is composed of'} {part}."
    if not e.directed or e.source_end is not End.NONE:
        return LOOSE[turn % len(LOOSE)].format(a=a, b=b, by=by)
    if kind is Kind.SEQUENCE and mark:
        return SENT[turn % len(SENT)].format(a=a, b=b, m=mark)
    return FORTH[turn % len(FORTH)].format(a=a, b=b, by=by)


def _mark(e: Edge, quoted: bool) -> str:
    text = " ".join(e.label.split())
    return (f'"{text}"' if quoted else text) if text else ""


def _names(diagram: Diagram, quoted: bool) -> dict[str, str]:
    name = {n.id: " ".join(n.label.split()) for n in diagram.nodes}
    name |= {g.id: " ".join(g.label.split()) for g in diagram.groups}
    ends = {"start": "the start", "end": "the end"}
    dots = {n.id: ends.get(n.shape, "an unlabelled node") for n in diagram.nodes if not n.label.strip()}
    return {i: dots.get(i, f'"{t}"' if quoted else t) for i, t in name.items() if t or i in dots}
