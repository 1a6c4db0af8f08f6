"""`dic-ingest search`: a question to an index, nodes with page, crop and scores."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path

import click

from dic_ingest.cli.retrieval.index import index_options, key_values
from dic_ingest.cli.terminal import one_line, say, say_json
from dic_ingest.index.embedding import make_reranker
from dic_ingest.index.highlight import highlight as marked_copies
from dic_ingest.index.hits import GraphPart, Hit
from dic_ingest.index.search import MODES, search
from dic_ingest.index.update import IndexSettings

NAMED = 6  # parts of a graph
SHOWN = 300  # characters of a node


@click.command()
@click.argument("question")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Results folder that was indexed.",
)
@index_options
@click.option(
    "--mode",
    default="hybrid",
    show_default=True,
    type=click.Choice(MODES),
    help="Vectors and words joined, words alone (needs no index and no extra), or vectors alone.",
)
@click.option(
    "--reranker",
    default="",
    metavar="CLASS",
    help="Path of a LlamaIndex reranker (package.module.Class) that puts the best in another order.",
)
@click.option(
    "--reranker-option", "rerank", multiple=True, metavar="KEY=VALUE", help="An argument of it; repeatable."
)
@click.option("-n", "count", default=5, show_default=True, type=click.IntRange(1, 1000), help="Nodes shown.")
@click.option(
    "--highlight",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Also write a copy of the best hit's PDF with the places marked (PATH ends in .pdf), or one per "
    "document (PATH is a folder).",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON line per node, whole.")
def command(
    question: str,
    out: Path,
    where: IndexSettings,
    mode: str,
    reranker: str,
    rerank: tuple[str, ...],
    count: int,
    highlight: Path | None,
    as_json: bool,
) -> int:
    """Print the nodes that answer QUESTION best, with page, crop and scores.

    Found by meaning (vectors) and by words (BM25), joined by reciprocal rank fusion. Give the same --store,
    --uri and --embedding as to `dic-ingest index`.

    \b
    dic-ingest search "which interfaces does the AMF have?" --out results
    dic-ingest search "who sends the alarm?" --out results --mode bm25 --json
    dic-ingest search "who sends the alarm?" --out results --highlight marked.pdf
    """
    order = make_reranker(reranker, dict(key_values(rerank))) if reranker else None
    hits = search(out, question, mode, count, settings=where, reranker=order)
    for number, hit in enumerate(hits, 1):
        say_json(asdict(hit)) if as_json else say(shown(number, hit))
    if not hits:
        say("nothing found", err=True)
    elif highlight is not None:
        for path in marked_copies(hits, highlight):
            say(f"marked: {one_line(path)}", err=True)
    return 0


def shown(number: int, hit: Hit) -> str:
    """A hit for people: where, how well, the crop, the text's beginning."""
    known = hit.metadata
    label = hit.label or hit.type
    vector = "-" if hit.vector is None else f"{hit.vector:.3f}"
    words = "-" if hit.words is None else f"{hit.words:.2f}"
    lines = [
        f"{number}. {one_line(known.get('file_name', ''))}, page {known.get('page', '?')}, "
        f"{one_line(label)}  "
        f"[{hit.score:.4f}; vector {vector}, words {words}]"
    ]
    named = [_named(part, times) for part, times in hit.named][:NAMED]
    if named:
        lines.append(f"   in it: {one_line('; '.join(named))}")
    if hit.image:
        lines.append(f"   crop: {one_line(hit.image)}")
    text = textwrap.shorten(
        " ".join(c for c in hit.text.split() if c.isprintable()), SHOWN, placeholder=" ..."
    )
    lines.append(textwrap.fill(text, 100, initial_indent="   ", subsequent_indent="   "))
    return "\n".join(lines) + "\n"


def _named(part: GraphPart, times: int) -> str:
    """A node or an edge of a graph in words."""
    if part.type == "edge":
        said = f'"{part.source}" to "{part.target}"' + (f' ("{part.label}")' if part.label else "")
    else:
        said = f'"{part.label}"'
    return said if times == 1 else f"{said}, {times} times"
