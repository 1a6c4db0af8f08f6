"""Does a drawing obey the facts? Lines of topologies and architectures, messages of call flows,
transitions of state machines, relations of data models.

In: a diagram, facts with their plots. Out: what no fact allows, which names none knows. State machines and
data models are judged by the plot that knows most of their names: it says every transition and relation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dic_ingest.evaluation.figure_set import PAIRS, read_pairs
from dic_ingest.evaluation.graph_scores import plain
from dic_ingest.model.diagram import Diagram, Edge, End, Kind
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.diagram_files.read import read_pages
from dic_ingest.sources.file_bytes import read_file
from dic_ingest.training.synthesise.facts.rules import Facts
from dic_ingest.training.synthesise.grammars.machine import Transition, moves_of
from dic_ingest.training.synthesise.grammars.records import DataModel, counts_of, model_of
from dic_ingest.training.synthesise.words import Plots

JUDGED = (Kind.BLOCK, Kind.TOPOLOGY, Kind.SEQUENCE, Kind.FLOWCHART)
PLOTTED = {Kind.STATE: "machines", Kind.CLASS: "records", Kind.ER: "records"}
_PLAIN_ENDS = (End.NONE, End.ARROW)  # say nothing of how many
Plot = list[Transition] | DataModel
KNOWN = 0.5  # share of a drawing's names from which a plot is the plot it was drawn of


@dataclass(frozen=True, slots=True)
class Judged:
    """`forbidden`: lines of known parts that no fact allows, in words. `unknown`: names without a fact."""

    lines: int = 0
    forbidden: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def held_against(diagram: Diagram, facts: Facts) -> Judged:
    """Every line of a drawing against the facts and the plots that came with them.

    A line at an unknown name is not judged, nor is an event or verb that the plot does not have.
    """
    if diagram.kind in PLOTTED:
        return _held_against_plot(diagram, Plots(facts))
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


def _held_against_plot(diagram: Diagram, plots: Plots) -> Judged:
    named = {n.id: name for n in diagram.nodes if (name := plain(n.label))}
    plot, known = _plot_of(set(named.values()), plots.titles(PLOTTED[diagram.kind]), diagram.kind)
    printed = {n.id: n.label for n in diagram.nodes}
    unknown = tuple(sorted({printed[i] for i, name in named.items() if name not in known}))
    edges = [e for e in diagram.edges if {named.get(e.source), named.get(e.target)} <= known]
    wrong = tuple(
        f"{printed[e.source]} -{e.label}-> {printed[e.target]}"
        for e in edges
        if not _plotted(e, named[e.source], named[e.target], plot)
    )
    return Judged(len(edges), wrong, unknown)


def _plot_of(
    names: set[str], titles: Mapping[str, Sequence[str]], kind: Kind
) -> tuple[Plot, set[str | None]]:
    """The plot that knows most of the names, and what it knows; an empty one where that is little."""
    best: tuple[Plot, set[str | None]] = ([], set())
    for lines in titles.values():
        plot = moves_of(lines) if kind is Kind.STATE else model_of(lines)
        known: set[str | None] = {plain(end) for pair in _pairs(plot) for end in pair}
        if len(known & names) > len(best[1] & names):
            best = (plot, known)
    return best if len(best[1] & names) >= max(2, KNOWN * len(names)) else ([], set())


def _pairs(plot: Plot) -> Iterator[tuple[str, str]]:
    if isinstance(plot, DataModel):
        yield from ((a, b) for a, _, b, _ in plot.relations)
        yield from ((a, b) for a, _, b in plot.wholes)
    else:
        yield from ((a, b) for a, b, _ in plot)


def _plotted(edge: Edge, one: str, other: str, plot: Plot) -> bool:
    if isinstance(plot, DataModel):
        return _relation_is(edge, one, other, plot)
    return _transition_is(edge, one, other, plot)


def _transition_is(edge: Edge, one: str, other: str, moves: list[Transition]) -> bool:
    """Whether the plot has the transition; an event that the plot has elsewhere may not stand on it."""
    ways = {(one, other)} if edge.directed else {(one, other), (other, one)}
    here = {plain(event) for a, b, event in moves if (plain(a), plain(b)) in ways}
    elsewhere = {plain(event) for _, _, event in moves} - here
    return bool(here) and plain(edge.label) not in elsewhere


def _relation_is(edge: Edge, one: str, other: str, model: DataModel) -> bool:
    """Whether the plot relates both: as whole and part, as kinds, or by as many as are drawn."""
    wholes = [(a, sign) for a, sign, b in model.wholes if {plain(a), plain(b)} == {one, other}]
    if any(_whole_is(edge, plain(a) == one, sign) for a, sign in wholes):
        return True
    here = [r for r in model.relations if {plain(r[0]), plain(r[2])} == {one, other}]
    elsewhere = {plain(r[3]) for r in model.relations} - {plain(r[3]) for r in here}
    return plain(edge.label) not in elsewhere and any(
        _counted(edge, counts_of(r[1]) if plain(r[0]) == one else counts_of(r[1])[::-1]) for r in here
    )


def _whole_is(edge: Edge, from_whole: bool, sign: str) -> bool:
    """Whether a line says that one end is a kind or part of the other; `from_whole`: it begins there."""
    marked = edge.source_end if from_whole else edge.target_end
    return marked is {"<|": End.TRIANGLE, "*-": End.FILLED_DIAMOND, "o-": End.DIAMOND}[sign]


def _counted(edge: Edge, ends: Sequence[tuple[str, End]]) -> bool:
    """Whether the counts beside a line and the marks at its ends are the plot's, where they are drawn."""
    labels, marks = (edge.source_label, edge.target_label), (edge.source_end, edge.target_end)
    return all(
        label in ("", count) and (mark in _PLAIN_ENDS or mark is foot)
        for label, mark, (count, foot) in zip(labels, marks, ends, strict=True)
    )


def diagrams_in(place: Path) -> list[Diagram]:
    """The graphs of a folder of pairs, or of a diagram file's pages. Raises InputError for anything else."""
    if place.is_dir():
        return [p.diagram for p in read_pairs(place / PAIRS, pictures=False)]
    data = read_file(place, DiagramLimits().max_bytes, "DiagramLimits.max_bytes")
    pages = read_pages(data, place.name, place.suffix.casefold(), DiagramLimits())
    return [p.diagram for p in pages if p.diagram]
