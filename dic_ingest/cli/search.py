"""`dic-ingest search`: a question to an index, nodes with page, crop and scores."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path

import click

from dic_ingest.cli.index import store_options
from dic_ingest.cli.terminal import one_line, say, say_json
from dic_ingest.index.search import Hit, search
from dic_ingest.index.update import IndexSettings

SHOWN = 300  # characters of a node


@click.command()
@click.argument("question")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Results folder that was indexed.",
)
@store_options
@click.option("-n", "count", default=5, show_default=True, type=click.IntRange(1, 1000), help="Nodes shown.")
@click.option("--json", "as_json", is_flag=True, help="A JSON line per node, whole.")
def command(
    question: str,
    out: Path,
    store: str,
    uri: str,
    collection: str,
    embedding: str,
    model: str,
    count: int,
    as_json: bool,
) -> int:
    """Print the nodes that answer QUESTION best, with page, crop and scores.

    Found by meaning (vectors) and by words (BM25), joined by reciprocal rank fusion. Give the same --store,
    --uri and --embedding as to `dic-ingest index`.
    """
    settings = IndexSettings(store, uri, collection, embedding, model)
    hits = search(question, out, settings, count)
    for number, hit in enumerate(hits, 1):
        say_json(asdict(hit)) if as_json else say(shown(number, hit))
    if not hits:
        say("nothing found", err=True)
    return 0


def shown(number: int, hit: Hit) -> str:
    """A hit for people: where, how well, the crop, the text's beginning."""
    known = hit.metadata
    label = known.get("figure_label") or known.get("dic_type", "")
    vector = "-" if hit.vector is None else f"{hit.vector:.3f}"
    words = "-" if hit.words is None else f"{hit.words:.2f}"
    lines = [
        f"{number}. {one_line(known.get('file_name', ''))}, page {known.get('page', '?')}, "
        f"{one_line(label)}  "
        f"[{hit.score:.4f}; vector {vector}, words {words}]"
    ]
    if hit.image:
        lines.append(f"   crop: {one_line(hit.image)}")
    text = textwrap.shorten(
        " ".join(c for c in hit.text.split() if c.isprintable()), SHOWN, placeholder=" ..."
    )
    lines.append(textwrap.fill(text, 100, initial_indent="   ", subsequent_indent="   "))
    return "\n".join(lines) + "\n"
