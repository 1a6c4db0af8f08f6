"""Does a drawing obey the facts? Lines of topologies and architectures, messages of call flows.

In: a diagram and facts. Out: what no fact allows, and which names none knows. State machines and data models
are not judged: their plots say every line.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.evaluation.figure_set import PAIRS, read_pairs
from dic_ingest.model.diagram import Diagram, Edge, End, Kind
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.diagram_files.read import read_pages
from dic_ingest.sources.file_bytes import read_file
from dic_ingest.training.synthesise.facts.rules import Facts

JUDGED = (Kind.BLOCK, Kind.TOPOLOGY, Kind.SEQUENCE, Kind.FLOWCHART)


@dataclass(frozen=True, slots=True)
class Judged:
    """`forbidden`: lines of known parts that no fact allows, in words. `unknown`: names without a fact."""

    lines: int = 0
    forbidden: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def held_against(diagram: Diagram, facts: Facts) -> Judged:
    """Every line of a drawing against the facts; a line at an unknown name is not judged."""
    if diagram.kind not in JUDGED:
        return Judged()
    named = {n.id: n.label for n in diagram.nodes}
    ends = [e for e in diagram.edges if e.source in named and e.target in named and e.source != e.target]
    unknown = {x for e in ends for x in (named[e.source], named[e.target]) if not facts.called(x)}
    judged = [e for e in ends if not {named[e.source], named[e.target]} & unknown]
    wrong = [
        f"{named[e.source]} {'-' if e.directed else '<'}{e.label}-> {named[e.target]}"
        for e in judged
        if not _allowed(e, named[e.source], named[e.target], diagram.kind, facts)
    ]
    if diagram.kind in (Kind.BLOCK, Kind.TOPOLOGY):
        many = Counter(named[end] for e in judged for end in (e.source, e.target))
        wrong += [f"{name} has {n} lines" for name, n in many.items() if n > facts.lines_of(name)]
    return Judged(len(judged), tuple(wrong), tuple(sorted(unknown)))


def _allowed(edge: Edge, one: str, other: str, kind: Kind, facts: Facts) -> bool:
    if kind is Kind.SEQUENCE:
        return facts.message(one, other, edge.label) is not None
    ways = [(one, other)]
    if not edge.directed:
        ways.append((other, one))
    found = [link for a, b in ways for link in facts.joined(a, b)]
    if edge.directed and edge.source_end is End.ARROW:
        found = [link for link in found if link.both]
    return any(link.names and (not edge.label or edge.label in link.names) for link in found)


def diagrams_in(place: Path) -> list[Diagram]:
    """The graphs of a folder of pairs, or of a diagram file's pages. Raises InputError for anything else."""
    if place.is_dir():
        return [p.diagram for p in read_pairs(place / PAIRS, pictures=False)]
    data = read_file(place, DiagramLimits().max_bytes, "DiagramLimits.max_bytes")
    pages = read_pages(data, place.name, place.suffix.casefold(), DiagramLimits())
    return [p.diagram for p in pages if p.diagram]
