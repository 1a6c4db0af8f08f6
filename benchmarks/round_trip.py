"""Whether a drawing survives being written: file -> graph -> draw.io -> graph, over people's drawings.

    python benchmarks/round_trip.py CORPUS [--misses N]

CORPUS/real_sources holds `sources.jsonl` (id, format, source). Printed for each format: the share of the
pages whose second graph has the first one's nodes (label, members, group), groups (label, holder) and edges
(ends, labels, direction), each by words and not by id; then the pages that differ, by cause.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from diagram_files import LIMITS, SUFFIXES, lines_of

from dic_ingest.errors import InputError
from dic_ingest.model.diagram import Diagram, Edge, End
from dic_ingest.sources.diagram_files.editors.drawio import read_drawio
from dic_ingest.sources.diagram_files.read import read_pages

FORMATS = ("drawio", "excalidraw")
Words = Counter[tuple[object, ...]]


def main() -> None:
    """Read, write, read again; print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--misses", type=int, default=0, help="name so many pages that differ, and how")
    chosen = parser.parse_args()
    for form, pages in graphs(chosen.corpus / "real_sources").items():
        causes: Counter[str] = Counter()
        missed = []
        for name, first in pages:
            found = differences(first, again(first))
            causes.update(found.keys())
            if found:
                missed.append((name, found))
        equal = len(pages) - len(missed)
        print(f"{form:11} {equal} of {len(pages)} pages equal ({equal / max(len(pages), 1):.3f})")
        for cause, count in causes.most_common():
            print(f"    {count:4} {cause}")
        for name, found in missed[: chosen.misses]:
            print(f"    {name}")
            for cause, example in found.items():
                print(f"        {cause}: {example[:300]}")


def graphs(folder: Path) -> dict[str, list[tuple[str, Diagram]]]:
    """By format: the name and the graph of every page that has one."""
    found: dict[str, list[tuple[str, Diagram]]] = defaultdict(list)
    for source in lines_of(folder / "sources.jsonl"):
        if source["format"] in FORMATS:
            found[source["format"]] += _pages(source["id"], source["source"], SUFFIXES[source["format"]])
    return found


def _pages(name: str, source: str, suffix: str) -> Iterator[tuple[str, Diagram]]:
    try:
        pages = read_pages(source.encode("utf-8", "replace"), "drawing", suffix, LIMITS)
    except InputError:
        return
    for k, page in enumerate(pages, 1):
        if page.diagram is not None and page.diagram.nodes:
            yield f"{name} page {k}", page.diagram


def again(graph: Diagram) -> Diagram:
    """The graph written as draw.io and read."""
    return read_drawio(graph.to_drawio(), "again.drawio", LIMITS)[0][1]


def differences(first: Diagram, second: Diagram) -> dict[str, str]:
    """What differs, each with an example; empty where the graphs say the same."""
    found: dict[str, str] = {}
    if first.kind != second.kind:
        found["kind"] = f"{first.kind} becomes {second.kind}"
    for what, words in (("nodes", nodes), ("groups", groups), ("edges", edges)):
        lost, new = words(first) - words(second), words(second) - words(first)
        if lost and new:
            found[f"{what} changed"] = f"{next(iter(lost))} becomes {next(iter(new))}"
        elif lost:
            found[f"{what} lost"] = str(next(iter(lost)))
        elif new:
            found[f"{what} invented"] = str(next(iter(new)))
    return found


def _names(graph: Diagram) -> dict[str, str]:
    return {n.id: n.label for n in graph.nodes} | {g.id: g.label for g in graph.groups}


def nodes(graph: Diagram) -> Words:
    """Nodes by what they say and where they stand."""
    names = _names(graph)
    return Counter((n.label, n.members, names.get(n.group or "")) for n in graph.nodes)


def groups(graph: Diagram) -> Words:
    """Groups by label and holder."""
    names = _names(graph)
    return Counter((g.label, names.get(g.parent or "")) for g in graph.groups)


def edges(graph: Diagram) -> Words:
    """Edges by the words at their ends, their labels and their direction."""
    names = _names(graph)
    return Counter(_edge(e, names) for e in graph.edges)


def _edge(e: Edge, names: dict[str, str]) -> tuple[object, ...]:
    ends = (names.get(e.source, ""), e.source_label), (names.get(e.target, ""), e.target_label)
    both = e.source_end == End.ARROW and e.target_end == End.ARROW
    return (*(ends if e.directed and not both else sorted(ends)), e.label, e.directed, both)


if __name__ == "__main__":
    main()
