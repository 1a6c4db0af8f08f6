"""`dic-ingest graph`: the drawings of a folder of results as one graph, into a store or a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from dic_ingest.cli.retrieval.index import key_values
from dic_ingest.cli.terminal import one_line, say, say_json
from dic_ingest.errors import SettingsError
from dic_ingest.index.graph_formats import FORMATS, described
from dic_ingest.index.graph_store import graph_of_results, write_graph
from dic_ingest.index.knowledge_graph import KnowledgeGraph, Occurrence, Relation


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--store",
    default="simple",
    show_default=True,
    help="simple (LlamaIndex's SimplePropertyGraphStore, a file), neo4j, or the path of a LlamaIndex "
    "PropertyGraphStore class (package.module.Class).",
)
@click.option(
    "--uri", default="", help="File of simple (default: below OUT), URL of neo4j: bolt://host:7687."
)
@click.option(
    "--store-option",
    "options",
    multiple=True,
    metavar="KEY=VALUE",
    help="An argument of that class; repeatable.",
)
@click.option(
    "--format", "form", type=click.Choice(sorted(FORMATS)), help="Print the graph so; write no store."
)
@click.option(
    "--ask", "name", default="", metavar="NAME", help="Only print the relations of what is called NAME."
)
@click.option(
    "--to", "end", default="", metavar="NAME", help="With --ask: the ways from there to what is called NAME."
)
@click.option("--json", "as_json", is_flag=True, help="With --ask: a JSON line per relation, or per way.")
def command(
    out: Path,
    store: str,
    uri: str,
    options: tuple[str, ...],
    form: str | None,
    name: str,
    end: str,
    as_json: bool,
) -> int:
    """Merge what the drawings of OUT, a folder of results, show into one graph; no model is asked.

    What is called the same is one entity in all figures and documents; an acronym is the same as what
    a document says it stands for. Every relation keeps file, page, figure and box of each drawing with it.
    Drawings that contradict each other stand side by side.

    \b
    dic-ingest graph results                                  # for PropertyGraphIndex.from_existing
    dic-ingest graph results --ask AMF
    dic-ingest graph results --ask gNB --to UPF               # through all figures that share a name
    dic-ingest graph results --format graphml > results.graphml
    dic-ingest graph results --store neo4j --uri bolt://localhost:7687

    neo4j needs: pip install llama-index-graph-stores-neo4j; NEO4J_USERNAME and NEO4J_PASSWORD are read.
    """
    if end and not name:
        raise SettingsError("--to wants --ask: the name that the way begins at.")
    if end:
        return _ways(graph_of_results(out), name, end, as_json)
    if name:
        return _ask(graph_of_results(out), name, as_json)
    if form:
        click.echo(FORMATS[form](graph_of_results(out)), nl=False)
        return 0
    graph = write_graph(out, store, uri, dict(key_values(options)))
    say(f"{len(graph.entities)} entities, {len(graph.relations)} relations written")
    return 0


def _ask(graph: KnowledgeGraph, name: str, as_json: bool) -> int:
    """Print the relations of a name, each with where it is drawn."""
    found = graph.relations_of(name)
    for relation in found:
        if as_json:
            say_json(asdict(relation))
            continue
        _print(graph, relation)
    if not found:
        say(f"nothing is called {name}" if not graph.find(name) else f"{name} has no relations", err=True)
    return 0


def _ways(graph: KnowledgeGraph, start: str, end: str, as_json: bool) -> int:
    """Print the shortest ways from one name to another, each step with where it is drawn."""
    found = graph.paths(start, end)
    for number, way in enumerate(found, 1):
        if as_json:
            say_json({"way": [asdict(step) for step in way]})
            continue
        say(f"{number}.")
        for step in way:
            _print(graph, step)
    if not found:
        unknown = [n for n in (start, end) if not graph.find(n)]
        said = f"nothing is called {unknown[0]}" if unknown else f"no way leads from {start} to {end}"
        say(said, err=True)
    return 0


def _print(graph: KnowledgeGraph, relation: Relation) -> None:
    say(one_line(described(relation, graph.entities)))
    for place in relation.occurrences:
        say(f"   {one_line(_where(place))}")


def _where(place: Occurrence) -> str:
    box = " at " + ", ".join(f"{v:.0f}" for v in place.box) if place.box else ""
    ends = ", ".join(filter(None, (place.source_label, place.target_label)))
    return (
        f"{place.file}, page {place.page}, {place.figure_label or 'a figure'}{box}"
        f"{f'; ends: {ends}' if ends else ''}{'; needs review' if place.needs_review else ''}"
    )
